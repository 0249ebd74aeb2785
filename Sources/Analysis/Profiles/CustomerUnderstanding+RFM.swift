import Segmentation

extension CustomerUnderstanding {
  /// Best customers that are listed.
  static let listedMax = 10

  /// The part of the report about recency, frequency and monetary value, moves, cohorts and the best customers.
  public func rfmSection() -> ReportSection {
    var section = ReportSection(id: "rfm", title: "Recency, frequency, monetary value")
    if let rfm, !rfm.customers.isEmpty {
      section.blocks += rfm.blocks()
    } else {
      section.blocks.append(
        .paragraph(
          "The file does not tell when customers last bought, how often and for how much, so there are no scores. "
            + "With a purchase log (`--transactions`) there would be."))
    }
    if let migration { section.blocks += migration.blocks() }
    if let cohorts { section.blocks += cohorts.blocks() }
    if let concentration, let values = profiles.values { section.blocks += best(concentration, values) }
    return section
  }

  private func best(_ concentration: ValueConcentration, _ values: CustomerValues) -> [ReportSection.Block] {
    var inTop = [Int](repeating: 0, count: profiles.segments.count)
    for row in concentration.top where profiles.labels[row] >= 0 { inTop[profiles.labels[row]] += 1 }
    let words =
      "The top decile, \(NumberText.count(concentration.topCount)) of \(NumberText.count(concentration.customerCount)) "
      + "customers with \(values.name) of at least \(values.text(concentration.topThreshold)), brings "
      + "\(NumberText.percent(concentration.topShare)) of \(values.name). Gini's coefficient is "
      + "\(NumberText.fixed(concentration.gini, 2)): 0 is all alike, 1 is one customer who brings everything."
    let curve = Chart.lines(
      id: "lorenz", title: "Share of \(values.name) that the least customers bring",
      alternative: "The curve hangs below the straight line of equal customers; the deeper, the more the best bring.",
      xLabel: "customers, from the least (%)", yLabel: "share of \(values.name) (%)",
      x: concentration.lorenz.map { $0.customers * 100 },
      series: [
        ("customers", concentration.lorenz.map { $0.value * 100 }),
        ("all alike", concentration.lorenz.map { $0.customers * 100 }),
      ])
    let whereabouts = DataTable(
      "Where the top decile is",
      columns: [
        .init("Segment"), .init("In the top decile", isNumeric: true), .init("Share of the decile", isNumeric: true),
        .init("Share of the segment", isNumeric: true),
      ],
      rows: zip(profiles.segments, inTop).map { segment, count in
        [
          segment.name, NumberText.count(count), NumberText.percent(Double(count) / Double(concentration.topCount)),
          NumberText.percent(Double(count) / Double(max(1, segment.size))),
        ]
      })
    let listed = DataTable(
      "The best customers",
      columns: [.init("Customer"), .init(values.name, isNumeric: true), .init("Segment")]
        + (rfm == nil ? [] : [.init("Orders", isNumeric: true), .init("Days since the last", isNumeric: true)]),
      rows: concentration.top.prefix(Self.listedMax).map { row in
        let label = profiles.labels[row]
        var cells = [
          customerIDs.indices.contains(row) ? customerIDs[row] : "row \(row + 1)", values.text(values.values[row]),
          label >= 0 ? profiles.names[label] : "none",
        ]
        if let rfm {
          cells += [NumberText.count(rfm.customers[row].orders), NumberText.fixed(rfm.customers[row].recencyDays, 0)]
        }
        return cells
      })
    return [.heading("High-value customers"), .paragraph(words), .chart(curve), .table(whereabouts), .table(listed)]
  }
}

extension RFMAnalysis {
  /// Heat map, treemap, cut table and named cells.
  fileprivate func blocks() -> [ReportSection.Block] {
    let biggest = cells.max { $0.size < $1.size }
    let richest = cells.max { $0.value < $1.value }
    var words =
      "Each customer has three scores from 1 (worst) to 5 (best): how lately, how often and for how much they bought. "
    if let biggest { words += "Most are in \(biggest.name) (\(NumberText.percent(biggest.share)))" }
    if let richest, richest.value > 0 {
      let isBoth = richest.name == biggest?.name
      words +=
        (isBoth ? ", which also brings" : "; \(richest.name) brings") + " most, "
        + "\(NumberText.percent(richest.valueShare)) of the value"
    }
    let treemap = Chart.treemap(
      id: "rfm-treemap", title: "Customers of each named cell",
      alternative: biggest.map { "The largest area is \($0.name), \(NumberText.percent($0.share)) of the customers." }
        ?? "",
      parts: cells.map { ($0.name, Double($0.size), "\(NumberText.percent($0.valueShare)) of value") })
    return [
      .paragraph(words + "."), .chart(countMap), .chart(valueMap), .chart(treemap), .table(cutTable),
      .table(cellTable),
    ]
  }

  /// Rows from the best recency down, columns from the rarest to the most frequent.
  private func map(_ value: ([Customer]) -> Double) -> [[Double]] {
    var groups = [[Customer]](repeating: [], count: 25)
    for customer in customers { groups[(5 - customer.r) * 5 + customer.f - 1].append(customer) }
    return (0..<5).map { row in (0..<5).map { value(groups[row * 5 + $0]) } }
  }

