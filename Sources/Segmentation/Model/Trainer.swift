/// Makes models: the first fit, refits at doublings, challengers that won, and versions whose centroids follow the
/// sums.
///
/// It is a deterministic function of its settings and of what it is given.
public struct Trainer: Sendable {
  let settings: SegmentationSettings
  /// What it remembers besides the newest model.
  public internal(set) var memory: TrainerMemory
  /// The newest model; `nil` before the first fit.
  public internal(set) var model: Model?
  /// What the last fit weighed to choose its number of clusters; `nil` before a fit, and where the settings say it.
  public private(set) var kChoice: KChoice?
  /// Whether the model differs from the last version in more than the next one may carry by the way.
  var owesVersion = false

  /// Restarts of a fit.
  package static let restarts = 10
  /// A centroid stands while the mean is nearer than this, in standard deviations.
  static let movedMin = 0.01
  /// Spans of the clock below it count as it, so that the first minutes are not refitted again and again.
  static let spanMsMin: Int64 = 3_600_000
  /// Refits end when the clock has spanned this many half-lives.
  static let refitHalfLives = 4.0

  /// Makes a trainer without a model.
  public init(settings: SegmentationSettings) {
    self.settings = settings
    memory = TrainerMemory(settings)
  }

  /// Makes a trainer that goes on where another stopped, with its newest model and its memory.
  ///
  /// Where the settings are not those of the model a fit is due at once.
  public init(settings: SegmentationSettings, model: Model, memory: TrainerMemory) {
    self.settings = settings
    self.model = model
    self.memory = memory
    let last = max(model.lastSegmentNumber, memory.lastSegmentNumber)
    self.model?.lastSegmentNumber = last
    self.memory.lastSegmentNumber = last
    self.memory.noteSettings(settings)
    takeOverNames()
  }

  /// Whether the model is of another kind or table of rules than the settings', or was fitted with another `k`,
  /// half-life, or other features or weights.
  public var isOutdated: Bool {
    guard let model else { return false }
    if model.kind != settings.kind { return true }
    return model.kind == .rules ? model.rules != settings.rules : !memory.fits(settings)
  }

  /// Whether a fit is due with so many customers with a purchase and the clock at `clockMs`.
  ///
  /// `clockStartMs` is where the clock began; without it that is where the first call finds the clock.
  public mutating func needsFit(customers: Int, clockMs: Int64, startMs clockStartMs: Int64? = nil) -> Bool {
    let start = min(memory.startMs ?? clockMs, clockStartMs ?? clockMs)
    memory.startMs = start
    if settings.isFrozen { return false }
    if model == nil { return customers >= settings.firstFitCustomers }
    if isOutdated { return customers >= settings.leastFitCustomers }
    if settings.kind == .rules { return false }
    if Double(memory.fittedSpanMs) > Self.refitHalfLives * settings.halfLifeMs { return false }
    return customers >= 2 * memory.fittedCustomers
      || clockMs - start >= 2 * max(memory.fittedSpanMs, Self.spanMsMin)
  }

  /// Fits a new generation to a sample of at least `k` customers at a clock and returns it.
  public mutating func fit(_ sample: CustomerSample, clockMs: Int64) -> Model {
    if settings.kind == .rules { return establishRules(sample, clockMs: clockMs) }
    var sample = sample
    sample.trim()
    let generation = (model?.generation ?? 0) + 1
    let scaler = Model.Scaler(sample: sample, features: settings.features)
    let count = settings.features.count
    let points = scaler.points(of: sample)
    let kMeans = KMeans(points: points, features: count)
    var random = SplitMix64(seed: settings.seed &* 0x2545_f491_4f6c_dd1d &+ UInt64(generation))
    let fit: KMeans.Fit
    if settings.kIsAuto {
      let present = model != nil && memory.kIsAuto ? memory.k : nil
      let (best, choice) = kMeans.fitChoosingK(
        points: points, features: count, generation: generation, present: present, restarts: Self.restarts,
        random: &random)
      (fit, kChoice) = (best, choice)
    } else {
      (fit, kChoice) = (kMeans.fit(k: settings.k, restarts: Self.restarts, random: &random), nil)
    }
    return found(
      Clustering(scaler: scaler, flat: fit.centroids, features: count), on: sample, clockMs: clockMs, isRefit: true)
  }

  /// Makes a clustering of a sample the model of a new generation.
  mutating func found(
    _ clustering: Clustering, on sample: CustomerSample, clockMs: Int64, isRefit: Bool
  ) -> Model {
    let features = settings.features.map(\.feature)
    let cuts = settings.cuts(of: sample.histograms, after: nil)
    let before = model.flatMap { $0.features == features ? $0 : nil }
    let (clusters, sizes) = SegmentIdentity.Cluster.all(clustering, of: sample, cuts: cuts, previous: before)
    var identity = SegmentIdentity(previous: model, features: features, names: settings.names)
    let segments = identity.segments(clusters, sizes: sizes, tellsTruth: isRefit, table: settings.rules)
    let founded = Model(
      generation: (model?.generation ?? 0) + 1, version: (model?.version ?? 0) + 1, features: features,
      scaler: clustering.scaler, segments: segments, cuts: cuts, lastSegmentNumber: identity.lastNumber,
      retired: Self.retired(by: segments, after: model), rules: settings.rules)
    model = founded
    remember(sample, clockMs: clockMs, lastNumber: identity.lastNumber)
    memory.k = segments.count
    memory.reference = ModelReference(sample, model: founded, clockMs: clockMs)
    return founded
  }

