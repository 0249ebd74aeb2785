/// What the core must know; everything has the default that the README states.
public struct SegmentationSettings: Sendable, Equatable {
  /// What decides for a customer's segment.
  public var kind = SegmentKind.kmeans
  /// The names of the cells of R, F and M; with rules they are the segments.
  public var rules = RuleTable.standard
  /// The cuts of the scores that are fixed.
  public var cuts = FixedCuts()
  /// The number of segments, 2 to 64.
  public var k = 6
  /// Whether each fit chooses the number of segments, 2 to 10; then `k` says nothing.
  public var kIsAuto = false
  /// The days after which a purchase weighs half.
  public var halfLifeDays = 90.0
  /// The features and their weights, 1 to 8 of them.
  public var features = WeightedFeature.defaults
  /// The money that amounts are in.
  public var currency = Currency(code: nil)
  /// How many recent transaction ids of a customer are remembered: 6 bytes each.
  public var transactionWindow = 8
  /// How many recent orders of a customer are remembered: 32 bytes each.
  public var orderWindow = 2
  /// How much nearer another centroid must be before a customer moves: 1 − distance/previous distance.
  public var margin = 0.20
  /// The margin for going back to the segment left last.
  public var returnMargin = 0.30
  /// How long the return margin holds, in ms of the clock.
  public var returnMs: Int64 = 7 * msPerDay
  /// How long the condition to move must hold, in ms of the clock.
  public var dwellMs: Int64 = 0
  /// Names that replace those of the cells, by segment id (`s3`); distinct, and none of the cells' own.
  public var names: [String: String] = [:]
  /// Whether the trainer keeps the model that it has: it never fits and never moves a centroid or a cut.
  public var isFrozen = false
  /// The seed of every random choice.
  public var seed: UInt64 = 1

  /// The default settings.
  public init() {}

  /// The half-life in ms.
  var halfLifeMs: Double { halfLifeDays * Double(msPerDay) }

  /// The most clusters that a fit can make.
  package var kMost: Int { kIsAuto ? KChoice.tried.upperBound : k }

  /// What is wrong with the settings, in words; `nil` when they can be used.
  public var problem: String? {
    if !(2...64).contains(k) { return "k is `\(k)`; it must be 2 to 64" }
    if !(halfLifeDays > 0 && halfLifeDays.isFinite) {
      return "the half-life is `\(halfLifeDays)` days; it must be above 0"
    }
    if !(1...FeatureVector.countMax).contains(features.count) {
      return "there are \(features.count) features; 1 to \(FeatureVector.countMax) are possible"
    }
    if Set(features.map(\.feature)).count != features.count { return "a feature is listed twice" }
    if let bad = features.first(where: { !($0.weight > 0 && $0.weight <= 8) }) {
      return "the weight of \(bad.feature.rawValue) is `\(bad.weight)`; it must be above 0 and at most 8"
    }
    if !(0...64).contains(transactionWindow) { return "the transaction window is `\(transactionWindow)`; 0 to 64" }
    if !(0...16).contains(orderWindow) { return "the order window is `\(orderWindow)`; 0 to 16" }
    if !(0..<1).contains(margin) || !(0..<1).contains(returnMargin) { return "a margin must be 0 or more and below 1" }
    if let bad = names.values.first(where: rules.names.contains) {
      return "the name `\(bad)` is that of a cell, which another segment may bear; choose one of your own"
    }
    if kind == .rules, !names.isEmpty {
      return "`model.names` names clusters; with `segments: rules` the rule table names the segments"
    }
    if !cuts.areValid { return "fixed cuts are four ascending numbers each" }
    if Set(names.values).count != names.count { return "two segments are given the same name" }
    if returnMs < 0 || dwellMs < 0 { return "a time must not be negative" }
    return nil
  }
}

/// The ms of a day.
let msPerDay: Int64 = 86_400_000
