/// Rows of finite numbers with named columns, row-major: what is clustered, charted and scored.
public struct FeatureMatrix: Equatable, Sendable {
  /// One name a column.
  public let names: [String]
  /// rows · columns numbers, row by row.
  public var values: [Double]

  /// How many columns there are.
  public var columnCount: Int { names.count }
  /// How many rows there are.
  public var rowCount: Int { names.isEmpty ? 0 : values.count / names.count }

  /// Takes rows · columns numbers, row by row.
  public init(names: [String], values: [Double]) {
    precondition(names.isEmpty ? values.isEmpty : values.count.isMultiple(of: names.count), "rows are whole")
    self.names = names
    self.values = values
  }

  /// One number.
  public subscript(row: Int, column: Int) -> Double {
    get { values[row * names.count + column] }
    set { values[row * names.count + column] = newValue }
  }

  /// The numbers of a row.
  public func row(_ row: Int) -> ArraySlice<Double> { values[row * names.count..<(row + 1) * names.count] }

  /// The numbers of a column.
  public func column(_ column: Int) -> [Double] { (0..<rowCount).map { self[$0, column] } }

  /// Some of the rows, in the order given.
  public func rows(_ rows: some Sequence<Int>) -> FeatureMatrix {
    FeatureMatrix(names: names, values: rows.flatMap { row($0) })
  }
}
