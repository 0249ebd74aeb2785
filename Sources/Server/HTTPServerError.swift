/// Why there is no server: what, where, and what to do.
public struct HTTPServerError: Error, CustomStringConvertible, Sendable {
  /// What kind of obstacle it is.
  public enum Kind: Sendable {
    /// The settings make no sense together, or a file of theirs is of no use.
    case configuration
    /// Another program listens there.
    case addressInUse
    /// The system refuses for another reason.
    case system
  }

  /// What kind of obstacle it is.
  public let kind: Kind
  /// What, where, and what to do.
  public let description: String

  init(_ kind: Kind, _ description: String) {
    self.kind = kind
    self.description = description
  }
}
