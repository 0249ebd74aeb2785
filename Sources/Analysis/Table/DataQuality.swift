/// What was found in the input and what was done about it.
public struct DataQuality: Sendable {
  /// Values beyond a fence.
  public struct Outliers: Sendable {
    /// The column.
    public let column: String
    /// The least and the greatest value that is taken as it is.
    public let fence: ClosedRange<Double>
    /// How many are below and above.
    public let counts: (below: Int, above: Int)
    /// The values that are furthest away, with the customers that have them, as words: at most three.
    public let examples: [String]
  }

  /// Cells without a value, or without one that can be read.
  public struct Missing: Sendable {
    /// The column.
    public let column: String
    /// How many have no value.
    public let count: Int
    /// How many of them hold something that is no value of the column's type; the first of it.
    public let unreadable: (count: Int, example: String)?
    /// What stands in for them; `nil` where the rows were left out.
    public let filledWith: String?
  }

  /// A column with its type.
  public struct Column: Equatable, Sendable {
    /// Its name.
    public let name: String
    /// What it holds.
    public let kind: ColumnKind
    /// What it is about.
    public let group: FeatureGroup
    /// What it is used for, in words.
    public let use: String
  }

  /// A feature that was made.
  public struct Made: Equatable, Sendable {
    /// Its name.
    public let name: String
    /// Of what, and how.
    public let how: String
  }

  /// The rows or records that were read.
  public internal(set) var rowsRead = 0
  /// Records of them that could not be used.
  public internal(set) var recordsUnusable = 0
  /// The customers that are analysed.
  public internal(set) var rowsKept = 0
  /// The columns of the file.
  public internal(set) var columns: [Column] = []
  /// Missing values by column.
  public internal(set) var missing: [Missing] = []
  /// Rows that were left out for missing values.
  public internal(set) var rowsWithoutValues = 0
  /// Outliers by column.
  public internal(set) var outliers: [Outliers] = []
  /// Rows that were left out for outliers.
  public internal(set) var rowsBeyondFences = 0
  /// Columns that are not used, each with the reason.
  public internal(set) var leftOut: [(name: String, reason: String)] = []
  /// Features that were made.
  public internal(set) var made: [Made] = []
  /// What else had to be decided.
  public internal(set) var notes: [String] = []

  /// Nothing found yet.
  public init() {}
}
