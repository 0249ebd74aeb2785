/// A picture as inline SVG, with a title, a text alternative and the numbers that it shows.
public struct Chart: Equatable, Sendable {
  /// The name of its file, without `.svg`: lower-case words joined by `-`.
  public let id: String
  /// What it shows.
  public let title: String
  /// What there is to see, in words, for who cannot see it.
  public let alternative: String
  /// The numbers that it shows.
  public let table: DataTable
  /// A whole `<svg>` element.
  public let svg: String
}
