extension ReportSection {
  /// How segments answered campaigns, where contacts would bring more, who answers, and which segment a new customer
  /// will be in.
  ///
  /// The first of `campaigns` is the one that was asked for; a reallocation is shown of it only.
  public static func campaigns(
    _ campaigns: Result<[CampaignResponse], AnalysisError>, response: Result<ClassifierReport, AnalysisError>?,
    segment: Result<ClassifierReport, AnalysisError>, currency: String? = nil
  ) -> ReportSection {
    var section = ReportSection(id: "campaigns", title: "Campaigns")
    switch campaigns {
    case .failure(let error): section.blocks = [.paragraph("There is no campaign: \(error).")]
    case .success(let campaigns):
      for (number, campaign) in campaigns.enumerated() {
        let blocks = CampaignBlocks(campaign: campaign, number: number + 1, currency: currency)
        section.blocks += number == 0 ? blocks.all : blocks.short
      }
    }
    if let response {
      section.blocks.append(.heading("Who will respond"))
      section.blocks += ClassifierBlocks.all(response, id: "response")
    }
    section.blocks.append(.heading("Which segment a new customer will be in"))
    section.blocks += ClassifierBlocks.all(segment, id: "segment")
    return section
  }
}

/// The blocks of a campaign.
private struct CampaignBlocks {
  let campaign: CampaignResponse
  let number: Int
  let currency: String?

  var all: [ReportSection.Block] {
    var blocks: [ReportSection.Block] = [.paragraph(summary)]
    if let chart { blocks.append(.chart(chart)) }
    blocks.append(.table(rateTable))
    blocks.append(.heading("Where contacts bring more"))
    blocks.append(.paragraph(money))
    if !campaign.notes.isEmpty { blocks.append(.list(campaign.notes)) }
    blocks.append(.table(reallocationTable))
    return blocks
  }

  /// Of an earlier campaign.
  var short: [ReportSection.Block] { [.heading("Earlier: \(campaign.name)"), .table(rateTable)] }

  private func money(_ value: Double?) -> String {
    guard let value else { return NumberText.none }
    return NumberText.fixed(value, 2) + (currency.map { " \($0)" } ?? "")
  }

  private func text(_ interval: ClosedRange<Double>) -> String {
    "\(NumberText.percent(interval.lowerBound)) to \(NumberText.percent(interval.upperBound))"
  }

  private var summary: String {
    let all = campaign.all
    return "\(NumberText.count(all.responseCount)) of \(NumberText.count(all.contactCount)) customers responded to "
      + "“\(campaign.name)”: \(NumberText.percent(all.rate)), with 95 % confidence \(text(all.interval)) (Wilson)."
  }

  private var chart: Chart? {
    let shown = campaign.segments.filter { $0.rate.contactCount > 0 }
    guard let best = shown.max(by: { $0.rate.rate < $1.rate.rate }) else { return nil }
    return Chart.bars(
      id: "campaign-\(number)-rates", title: "Response to “\(campaign.name)” by segment",
      alternative: "One bar a segment; “\(best.name)” responded most, \(NumberText.percent(best.rate.rate)).",
      labels: shown.map(\.name), values: shown.map { $0.rate.rate * 100 }, unit: "%")
  }

  private var rateTable: DataTable {
    DataTable(
      "Response to “\(campaign.name)” by segment",
      columns: [.init("Segment")]
        + ["Contacts", "Responses", "Rate", "95 % interval", "Lift", "Cost per response"].map {
          .init($0, isNumeric: true)
        },
      rows: campaign.segments.map { segment in
        [
          segment.name, NumberText.count(segment.rate.contactCount), NumberText.count(segment.rate.responseCount),
          NumberText.percent(segment.rate.rate), text(segment.rate.interval),
          segment.lift.map { NumberText.fixed($0, 2) } ?? NumberText.none, money(segment.costPerResponse),
        ]
      })
  }

  private var money: String {
    guard let value = campaign.valuePerResponse, let breakEven = campaign.breakEvenRate else {
      return
        "A contact costs \(money(campaign.costPerContact)). What a response brings is not known, and nobody responded."
    }
    let costs = "A contact costs \(money(campaign.costPerContact)); "
    return campaign.isValueGiven
      ? costs
        + "a response brings \(money(value)), so a contact pays from a rate of \(NumberText.percent(breakEven)) on."
      : costs + "what a response brings was not given, so it is taken as \(money(value)), at which the whole campaign "
        + "breaks even: profits below compare segments, they are no forecast."
  }

  private var reallocationTable: DataTable {
    var rows = campaign.segments.map { segment in
      row(
        segment.name, segment.rate.contactCount, segment.rate.responseCount, segment.proposedContactCount,
        segment.proposedResponses)
    }
    let (contacts, responses) = campaign.segments.reduce((0, 0)) {
      ($0.0 + $1.rate.contactCount, $0.1 + $1.rate.responseCount)
    }
    rows.append(row("All", contacts, responses, campaign.proposedContactCount, campaign.proposedResponses))
    return DataTable(
      "The same contacts dealt anew",
      columns: [.init("Segment")]
        + [
          "Contacts", "Proposed", "Change", "Cost", "Responses", "Expected responses", "Profit", "Expected profit",
        ].map { .init($0, isNumeric: true) }, rows: rows)
  }

  private func row(_ name: String, _ contacts: Int, _ responses: Int, _ proposed: Int, _ expected: Double) -> [String] {
    func profit(_ responses: Double, _ contacts: Int) -> Double? {
      campaign.valuePerResponse.map { $0 * responses - campaign.costPerContact * Double(contacts) }
    }
    let change = proposed - contacts
    return [
      name, NumberText.count(contacts), NumberText.count(proposed), (change > 0 ? "+" : "") + NumberText.count(change),
      money(campaign.costPerContact * Double(proposed)), NumberText.count(responses), NumberText.fixed(expected, 1),
      money(profit(Double(responses), contacts)), money(profit(expected, proposed)),
    ]
  }
}
