/// A request whose headers and body have been read.
public struct HTTPRequest: Sendable {
  /// `GET`, `HEAD`, …
  public var method: String
  /// The path, percent-decoded, without the query: `/v1/status`.
  public var path: String
  /// Query parameters by name, percent-decoded; of one that comes twice the last.
  public var query: [String: String]
  /// Headers by name in lower case.
  public var headers: [String: String]

  /// A request.
  public init(
    method: String = "GET", path: String, query: [String: String] = [:], headers: [String: String] = [:]
  ) {
    self.method = method
    self.path = path
    self.query = query
    self.headers = headers
  }

  /// Whether the answer is to be without its body.
  var isHead: Bool { method == "HEAD" }

  /// The token of `Authorization: Bearer TOKEN` (RFC 6750, section 2.1); `nil` where there is none.
  var bearerToken: String? {
    guard let value = headers["authorization"] else { return nil }
    let parts = value.split(separator: " ", maxSplits: 1)
    guard parts.count == 2, parts[0].lowercased() == "bearer" else { return nil }
    return String(parts[1])
  }
}
