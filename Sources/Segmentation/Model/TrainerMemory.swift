/// What a trainer must remember besides its model to go on after a restart as if it had never stopped.
public struct TrainerMemory: Sendable, Equatable {
  /// Customers with a purchase at the last fit; 0 before the first.
  public var fittedCustomers = 0
  /// How far the clock had come at the last fit since its start, in ms.
  public var fittedSpanMs: Int64 = 0
  /// Where the clock began, in ms since 1970; `nil` before it was known.
  public var startMs: Int64?
  /// The highest segment number that was ever used; 0 before the first.
  public var lastSegmentNumber = 0
  /// The number of the last contest; 0 before the first.
  public var contest = 0
  /// How many contests running a challenger has won.
  public var streak = 0
  /// How many generations challengers have founded.
  public var founded = 0
  /// The customers of the last fit; `nil` before the first, and of a model that does not say.
  public var reference: ModelReference?
  /// The clock of the newest version, ms since 1970; `nil` where it is not known.
  public var versionMs: Int64?
  /// The number of clusters of the last fit, or before it of the settings.
  public var k: Int
  /// Whether the last fit chose that number by itself.
  public var kIsAuto = false
  /// The features and weights of the last fit, or before it of the settings.
  public var features: [WeightedFeature]
  /// The half-life of the last fit, or before it of the settings, in days.
  public var halfLifeDays: Double
  /// The digits of the minor unit that amounts were in; `nil` where that is not known.
  public var currencyDigits: Int?
  /// The rules by which customers move; `nil` where they are not known.
  public var hysteresis: Hysteresis?

  /// The memory of a trainer that has made no model yet.
  public init(_ settings: SegmentationSettings) {
    k = settings.k
    kIsAuto = settings.kIsAuto
    features = settings.features
    halfLifeDays = settings.halfLifeDays
    noteSettings(settings)
  }

  /// Takes over what holds at once, without a fit.
  mutating func noteSettings(_ settings: SegmentationSettings) {
    currencyDigits = settings.currency.digits
    hysteresis = Hysteresis(settings)
  }

  /// Makes the memory of a fit of `k` clusters with these features; the rest is to be set.
  package init(k: Int, features: [WeightedFeature], halfLifeDays: Double) {
    self.k = k
    self.features = features
    self.halfLifeDays = halfLifeDays
  }

  /// Whether the last fit was made with these settings, as far as a model depends on them.
  func fits(_ settings: SegmentationSettings) -> Bool {
    (settings.kIsAuto ? kIsAuto : k == settings.k) && features == settings.features
      && halfLifeDays == settings.halfLifeDays
  }
}
