/// A part of the report: a title and what stands under it, in order.
public struct ReportSection: Equatable, Sendable {
  /// What can stand in a section.
  public enum Block: Equatable, Sendable {
    /// A smaller heading.
    case heading(String)
    /// Sentences.
    case paragraph(String)
    /// Short points.
    case list([String])
    /// A table.
    case table(DataTable)
    /// A picture with its text alternative and its numbers.
    case chart(Chart)
  }

  /// The name in the address of the section: lower-case words joined by `-`.
  public let id: String
  /// Its heading.
  public let title: String
  /// What stands in it.
  public var blocks: [Block]

  /// A section.
  public init(id: String, title: String, blocks: [Block] = []) {
    self.id = id
    self.title = title
    self.blocks = blocks
  }
}
