/// The five sentences with numbers at the head of a report: what a reader takes along who reads nothing else.
public struct FiveSentences: Equatable, Sendable {
  /// Five sentences, in the order of their weight; fewer only where the input tells no more.
  public let sentences: [String]

  /// How many there are.
  static let count = 5

  /// Says what matters most of what was found: five of the sentences that the results allow, the weightiest first.
  public init(
    _ understanding: CustomerUnderstanding, clusters: ClusteringComparison? = nil, forecast: ValueForecast? = nil,
    campaign: CampaignResponse? = nil, baskets: BasketAnalysis? = nil
  ) {
    let all: [String?] = [
      Self.segments(understanding, clusters),
      Self.value(understanding),
      Self.concentration(understanding),
      forecast.flatMap { Self.forecast($0, understanding.profiles.values) },
      campaign.flatMap(Self.campaign),
      Self.risk(understanding),
      Self.retention(understanding),
      baskets.flatMap(Self.basket),
      Self.distinct(understanding),
      Self.smallest(understanding),
      Self.rule(understanding),
      Self.quality(clusters),
      Self.noise(understanding),
      Self.columns(understanding),
    ]
    sentences = Array(all.compactMap { $0 }.prefix(Self.count))
  }

  /// The part of the report that they are.
  public func section() -> ReportSection {
    ReportSection(id: "in-five-sentences", title: "In five sentences", blocks: [.list(sentences)])
  }

  private static func segments(_ understanding: CustomerUnderstanding, _ clusters: ClusteringComparison?) -> String? {
    let profiles = understanding.profiles
    guard let largest = profiles.segments.max(by: { $0.size < $1.size }) else {
      return "\(NumberText.count(profiles.customerCount)) customers form no segments."
    }
    let by = clusters.map { " by \($0.chosen.algorithm.rawValue)" } ?? ""
    return "\(NumberText.count(profiles.customerCount)) customers fall into \(profiles.segments.count) "
      + "\(profiles.segments.count == 1 ? "segment" : "segments")\(by); the largest, “\(largest.name)”, has "
      + "\(NumberText.percent(largest.share)) of them."
  }

  private static func value(_ understanding: CustomerUnderstanding) -> String? {
    let profiles = understanding.profiles
    let valued = profiles.segments.filter { $0.valueShare.isFinite && $0.size > 0 }
    guard let values = profiles.values, valued.count > 1,
      let best = valued.max(by: { $0.valueShare / $0.share < $1.valueShare / $1.share })
    else { return nil }
    return "“\(best.name)” is \(NumberText.percent(best.share)) of customers and brings "
      + "\(NumberText.percent(best.valueShare)) of \(values.name), "
      + "\(values.text(best.value / Double(best.size))) a customer against "
      + "\(values.text(values.total / Double(max(1, profiles.customerCount)))) of all."
  }

  private static func concentration(_ understanding: CustomerUnderstanding) -> String? {
    guard let concentration = understanding.concentration, let values = understanding.profiles.values else {
      return nil
    }
    return "The best tenth, \(NumberText.count(concentration.topCount)) customers, brings "
      + "\(NumberText.percent(concentration.topShare)) of \(values.name)."
  }

  private static func forecast(_ forecast: ValueForecast, _ values: CustomerValues?) -> String? {
    let alive = forecast.customers.compactMap { $0?.aliveProbability }
    guard !alive.isEmpty else { return nil }
    let purchases = forecast.customers.reduce(0) { $0 + ($1?.expectedPurchases ?? 0) }
    let worth = forecast.customers.compactMap { $0?.expectedValue }.reduce(0, +)
    let days = NumberText.fixed(forecast.horizonWeeks * 7, 0)
    let money = worth > 0 ? " worth \(values?.text(worth) ?? NumberText.fixed(worth, 0))" : ""
    return "In the next \(days) days about \(NumberText.fixed(purchases, 0)) purchases\(money) are expected; "
      + "\(NumberText.percent(alive.reduce(0, +) / Double(alive.count), 0)) of customers probably still buy."
  }

  private static func campaign(_ campaign: CampaignResponse) -> String? {
    let rated = campaign.segments.filter { $0.rate.contactCount > 0 }
    guard let best = rated.max(by: { $0.rate.rate < $1.rate.rate }), campaign.all.responseCount > 0 else { return nil }
    return
      "\(NumberText.percent(campaign.all.rate)) of \(NumberText.count(campaign.all.contactCount)) customers answered "
      + "the campaign, most of all “\(best.name)” with \(NumberText.percent(best.rate.rate))."
  }

