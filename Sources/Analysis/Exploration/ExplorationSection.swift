import Foundation

/// What the columns look like, and how they go together.
struct ExplorationSection {
  /// So many histograms are drawn, so many columns are compared: more nobody reads.
  static let histogramsMax = 12
  static let correlatedMax = 24
  static let componentsMax = 12

  let data: AnalysisData

  /// The section "exploration".
  var section: ReportSection {
    var section = ReportSection(id: "exploration", title: "Exploration")
    section.blocks = summary + histograms + correlations + components
    return section
  }

  private var summary: [ReportSection.Block] {
    let columns = ["mean", "sd", "least", "1st quartile", "median", "3rd quartile", "greatest"]
    var table = DataTable(
      "The columns of numbers, after cleaning",
      columns: [.init("Column")] + columns.map { .init($0, isNumeric: true) })
    for index in 0..<data.described.columnCount {
      let values = data.described.column(index).sorted()
      let (mean, deviation) = ColumnStatistics.meanAndDeviation(values)
      let quantiles = [0, 0.25, 0.5, 0.75, 1].map { ColumnStatistics.quantile(values, $0) }
      table.rows.append([data.described.names[index]] + ([mean, deviation] + quantiles).map(NumberText.short))
    }
    return [.heading("The columns"), .table(table)] + levels
  }

  private var levels: [ReportSection.Block] {
    var table = DataTable(
      "Categories and their most frequent levels",
      columns: [.init("Column"), .init("Levels", isNumeric: true), .init("Most frequent")])
    for column in data.table.columns {
      guard case .categories(let codes, let names) = column.values else { continue }
      var counts = [Int](repeating: 0, count: names.count)
      for code in codes where code >= 0 { counts[Int(code)] += 1 }
      let order = names.indices.filter { counts[$0] > 0 }.sorted { (-counts[$0], $0) < (-counts[$1], $1) }
      let shown = order.prefix(6).map { index in
        "\(names[index]) \(NumberText.percent(Double(counts[index]) / Double(codes.count)))"
      }
      table.rows.append(
        [column.name, NumberText.count(order.count), shown.joined(separator: ", ") + (order.count > 6 ? ", …" : "")])
    }
    return table.rows.isEmpty ? [] : [.table(table)]
  }

  private var histograms: [ReportSection.Block] {
    let shown = data.features.names.indices.filter { data.table[data.features.names[$0]]?.kind == .number }
    let drawn = shown.prefix(Self.histogramsMax)
    if drawn.isEmpty { return [] }
    let blocks = drawn.map { index -> ReportSection.Block in
      let name = data.features.names[index]
      let values = data.features.column(index)
      let bins = HistogramBins(values)
      let median = NumberText.short(ColumnStatistics.median(values))
      let fullest = bins.counts.indices.max { (bins.counts[$0], $1) < (bins.counts[$1], $0) } ?? 0
      let most =
        bins.counts.isEmpty
        ? ""
        : "most, \(NumberText.count(bins.counts[fullest])) customers, lie from "
          + "\(NumberText.short(bins.edges[fullest])) to \(NumberText.short(bins.edges[fullest + 1]))"
      return .chart(
        .histogram(
          id: "histogram-\(Escaping.slug(name))", title: "How \(name) is spread",
          alternative: "Histogram of \(name): the median is \(median); \(most).", edges: bins.edges,
          counts: bins.counts, unit: name))
    }
    let left = shown.count - drawn.count
    let note = left > 0 ? " The first \(drawn.count) of \(shown.count) are drawn." : ""
    return [.heading("How the clustered columns are spread"), .paragraph("In natural units, after cleaning.\(note)")]
      + blocks
  }

