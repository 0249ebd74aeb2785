extension AnalysisRun {
  /// The sections of the report in their order.
  static let order = [
    "in-five-sentences", "data-quality", "exploration", "clusters", "profiles", "rfm", "future-value", "baskets",
    "campaigns", "actions", "appendix",
  ]

  /// The report and the files beside it.
  func finished() -> CustomerAnalysis {
    var parts = sections
    parts.append(QualitySection(quality: quality, options: options.preparation, what: what).section)
    parts.append(ExplorationSection(data: data).section)
    parts.append(AppendixSection(options: options, data: data, isLog: preparation == nil).section)
    let sorted = parts.enumerated().sorted { left, right in
      let places = [left, right].map { Self.order.firstIndex(of: $0.element.id) ?? Self.order.count - 1 }
      return (places[0], left.offset) < (places[1], right.offset)
    }
    let report = HTMLReport(title: "Customer analysis of \(options.title)", sections: sorted.map(\.element))
    return CustomerAnalysis(
      data: data, quality: quality, preparation: preparation, labels: labels, names: names,
      comparison: comparison, understanding: understanding, ahead: ahead, report: report,
      segmentsFile: segmentsFile, models: ahead?.models ?? [], summary: summary)
  }

  /// One line a customer: id, segment, scores of a log, value.
  private var segmentsFile: String {
    var writer = CSVWriter()
    var columns: [(name: String, cell: (Int) -> CSVWriter.Cell)] = [
      ("customer_id", { .text(data.customerIDs[$0]) }),
      ("segment", { labels[$0] < 0 ? .none : .integer(labels[$0] + 1) }),
      ("segment_name", { labels[$0] < 0 ? .none : .text(names[labels[$0]]) }),
    ]
    columns += scoreColumns
    if let name = data.valueColumn, let values = data.table[name]?.numbers {
      columns.append(("value", { .number(values[$0]) }))
    }
    columns += forecastColumns
    writer.append(columns.map { .text($0.name) })
    for row in 0..<data.customerCount { writer.append(columns.map { $0.cell(row) }) }
    return writer.text
  }

  /// R, F and M and the named cell, where there are scores.
  private var scoreColumns: [(name: String, cell: (Int) -> CSVWriter.Cell)] {
    guard let scored = understanding?.rfm?.customers, scored.count == data.customerCount else { return [] }
    return [
      ("r", { .integer(scored[$0].r) }), ("f", { .integer(scored[$0].f) }), ("m", { .integer(scored[$0].m) }),
      ("cell", { .text(scored[$0].cell) }),
    ]
  }

  /// What is expected of each customer, where there is a forecast.
  private var forecastColumns: [(name: String, cell: (Int) -> CSVWriter.Cell)] {
    guard let forecast = try? ahead?.forecast.get(), forecast.customers.count == data.customerCount else { return [] }
    let customers = forecast.customers
    func cell(_ value: Double?) -> CSVWriter.Cell { value.map { .number($0) } ?? .none }
    return [
      ("alive_probability", { cell(customers[$0]?.aliveProbability) }),
      ("expected_purchases", { cell(customers[$0]?.expectedPurchases) }),
      ("expected_value", { cell(customers[$0]?.expectedValue) }),
    ]
  }

  /// The numbers of the report for machines.
  private var summary: AnalysisSummary {
    var summary = AnalysisSummary()
    summary.version = options.version
    summary.command = options.command
    summary.seed = options.seed
    summary.inputs = options.inputs
    summary.rowsRead = quality.rowsRead
    summary.customers = data.customerCount
    summary.features = data.features.names
    summary.missingValues = quality.missing.reduce(0) { $0 + $1.count }
    summary.outliers = quality.outliers.reduce(0) { $0 + $1.counts.below + $1.counts.above }
    summary.algorithm = comparison?.chosen.algorithm.rawValue ?? ""
    summary.silhouette = comparison?.chosen.silhouette
    summary.choiceOfK = comparison?.choice.reason ?? ""
    summary.customersWithoutSegment = labels.count { $0 < 0 }
    summary.leftOut = quality.leftOut.map { .init(column: $0.name, reason: $0.reason) }
    summary.segments = names.indices.map(segment)
    return summary
  }

  /// A segment's numbers.
  private func segment(_ segment: Int) -> AnalysisSummary.Segment {
    let rows = labels.indices.filter { labels[$0] == segment }
    var part = AnalysisSummary.Segment(id: segment + 1, name: names[segment], customers: rows.count)
    part.share = Double(rows.count) / Double(max(1, data.customerCount))
    if !rows.isEmpty {
      for (index, name) in data.features.names.enumerated() {
        part.medians[name] = ColumnStatistics.median(rows.map { data.features[$0, index] })
      }
    }
    if let values = data.valueColumn.flatMap({ data.table[$0]?.numbers }) {
      part.value = rows.reduce(0) { $0 + values[$1] }
    }
    let forecast = try? ahead?.forecast.get().segments.first { $0.name == names[segment] }
    part.expectedValue = forecast?.expectedValue
    part.aliveProbability = forecast?.meanAliveProbability
    let campaign = try? ahead?.campaigns.get().first
    if data.responseColumn != nil, let found = campaign?.segments.first(where: { $0.name == names[segment] }) {
      part.responseRate = found.rate.rate
    }
    return part
  }
}
