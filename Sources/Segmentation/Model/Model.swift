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

  /// What its segments are.
  public var kind: SegmentKind
  /// The names of the cells of R, F and M; with rules they are the segments'.
  public var rules: RuleTable
  /// The generation: one more with every new fit, or table of rules.
  public var generation: Int
  /// The version: one more whenever centroids, or the cuts of rules, have moved.
  public var version: Int
  /// The features, in the order of the coordinates; none with rules.
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
    lastSegmentNumber: Int, retired: [RetiredSegment] = [], kind: SegmentKind = .kmeans, rules: RuleTable = .standard
  ) {
    self.kind = kind
    self.rules = rules
    self.generation = generation
    self.version = version
    self.features = features
    self.scaler = scaler
    self.segments = segments
    self.cuts = cuts
    self.lastSegmentNumber = lastSegmentNumber
    self.retired = retired
  }

  /// The clusters of which sums are learned: rules learn none.
  var learnedCount: Int { kind == .rules ? 0 : segments.count }
}

/// A model as the hot path reads it: flat, and with the segments' JSON ready.
///
/// It lives behind a pointer of `Core`, so that no reference is counted per record.
struct ModelTables: ~Copyable {
  let model: Model
  let k: Int
  let featureCount: Int
  /// The centroids, two clusters side by side: `[pair][coordinate]`, coordinates that are no features 0. Beside an odd
  /// last cluster is one too far away to be the nearest.
  private let pairs: UnsafeMutablePointer<SIMD2<Double>>
  private let pairCount: Int
  /// The squared distances of the last point, by pair.
  private let distances: UnsafeMutablePointer<SIMD2<Double>>
  /// Whether the first four coordinates are all.
  private let isNarrow: Bool
  /// By coordinate; what is no feature becomes 0.
  private let scales: UnsafeMutablePointer<FeatureScale>
  /// Segment number → cluster index, −1 where it is retired.
  private let clusterOfSegment: UnsafeMutablePointer<Int32>
  private let segmentNumbersEnd: Int
  /// Whether cells are the segments.
  let isRules: Bool
  let cuts: FlatCuts
  /// By cell, where cells are the segments.
  private let clusterOfCell: UnsafeMutablePointer<Int32>
  /// The JSON of each cell's name, by cell.
  let cellJSON: UnsafeMutablePointer<ConstantBytes>
  /// The bytes of the longest of them.
  let cellBytesMax: Int
  /// `{"id":"s3","name":"Loyal"}`, by cluster.
  let segmentJSON: UnsafeMutablePointer<ConstantBytes>
  /// By cluster.
  let segmentNames: [String]

  init(_ model: Model) {
    self.model = model
    k = model.segments.count
    featureCount = model.features.count
    isNarrow = featureCount <= 4
    pairCount = (k + 1) / 2
    pairs = .allocate(capacity: pairCount * FeatureVector.countMax)
    pairs.initialize(repeating: .zero, count: pairCount * FeatureVector.countMax)
    if k % 2 == 1 { pairs[(pairCount - 1) * FeatureVector.countMax].y = 1e150 }
    distances = .allocate(capacity: pairCount)
    distances.initialize(repeating: .zero, count: pairCount)
    segmentNumbersEnd = model.lastSegmentNumber + 1
    clusterOfSegment = .allocate(capacity: segmentNumbersEnd)
    clusterOfSegment.initialize(repeating: -1, count: segmentNumbersEnd)
    for (cluster, segment) in model.segments.enumerated() {
      for index in 0..<featureCount {
        pairs[cluster / 2 * FeatureVector.countMax + index][cluster % 2] = segment.centroid[index]
      }
      clusterOfSegment[segment.number] = Int32(cluster)
    }
    scales = .allocate(capacity: FeatureVector.countMax)
    scales.initialize(repeating: FeatureScale(), count: FeatureVector.countMax)
    for index in 0..<featureCount {
      scales[index] = FeatureScale(
        mean: model.scaler.mean[index], inverse: 1 / model.scaler.sd[index], lower: model.scaler.lower[index],
        upper: model.scaler.upper[index], limit: model.scaler.clamp(index))
    }
    isRules = model.kind == .rules
    cuts = FlatCuts(model.cuts)
    clusterOfCell = .allocate(capacity: RuleTable.cellCount)
    cellJSON = .allocate(capacity: RuleTable.cellCount)
    for (cell, name) in model.rules.nameOfCell.enumerated() {
      let cluster = model.segments.firstIndex { $0.name == model.rules.names[name] } ?? 0
      (clusterOfCell + cell).initialize(to: Int32(cluster))
      (cellJSON + cell).initialize(to: ConstantBytes(json: model.rules.names[name]))
    }
    cellBytesMax = model.rules.names.reduce(0) { max($0, 6 * $1.utf8.count) } + 2
    segmentNames = model.segments.map(\.name)
    segmentJSON = .allocate(capacity: k)
    for (cluster, segment) in model.segments.enumerated() {
      (segmentJSON + cluster).initialize(to: Self.json(number: segment.number, name: segment.name))
    }
  }

