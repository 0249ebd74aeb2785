import Segmentation

/// What to do with a segment, by which channel, and why, with the numbers that say so.
public struct SegmentAction: Equatable, Sendable {
  /// The segment's name.
  public let segment: String
  /// What to do.
  public let action: String
  /// How to reach its customers.
  public let channel: String
  /// Why, citing the segment's own numbers.
  public let why: String
}

extension CustomerUnderstanding {
  /// What to do with each segment; a forecast and a campaign's response add to the reasons where there are some.
  public func actions(forecast: ValueForecast? = nil, campaign: CampaignResponse? = nil) -> [SegmentAction] {
    profiles.segments.indices.map { index in
      let facts = SegmentFacts(
        self, index, forecast: forecast?.segments.first { $0.name == profiles.names[index] },
        response: campaign?.segments.first { $0.name == profiles.names[index] },
        breakEvenRate: campaign.flatMap { $0.isValueGiven ? $0.breakEvenRate : nil })
      let (channel, channelWhy) = facts.channel
      return SegmentAction(
        segment: facts.segment.name, action: facts.action, channel: channel,
        why: (facts.reasons + channelWhy).joined(separator: "; ") + ".")
    }
  }

  /// The part of the report that says what to do.
  public func actionsSection(forecast: ValueForecast? = nil, campaign: CampaignResponse? = nil) -> ReportSection {
    let rows = actions(forecast: forecast, campaign: campaign).map { [$0.segment, $0.action, $0.channel, $0.why] }
    let table = DataTable(
      "Segment, action, channel, why",
      columns: [.init("Segment"), .init("Action"), .init("Channel"), .init("Why")], rows: rows)
    return ReportSection(
      id: "actions", title: "What to do",
      blocks: rows.isEmpty
        ? [.paragraph("There is no segment to act on.")]
        : [
          .paragraph("Proposals by fixed rules from each segment's own numbers. Test each on a part of it first."),
          .table(table),
        ])
  }
}

/// The numbers of a segment that decide what to do with it.
private struct SegmentFacts {
  let segment: SegmentProfile
  let columns: [String]
  let means: [Double]
  let values: CustomerValues?
  /// Typical scores, days since the last purchase and orders (medians); only where there are scores.
  let scores: (r: Int, f: Int, m: Int, recencyDays: Double, orders: Double)?
  let forecast: SegmentForecast?
  let response: SegmentResponse?
  /// The rate from which on a contact pays; `nil` where it is not known what a response brings.
  let breakEvenRate: Double?

  init(
    _ understanding: CustomerUnderstanding, _ index: Int, forecast: SegmentForecast?, response: SegmentResponse?,
    breakEvenRate: Double?
  ) {
    self.breakEvenRate = breakEvenRate
    let profiles = understanding.profiles
    segment = profiles.segments[index]
    columns = profiles.columns
    means = profiles.means
    values = profiles.values
    self.forecast = forecast
    self.response = response
    let rows = profiles.labels.indices.filter { profiles.labels[$0] == index }
    scores = understanding.rfm.flatMap { rfm in
      rfm.typicalScores(rows).map { scores in
        let recency = ColumnSummary.median(rows.map { rfm.customers[$0].recencyDays })
        let orders = ColumnSummary.median(rows.map { Double(rfm.customers[$0].orders) })
        return (scores.r, scores.f, scores.m, recency, orders)
      }
    }
  }

  /// How many times as much a customer is worth as the mean of all; `nil` without values.
  var valueIndex: Double? {
    segment.valueShare.isFinite && segment.share > 0 ? segment.valueShare / segment.share : nil
  }

  /// Whether the campaign's response is clearly above or below that of all: its interval lies wholly beside.
  private var responseSide: Int {
    guard let response, let lift = response.lift, lift > 0 else { return 0 }
    let all = response.rate.rate / lift
    return response.rate.interval.lowerBound > all ? 1 : response.rate.interval.upperBound < all ? -1 : 0
  }

  var action: String {
    if let breakEvenRate, let response, response.rate.interval.upperBound < breakEvenRate {
      return "Leave out of campaigns like the last: a contact costs more than it brings; " + lowered(base)
    }
    if responseSide > 0 { return "Contact first in the next campaign; " + lowered(base) }
    return base
  }

  private func lowered(_ text: String) -> String { text.prefix(1).lowercased() + text.dropFirst() }

  private var base: String {
    if let scores { return byScores(r: scores.r, value: (scores.f + scores.m + 1) / 2, orders: scores.orders) }
    if let index = valueIndex {
      if index >= 1.25 { return "Keep and reward: early access, service first, a thank-you without discount" }
      if index <= 0.6 { return "Serve at low cost; try one bundle or entry offer to raise the basket" }
      return "Grow: offer what the best segment buys and this one does not yet"
    }
    return byMeansAndSpending
  }