  private static let rowNames = (1...5).reversed().map { "R \($0)" }
  private static let columnNames = (1...5).map { "F \($0)" }

  private var countMap: Chart {
    Chart.heatMap(
      id: "rfm-heat-map", title: "Customers by recency (R) and frequency (F)",
      alternative: "Lately and often at the top right, long ago and rarely at the bottom left.", rows: Self.rowNames,
      columns: Self.columnNames, values: map { Double($0.count) }, format: { NumberText.fixed($0, 0) })
  }

  private var valueMap: Chart {
    Chart.heatMap(
      id: "rfm-value-map", title: "Mean value of a customer by recency (R) and frequency (F)",
      alternative: "The darker, the more a customer is worth; grey cells have nobody.", rows: Self.rowNames,
      columns: Self.columnNames,
      values: map { group in group.isEmpty ? .nan : group.reduce(0) { $0 + $1.value } / Double(group.count) },
      format: NumberText.compact)
  }

  /// What values each score stands for.
  private var cutTable: DataTable {
    DataTable(
      "Cuts of the scores",
      columns: [
        .init("Score"), .init("Days since the last purchase", isNumeric: true), .init("Orders", isNumeric: true),
        .init("Net value", isNumeric: true),
      ],
      rows: (1...5).reversed().map { score in
        [
          String(score),
          Self.range(cuts.recency, 6 - score) { NumberText.fixed($0, 1) },
          Self.range(cuts.frequency.map(Double.init), score) { NumberText.fixed($0, 0) },
          Self.range(cuts.monetary.map(Double.init), score, money),
        ]
      })
  }

  /// The values of a bin, 1 to 5, between cuts that belong to the lower one.
  private static func range(_ cuts: [Double], _ bin: Int, _ text: (Double) -> String) -> String {
    guard cuts.count == 4 else { return NumberText.none }
    switch bin {
    case 1: return "up to \(text(cuts[0]))"
    case 5: return "above \(text(cuts[3]))"
    default:
      let (low, high) = (cuts[bin - 2], cuts[bin - 1])
      return low < high ? "above \(text(low)), up to \(text(high))" : "nobody"
    }
  }

  private var cellTable: DataTable {
    DataTable(
      "Named cells",
      columns: [
        .init("Name"), .init("Customers", isNumeric: true), .init("Share", isNumeric: true),
        .init("Net value", isNumeric: true), .init("Share of value", isNumeric: true), .init("Scores R, F, M"),
      ],
      rows: cells.map { cell in
        [
          cell.name, NumberText.count(cell.size), NumberText.percent(cell.share),
          money(cell.value * [1.0, 10, 100, 1000][max(0, min(3, digits))]), NumberText.percent(cell.valueShare),
          cell.scores.joined(separator: " "),
        ]
      })
  }
}

extension CellMigration {
  fileprivate func blocks() -> [ReportSection.Block] {
    let (then, now) = (CivilDate(timeMs: fromMs).text, CivilDate(timeMs: toMs).text)
    let share = NumberText.percent(Double(stayed) / Double(known))
    let newcomers = from.last == Self.newcomers ? counts.last?.reduce(0, +) ?? 0 : 0
    let words =
      "Of \(NumberText.count(known)) customers on \(then), \(NumberText.count(stayed)) (\(share)) were in the same "
      + "cell on \(now); \(NumberText.count(newcomers)) customers came in between. Both dates use the same cuts."
    return [
      .heading("Moves from \(then) to \(now)"), .paragraph(words),
      .chart(
        Chart.flow(
          id: "migration", title: "Where the customers of each cell went, \(then) to \(now)",
          alternative: "Rows are cells on \(then), columns on \(now); each row adds up to 100 %. \(share) stayed.",
          from: from, to: to, counts: counts)),
    ]
  }
}

extension CohortRetention {
  fileprivate func blocks() -> [ReportSection.Block] {
    let next = overall.first ?? .nan
    var words =
      "Customers by the \(period.rawValue) of their first purchase. In the next \(period.rawValue) "
      + "\(NumberText.percent(next)) of them bought again"
    let later = min(5, overall.count - 1)
    if later > 0, overall[later].isFinite {
      words += ", \(later + 1) \(period.rawValue)s after the first \(NumberText.percent(overall[later]))"
    }
    let ages = (1..<max(2, overall.count + 1)).map { "+\($0)" }
    let map = Chart.heatMap(
      id: "cohorts", title: "Share of each cohort that bought again, by \(period.rawValue)s since the first purchase",
      alternative:
        "Rows are cohorts, the earliest at the top; columns are \(period.rawValue)s after the first one.",
      rows: cohorts.map { "\($0.name) (\(NumberText.count($0.size)))" }, columns: ages,
      values: cohorts.map { Array($0.retained.dropFirst()) }, format: { NumberText.percent($0, 0) })
    words += ". The newest \(period.rawValue) may not be over yet."
    return [.heading("Cohorts"), .paragraph(words), .chart(map)]
  }
}
