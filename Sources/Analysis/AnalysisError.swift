/// Why an analysis cannot go on, in one sentence that says what, where and what to do.
public struct AnalysisError: Error, Equatable, CustomStringConvertible, Sendable {
  /// What kind of end it is; the program maps it to an exit code.
  public enum Kind: Sendable {
    /// The input cannot be used (65).
    case unusableInput
    /// The input is not there (66).
    case noInput
    /// An output cannot be made (73).
    case cannotCreate
    /// What was asked for makes no sense (64).
    case usage
  }

  /// What kind of end it is.
  public let kind: Kind
  /// What, where, and what to do.
  public let description: String

  /// An end of a kind, in words.
  public init(_ kind: Kind, _ description: String) {
    self.kind = kind
    self.description = description
  }
}
