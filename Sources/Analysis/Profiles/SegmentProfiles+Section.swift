extension SegmentProfiles {
  /// Columns of a snake plot, at most: those that tell segments apart best.
  static let shownColumnsMax = 12
  /// Segments that have a paragraph of their own, at most; tables have all.
  static let toldSegmentsMax = 12

  /// The part of the report that says what the segments are like.
  public func section() -> ReportSection {
    var section = ReportSection(id: "profiles", title: "Who the segments are")
    guard !segments.isEmpty else {
      let all = NumberText.count(customerCount)
      section.blocks = [.paragraph("No segment was found: all \(all) customers are noise.")]
      return section
    }
    let noiseShare = NumberText.percent(Double(noiseCount) / Double(max(1, customerCount)))
    let noise = noiseCount > 0 ? " \(NumberText.count(noiseCount)) (\(noiseShare)) are in none." : ""
    section.blocks = [
      .paragraph(
        "\(NumberText.count(customerCount)) customers fall into \(segments.count) "
          + (segments.count == 1 ? "segment." : "segments.") + noise
          + " Coverage is the share of a segment that its rule finds, precision the share of those found that belong "
          + "to it."),
      .table(overview),
      .chart(sizes),
    ]
    if let values, values.total > 0 { section.blocks.append(.chart(valueShares(values))) }
    let told = toldColumns
    if segments.count > 1 && !told.isEmpty {
      section.blocks += [.chart(snake(told)), .chart(importances(told))]
    }
    section.blocks.append(.table(medians))
    for segment in segments.prefix(Self.toldSegmentsMax) {
      section.blocks += [.heading(segment.name), .list(points(segment))]
    }
    return section
  }

  /// The columns in which some segment lies farthest from all customers, in the order of the columns.
  private var toldColumns: [Int] {
    let spread = columns.indices.map { column in
      segments.map { abs($0.standardised[column]) }.filter(\.isFinite).max() ?? 0
    }
    let ranked = columns.indices.filter { spread[$0] > 0.05 }.sorted { (spread[$1], $0) < (spread[$0], $1) }
    return ranked.prefix(Self.shownColumnsMax).sorted()
  }

  private var overview: DataTable {
    let hasValue = values.map { $0.total > 0 } ?? false
    var columns: [DataTable.Column] = [
      .init("Segment"), .init("Customers", isNumeric: true), .init("Share", isNumeric: true),
    ]
    if hasValue {
      columns += [.init("Share of \(values?.name ?? "value")", isNumeric: true), .init("A customer", isNumeric: true)]
    }
    columns += [.init("Who they are"), .init("Coverage", isNumeric: true), .init("Precision", isNumeric: true)]
    let rows = segments.map { segment in
      var row = [segment.name, NumberText.count(segment.size), NumberText.percent(segment.share)]
      if hasValue, let values {
        row += [NumberText.percent(segment.valueShare), values.text(segment.value / Double(max(1, segment.size)))]
      }
      return row + [
        segment.rule.text, NumberText.percent(segment.rule.coverage), NumberText.percent(segment.rule.precision),
      ]
    }
    return DataTable("The segments", columns: columns, rows: rows)
  }

  private var sizes: Chart {
    let largest = segments.max { $0.size < $1.size }
    let words = largest.map { "The largest, \($0.name), has \(NumberText.percent($0.share)) of them." } ?? ""
    return Chart.bars(
      id: "segment-sizes", title: "Customers of each segment", alternative: words, labels: names,
      values: segments.map { Double($0.size) }, unit: "customers")
  }

  private func valueShares(_ values: CustomerValues) -> Chart {
    let best = segments.max { $0.valueShare < $1.valueShare }
    let words = best.map {
      "\($0.name) brings \(NumberText.percent($0.valueShare)) of it with \(NumberText.percent($0.share)) of customers."
    }
    return Chart.bars(
      id: "segment-value", title: "Share of \(values.name) of each segment", alternative: words ?? "", labels: names,
      values: segments.map { $0.valueShare * 100 }, unit: "%")
  }

  private func snake(_ told: [Int]) -> Chart {
    Chart.profiles(
      id: "snake-plot", title: "What sets the segments apart",
      alternative:
        "A line for each segment; to the right of 0 its mean is above that of all customers, to the left below"
        + (told.count < columns.count ? "; the \(told.count) columns that tell most." : "."),
      valueLabel: "standard deviations from the mean of all", rows: told.map { columns[$0] },
      series: segments.map { segment in (segment.name, told.map { segment.standardised[$0] }) })
  }

  private func importances(_ told: [Int]) -> Chart {
    Chart.heatMap(
      id: "relative-importance", title: "Relative importance: segment mean against the mean of all",
      alternative:
        "Blue cells are above the mean of all, brown ones with a marked corner below; –100 % is none at all.",
      rows: told.map { columns[$0] }, columns: names,
      values: told.map { column in segments.map { Self.within($0.importance[column]) } }, range: -1...2
    ) { ($0 >= 2 ? "≥ " : $0 > 0 ? "+" : "") + NumberText.percent($0, 0) }
  }

  /// From nothing to three times the mean: more would leave the rest pale. NaN stays.
  private static func within(_ importance: Double) -> Double {
    importance.isNaN ? importance : max(-1, min(2, importance))
  }

  private var medians: DataTable {
    DataTable(
      "Medians of each segment",
      columns: [.init("Column")] + names.map { .init($0, isNumeric: true) },
      rows: columns.indices.map { column in
        // A year is no amount: it is not grouped.
        let isYear = columns[column].lowercased().contains("year")
        return [columns[column]]
          + segments.map { segment in
            let median = segment.medians[column]
            return isYear && abs(median) < 10_000
              ? String(Int(median.rounded())) : NumberText.short(median)
          }
      })
  }

  private func points(_ segment: SegmentProfile) -> [String] {
    var points = [
      "\(NumberText.count(segment.size)) customers, \(NumberText.percent(segment.share)) of all"
        + (segment.valueShare.isFinite
          ? "; \(NumberText.percent(segment.valueShare)) of \(values?.name ?? "the value")." : ".")
    ]
    let ranked = columns.indices.filter { abs(segment.standardised[$0]) >= SegmentNaming.worthSaying }
      .sorted { (abs(segment.standardised[$1]), $0) < (abs(segment.standardised[$0]), $1) }.prefix(5)
    let (more, less) = (
      ranked.filter { segment.standardised[$0] > 0 }, ranked.filter { segment.standardised[$0] < 0 }
    )
    for (word, indices) in [("More", more), ("Less", less)] where !indices.isEmpty {
      points.append(
        "\(word) than others: "
          + indices.map { index in
            "\(columns[index]) \(NumberText.short(segment.means[index])) (all: \(NumberText.short(means[index])))"
          }.joined(separator: ", ") + ".")
    }
    if ranked.isEmpty { points.append("Near the mean of all customers in every column.") }
    if !segment.rule.conditions.isEmpty {
      points.append(
        "Found by: \(segment.rule.text) (coverage \(NumberText.percent(segment.rule.coverage)), precision "
          + "\(NumberText.percent(segment.rule.precision))).")
    }
    return points
  }
}
