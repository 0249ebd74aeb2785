/// What assigns customers to segments: a scaler, centroids, score cuts and names.
public struct Model: Sendable, Equatable {
  /// How raw features become coordinates: winsorised, standardised, clamped to ±8, weighted.
  public struct Scaler: Sendable, Equatable {
    /// Subtracted, one value a feature.
    public var mean: [Double]
    /// Divided by; the feature's weight is part of it.
    public var sd: [Double]
    /// The 0.5 % quantile: smaller values count as it.
    public var lower: [Double]
    /// The 99.5 % quantile: larger values count as it.
    public var upper: [Double]
    /// Scaled values are clamped to ± this: 8 times the feature's weight; 8 where it is not said.
    public var clamp: [Double]

    /// Makes a scaler; all lists have one value a feature, but `clamp` may be empty.
    package init(mean: [Double], sd: [Double], lower: [Double], upper: [Double], clamp: [Double] = []) {
      self.mean = mean
      self.sd = sd
      self.lower = lower
      self.upper = upper
      self.clamp = clamp
    }

    /// The clamp of a feature.
    func clamp(_ index: Int) -> Double { index < clamp.count ? clamp[index] : Self.scaledMax }
  }

  /// A cluster as people know it.
  public struct Segment: Sendable, Equatable {
    /// 1 and up; never used again. Its id is `s` and this number.
    public var number: Int
    /// Unique, and fixed for the life of the id.
    public var name: String
    /// The cell of its typical scores at its birth.
    public var cell: String
    /// The coordinates of its centre, in the scaled space.
    public var centroid: [Double]
    /// The stable id, `s3`.
    public var id: String { "s\(number)" }

    /// Makes one.
    package init(number: Int, name: String, cell: String, centroid: [Double]) {
      self.number = number
      self.name = name
      self.cell = cell
      self.centroid = centroid
    }
  }

  /// A segment that no cluster bears any more.
  public struct RetiredSegment: Sendable, Equatable {
    /// Its number; never used again.
    public var number: Int
    /// The name that it had last.
    public var name: String

    /// Makes one.
    public init(number: Int, name: String) {
      self.number = number
      self.name = name
    }
  }

  /// The generation: one more with every new fit.
  public var generation: Int
  /// The version: one more whenever centroids have moved.
  public var version: Int
  /// The features, in the order of the coordinates.
  public var features: [Feature]
  /// The scaler.
  public var scaler: Scaler
  /// The segments by number; ties of distance go to the first.
  public var segments: [Segment]
  /// The cuts of the scores.
  public var cuts: ScoreCuts
  /// The highest segment number that was ever used.
  public var lastSegmentNumber: Int
  /// The segments that earlier models had and this one has not, by number: customers may still be in them.
  public var retired: [RetiredSegment]

  /// Makes a model of parts that fit together: coordinates as many as features, segments by number.
  package init(
    generation: Int, version: Int, features: [Feature], scaler: Scaler, segments: [Segment], cuts: ScoreCuts,
    lastSegmentNumber: Int, retired: [RetiredSegment] = []
  ) {
    self.generation = generation
    self.version = version
    self.features = features
    self.scaler = scaler
    self.segments = segments
    self.cuts = cuts
    self.lastSegmentNumber = lastSegmentNumber
    self.retired = retired
  }
}

/// A model as the hot path reads it: flat, and with the segments' JSON ready.
///
/// It lives behind a pointer of `Core`, so that no reference is counted per record.
struct ModelTables: ~Copyable {
  let model: Model
  let k: Int
  let featureCount: Int
  /// The centroids, cluster by cluster; coordinates that are no features are 0.
  private let centroids: UnsafeMutablePointer<FeatureVector>
  /// Whether the first four coordinates are all.
  private let isNarrow: Bool
  private let mean: FeatureVector
  private let inverse: FeatureVector
  private let lower: FeatureVector
  private let upper: FeatureVector
  private let limit: FeatureVector
  /// Segment number → cluster index, −1 where it is retired.
  private let clusterOfSegment: UnsafeMutablePointer<Int32>
  private let segmentNumbersEnd: Int
  /// `{"id":"s3","name":"Loyal"}`, by cluster.
  let segmentJSON: UnsafeMutablePointer<ConstantBytes>
  /// By cluster.
  let segmentNames: [String]