  private static func risk(_ understanding: CustomerUnderstanding) -> String? {
    guard let rfm = understanding.rfm, !rfm.customers.isEmpty else { return nil }
    let silent = rfm.customers.filter { $0.r <= 2 && ($0.f + $0.m + 1) / 2 >= 4 }
    let total = rfm.customers.reduce(0) { $0 + max(0, $1.value) }
    guard !silent.isEmpty, total > 0 else { return nil }
    let value = silent.reduce(0) { $0 + max(0, $1.value) }
    return "\(NumberText.count(silent.count)) good customers have long been silent; they brought "
      + "\(NumberText.percent(value / total)) of the value."
  }

  private static func retention(_ understanding: CustomerUnderstanding) -> String? {
    guard let cohorts = understanding.cohorts, let next = cohorts.overall.first, next.isFinite else { return nil }
    return
      "\(NumberText.percent(next)) of new customers buy again in the \(cohorts.period.rawValue) after their first one."
  }

  private static func basket(_ baskets: BasketAnalysis) -> String? {
    guard let rule = baskets.all.rules.first else { return nil }
    func names(_ items: [Int32]) -> String {
      items.map { baskets.itemNames.indices.contains(Int($0)) ? baskets.itemNames[Int($0)] : "item \($0)" }
        .joined(separator: " and ")
    }
    return "Who buys \(names(rule.antecedent)) buys \(names(rule.consequent)), too, in "
      + "\(NumberText.percent(rule.confidence)) of the baskets, \(NumberText.fixed(rule.lift, 1)) times as often as "
      + "by chance."
  }

  /// The segment and the column that lie farthest apart from all.
  private static func distinct(_ understanding: CustomerUnderstanding) -> String? {
    let profiles = understanding.profiles
    var best: (segment: SegmentProfile, column: Int, distance: Double)?
    for segment in profiles.segments {
      for column in profiles.columns.indices {
        let distance = abs(segment.standardised[column])
        if distance.isFinite && distance > best?.distance ?? SegmentNaming.worthSaying {
          best = (segment, column, distance)
        }
      }
    }
    guard let best else { return nil }
    return "“\(best.segment.name)” stands out most by \(profiles.columns[best.column]): "
      + "\(NumberText.short(best.segment.means[best.column])) on average against "
      + "\(NumberText.short(profiles.means[best.column])) of all."
  }

  private static func smallest(_ understanding: CustomerUnderstanding) -> String? {
    let segments = understanding.profiles.segments
    guard segments.count > 1, let least = segments.min(by: { $0.size < $1.size }) else { return nil }
    return "The smallest segment, “\(least.name)”, has \(NumberText.count(least.size)) customers "
      + "(\(NumberText.percent(least.share)))."
  }

  private static func rule(_ understanding: CustomerUnderstanding) -> String? {
    let told = understanding.profiles.segments.filter { !$0.rule.conditions.isEmpty }
    guard let best = told.max(by: { $0.rule.coverage * $0.rule.precision < $1.rule.coverage * $1.rule.precision })
    else {
      return nil
    }
    return
      "“\(best.name)” can be found by hand: \(best.rule.text) covers \(NumberText.percent(best.rule.coverage)) of it "
      + "and is right in \(NumberText.percent(best.rule.precision))."
  }

  private static func noise(_ understanding: CustomerUnderstanding) -> String? {
    let profiles = understanding.profiles
    guard profiles.noiseCount > 0 else { return nil }
    let share = NumberText.percent(Double(profiles.noiseCount) / Double(profiles.customerCount))
    return "\(NumberText.count(profiles.noiseCount)) customers (\(share)) are in no segment."
  }

  private static func columns(_ understanding: CustomerUnderstanding) -> String {
    let profiles = understanding.profiles
    return "Segments are made of \(profiles.clusteredCount) columns and described by \(profiles.columns.count)."
  }

  private static func quality(_ clusters: ClusteringComparison?) -> String? {
    guard let silhouette = clusters?.chosen.silhouette else { return nil }
    return
      "The mean silhouette is \(NumberText.fixed(silhouette, 2)), where 1 is clearly apart and 0 is no border."
  }
}