  /// Remembers of a fit what the next needs.
  mutating func remember(_ sample: CustomerSample, clockMs: Int64, lastNumber: Int) {
    let (startMs, contest, founded) = (memory.startMs, memory.contest, memory.founded)
    memory = TrainerMemory(settings)
    memory.fittedCustomers = sample.customers
    memory.fittedSpanMs = clockMs - (startMs ?? clockMs)
    memory.startMs = startMs
    memory.contest = contest
    memory.founded = founded
    memory.lastSegmentNumber = lastNumber
    owesVersion = false
    memory.versionMs = clockMs
  }

  /// Remembers the clock at which the newest version was made.
  package mutating func mark(versionMs: Int64?) { memory.versionMs = versionMs }

  /// Gives a fit that ran while other versions were made a version after theirs.
  package mutating func advanceVersion(past version: Int) {
    if let own = model?.version { model?.version = max(own, version + 1) }
  }

  /// Moves centroids to the means of the sums, once every partition has swept in the generation: those that are 0.01 sd
  /// and their standard error or more away, or all with `force`.
  ///
  /// Returns a new version, also when the settings named cells or cuts anew, or `nil` where nothing has moved. What
  /// moves less is noise of so few customers: to follow it would relabel some at the borders, and gains at most the
  /// part k / customers of the inertia. With rules see `updateRules`.
  public mutating func update(_ statistics: PartitionStatistics, force: Bool = false) -> Model? {
    if model?.kind == .rules { return updateRules(force: force) }
    guard !settings.isFrozen, var next = model, statistics.generation == next.generation, statistics.isWarm else {
      return nil
    }
    var hasMoved = force || owesVersion
    for cluster in next.segments.indices {
      guard let mean = statistics.centroid(cluster, features: next.features.count) else { continue }
      let least = max(Self.movedMin * Self.movedMin, statistics.squaredError(cluster, mean: mean))
      guard force || squaredDistance(mean, next.segments[cluster].centroid) >= least else { continue }
      next.segments[cluster].centroid = mean
      hasMoved = true
    }
    guard hasMoved else { return nil }
    next.version += 1
    owesVersion = false
    model = next
    return next
  }

  /// The segments that were ever used and are not among `segments`, by number.
  static func retired(by segments: [Model.Segment], after previous: Model?) -> [Model.RetiredSegment] {
    guard let previous else { return [] }
    let kept = Set(segments.map(\.number))
    let left = previous.segments.filter { !kept.contains($0.number) }
    return (previous.retired + left.map { Model.RetiredSegment(number: $0.number, name: $0.name) })
      .sorted { $0.number < $1.number }
  }
}

/// The squared Euclidean distance of two points.
func squaredDistance(_ a: [Double], _ b: [Double]) -> Double {
  var sum = 0.0
  for index in a.indices { sum += (a[index] - b[index]) * (a[index] - b[index]) }
  return sum
}

extension Model.Scaler {
  /// Quantiles at which values are winsorised.
  static let winsorShare = 0.005
  /// No standard deviation is taken below it.
  static let sdMin = 0.05
  /// Scaled values are clamped to ± this.
  static let scaledMax = 8.0

  /// The scaler of a sample: linear-interpolated quantiles, mean and population standard deviation between them.
  init(sample: CustomerSample, features: [WeightedFeature]) {
    self.init(mean: [], sd: [], lower: [], upper: [])
    for (index, feature) in features.enumerated() {
      let values = sample.entries.map { $0.features[index] }.sorted()
      let low = Self.quantile(values, Self.winsorShare)
      let high = Self.quantile(values, 1 - Self.winsorShare)
      let kept = values.map { min(max($0, low), high) }
      let average = kept.reduce(0, +) / Double(kept.count)
      let variance = kept.reduce(0) { $0 + ($1 - average) * ($1 - average) } / Double(kept.count)
      lower.append(low)
      upper.append(high)
      mean.append(average)
      sd.append(max(variance.squareRoot(), Self.sdMin) / feature.weight)
      clamp.append(Self.scaledMax * feature.weight)
    }
  }

  private static func quantile(_ sorted: [Double], _ share: Double) -> Double {
    let position = share * Double(sorted.count - 1)
    let below = Int(position)
    let above = min(below + 1, sorted.count - 1)
    return sorted[below] + (sorted[above] - sorted[below]) * (position - Double(below))
  }

  /// The sampled customers as the model sees them, one after the other.
  func points(of sample: CustomerSample) -> [Double] {
    sample.entries.flatMap { scaled($0.features, count: mean.count) }
  }

  /// Raw features as the model sees them.
  func scaled(_ raw: FeatureVector, count: Int) -> [Double] {
    (0..<count).map { index in
      let value = min(max(raw[index], lower[index]), upper[index])
      return min(max((value - mean[index]) * (1 / sd[index]), -clamp(index)), clamp(index))
    }
  }
}