  init(_ model: Model) {
    self.model = model
    k = model.segments.count
    featureCount = model.features.count
    isNarrow = featureCount <= 4
    centroids = .allocate(capacity: k)
    segmentNumbersEnd = model.lastSegmentNumber + 1
    clusterOfSegment = .allocate(capacity: segmentNumbersEnd)
    clusterOfSegment.initialize(repeating: -1, count: segmentNumbersEnd)
    for (cluster, segment) in model.segments.enumerated() {
      var centroid = FeatureVector()
      for index in 0..<featureCount { centroid[index] = segment.centroid[index] }
      (centroids + cluster).initialize(to: centroid)
      clusterOfSegment[segment.number] = Int32(cluster)
    }
    var limit = FeatureVector()
    var vectors = (FeatureVector(), FeatureVector(), FeatureVector(), FeatureVector())
    for index in 0..<featureCount {
      vectors.0[index] = model.scaler.mean[index]
      vectors.1[index] = 1 / model.scaler.sd[index]
      vectors.2[index] = model.scaler.lower[index]
      vectors.3[index] = model.scaler.upper[index]
      limit[index] = model.scaler.clamp(index)
    }
    (mean, inverse, lower, upper) = vectors
    self.limit = limit
    segmentNames = model.segments.map(\.name)
    segmentJSON = .allocate(capacity: k)
    for (cluster, segment) in model.segments.enumerated() {
      (segmentJSON + cluster).initialize(to: Self.json(number: segment.number, name: segment.name))
    }
  }

  deinit {
    centroids.deallocate()
    clusterOfSegment.deallocate()
    for cluster in 0..<k { segmentJSON[cluster].deallocate() }
    segmentJSON.deallocate()
  }

  /// A segment as changes name it, `{"id":"s3","name":"Loyal"}`.
  static func json(number: Int, name: String) -> ConstantBytes {
    var writer = ByteBuffer(capacity: 64)
    writer.append("{\"id\":\"s")
    writer.append(integer: Int64(number))
    writer.append("\",\"name\":")
    writer.append(jsonString: name)
    writer.append("}")
    return ConstantBytes(writer.bytes)
  }

  /// The cluster of a segment number, −1 where the model does not have it.
  @inline(__always)
  func cluster(ofSegment number: UInt16) -> Int {
    Int(number) < segmentNumbersEnd ? Int(clusterOfSegment[Int(number)]) : -1
  }

  /// Raw features as the model sees them.
  @inline(__always)
  func scaled(_ raw: FeatureVector) -> FeatureVector {
    var result = FeatureVector()
    result.low = Self.scaled(raw.low, mean.low, inverse.low, lower.low, upper.low, limit.low)
    if !isNarrow { result.high = Self.scaled(raw.high, mean.high, inverse.high, lower.high, upper.high, limit.high) }
    return result
  }

  @inline(__always)
  private static func scaled(
    _ raw: SIMD4<Double>, _ mean: SIMD4<Double>, _ inverse: SIMD4<Double>, _ lower: SIMD4<Double>,
    _ upper: SIMD4<Double>, _ limit: SIMD4<Double>
  ) -> SIMD4<Double> {
    clamped((clamped(raw, lower, upper) - mean) * inverse, -limit, limit)
  }

  @inline(__always)
  private static func clamped(_ value: SIMD4<Double>, _ lower: SIMD4<Double>, _ upper: SIMD4<Double>) -> SIMD4<Double> {
    var result = value
    result.replace(with: lower, where: value .< lower)
    result.replace(with: upper, where: value .> upper)
    return result
  }

  /// The nearest cluster, its squared distance, and the squared distance to `current` (∞ where that is −1).
  @inline(__always)
  func nearest(_ z: FeatureVector, current: Int) -> (cluster: Int, squared: Double, currentSquared: Double) {
    var best = (cluster: 0, squared: Double.infinity, currentSquared: Double.infinity)
    for cluster in 0..<k {
      var squared = Self.squared(z.low - centroids[cluster].low)
      if !isNarrow { squared += Self.squared(z.high - centroids[cluster].high) }
      if squared < best.squared {
        best.squared = squared
        best.cluster = cluster
      }
    }
    if current >= 0 {
      best.currentSquared = Self.squared(z.low - centroids[current].low)
      if !isNarrow { best.currentSquared += Self.squared(z.high - centroids[current].high) }
    }
    return best
  }

  @inline(__always)
  private static func squared(_ difference: SIMD4<Double>) -> Double {
    let squares = difference * difference
    return (squares.x + squares.y) + (squares.z + squares.w)
  }
}
