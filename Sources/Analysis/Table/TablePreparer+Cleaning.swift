extension TablePreparer {
  /// Fills missing values, or leaves out their rows; returns the rows that are left.
  mutating func fill(_ table: inout Table) throws(AnalysisError) -> [Int] {
    for (index, step) in preparation.steps.enumerated() {
      guard let column = table[step.plan.name] else { continue }
      var words: String?
      switch column.values {
      case .numbers(let values):
        let present = values.filter { !$0.isNaN }
        let isNumber = step.plan.kind == .number
        let fill = isNumber ? ColumnStatistics.median(present) : Self.mode(present)
        preparation.steps[index].fill = fill.isFinite ? fill : 0
        words = isNumber ? "the median, \(Plain.number(fill))" : "the mode, \(Self.shown(fill, step.plan.kind))"
      case .categories(let codes, let levels):
        let mode = Self.mode(codes.filter { $0 >= 0 }.map(Double.init))
        guard mode.isFinite else { continue }
        preparation.steps[index].fill = mode
        words = "the mode, \(levels[Int(mode)])"
      case .texts: continue
      }
      if options.missing == .median, let place = quality.missing.firstIndex(where: { $0.column == step.plan.name }) {
        let found = quality.missing[place]
        quality.missing[place] = .init(
          column: found.column, count: found.count, unreadable: found.unreadable, filledWith: words)
      }
    }
    if let response = options.response { try checkAnswers(table, response) }
    guard options.missing == .drop else {
      for step in preparation.steps {
        if let column = table[step.plan.name] { table.set(TablePreparation.filled(column, step)) }
      }
      return Array(0..<table.rowCount)
    }
    let complete = (0..<table.rowCount).filter { row in
      table.columns.allSatisfy { column in
        switch column.values {
        case .numbers(let values): !values[row].isNaN
        case .categories(let codes, _): codes[row] >= 0
        case .texts: true
        }
      }
    }
    quality.rowsWithoutValues = table.rowCount - complete.count
    table = table.rows(complete)
    return complete
  }

  private func checkAnswers(_ table: Table, _ response: String) throws(AnalysisError) {
    let missing = table[response]?.values.missingCount ?? 0
    guard missing == 0 || options.missing == .drop else {
      throw AnalysisError(
        .unusableInput,
        "`\(name)`: \(missing) rows of the response `\(response)` are missing: an answer cannot be made up, so say "
          + "--missing drop")
    }
  }

  /// Puts fences around the columns of numbers; returns the rows that are left.
  mutating func fence(_ table: inout Table, ids: [String]) -> [Int] {
    var isKept = [Bool](repeating: true, count: table.rowCount)
    for (index, step) in preparation.steps.enumerated() {
      guard step.plan.kind == .number, let column = table[step.plan.name], let values = column.numbers else { continue }
      // Parts of a total are kept, so that totals and shares stay what they are; the total gets a fence.
      if options.makesFeatures, [.spend, .channel, .deals].contains(step.plan.role) { continue }
      guard let fence = fence(of: column) else { continue }
      noteOutliers(column, fence, ids: ids)
      switch options.outliers {
      case .keep: continue
      case .drop: for (row, value) in values.enumerated() where !fence.contains(value) { isKept[row] = false }
      case .winsorise: table.set(TablePreparation.fenced(column, fence.lowerBound, fence.upperBound))
      }
      (preparation.steps[index].low, preparation.steps[index].high) = (fence.lowerBound, fence.upperBound)
    }
    let kept = isKept.indices.filter { isKept[$0] }
    quality.rowsBeyondFences = table.rowCount - kept.count
    return kept
  }

  /// Where the fences of a column are; `nil` where it has few different values or half of them are equal.
  func fence(of column: TableColumn) -> ClosedRange<Double>? {
    guard let values = column.numbers, values.count > 3 else { return nil }
    let (middle, width): (ClosedRange<Double>, Double)
    switch options.outlierRule {
    case .iqr:
      let sorted = values.sorted()
      let (low, high) = (ColumnStatistics.quantile(sorted, 0.25), ColumnStatistics.quantile(sorted, 0.75))
      guard low <= high else { return nil }
      (middle, width) = (low...high, high - low)
    case .z:
      let (mean, deviation) = ColumnStatistics.meanAndDeviation(values)
      guard mean.isFinite else { return nil }
      (middle, width) = (mean...mean, deviation)
    }
    let (low, high) = (middle.lowerBound - options.fence * width, middle.upperBound + options.fence * width)
    guard width > 0, low.isFinite, high.isFinite else { return nil }
    return low...high
  }

  /// Writes down how many values lie beyond a fence, and the furthest.
  mutating func noteOutliers(_ column: TableColumn, _ fence: ClosedRange<Double>, ids: [String]) {
    let values = column.numbers ?? []
    let beyond = values.indices.filter { !fence.contains(values[$0]) }
    guard !beyond.isEmpty else { return }
    func distance(_ row: Int) -> Double { max(fence.lowerBound - values[row], values[row] - fence.upperBound) }
    let furthest = beyond.sorted { (-distance($0), $0) < (-distance($1), $1) }.prefix(3)
    quality.outliers.append(
      .init(
        column: column.name, fence: fence,
        counts: (beyond.count { values[$0] < fence.lowerBound }, beyond.count { values[$0] > fence.upperBound }),
        examples: furthest.map { "\(Plain.number(values[$0])) (\(ids[$0]))" }))
  }

  /// The number that comes most often, of equals the least; NaN of none.
  private static func mode(_ values: [Double]) -> Double {
    var counts: [Double: Int] = [:]
    for value in values { counts[value, default: 0] += 1 }
    return counts.min { ($1.value, $0.key) < ($0.value, $1.key) }?.key ?? .nan
  }

  private static func shown(_ value: Double, _ kind: ColumnKind) -> String {
    kind == .boolean ? (value == 0 ? "no" : "yes") : Plain.day(value)
  }
}
