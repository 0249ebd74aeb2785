/// How a table of customers becomes features: found on one file, kept with a model, used again on others.
public struct TablePreparation: Codable, Equatable, Sendable {
  /// How a column is read and cleaned.
  struct Step: Codable, Equatable, Sendable {
    var plan: ColumnPlan
    /// What stands in for a missing number, or the place of the level that does.
    var fill: Double?
    /// The least value that is taken as it is; `nil` for all.
    var low: Double?
    /// The greatest.
    var high: Double?
  }

  /// The columns that are read, in the order of the file.
  var steps: [Step] = []
  /// The column of customer ids; `nil` where rows are numbered.
  var id: String?
  /// The column of the response.
  var response: String?
  /// The day that "now" is, in days since 1970.
  var referenceDay: Double?
  /// Whether features are made.
  var makesFeatures = true
  /// Fences around made columns, low and high.
  var madeFences: [String: [Double]] = [:]
  /// Columns that are the same for all.
  var constants: [String] = []
  /// What is clustered.
  public internal(set) var features: [FeatureScale] = []
  /// All columns of numbers that segments are described by; those that are clustered come first.
  var described: [String] = []
  /// Columns of earlier campaigns.
  var campaigns: [String] = []
  /// The column of a customer's value.
  var value: String?

  /// The name under which features of a column are made.
  var roles: [(name: String, role: ColumnRole)] { steps.map { ($0.plan.name, $0.plan.role) } }

  /// A table that was cleaned by a preparation.
  public struct Prepared: Sendable {
    /// Who the rows are.
    public let customerIDs: [String]
    /// The cleaned table with made columns.
    public let table: Table
    /// The clustered columns in natural units.
    public let features: FeatureMatrix
    /// The same as they are clustered.
    public let scaled: FeatureMatrix
    /// All columns of numbers in natural units.
    public let described: FeatureMatrix
  }

  /// Reads another file the same way, every row of it: what is missing is filled, what is beyond a fence is fenced.
  ///
  /// The response need not be there. Throws where the file cannot be read or another column is missing.
  public func apply(to bytes: [UInt8], name: String, delimiter: UInt8? = nil) throws(AnalysisError) -> Prepared {
    var options = PreparationOptions()
    options.delimiter = delimiter
    options.hasHeader = true
    var reader = TableReader(name: name)
    let raw = try reader.read(bytes, options)
    guard raw.rowCount > 0 else {
      throw AnalysisError(.unusableInput, "`\(name)`: there is no line below the header")
    }
    var columns: [TableColumn] = []
    for step in steps {
      guard let index = raw.names.firstIndex(of: step.plan.name) else {
        if step.plan.name == response || step.plan.name == id { continue }
        throw AnalysisError(
          .unusableInput, "`\(name)`: there is no column `\(step.plan.name)`, which the model was made with")
      }
      columns.append(try ColumnReader(table: raw, file: name).read(step.plan, at: index).column)
    }
    let table = Table(columns: columns, rowCount: raw.rowCount)
    return finish(table, ids: ids(of: table, lines: raw.lines))
  }

  /// The ids of the rows: the column's, else the numbers of the lines.
  func ids(of table: Table, lines: [UInt32]) -> [String] {
    guard let id, case .texts(let texts)? = table[id]?.values else {
      return (0..<table.rowCount).map { "row \($0 + 1)" }
    }
    return texts.enumerated().map { $1.isEmpty ? "line \(lines[$0])" : $1 }
  }

  /// Fills, fences, makes features and scales.
  func finish(_ source: Table, ids: [String]) -> Prepared {
    var table = source
    for step in steps { if let column = table[step.plan.name] { table.set(Self.filled(column, step)) } }
    for step in steps {
      if let column = table[step.plan.name] { table.set(Self.fenced(column, step.low, step.high)) }
    }
    for made in makesFeatures ? FeatureMaker(roles: roles, referenceDay: referenceDay).make(table) : [] {
      let fence = madeFences[made.column.name] ?? []
      table.set(fence.count == 2 ? Self.fenced(made.column, fence[0], fence[1]) : made.column)
    }
    table.remove { $0.kind == .identifier || $0.kind == .text || constants.contains($0.name) }
    let (features, scaled) = matrices(table)
    // A table of categories alone is described by what is clustered.
    return Prepared(
      customerIDs: ids, table: table, features: features, scaled: scaled,
      described: described.isEmpty ? features : table.matrix(described))
  }

  private func matrices(_ table: Table) -> (FeatureMatrix, FeatureMatrix) {
    let columns = features.map { feature in
      switch table[feature.column]?.values {
      case .numbers(let values)?: values
      case .categories(let codes, let levels)?:
        feature.level.map { level in codes.map { $0 >= 0 && levels[Int($0)] == level ? 1.0 : 0 } }
          ?? codes.map(Double.init)
      default: preconditionFailure("a feature is of a column of numbers or levels")
      }
    }
    var natural: [Double] = []
    var scaled: [Double] = []
    for row in 0..<table.rowCount {
      for (feature, column) in zip(features, columns) {
        natural.append(column[row])
        scaled.append(feature.apply(column[row]))
      }
    }
    let names = features.map(\.name)
    return (FeatureMatrix(names: names, values: natural), FeatureMatrix(names: names, values: scaled))
  }

  /// A column whose missing values are filled, where the step says by what.
  static func filled(_ column: TableColumn, _ step: Step) -> TableColumn {
    guard let fill = step.fill else { return column }
    var column = column
    switch column.values {
    case .numbers(let values): column.values = .numbers(values.map { $0.isNaN ? fill : $0 })
    case .categories(let codes, let levels):
      column.values = .categories(codes.map { $0 < 0 ? Int32(fill) : $0 }, levels: levels)
    case .texts: break
    }
    return column
  }

  /// A column whose values lie between two bounds, where there are any.
  static func fenced(_ column: TableColumn, _ low: Double?, _ high: Double?) -> TableColumn {
    guard let low, let high, let values = column.numbers else { return column }
    var column = column
    column.values = .numbers(values.map { min(high, max(low, $0)) })
    return column
  }
}
