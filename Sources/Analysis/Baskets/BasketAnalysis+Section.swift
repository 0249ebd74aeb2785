extension ReportSection {
  /// What is bought together: the best rules of all customers and of each segment, and how they were searched for.
  public static func baskets(_ analysis: Result<BasketAnalysis, AnalysisError>) -> ReportSection {
    var section = ReportSection(id: "baskets", title: "Baskets")
    switch analysis {
    case .failure(let error): section.blocks = [.paragraph("There are no baskets: \(error).")]
    case .success(let analysis): section.blocks = BasketBlocks(analysis: analysis).all
    }
    return section
  }
}

/// The blocks of the section of baskets.
private struct BasketBlocks {
  let analysis: BasketAnalysis

  /// Rules that are shown of all customers, and of a segment.
  static let (rulesMax, segmentRulesMax) = (15, 5)
  /// Itemsets that are shown.
  static let itemsetsMax = 15

  var all: [ReportSection.Block] {
    let findings = analysis.all
    var blocks: [ReportSection.Block] = [.paragraph(summary)]
    if !findings.notes.isEmpty { blocks.append(.list(findings.notes)) }
    if let chart { blocks.append(.chart(chart)) }
    blocks.append(
      .table(ruleTable("The rules of the greatest lift, of all customers", Array(shown(findings, Self.rulesMax)))))
    blocks.append(.table(itemsetTable))
    for segment in analysis.segments where segment.basketCount > 0 {
      blocks.append(.heading(segment.name))
      let rules = Array(shown(segment, Self.segmentRulesMax))
      if rules.isEmpty {
        blocks.append(
          .paragraph("In \(NumberText.count(segment.basketCount)) baskets no rule is frequent and confident enough."))
      } else {
        let caption = "The rules of the greatest lift in \(NumberText.count(segment.basketCount)) baskets"
        blocks.append(.table(ruleTable("\(caption) of “\(segment.name)”", rules)))
      }
      if !segment.notes.isEmpty { blocks.append(.list(segment.notes)) }
    }
    blocks.append(.paragraph(Self.measures))
    return blocks
  }

  /// The best rules, one for each set of items: the same items the other way round say nothing new.
  private func shown(_ findings: BasketFindings, _ count: Int) -> [AssociationRule] {
    var known = Set<[Int32]>()
    var rules: [AssociationRule] = []
    for rule in findings.rules where rules.count < count {
      if known.insert((rule.antecedent + rule.consequent).sorted()).inserted { rules.append(rule) }
    }
    return rules
  }

  private var summary: String {
    let (options, findings) = (analysis.options, analysis.all)
    let sets = findings.itemsets.count { $0.items.count > 1 }
    return
      "\(NumberText.count(findings.basketCount)) baskets hold \(NumberText.count(findings.itemCount)) different "
      + "items. \(NumberText.count(sets)) sets of two and more items are in \(NumberText.count(findings.minimumCount)) "
      + "baskets or more (\(NumberText.percent(options.minimumSupport)), \(options.minimumCount) at least); they give "
      + "\(NumberText.count(findings.rules.count)) rules of a confidence of "
      + "\(NumberText.percent(options.minimumConfidence)) or more, with up to \(options.maximumLength) items."
  }

  private var chart: Chart? {
    let rules = shown(analysis.all, 10)
    guard let best = rules.first else { return nil }
    return Chart.bars(
      id: "basket-lift", title: "Lift of the best rules",
      alternative: "One bar a rule; the longest is \(name(best)) with \(NumberText.short(best.lift)) times as often "
        + "together as by chance.",
      labels: rules.map(name), values: rules.map(\.lift), unit: "×")
  }

  private func name(_ rule: AssociationRule) -> String {
    "\(analysis.text(rule.antecedent)) → \(analysis.text(rule.consequent))"
  }

  private func ruleTable(_ caption: String, _ rules: [AssociationRule]) -> DataTable {
    let numbers = ["Baskets", "Support", "Confidence", "Lift", "Leverage", "Conviction", "Zhang"]
    return DataTable(
      caption, columns: [.init("Who buys"), .init("also buys")] + numbers.map { .init($0, isNumeric: true) },
      rows: rules.map { rule in
        [
          analysis.text(rule.antecedent), analysis.text(rule.consequent), NumberText.count(rule.count),
          NumberText.percent(rule.support, 2), NumberText.percent(rule.confidence), NumberText.fixed(rule.lift, 2),
          NumberText.fixed(rule.leverage, 4), NumberText.fixed(rule.conviction, 2), NumberText.fixed(rule.zhang, 2),
        ]
      })
  }

  private var itemsetTable: DataTable {
    let sorted = analysis.all.itemsets.enumerated().filter { $1.items.count > 1 }
      .sorted { ($1.element.count, $0.offset) < ($0.element.count, $1.offset) }
    return DataTable(
      "The most frequent sets of two and more items",
      columns: [.init("Items"), .init("Baskets", isNumeric: true), .init("Support", isNumeric: true)],
      rows: sorted.prefix(Self.itemsetsMax).map { _, itemset in
        let share = Double(itemset.count) / Double(max(1, analysis.all.basketCount))
        return [analysis.text(itemset.items), NumberText.count(itemset.count), NumberText.percent(share, 2)]
      })
  }

  private static let measures = """
    Support is the share of baskets with both sides; confidence the share of baskets with the left side that have the \
    right one; lift how many times as often both are together as by chance; leverage the same as a difference of \
    shares; conviction how many times as often the rule would fail by chance; Zhang's metric goes from −1, never \
    together, to 1, always. Every measure is a quotient of exact counts.
    """
}
