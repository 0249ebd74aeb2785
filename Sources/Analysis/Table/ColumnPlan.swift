/// How a column of a file is read: found in the file or given, and kept with a saved model.
struct ColumnPlan: Codable, Equatable, Sendable {
  /// The name in the header.
  var name: String
  /// What it holds.
  var kind: ColumnKind
  /// What it is about.
  var group: FeatureGroup
  /// What it is in a table of customers.
  var role: ColumnRole
  /// Of dates: whether the day stands before the month.
  var dayFirst = true
  /// Of numbers: whether the decimal mark is a comma.
  var hasDecimalComma = false
  /// Of categories: the levels, in their order.
  var levels: [String] = []
  /// What had to be decided, in words.
  var notes: [String] = []
}

/// Finds out how the columns of a table are read.
struct ColumnFinder {
  /// A column of words is a category up to so many different ones.
  static let levelsMax = 50
  /// The most columns: an analysis compares each two of them.
  static let columnsMax = 1000
  /// A column is of numbers or days where this share of its cells is; the others must be told.
  private static let shareMin = 0.9

  private let table: RawTable
  private let options: PreparationOptions
  private let file: String

  init(_ table: RawTable, _ options: PreparationOptions, file: String) {
    (self.table, self.options, self.file) = (table, options, file)
  }

  /// A plan for each column that is used. Throws where a name that was given is none.
  func plans() throws(AnalysisError) -> [ColumnPlan] {
    try checkNames()
    let ignored = Set(options.ignored)
    let chosen = Set(options.columns.isEmpty ? table.names : options.columns)
    let kept = table.names.indices.filter { index in
      let name = table.names[index]
      return !ignored.contains(name) && (chosen.contains(name) || name == options.response)
    }
    guard kept.count <= Self.columnsMax else {
      throw AnalysisError(
        .unusableInput,
        "`\(file)`: it has \(NumberText.count(kept.count)) columns, at most \(NumberText.count(Self.columnsMax)) can "
          + "be analysed: choose those that matter with --columns")
    }
    let id = options.id ?? idColumn()
    return table.names.indices.filter { kept.contains($0) || table.names[$0] == id }
      .map { plan($0, isID: table.names[$0] == id) }
  }

  private func checkNames() throws(AnalysisError) {
    let given: [(flag: String, names: [String])] = [
      ("--columns", options.columns), ("--ignore", options.ignored), ("--type", options.types.keys.sorted()),
      ("--id", options.id.map { [$0] } ?? []), ("--response", options.response.map { [$0] } ?? []),
      ("a group", options.groups.keys.sorted()), ("the order of levels", options.levels.keys.sorted()),
      ("a role", options.roles.keys.sorted()),
    ]
    for (flag, names) in given {
      guard let name = names.first(where: { !table.names.contains($0) }) else { continue }
      let shown = table.names.prefix(50).map { "`\($0)`" }.joined(separator: ", ")
      throw AnalysisError(
        .unusableInput,
        "`\(file)`: \(flag) names the column `\(name)`, which is not there; the columns are \(shown)"
          + (table.names.count > 50 ? ", …" : ""))
    }
  }

  private func plan(_ column: Int, isID: Bool) -> ColumnPlan {
    let name = table.names[column]
    let given = options.types[name]
    var plan = ColumnPlan(
      name: name, kind: .text, group: options.groups[name] ?? CustomerLayout.group(of: name), role: .none)
    let counts = CellCounts(table, column)
    plan.hasDecimalComma = counts.hasDecimalComma
    plan.dayFirst = options.dayFirst ?? counts.dayFirst
    plan.kind = isID ? .identifier : given ?? kind(counts, name)
    if plan.kind == .date, options.dayFirst == nil, counts.isAmbiguousDate {
      plan.notes.append("days and months could be read either way; the day was taken first (--date-order)")
    }
    if plan.kind == .category {
      let order = options.levels[name] ?? []
      plan.levels =
        order + counts.words.keys.filter { !order.contains($0) }.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }
    plan.role = options.roles[name] ?? CustomerLayout.role(of: name, plan.kind)
    return plan
  }

  private func kind(_ counts: CellCounts, _ name: String) -> ColumnKind {
    if counts.present == 0 { return .text }
    let enough = Double(counts.present) * Self.shareMin
    if counts.booleans == counts.present, counts.words.count == 2 { return .boolean }
    if Double(counts.dates) >= enough { return .date }
    if Double(counts.numbers) >= enough {
      let isCode = counts.hasLeadingZeros || CustomerLayout.isIdentifierName(name) && counts.areAllDifferent
      return isCode ? (counts.areAllDifferent ? .identifier : .category) : .number
    }
    if counts.areAllDifferent, counts.present > 1, CustomerLayout.isIdentifierName(name) { return .identifier }
    return counts.words.count <= min(Self.levelsMax, max(2, counts.present / 2)) ? .category : .text
  }

  /// The first column whose name is an identifier's and whose cells all differ.
  private func idColumn() -> String? {
    for (index, name) in table.names.enumerated() where CustomerLayout.isIdentifierName(name) {
      if options.types[name].map({ $0 != .identifier }) ?? false || options.ignored.contains(name) { continue }
      if CellCounts(table, index).areAllDifferent { return name }
    }
    return nil
  }
}

/// What the cells of a column look like, counted.
private struct CellCounts {
  /// Cells with a value.
  private(set) var present = 0
  private(set) var numbers = 0
  private(set) var dates = 0
  private(set) var booleans = 0
  private(set) var hasLeadingZeros = false
  private(set) var hasDecimalComma = false
  /// How often each different cell comes; not kept on behind `wordsMax`.
  private(set) var words: [String: Int] = [:]
  private var distinct = Set<UInt64>()
  private var canBeDayFirst = true
  private var canBeMonthFirst = true
  private var beginsWithYear = true

  private static let wordsMax = 2000

  /// Whether no cell is missing and none comes twice.
  private(set) var areAllDifferent = false

  var dayFirst: Bool { canBeDayFirst || !canBeMonthFirst }
  var isAmbiguousDate: Bool { canBeDayFirst && canBeMonthFirst && !beginsWithYear }

  init(_ table: RawTable, _ column: Int) {
    var points = 0
    var commas = 0
    for row in 0..<table.rowCount {
      table.withCell(row, column) { cell in
        if CellText.isMissing(cell) { return }
        present += 1
        if CellText.number(cell) != nil { points += 1 }
        if CellText.number(cell, hasDecimalComma: true) != nil { commas += 1 }
        if CellText.boolean(cell) != nil { booleans += 1 }
        if let date = DateParts(cell) {
          dates += 1
          if !date.beginsWithYear { beginsWithYear = false }
          if date.days(dayFirst: true) == nil { canBeDayFirst = false }
          if date.days(dayFirst: false) == nil { canBeMonthFirst = false }
        }
        if cell.count > 1, cell[0] == 0x30, cell.allSatisfy({ (0x30...0x39).contains($0) }) { hasLeadingZeros = true }
        distinct.insert(Self.hash(cell))
        if words.count <= Self.wordsMax { words[String(decoding: cell, as: UTF8.self), default: 0] += 1 }
      }
    }
    hasDecimalComma = commas > points && table.delimiter != 0x2C
    numbers = hasDecimalComma ? commas : points
    areAllDifferent = present == table.rowCount && distinct.count == present
  }

  /// FNV-1a with a last mixing: two different cells share one once in 2⁶⁴ pairs.
  private static func hash(_ cell: UnsafeBufferPointer<UInt8>) -> UInt64 {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in cell { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
    return hash ^ hash >> 32
  }
}
