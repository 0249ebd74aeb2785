/// When a customer moves, as models record it: the rules that the changes under a model were published by.
public struct Hysteresis: Sendable, Equatable {
  /// How much nearer another centroid must be: 1 − distance/previous distance.
  public var margin: Double
  /// The same for going back to the segment left last.
  public var returnMargin: Double
  /// How long the return margin holds, in ms of the clock.
  public var returnMs: Int64
  /// How long the condition to move must hold, in ms of the clock.
  public var dwellMs: Int64

  /// The rules of the settings.
  public init(_ settings: SegmentationSettings) {
    margin = settings.margin
    returnMargin = settings.returnMargin
    returnMs = settings.returnMs
    dwellMs = settings.dwellMs
  }

  /// Makes rules.
  package init(margin: Double, returnMargin: Double, returnMs: Int64, dwellMs: Int64) {
    self.margin = margin
    self.returnMargin = returnMargin
    self.returnMs = returnMs
    self.dwellMs = dwellMs
  }
}

extension TrainerMemory {
  /// In what the model of this memory differs from what the settings ask for, one sentence a difference; none where
  /// the settings can go on with the model as it is.
  package func differences(from settings: SegmentationSettings) -> [String] {
    var differences: [String] = []
    if !settings.kIsAuto && k != settings.k { differences.append("it has \(k) segments, `model.k` says \(settings.k)") }
    if features != settings.features {
      differences.append(
        "its features are \(Self.text(features)), `model.features` says \(Self.text(settings.features))")
    }
    if halfLifeDays != settings.halfLifeDays {
      differences.append("its half-life is \(halfLifeDays) days, `model.half_life_days` says \(settings.halfLifeDays)")
    }
    if let digits = currencyDigits, settings.currency.code != nil, digits != settings.currency.digits {
      differences.append(
        "its amounts have \(digits) decimals, those of \(settings.currency.code ?? "") have "
          + "\(settings.currency.digits)")
    }
    return differences
  }

  /// Features with their weights, `recency=1.0, orders=0.5`.
  private static func text(_ features: [WeightedFeature]) -> String {
    "`" + features.map { "\($0.feature.rawValue)=\($0.weight)" }.joined(separator: ",") + "`"
  }
}
