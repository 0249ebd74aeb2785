import Analysis
import Segmentation

/// Prints a report with every kind of chart and table, plain and in edge cases, for `Tests/reference/check_report.py`.
func printReportGallery() {
  let hostile = [
    "<script>alert('x')</script>", "\"quoted\" & 'single'", "</title></svg><img src=x onerror=alert(1)>",
    "مرحبا بالعالم", "control \u{1}\u{7}\u{1b}[31m \u{202E}reversed", "=cmd|' /C calc'!A0",
    String(repeating: "very long name ", count: 20), String(repeating: "W", count: 300), "漢字かな交じり文の長い名前", "",
  ]
  var random = SplitMix64(seed: 7)
  func uniform() -> Double { random.uniform() }
  var sections = [chartSection(uniform), edgeSection(hostile), hostileSection(hostile)]
  let understanding = CustomerUnderstanding(plantedShop(uniform), labels: plantedLabels)
  sections.insert(FiveSentences(understanding).section(), at: 0)
  sections += [understanding.profiles.section(), understanding.rfmSection(), understanding.actionsSection()]
  let report = HTMLReport(
    title: "Gallery of <charts> & tables", sections: sections,
    facts: [("Seed", "7"), ("Command", "Benchmarks report-gallery <x>")])
  print(report.html)
}

private func chartSection(_ uniform: () -> Double) -> ReportSection {
  let names = ["Champions", "Loyal", "At risk", "Hibernating", "New", "Lost"]
  let features = ["Age", "Annual income (k$)", "Spending score (1-100)", "Days since last purchase", "Orders"]
  let points = (0..<300).map { index in
    (x: Double(index % 6) * 2 + uniform() * 3, y: Double(index % 4) * 3 + uniform() * 4, group: index % 6)
  }
  return ReportSection(
    id: "charts", title: "Charts",
    blocks: [
      .chart(
        .bars(
          id: "g-bars", title: "Bars", alternative: "Six bars.", labels: names, values: [120, 80, 44.5, 31, -20, 3],
          unit: "customers")),
      .chart(
        .histogram(
          id: "g-histogram", title: "Histogram", alternative: "A hill.", edges: [0, 10, 20, 30, 40, 50],
          counts: [3, 40, 75, 22, 1], unit: "years")),
      .chart(
        .lines(
          id: "g-lines", title: "Lines", alternative: "Four lines.", xLabel: "k", yLabel: "index",
          x: Array(2...10).map(Double.init),
          series: names.prefix(4).map { name in (name, (2...10).map { $0 == 5 ? .nan : uniform() * Double($0) }) },
          marked: 3)),
      .chart(
        .profiles(
          id: "g-profiles", title: "Snake plot", alternative: "Six lines.", valueLabel: "standard deviations",
          rows: features, series: names.map { name in (name, features.map { _ in uniform() * 4 - 2 }) })),
      .chart(
        .scatter(
          id: "g-scatter", title: "Cloud", alternative: "Six groups.", xLabel: "PC 1 (44 %)", yLabel: "PC 2 (21 %)",
          points: points, groups: names)),
      .chart(
        .heatMap(
          id: "g-heat", title: "Correlations", alternative: "Five by five.", rows: features, columns: features,
          values: features.indices.map { row in features.indices.map { row == $0 ? 1 : uniform() * 2 - 1 } },
          range: -1...1, format: { NumberText.fixed($0, 2) })),
      .chart(
        .treemap(
          id: "g-treemap", title: "Treemap", alternative: "Six areas.",
          parts: names.enumerated().map { ($1, Double(60 / ($0 + 1)), "12 % of value") })),
      .chart(
        .flow(
          id: "g-flow", title: "Moves", alternative: "Who went where.", from: names, to: names,
          counts: names.map { _ in names.map { _ in Int(uniform() * 40) } })),
      .chart(
        .dendrogram(
          id: "g-dendrogram", title: "Tree", alternative: "Five leaves.", leaves: 5,
          merges: [(0, 1, 1), (2, 3, 1.5), (5, 4, 2.5), (6, 7, 6)])),
    ])
}

