/// How a server listens and whom it lets in.
public struct HTTPOptions: Sendable {
  /// Where it listens.
  public var address: ListenAddress
  /// Who may ask.
  public var tokens = AccessTokens()
  /// PEM texts of a certificate chain and its key; `nil` without TLS.
  public var tls: (certificate: String, key: String)?
  /// Whether others than this machine are let in without tokens or without TLS.
  public var allowsInsecure = false
  /// The bounds of connections.
  public var limits = Limits()

  /// The bounds of connections.
  public struct Limits: Sendable {
    /// Connections at once; more are not accepted.
    public var connections = 1_200
    /// Connections of one address at once: subscribers behind one gateway are many.
    public var connectionsPerAddress = 1_200
    /// Memory of a connection, in bytes, which bounds its headers.
    public var connectionBytes = 32_768
    /// The longest body of a request, in bytes.
    public var bodyBytes = 65_536
    /// How long a request may take to arrive, and a connection to do nothing, in seconds.
    public var requestSeconds = 30

    /// The defaults.
    public init() {}
  }

  /// Listens at an address, to all who can reach it.
  public init(address: ListenAddress) { self.address = address }

  /// What is missing before others than this machine may be let in; `nil` where nothing is.
  var objection: String? {
    if address.isLoopback || allowsInsecure { return nil }
    let missing = [tokens.areNeeded ? nil : "a token", tls == nil ? "TLS" : nil].compactMap { $0 }
    return missing.isEmpty ? nil : missing.joined(separator: " and ")
  }
}
