/// A record map that cannot be used: what is wrong with it, where, and what to do.
public struct RecordMapError: Error, Equatable, CustomStringConvertible, Sendable {
  /// One sentence, with the offending value in backquotes.
  public let message: String

  /// Makes an error of one sentence.
  public init(_ message: String) {
    self.message = message
  }

  /// The sentence.
  public var description: String { message }
}
