/// Columns of equal length, one row a customer: what is left of a file once its types are known.
public struct Table: Equatable, Sendable {
  /// The columns in the order of the file, made ones behind.
  public private(set) var columns: [TableColumn]
  /// How many rows there are.
  public private(set) var rowCount: Int

  /// Takes columns of equal length.
  public init(columns: [TableColumn], rowCount: Int) {
    precondition(columns.allSatisfy { $0.values.count == rowCount }, "every column has a value for each row")
    self.columns = columns
    self.rowCount = rowCount
  }

  /// The column of a name; `nil` where there is none.
  public subscript(name: String) -> TableColumn? { columns.first { $0.name == name } }

  /// Adds a column, or replaces the one of its name.
  public mutating func set(_ column: TableColumn) {
    precondition(column.values.count == rowCount, "every column has a value for each row")
    if let index = columns.firstIndex(where: { $0.name == column.name }) {
      columns[index] = column
    } else {
      columns.append(column)
    }
  }

  /// Takes columns out.
  public mutating func remove(where isUnwanted: (TableColumn) -> Bool) { columns.removeAll(where: isUnwanted) }

  /// Some of the rows, in the order given.
  public func rows(_ rows: [Int]) -> Table {
    Table(
      columns: columns.map { TableColumn($0.name, $0.kind, $0.values.rows(rows), group: $0.group) },
      rowCount: rows.count)
  }

  /// The numbers of the columns named, row by row. Every one must be there and hold numbers.
  public func matrix(_ names: [String]) -> FeatureMatrix {
    let chosen = names.map { self[$0]?.numbers ?? [] }
    precondition(chosen.allSatisfy { $0.count == rowCount }, "only columns of numbers make a matrix")
    var values: [Double] = []
    values.reserveCapacity(rowCount * names.count)
    for row in 0..<rowCount { for column in chosen { values.append(column[row]) } }
    return FeatureMatrix(names: names, values: values)
  }
}

/// What a column holds.
public enum ColumnKind: String, CaseIterable, Codable, Sendable {
  /// Numbers to be measured.
  case number
  /// A few words, or codes, that many rows share.
  case category
  /// Days.
  case date
  /// Yes or no.
  case boolean
  /// What names a row.
  case identifier
  /// Words that are neither measured nor counted.
  case text
}

/// What a column of customers is about; groups can be clustered apart or together.
public enum FeatureGroup: String, CaseIterable, Codable, Sendable {
  /// Who they are: age, income, household, education.
  case demographic
  /// What they do: purchases, spend, channels, visits.
  case behavioural
  /// What they think and want: scores, attitudes, answers to campaigns.
  case psychographic
}

/// A named column with its type.
public struct TableColumn: Equatable, Sendable {
  /// The values, row by row.
  public enum Values: Equatable, Sendable {
    /// Numbers (a boolean is 0 or 1, a date days since 1970); NaN where the value is missing.
    case numbers([Double])
    /// Indices of levels, in the order of the levels' names; −1 where the value is missing.
    case categories([Int32], levels: [String])
    /// Words; empty where the value is missing.
    case texts([String])

    /// How many there are.
    public var count: Int {
      switch self {
      case .numbers(let values): values.count
      case .categories(let codes, _): codes.count
      case .texts(let texts): texts.count
      }
    }

    /// How many are missing.
    public var missingCount: Int {
      switch self {
      case .numbers(let values): values.count { $0.isNaN }
      case .categories(let codes, _): codes.count { $0 < 0 }
      case .texts(let texts): texts.count(where: \.isEmpty)
      }
    }

    /// Some of them, in the order given.
    func rows(_ rows: [Int]) -> Values {
      switch self {
      case .numbers(let values): .numbers(rows.map { values[$0] })
      case .categories(let codes, let levels): .categories(rows.map { codes[$0] }, levels: levels)
      case .texts(let texts): .texts(rows.map { texts[$0] })
      }
    }
  }

  /// The name in the header, or of a made column.
  public let name: String
  /// What it holds.
  public let kind: ColumnKind
  /// The values, row by row.
  public var values: Values
  /// What it is about.
  public var group: FeatureGroup

  /// A column.
  public init(_ name: String, _ kind: ColumnKind, _ values: Values, group: FeatureGroup = .behavioural) {
    self.name = name
    self.kind = kind
    self.values = values
    self.group = group
  }

  /// The numbers of a column of numbers, booleans or dates; `nil` for others.
  public var numbers: [Double]? {
    guard case .numbers(let values) = values else { return nil }
    return values
  }
}
