/// What every part of an analysis works on: one row a customer, cleaned, with the same customers in every member.
public struct AnalysisData: Sendable {
  /// Who the rows are.
  public let customerIDs: [String]
  /// The cleaned table with made columns, in natural units, without constant columns and identifiers; of a log the
  /// features.
  public let table: Table
  /// What is clustered, in natural units.
  public let features: FeatureMatrix
  /// The same columns as they are clustered: transformed, scaled, weighed.
  public let scaled: FeatureMatrix
  /// All columns of numbers and booleans in natural units: what segments are described by. The features come first.
  public let described: FeatureMatrix
  /// The purchases, customer by row, of a purchase log; `nil` for a table.
  public let log: PurchaseLog?
  /// What the campaign's response is read from; `nil` where none is named. Its column is in `table`, but in no matrix.
  public let responseColumn: String?
  /// Columns of yes and no that tell who accepted earlier campaigns; the response's own is not among them.
  public let campaignColumns: [String]
  /// The column of money that tells a customer's value; `nil` where the table has none that is recognised.
  public let valueColumn: String?
  /// The seed of everything random.
  public let seed: UInt64

  /// How many customers there are.
  public var customerCount: Int { customerIDs.count }

  /// Who answered the campaign, row by row; `nil` where no response is named.
  public var response: [Bool]? { responseColumn.flatMap { table[$0]?.numbers }?.map { $0 != 0 } }

  /// Puts the parts together; all have a row for each customer.
  public init(
    customerIDs: [String], table: Table, features: FeatureMatrix, scaled: FeatureMatrix, described: FeatureMatrix,
    log: PurchaseLog? = nil, responseColumn: String? = nil, campaignColumns: [String] = [],
    valueColumn: String? = nil, seed: UInt64
  ) {
    let rows = customerIDs.count
    precondition(table.rowCount == rows && features.rowCount == rows && scaled.rowCount == rows, "a row for each")
    precondition(described.rowCount == rows && log.map { $0.customerCount == rows } ?? true, "a row for each")
    self.customerIDs = customerIDs
    self.table = table
    self.features = features
    self.scaled = scaled
    self.described = described
    self.log = log
    self.responseColumn = responseColumn
    self.campaignColumns = campaignColumns
    self.valueColumn = valueColumn
    self.seed = seed
  }

  /// Numbers and one-hot categories of some columns, for a classifier; the response is never among them.
  ///
  /// A category of n levels becomes n columns `name = level` of 0 and 1, but for one of two levels, which needs one.
  public func predictors(from isWanted: (TableColumn) -> Bool = { _ in true }) -> FeatureMatrix {
    var names: [String] = []
    var columns: [[Double]] = []
    for column in table.columns where column.name != responseColumn && isWanted(column) {
      switch column.values {
      case .numbers(let values):
        names.append(column.name)
        columns.append(values)
      case .categories(let codes, let levels):
        for (index, level) in levels.enumerated() where levels.count != 2 || index == 1 {
          names.append("\(column.name) = \(level)")
          columns.append(codes.map { Int($0) == index ? 1 : 0 })
        }
      case .texts: continue
      }
    }
    var values: [Double] = []
    values.reserveCapacity(columns.count * customerCount)
    for row in 0..<(columns.isEmpty ? 0 : customerCount) { for column in columns { values.append(column[row]) } }
    return FeatureMatrix(names: names, values: values)
  }
}
