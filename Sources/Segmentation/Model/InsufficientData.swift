/// Why there are not enough data for a model: none is guessed.
public enum InsufficientData: Sendable, Equatable {
  /// Fewer customers with a purchase than a fit needs.
  case customers(Int, needed: Int)
  /// Fewer different points among the sampled customers than there are segments.
  case points(Int, needed: Int, customers: Int)
  /// A feature with one value for all sampled customers.
  case constant(Feature, customers: Int)

  /// The numbers, in words.
  public var text: String {
    switch self {
    case .customers(let count, let needed): "insufficient data: \(count) of \(needed) customers with a purchase"
    case .points(let count, let needed, let customers):
      "insufficient data: \(customers) customers make \(count) different points, `model.k` needs \(needed)"
    case .constant(let feature, let customers):
      "insufficient data: the feature `\(feature.rawValue)` has one value for all \(customers) customers; "
        + "it tells them apart later, or take it out of `model.features`"
    }
  }

  /// Whether another says the same of other numbers.
  package func isLike(_ other: InsufficientData?) -> Bool {
    switch (self, other) {
    case (.customers, .customers), (.points, .points): true
    case (.constant(let own, _), .constant(let its, _)): own == its
    default: false
    }
  }
}

extension SegmentationSettings {
  /// Customers with a purchase that any fit needs, at the end of a replay too: two for each segment, or for each of
  /// the five scores; one where all cuts are fixed.
  package var leastFitCustomers: Int {
    switch kind {
    case .kmeans: 2 * kMost
    case .rules: cuts.areComplete ? 1 : 2 * Scores.count
    }
  }

  /// Customers with a purchase that the first fit of a stream waits for; one for rules whose cuts are all fixed.
  public var firstFitCustomers: Int {
    switch kind {
    case .kmeans: max(200, 50 * kMost)
    case .rules: cuts.areComplete ? 1 : 50 * Scores.count
    }
  }

  /// A feature's values are one where they differ by less than rounding makes of it.
  private static let constantMax = 1e-6

  /// What a sample lacks for a fit; `nil` where nothing is lacking.
  package func lack(of sample: CustomerSample) -> InsufficientData? {
    guard sample.customers >= leastFitCustomers else {
      return .customers(sample.customers, needed: leastFitCustomers)
    }
    if kind == .rules { return nil }
    for (index, weighted) in features.enumerated() {
      let values = sample.entries.lazy.map { $0.features[index] }
      guard let least = values.min(), let most = values.max() else { continue }
      if most - least <= Self.constantMax { return .constant(weighted.feature, customers: sample.customers) }
    }
    let scaler = Model.Scaler(sample: sample, features: features)
    let needed = kIsAuto ? KChoice.tried.lowerBound : k
    var points: Set<[Double]> = []
    for entry in sample.entries {
      points.insert(scaler.scaled(entry.features, count: features.count))
      if points.count == needed { return nil }
    }
    return .points(points.count, needed: needed, customers: sample.customers)
  }
}
