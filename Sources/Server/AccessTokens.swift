/// Who may ask: bearer tokens (RFC 6750), one for reading and one for what changes something.
public struct AccessTokens: Sendable {
  private let read: [UInt8]?
  private let admin: [UInt8]?

  /// Tokens; without any everybody may read.
  public init(read: String? = nil, admin: String? = nil) {
    self.read = read.map { Array($0.utf8) }
    self.admin = admin.map { Array($0.utf8) }
  }

  /// Whether a token is needed.
  public var areNeeded: Bool { read != nil || admin != nil }

  /// Whether a request with this token may read.
  func mayRead(_ token: String?) -> Bool {
    guard areNeeded else { return true }
    guard let token else { return false }
    // Both are compared, whatever the first comparison says.
    let isReader = read.map { isSame($0, token) } ?? false
    let isAdmin = admin.map { isSame($0, token) } ?? false
    return isReader || isAdmin
  }

  /// Compares in a time that depends on the given token's length alone.
  private func isSame(_ secret: [UInt8], _ token: String) -> Bool {
    let given = Array(token.utf8)
    var difference = UInt8(given.count == secret.count ? 0 : 1)
    for (index, byte) in given.enumerated() { difference |= byte ^ secret[index % max(1, secret.count)] }
    return difference == 0
  }
}