private func edgeSection(_ hostile: [String]) -> ReportSection {
  let many = (1...60).map { "Segment number \($0) of sixty" }
  let wide = (1...60).map { "Column_\($0)_with_a_name" }
  var blocks: [ReportSection.Block] = [.paragraph("What is empty, equal, missing, huge or many.")]
  let counts = [0, 1, 2, 60]
  for count in counts {
    let names = Array(many.prefix(count))
    blocks += [
      .chart(
        .bars(
          id: "e-bars-\(count)", title: "\(count) bars", alternative: "", labels: names, values: names.map { _ in 7 })),
      .chart(
        .lines(
          id: "e-lines-\(count)", title: "\(count) lines", alternative: "", xLabel: "x", yLabel: "y", x: [1],
          series: names.map { ($0, [.nan]) })),
      .chart(
        .profiles(
          id: "e-profiles-\(count)", title: "\(count) profiles", alternative: "", valueLabel: "", rows: names,
          series: names.map { name in (name, names.indices.map { Double($0 % 7) }) })),
      .chart(
        .heatMap(
          id: "e-heat-\(count)", title: "\(count) rows", alternative: "", rows: names,
          columns: Array(wide.prefix(count)),
          values: names.map { _ in names.indices.map { $0 == 1 ? .nan : Double($0) * 1e6 } })),
      .chart(
        .treemap(
          id: "e-treemap-\(count)", title: "\(count) parts", alternative: "",
          parts: names.enumerated().map { ($1, Double($0 * $0), "") })),
      .chart(
        .scatter(
          id: "e-scatter-\(count)", title: "\(count) points", alternative: "", xLabel: "", yLabel: "",
          points: names.indices.map { (1e9 + Double($0), 1e-9 * Double($0), $0) }, groups: names)),
    ]
  }
  blocks += [
    .chart(
      .bars(
        id: "e-extreme", title: "Extremes", alternative: "", labels: hostile,
        values: [
          .nan, .infinity, -.infinity, 1e300, -1e300, 1e-300, 0, -0.0, 123_456_789, 0.1,
        ])),
    .chart(.histogram(id: "e-histogram", title: "One bin", alternative: "", edges: [3, 3], counts: [9])),
    .chart(.histogram(id: "e-no-histogram", title: "No bin", alternative: "", edges: [], counts: [])),
    .chart(.dendrogram(id: "e-tree", title: "No tree", alternative: "", leaves: 1, merges: [])),
    .table(DataTable("An empty table", columns: [.init("Name"), .init("", isNumeric: true)])),
    .list([]),
  ]
  return ReportSection(id: "edges", title: "Edge cases", blocks: blocks)
}

private func hostileSection(_ hostile: [String]) -> ReportSection {
  let values = hostile.indices.map { Double($0 + 1) }
  return ReportSection(
    id: "<hostile id>", title: hostile[0],
    blocks: hostile.map { .paragraph($0) } + [
      .heading(hostile[2]), .list(hostile),
      .table(
        DataTable(
          hostile[0], columns: [.init(hostile[1]), .init(hostile[2], isNumeric: true)],
          rows: hostile.map { [$0, $0] })),
      .chart(.bars(id: "g-bars", title: hostile[2], alternative: hostile[0], labels: hostile, values: values)),
      .chart(
        .profiles(
          id: hostile[0], title: hostile[1], alternative: hostile[4], valueLabel: hostile[6], rows: hostile,
          series: hostile.map { ($0, values) })),
      .chart(
        .heatMap(
          id: hostile[2], title: hostile[3], alternative: hostile[3], rows: hostile, columns: hostile,
          values: hostile.map { _ in values })),
      .chart(
        .treemap(
          id: "", title: hostile[6], alternative: hostile[7], parts: zip(hostile, values).map { ($0, $1, $0) })),
      .chart(
        .scatter(
          id: "", title: hostile[7], alternative: "", xLabel: hostile[6], yLabel: hostile[7],
          points: values.map { ($0, $0, Int($0) - 1) }, groups: hostile)),
    ])
}

/// Three kinds of customers: 120 of them.
private let plantedLabels = (0..<120).map { $0 % 3 }

private func plantedShop(_ uniform: () -> Double) -> AnalysisData {
  let day: Int64 = 86_400_000
  var entries: [PurchaseLog.Entry] = []
  for (customer, kind) in plantedLabels.enumerated() {
    for order in 0..<[2, 6, 14][kind] {
      let time = Int64(14_600 + Double(order) * [90, 40, 22][kind] + uniform() * 20) * day
      let amount = Int64(500 + uniform() * [1_000, 4_000, 20_000][kind])
      entries.append(.init(customer: Int32(customer), timeMs: time, amountMinor: amount))
    }
  }
  let log = PurchaseLog(
    customerIDs: plantedLabels.indices.map { "customer <\($0)>" }, entries: entries, currencyCode: "EUR")
  let rows = log.customerCount
  let columns = ["Orders", "Net spend"].enumerated().map { index, name in
    (
      name,
      (0..<rows).map { row in
        index == 0
          ? Double(log.entries(of: row).count) : log.entries(of: row).reduce(0) { $0 + Double($1.amountMinor) / 100 }
      }
    )
  }
  let table = Table(columns: columns.map { TableColumn($0.0, .number, .numbers($0.1)) }, rowCount: rows)
  let matrix = table.matrix(columns.map(\.0))
  return AnalysisData(
    customerIDs: log.customerIDs, table: table, features: matrix, scaled: matrix, described: matrix, log: log, seed: 7)
}
