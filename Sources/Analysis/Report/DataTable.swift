/// A table as a reader sees it: every cell is text that is ready to be shown.
public struct DataTable: Equatable, Sendable {
  /// A column.
  public struct Column: Equatable, Sendable {
    /// Its heading.
    public let name: String
    /// Whether its cells are numbers, which stand at the right.
    public let isNumeric: Bool

    /// A column of text, or of numbers.
    public init(_ name: String, isNumeric: Bool = false) {
      self.name = name
      self.isNumeric = isNumeric
    }
  }

  /// What the table shows.
  public let caption: String
  /// The columns.
  public let columns: [Column]
  /// A cell for each column, row by row.
  public var rows: [[String]]

  /// A table; each row has a cell for each column.
  public init(_ caption: String, columns: [Column], rows: [[String]] = []) {
    precondition(rows.allSatisfy { $0.count == columns.count }, "each row has a cell for each column")
    self.caption = caption
    self.columns = columns
    self.rows = rows
  }
}