  private var correlations: [ReportSection.Block] {
    let count = min(Self.correlatedMax, data.described.columnCount)
    guard count > 1 else { return [] }
    let first = Array(data.described.names.prefix(count))
    var values: [Double] = []
    values.reserveCapacity(count * data.customerCount)
    for row in 0..<data.described.rowCount { values += data.described.row(row).prefix(count) }
    let found = Correlations(FeatureMatrix(names: first, values: values))
    let strongest = found.strongest(5)
    let words = strongest.map { "\($0.left) with \($0.right) (\(NumberText.fixed($0.value, 2)))" }
    let left = data.described.columnCount - count
    return [
      .heading("How columns go together"),
      .paragraph(
        "Pearson's coefficient, from −1 to 1. The strongest: \(words.joined(separator: "; "))."
          + (left > 0 ? " The first \(count) of \(data.described.columnCount) columns are compared." : "")),
      .chart(
        .heatMap(
          id: "correlations", title: "Correlation of each two columns",
          alternative: "Heat map of correlations. The strongest: \(words.joined(separator: "; ")).", rows: first,
          columns: first, values: found.values, range: -1...1, format: { NumberText.fixed($0, 2) })),
    ]
  }

  private var components: [ReportSection.Block] {
    guard data.scaled.columnCount > 1, let found = PrincipalComponents(data.scaled) else { return [] }
    let shown = min(Self.componentsMax, found.shares.count)
    var sum = 0.0
    let cumulative = found.shares.map { share in
      sum += share
      return sum
    }
    let enough = (cumulative.firstIndex { $0 >= 0.8 } ?? cumulative.count - 1) + 1
    let two = NumberText.percent(cumulative[min(1, cumulative.count - 1)])
    let x = (1...shown).map(Double.init)
    let loaded = min(3, found.components.count)
    return [
      .heading("Principal components"),
      .paragraph(
        "Of what is clustered, as it is clustered: the first two components hold \(two) of the variance; \(enough) of "
          + "\(found.shares.count) hold 80 %."),
      .chart(
        .lines(
          id: "explained-variance", title: "Variance that the components explain",
          alternative: "The first component explains \(NumberText.percent(found.shares[0])), two together \(two); "
            + "\(enough) reach 80 %.",
          xLabel: "Component", yLabel: "Share of variance", x: x,
          series: [("Each", Array(found.shares.prefix(shown))), ("Together", Array(cumulative.prefix(shown)))])),
      .chart(
        .heatMap(
          id: "loadings", title: "What the first components are made of",
          alternative: "Loadings of the columns on the first \(loaded) components: " + loadingWords(found, loaded)
            + ".",
          rows: found.names, columns: (1...loaded).map { "Component \($0)" },
          values: found.names.indices.map { column in found.components.prefix(loaded).map { $0[column] } },
          range: -1...1, format: { NumberText.fixed($0, 2) })),
    ]
  }

  private func loadingWords(_ found: PrincipalComponents, _ count: Int) -> String {
    found.components.prefix(count).enumerated().map { index, component in
      let greatest = component.indices.max { (abs(component[$0]), $1) < (abs(component[$1]), $0) } ?? 0
      return "component \(index + 1) most by \(found.names[greatest]) (\(NumberText.fixed(component[greatest], 2)))"
    }.joined(separator: ", ")
  }
}

/// Bins of equal width by Freedman and Diaconis' rule (1981), at least 5 and at most 30; whole numbers stay whole.
struct HistogramBins {
  private(set) var edges: [Double] = []
  private(set) var counts: [Int] = []

  init(_ values: [Double]) {
    let sorted = values.sorted()
    guard let least = sorted.first, let most = sorted.last, least < most else {
      if let only = sorted.first { (edges, counts) = ([only - 0.5, only + 0.5], [sorted.count]) }
      return
    }
    let quartiles = ColumnStatistics.quantile(sorted, 0.75) - ColumnStatistics.quantile(sorted, 0.25)
    var width = 2 * quartiles / cbrt(Double(sorted.count))
    let range = most - least
    width = min(max(width, range / 30), range / 5)
    let areWhole = sorted.allSatisfy { $0 == $0.rounded() } && range < 1e12
    if areWhole {
      width = max(1, width.rounded())
      let count = Int((range + 1) / width + 0.999999)
      edges = (0...max(1, count)).map { least - 0.5 + Double($0) * width }
    } else {
      let count = max(1, Int((range / width).rounded(.up)))
      edges = (0...count).map { $0 == count ? most : least + Double($0) * range / Double(count) }
    }
    counts = [Int](repeating: 0, count: edges.count - 1)
    let step = (edges[edges.count - 1] - edges[0]) / Double(counts.count)
    for value in sorted { counts[min(counts.count - 1, max(0, Int((value - edges[0]) / step)))] += 1 }
  }
}
