/// A number that a classifier learns from: a column of numbers, or whether a category is of a level.
public struct Predictor: Codable, Equatable, Sendable {
  /// The column of the cleaned table.
  public let column: String
  /// The level that is 1, all others 0; `nil` for a column of numbers.
  public let level: String?

  /// The column, or `column = level`.
  public var name: String { level.map { "\(column) = \($0)" } ?? column }

  /// What the columns of a cleaned table give: a category one number a level, but for the first of two.
  public static func all(in table: Table, where isWanted: (TableColumn) -> Bool = { _ in true }) -> [Predictor] {
    table.columns.filter(isWanted).flatMap { column -> [Predictor] in
      switch column.values {
      case .numbers: [Predictor(column: column.name, level: nil)]
      case .categories(_, let levels):
        levels.dropFirst(levels.count == 2 ? 1 : 0).map { Predictor(column: column.name, level: $0) }
      case .texts: []
      }
    }
  }

  /// The numbers of a table, row by row; fails where a column is missing or of another type.
  public static func matrix(_ predictors: [Predictor], of table: Table) throws(AnalysisError) -> FeatureMatrix {
    var columns: [[Double]] = []
    for predictor in predictors {
      guard let column = predictor.values(in: table) else {
        throw AnalysisError(
          .unusableInput, "there is no column `\(predictor.column)` of the type that the model was made with")
      }
      columns.append(column)
    }
    var values: [Double] = []
    values.reserveCapacity(columns.count * table.rowCount)
    for row in 0..<(columns.isEmpty ? 0 : table.rowCount) { for column in columns { values.append(column[row]) } }
    return FeatureMatrix(names: predictors.map(\.name), values: values)
  }

  private func values(in table: Table) -> [Double]? {
    switch (table[column]?.values, level) {
    case (.numbers(let values)?, nil): values.map { $0.isFinite ? $0 : 0 }
    case (.categories(let codes, let levels)?, let level?):
      codes.map { levels.indices.contains(Int($0)) && levels[Int($0)] == level ? 1 : 0 }
    default: nil
    }
  }
}