  deinit {
    pairs.deallocate()
    distances.deallocate()
    scales.deallocate()
    clusterOfSegment.deallocate()
    clusterOfCell.deallocate()
    for cell in 0..<RuleTable.cellCount { cellJSON[cell].deallocate() }
    cellJSON.deallocate()
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

  /// The cluster of a row's cell at a clock, where cells are the segments.
  @inline(__always)
  func ruleCluster(_ row: UnsafePointer<CustomerRow>, clockMs: Int64) -> Int {
    Int(clusterOfCell[cuts.scores(row, clockMs: clockMs).index])
  }

  /// Raw features as the model sees them.
  @inline(__always)
  func scaled(_ raw: FeatureVector) -> FeatureVector {
    // Lane by lane: compared and chosen as vectors they take six times the instructions.
    var result = FeatureVector()
    result.low = SIMD4(
      scales[0].scaled(raw.low.x), scales[1].scaled(raw.low.y), scales[2].scaled(raw.low.z),
      scales[3].scaled(raw.low.w))
    if !isNarrow {
      result.high = SIMD4(
        scales[4].scaled(raw.high.x), scales[5].scaled(raw.high.y), scales[6].scaled(raw.high.z),
        scales[7].scaled(raw.high.w))
    }
    return result
  }

  /// The nearest cluster, its squared distance, and the squared distance to `current` (∞ where that is −1).
  @inline(__always)
  func nearest(_ z: FeatureVector, current: Int) -> (cluster: Int, squared: Double, currentSquared: Double) {
    let (x, y) = (SIMD2(repeating: z.low.x), SIMD2(repeating: z.low.y))
    let (third, fourth) = (SIMD2(repeating: z.low.z), SIMD2(repeating: z.low.w))
    var best = (cluster: 0, squared: Double.infinity, currentSquared: Double.infinity)
    for pair in 0..<pairCount {
      let centre = pairs + pair &* FeatureVector.countMax
      let (dx, dy, dz) = (x - centre[0], y - centre[1], third - centre[2])
      var squares = dx * dx + dy * dy + dz * dz
      if featureCount > 3 {
        let difference = fourth - centre[3]
        squares += difference * difference
        if !isNarrow { squares += Self.squares(z.high, centre + 4) }
      }
      distances[pair] = squares
      if squares.x < best.squared {
        best.squared = squares.x
        best.cluster = pair &* 2
      }
      if squares.y < best.squared {
        best.squared = squares.y
        best.cluster = pair &* 2 &+ 1
      }
    }
    if current >= 0 {
      best.currentSquared = current & 1 == 0 ? distances[current >> 1].x : distances[current >> 1].y
    }
    return best
  }

  /// Of the point that `nearest` was asked for last: the least squared distance to a cluster other than the given one.
  @inline(__always)
  func lastSquared(besides cluster: Int) -> Double {
    var least = Double.infinity
    for other in 0..<k where other != cluster {
      let squared = other & 1 == 0 ? distances[other >> 1].x : distances[other >> 1].y
      if squared < least { least = squared }
    }
    return least
  }

  /// The squared distances of a pair of clusters in the last four coordinates.
  @inline(__always)
  private static func squares(_ z: SIMD4<Double>, _ centre: UnsafePointer<SIMD2<Double>>) -> SIMD2<Double> {
    var sum = SIMD2<Double>.zero
    for index in 0..<4 {
      let difference = SIMD2(repeating: z[index]) - centre[index]
      sum += difference * difference
    }
    return sum
  }
}

/// How one raw feature becomes a coordinate.
private struct FeatureScale {
  var mean = 0.0
  /// 1 / sd.
  var inverse = 0.0
  var lower = 0.0
  var upper = 0.0
  var limit = 0.0

  @inline(__always)
  func scaled(_ raw: Double) -> Double {
    let value = raw < lower ? lower : raw
    let scaled = ((value > upper ? upper : value) - mean) * inverse
    let above = scaled < -limit ? -limit : scaled
    return above > limit ? limit : above
  }
}
