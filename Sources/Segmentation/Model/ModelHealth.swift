/// How a model fits the customers of the last complete sweep: what drifts, what is held back, and how old it is.
public struct ModelHealth: Sendable, Equatable {
  /// A feature, against the customers that the generation was fitted to.
  public struct FeatureDrift: Sendable, Equatable {
    /// Which.
    public var feature: Feature
    /// The population stability index of its scaled value; `nil` where the model does not say what it was fitted to.
    public var stability: Double?
    /// Customers outside the winsor bounds.
    public var outside: Int

    /// Makes one.
    package init(feature: Feature, stability: Double?, outside: Int) {
      self.feature = feature
      self.stability = stability
      self.outside = outside
    }
  }

  /// A segment's customers.
  public struct Occupancy: Sendable, Equatable {
    /// Its id, `s3`.
    public var id: String
    /// Its name.
    public var name: String
    /// Customers who are in it, as published.
    public var customers: Int
    /// Customers whose nearest centroid is its.
    public var nearest: Int

    /// Makes one.
    package init(id: String, name: String, customers: Int, nearest: Int) {
      self.id = id
      self.name = name
      self.customers = customers
      self.nearest = nearest
    }
  }

  /// Quantiles of 1 − distance / distance to the second nearest centroid: near 0 a customer lies between two segments.
  public struct Margins: Sendable, Equatable {
    /// The tenth percentile.
    public var low: Double
    /// The median.
    public var median: Double
    /// The ninetieth percentile.
    public var high: Double

    /// Makes them.
    package init(low: Double, median: Double, high: Double) {
      self.low = low
      self.median = median
      self.high = high
    }
  }

  /// The model's generation.
  public var generation: Int
  /// The model's version.
  public var version: Int
  /// The number of the sweep, in which every partition has completed a walk.
  public var sweep: Int
  /// The complete walks of each partition; 0 of one without customers.
  public var walks: [Int]
  /// Customers that the sweep has seen.
  public var customers: Int
  /// The newest clock of the partitions, ms since 1970; `nil` where it is not known.
  public var clockMs: Int64?
  /// The clock of the fit, ms since 1970; `nil` where the model does not say.
  public var fittedMs: Int64?
  /// The clock of the newest version, ms since 1970; `nil` where the model does not say.
  public var versionMs: Int64?
  /// By feature, in the model's order.
  public var features: [FeatureDrift]
  /// The mean squared distance to the nearest centroid, before a customer was learned; `nil` without customers.
  public var inertia: Double?
  /// The same of the sample that the generation was fitted to; `nil` where the model does not say.
  public var fittedInertia: Double?
  /// Contests running that a challenger has won.
  public var streak: Int
  /// Generations that challengers have founded.
  public var founded: Int
  /// By segment, in the model's order.
  public var segments: [Occupancy]
  /// How clearly customers belong to their nearest segment; `nil` without customers.
  public var margins: Margins?
  /// Customers whose nearest cluster is not their segment's, in the order of `HeldBack.allCases`.
  public var held: [Int]
  /// Candidates of a dwell that became published.
  public var promotions: Int
  /// Changes by reason, in the order of `ChangeReason.allCases`.
  public var changes: [Int]

  /// Makes one of its parts.
  package init(
    generation: Int, version: Int, sweep: Int, walks: [Int], customers: Int, clockMs: Int64?, fittedMs: Int64?,
    versionMs: Int64?,
    features: [FeatureDrift], inertia: Double?, fittedInertia: Double?, streak: Int, founded: Int,
    segments: [Occupancy], margins: Margins?, held: [Int], promotions: Int, changes: [Int]
  ) {
    self.generation = generation
    self.version = version
    self.sweep = sweep
    self.walks = walks
    self.customers = customers
    self.clockMs = clockMs
    self.fittedMs = fittedMs
    self.versionMs = versionMs
    self.features = features
    self.inertia = inertia
    self.fittedInertia = fittedInertia
    self.streak = streak
    self.founded = founded
    self.segments = segments
    self.margins = margins
    self.held = held
    self.promotions = promotions
    self.changes = changes
  }

  /// At this population stability index a population has shifted.
  public static let shiftedMin = 0.25
  /// At this one it has moved.
  public static let movedMin = 0.1
  /// With a larger share of the customers outside its bounds a scaler is stale.
  public static let outsideMax = 0.05

  /// The ratio of the inertia to that of the fit; `nil` where one is not known.
  public var inertiaRatio: Double? {
    guard let inertia, let fittedInertia, fittedInertia > 0 else { return nil }
    return inertia / fittedInertia
  }

  /// How long ago, by the clock, something was; `nil` where one is not known.
  package func ageMs(of timeMs: Int64?) -> Int64? {
    guard let timeMs, let clockMs else { return nil }
    return clockMs - timeMs
  }

  /// The share of the customers outside a feature's bounds.
  public func outsideShare(_ drift: FeatureDrift) -> Double {
    customers > 0 ? Double(drift.outside) / Double(customers) : 0
  }
}

extension ModelHealth {
  /// Reads the counts of a sweep, of all partitions together, under the model that they were counted with.
  package init(
    _ watch: ModelWatch, sweep: Int, walks: [Int], model: Model, memory: TrainerMemory, clockMs: Int64?
  ) {
    let reference = memory.reference
    let total = Int(watch.customers)
    generation = model.generation
    version = model.version
    self.sweep = sweep
    self.walks = walks
    customers = total
    self.clockMs = clockMs
    fittedMs = reference?.clockMs
    versionMs = memory.versionMs
    let count = ModelWatch.binCount
    features = model.features.enumerated().map { index, feature in
      let range = index * count..<(index + 1) * count
      let stability = reference.flatMap { reference in
        reference.bins.count == watch.bins.count
          ? populationStability(reference: reference.bins[range], present: watch.bins[range]) : nil
      }
      return FeatureDrift(feature: feature, stability: stability, outside: Int(watch.outside[index]))
    }
    inertia = total > 0 ? Double(watch.inertia) * PartitionStatistics.unit / Double(total) : nil
    fittedInertia = reference?.inertia
    streak = memory.streak
    founded = memory.founded
    segments = model.segments.enumerated().map { cluster, segment in
      Occupancy(
        id: segment.id, name: segment.name, customers: Int(watch.published[cluster]),
        nearest: Int(watch.nearest[cluster]))
    }
    margins = Margins(watch.margins)
    held = watch.held.map { Int($0) }
    promotions = Int(watch.promotions)
    changes = watch.changes.map { Int($0) }
  }
}

extension ModelHealth.Margins {
  /// Quantiles of a histogram of margins, as if they were spread evenly in each bin.
  init?(_ counts: [Int64]) {
    let total = counts.reduce(0, &+)
    guard total > 0 else { return nil }
    func quantile(_ share: Double) -> Double {
      let wanted = share * Double(total)
      var seen = 0.0
      for (bin, count) in counts.enumerated() where count > 0 {
        if seen + Double(count) >= wanted {
          return (Double(bin) + (wanted - seen) / Double(count)) / Double(counts.count)
        }
        seen += Double(count)
      }
      return 1
    }
    self.init(low: quantile(0.1), median: quantile(0.5), high: quantile(0.9))
  }
}