  private func byScores(r: Int, value: Int, orders: Double) -> String {
    switch (r, value) {
    case (4..., 4...): return "Reward and keep: early access, thanks without discount, ask for referrals"
    case (4..., _) where orders <= 1: return "Win the second order: welcome series, an offer that ends within weeks"
    case (4..., _): return "Grow: cross-sell what the best customers buy, offer membership"
    case (3, 4...): return "Remind in time: news of what they buy, a reason to come back this month"
    case (3, _): return "Remind: a limited offer on what they bought"
    case (_, 4...): return "Win back now: a personal offer, and ask what went wrong"
    case (2, _): return "Reactivate: one offer with an end date, then rest"
    default: return "Let rest: one automated message, no discount, no paid contact"
    }
  }

  /// Where nothing is known of purchases: what customers could spend beside how much they do.
  private var byMeansAndSpending: String {
    let means = standing(["income", "salary", "wealth"])
    let spending = standing(["spend", "score", "purchase", "amount", "sales", "revenue"])
    switch (means, spending) {
    case (_, let spending?) where spending >= 0.5 && means ?? 0 >= 0.5:
      return "Reward and keep: premium lines, early access, no discount"
    case (_, let spending?) where spending >= 0.33:
      return "Keep with fitting prices: instalments, bundles, loyalty points"
    case (let means?, let spending?) where means >= 0.5 && spending <= -0.5:
      return "Find out what keeps them from buying (survey, service), then offer quality, not discounts"
    case (_, let spending?) where spending <= -0.33:
      return "Serve at low cost: essentials and clearance, no paid contact"
    case (_, _?): return "Grow: cross-sell step by step, measure what moves them"
    default:
      let phrases = SegmentNaming.phrases(columns, segment.standardised, segment.means, [])
      return phrases.first.map { "Try an offer made for `\($0)`, on a part of the segment first" }
        ?? "Keep as the base for comparison: nothing sets this segment apart"
    }
  }

  /// The standardised mean of the first column that one of some words is in.
  private func standing(_ words: [String]) -> Double? { column(words).map { segment.standardised[$0] } }

  private func column(_ words: [String]) -> Int? {
    columns.indices.first { index in
      segment.standardised[index].isFinite && words.contains { columns[index].lowercased().contains($0) }
    }
  }

  var reasons: [String] {
    var reasons = ["\(NumberText.count(segment.size)) customers (\(NumberText.percent(segment.share)))"]
    if let values, let index = valueIndex {
      let share = NumberText.percent(segment.valueShare)
      reasons.append(
        "\(share) of \(values.name), \(NumberText.fixed(index, index < 0.1 ? 2 : 1)) times the mean customer")
    }
    if let scores {
      reasons.append(
        "median \(NumberText.fixed(scores.recencyDays, 0)) days since the last purchase and "
          + "\(NumberText.short(scores.orders)) orders")
    } else if valueIndex == nil {
      let told = [["income", "salary"], ["spend", "score", "purchase", "amount"]].compactMap { column($0) }
      let other = columns.indices.filter { abs(segment.standardised[$0]) >= SegmentNaming.worthSaying }
        .max { abs(segment.standardised[$0]) < abs(segment.standardised[$1]) }
      for index in told.isEmpty ? [other].compactMap({ $0 }) : told {
        reasons.append(
          "mean \(columns[index]) \(NumberText.short(segment.means[index])) (all: \(NumberText.short(means[index])))")
      }
    }
    if let forecast, forecast.customerCount > 0 {
      var text = "\(NumberText.percent(forecast.meanAliveProbability, 0)) probably still buy"
      if let value = forecast.expectedValue {
        text += ", \(values?.text(value) ?? NumberText.fixed(value, 0)) expected ahead"
      }
      reasons.append(text)
    }
    if let response {
      let (low, high) = (response.rate.interval.lowerBound, response.rate.interval.upperBound)
      reasons.append(
        "\(NumberText.percent(response.rate.rate)) answered the campaign (95 %: \(NumberText.percent(low)) to "
          + "\(NumberText.percent(high)))")
    }
    return reasons
  }

  /// The channel that the segment uses more than others, or else one that costs what the segment is worth.
  var channel: (name: String, why: [String]) {
    let prefix = "Share of purchases: "
    let channels = columns.indices.filter { index in
      columns[index].hasPrefix(prefix) && !columns[index].lowercased().contains("deal")
        && segment.standardised[index].isFinite
    }
    if let best = channels.max(by: { segment.standardised[$0] < segment.standardised[$1] }) {
      let name = String(columns[best].dropFirst(prefix.count))
      let share = NumberText.percent(segment.means[best], 0)
      return (name, ["\(share) of its purchases by \(name) (all: \(NumberText.percent(means[best], 0)))"])
    }
    if let scores {
      let value = (scores.f + scores.m + 1) / 2
      if value >= 4 { return ("Personal: telephone or letter, then e-mail", []) }
      return scores.r == 1 ? ("Automated e-mail only", []) : ("E-mail and on-site messages", [])
    }
    guard let index = valueIndex else { return ("E-mail (the file tells of no channel)", []) }
    return index >= 1.25 ? ("Personal: telephone or letter, then e-mail", []) : ("E-mail", [])
  }
}
