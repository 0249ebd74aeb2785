import Foundation

/// Makes features of a purchase log, and says what was found.
struct LogPreparer {
  /// What is clustered unless columns are named: total spend would count frequency twice.
  static let clustered = [PurchaseFeatures.recency, PurchaseFeatures.orders, PurchaseFeatures.averageOrder]

  let options: PreparationOptions
  let name: String
  var quality = DataQuality()
  var features: [FeatureScale] = []

  init(_ options: PreparationOptions, name: String) { (self.options, self.name) = (options, name) }

  /// What is analysed of a log. Throws where it cannot be.
  mutating func prepare(_ source: PurchaseLog, seed: UInt64) throws(AnalysisError) -> AnalysisData {
    var log = source
    try checkCustomers(log)
    var table = PurchaseFeatures.table(log)
    let constants = table.columns.filter { column in (column.numbers ?? []).allSatisfy { $0 == column.numbers?.first } }
    for column in constants {
      quality.leftOut.append((column.name, "it is the same for all, \(Plain.number(column.numbers?.first ?? 0))"))
    }
    table.remove { column in constants.contains { $0.name == column.name } }
    let names = try chosen(table)
    var isKept = [Bool](repeating: true, count: log.customerCount)
    for name in names {
      guard let column = table[name], let values = column.numbers else { continue }
      var scale = FeatureScale(name: name, column: name, isLogged: name != PurchaseFeatures.refundShare)
      fence(&scale, column, ids: log.customerIDs, isKept: &isKept)
      scale.fit(values, options.scaling)
      features.append(scale)
    }
    let kept = isKept.indices.filter { isKept[$0] }
    if kept.count < log.customerCount {
      quality.rowsBeyondFences = log.customerCount - kept.count
      log = log.customers(kept)
      table = table.rows(kept)
      try checkCustomers(log)
      for index in features.indices {
        features[index].fit(table[features[index].column]?.numbers ?? [], options.scaling)
      }
    }
    quality.rowsKept = log.customerCount
    quality.columns = table.columns.map { column in
      .init(
        name: column.name, kind: column.kind, group: column.group,
        use: names.contains(column.name) ? "clustered" : "described")
    }
    return data(log, table, names, seed: seed)
  }

  private func data(_ log: PurchaseLog, _ table: Table, _ names: [String], seed: UInt64) -> AnalysisData {
    let natural = table.matrix(names)
    var scaled = natural
    for row in 0..<natural.rowCount {
      for (index, feature) in features.enumerated() { scaled[row, index] = feature.apply(natural[row, index]) }
    }
    let others = table.columns.map(\.name).filter { !names.contains($0) }
    return AnalysisData(
      customerIDs: log.customerIDs, table: table, features: natural, scaled: scaled,
      described: table.matrix(names + others), log: log,
      valueColumn: table[PurchaseFeatures.net] == nil ? nil : PurchaseFeatures.net, seed: seed)
  }

  private func checkCustomers(_ log: PurchaseLog) throws(AnalysisError) {
    guard log.customerCount < TablePreparer.rowsMin else { return }
    throw AnalysisError(
      .unusableInput,
      "`\(name)`: \(log.customerCount) \(log.customerCount == 1 ? "customer has" : "customers have") a purchase, an "
        + "analysis needs at least \(TablePreparer.rowsMin)")
  }

  private func chosen(_ table: Table) throws(AnalysisError) -> [String] {
    let known = table.columns.map(\.name)
    for column in options.columns + options.ignored where !known.contains(column) {
      throw AnalysisError(
        .unusableInput,
        "there is no feature `\(column)`; the log gives \(known.map { "`\($0)`" }.joined(separator: ", "))")
    }
    let wanted = options.columns.isEmpty ? Self.clustered : options.columns
    let names = wanted.filter { known.contains($0) && !options.ignored.contains($0) }
    guard names.isEmpty else { return names }
    throw AnalysisError(
      .unusableInput,
      "`\(name)`: all customers are equal in what is clustered (\(wanted.joined(separator: ", "))), so there is "
        + "nothing to tell them apart by")
  }

  /// Fences are put around the logarithm: money and counts are lopsided, and their great values are no mistakes.
  private mutating func fence(
    _ scale: inout FeatureScale, _ column: TableColumn, ids: [String], isKept: inout [Bool]
  ) {
    let values = column.numbers ?? []
    let transformed = TableColumn(column.name, .number, .numbers(values.map { scale.apply($0) }))
    var preparer = TablePreparer(options, groups: [], name: name)
    guard let fence = preparer.fence(of: transformed) else { return }
    let natural = scale.inverse(fence.lowerBound)...scale.inverse(fence.upperBound)
    preparer.noteOutliers(column, natural, ids: ids)
    quality.outliers += preparer.quality.outliers
    switch options.outliers {
    case .keep: return
    case .winsorise: (scale.low, scale.high) = (fence.lowerBound, fence.upperBound)
    case .drop:
      for (row, value) in values.enumerated() where !natural.contains(value) { isKept[row] = false }
    }
  }
}
