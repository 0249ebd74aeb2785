/// Finds out on a file how it is prepared, and says what was found.
struct TablePreparer {
  /// An analysis of fewer customers says nothing.
  static let rowsMin = 10
  /// A column with a greater share of missing values is left out.
  static let missingShareMax = 0.5

  let options: PreparationOptions
  let groups: Set<FeatureGroup>
  let name: String
  var quality = DataQuality()
  var preparation = TablePreparation()
  /// Money that a constant column tells: what a contact costs, what a response earns.
  var money: [ColumnRole: Double] = [:]

  init(_ options: PreparationOptions, groups: Set<FeatureGroup>, name: String) {
    (self.options, self.groups, self.name) = (options, groups, name)
  }

  /// The cleaned table. Throws where it cannot be used.
  mutating func prepare(_ bytes: [UInt8]) throws(AnalysisError) -> TablePreparation.Prepared {
    var reader = TableReader(name: name)
    let raw = try reader.read(bytes, options)
    quality.rowsRead = raw.rowCount
    quality.notes += reader.notes
    try checkRows(raw.rowCount, "it has")
    var table = try read(raw)
    preparation.id = table.columns.first { $0.kind == .identifier }?.name
    preparation.response = options.response
    var ids = preparation.ids(of: table, lines: raw.lines)
    noteRepeated(ids)
    try checkResponse(table)
    setAside(&table)
    let complete = try fill(&table)
    if complete.count < ids.count {
      ids = complete.map { ids[$0] }
      try checkRows(ids.count, "without the rows with missing values it has")
    }
    let kept = fence(&table, ids: ids)
    if kept.count < ids.count {
      ids = kept.map { ids[$0] }
      table = table.rows(kept)
      try checkRows(ids.count, "without the rows with outliers it has")
    }
    makeFeatures(&table, ids: ids)
    leaveOutConstants(&table)
    try choose(table)
    quality.rowsKept = ids.count
    return preparation.finish(table, ids: ids)
  }

  private mutating func read(_ raw: RawTable) throws(AnalysisError) -> Table {
    var columns: [TableColumn] = []
    let plans = try ColumnFinder(raw, options, file: name).plans()
    for plan in plans {
      guard let index = raw.names.firstIndex(of: plan.name) else { continue }
      let outcome = try ColumnReader(table: raw, file: name).read(plan, at: index)
      preparation.steps.append(.init(plan: plan))
      columns.append(outcome.column)
      quality.notes += plan.notes.map { "`\(plan.name)`: \($0)." }
      let missing = outcome.column.values.missingCount
      if missing > 0, plan.kind != .text, plan.kind != .identifier {
        quality.missing.append(
          .init(column: plan.name, count: missing, unreadable: outcome.unreadable, filledWith: nil))
      }
    }
    for name in raw.names where !plans.contains(where: { $0.name == name }) {
      quality.leftOut.append((name, "as you said"))
    }
    return Table(columns: columns, rowCount: raw.rowCount)
  }

  private func checkRows(_ count: Int, _ what: String) throws(AnalysisError) {
    guard count < Self.rowsMin else { return }
    throw AnalysisError(
      .unusableInput,
      "`\(name)`: \(what) \(count) \(count == 1 ? "customer" : "customers"), an analysis needs at least \(Self.rowsMin)"
    )
  }

  private mutating func noteRepeated(_ ids: [String]) {
    let repeated = ids.count - Set(ids).count
    if repeated > 0, let id = preparation.id {
      quality.notes.append("\(repeated) rows repeat an id of `\(id)`; each row counts as a customer.")
    }
  }

  private func checkResponse(_ table: Table) throws(AnalysisError) {
    guard let response = options.response else { return }
    guard let column = table[response], column.kind == .boolean else {
      throw AnalysisError(
        .unusableInput,
        "`\(name)`: --response `\(response)` needs a column of yes and no (1 and 0) in which both come, and this is "
          + "of the type \(table[response]?.kind.rawValue ?? "none")")
    }
  }

  /// Leaves out what cannot be measured, and what is missing too often.
  private mutating func setAside(_ table: inout Table) {
    for column in table.columns {
      let share = Double(column.values.missingCount) / Double(table.rowCount)
      var reason: String?
      if column.kind == .identifier {
        reason = column.name == preparation.id ? nil : "it names rows"
      } else if column.kind == .text {
        reason = "it holds words that differ from row to row"
      } else if share > Self.missingShareMax, column.name != options.response {
        reason = "\(Int((share * 100).rounded())) % of it is missing"
      }
      if column.kind == .identifier || reason != nil {
        table.remove { $0.name == column.name }
        if column.name != preparation.id { preparation.steps.removeAll { $0.plan.name == column.name } }
      }
      if let reason { quality.leftOut.append((column.name, reason)) }
    }
    quality.missing.removeAll { table[$0.column] == nil }
  }

  private mutating func makeFeatures(_ table: inout Table, ids: [String]) {
    preparation.makesFeatures = options.makesFeatures
    let newest = table.columns.filter { $0.kind == .date }.compactMap { $0.numbers?.max() }.max()
    preparation.referenceDay = newest
    guard options.makesFeatures else { return }
    for made in FeatureMaker(roles: preparation.roles, referenceDay: newest).make(table) {
      var column = made.column
      if made.isTotal, let fence = fence(of: column), options.outliers == .winsorise {
        preparation.madeFences[column.name] = [fence.lowerBound, fence.upperBound]
        noteOutliers(column, fence, ids: ids)
        column = TablePreparation.fenced(column, fence.lowerBound, fence.upperBound)
      }
      table.set(column)
      quality.made.append(.init(name: column.name, how: made.how))
    }
  }

  private mutating func leaveOutConstants(_ table: inout Table) {
    for column in table.columns {
      let isConstant: Bool
      switch column.values {
      case .numbers(let values): isConstant = values.allSatisfy { $0 == values.first }
      case .categories(let codes, _): isConstant = codes.allSatisfy { $0 == codes.first }
      case .texts: isConstant = false
      }
      guard isConstant else { continue }
      preparation.constants.append(column.name)
      let role = preparation.steps.first { $0.plan.name == column.name }?.plan.role ?? .none
      if [.contactCost, .responseRevenue].contains(role), let value = column.numbers?.first { money[role] = value }
      let value = column.numbers?.first.map { ", \(Plain.number($0))" } ?? ""
      quality.leftOut.append((column.name, "it is the same for all\(value)"))
    }
  }
}
