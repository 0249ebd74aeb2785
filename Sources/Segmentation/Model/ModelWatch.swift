/// What walks over customers counted about a model: integers, so that the counts of partitions add up exactly, in any
/// order. Each customer was counted once, when the walk visited it, before it was learned.
public struct ModelWatch: Sendable, Equatable {
  /// The generation that was in use.
  public var generation: Int
  /// The complete walks of the partition; of several partitions, of the one that has the fewest.
  public var sweep: Int
  /// Customers by feature and bin of the scaled value.
  public var bins: [Int64]
  /// Customers whose raw value was outside the winsor bounds, by feature.
  public var outside: [Int64]
  /// Customers by the cluster that was nearest.
  public var nearest: [Int64]
  /// Customers by the cluster of the segment that they were in after the visit.
  public var published: [Int64]
  /// Customers whose nearest cluster was not their segment's, in the order of `HeldBack.allCases`.
  public var held: [Int64]
  /// Customers by margin, 1 − distance / distance to the second nearest centroid, in bins of 1/50. In a large table
  /// every 2ⁿth row is looked at and counts 2ⁿ times.
  public var margins: [Int64]
  /// Σ of squared distances to the nearest centroid, each rounded to units of 2⁻²⁰.
  public var inertia: Int64
  /// Candidates that became the published segment since the walk began.
  public var promotions: Int64
  /// Changes since the walk began, by records and by the walk, in the order of `ChangeReason.allCases`.
  public var changes: [Int64]

  /// The bins of a feature, as many on each side of 0: 8 a unit where the weight is 1.
  public static let binCount = 128
  /// The bins of margins.
  public static let marginCount = 50

  /// Counts at zero, of a model of `k` clusters in `features` coordinates.
  package init(generation: Int, sweep: Int, k: Int, features: Int) {
    self.generation = generation
    self.sweep = sweep
    bins = Array(repeating: 0, count: features * Self.binCount)
    outside = Array(repeating: 0, count: features)
    nearest = Array(repeating: 0, count: k)
    published = Array(repeating: 0, count: k)
    held = Array(repeating: 0, count: HeldBack.allCases.count)
    margins = Array(repeating: 0, count: Self.marginCount)
    inertia = 0
    promotions = 0
    changes = Array(repeating: 0, count: ChangeReason.allCases.count)
  }

  /// Customers counted.
  public var customers: Int64 { nearest.reduce(0, &+) }

  /// Adds another's counts. Both must be of the same generation.
  public mutating func add(_ other: ModelWatch) {
    precondition(generation == other.generation, "counts of one generation are added")
    sweep = min(sweep, other.sweep)
    Self.add(other.bins, to: &bins)
    Self.add(other.outside, to: &outside)
    Self.add(other.nearest, to: &nearest)
    Self.add(other.published, to: &published)
    Self.add(other.held, to: &held)
    Self.add(other.margins, to: &margins)
    Self.add(other.changes, to: &changes)
    inertia &+= other.inertia
    promotions &+= other.promotions
  }

  private static func add(_ counts: [Int64], to sums: inout [Int64]) {
    // Records that were tampered with may say anything; they must not stop the program.
    for index in sums.indices { sums[index] &+= counts[index] }
  }

  /// How far a fixed-point coordinate is shifted to find its bin, where coordinates are clamped to ± `clamp`.
  static func shift(clamp: Double) -> Int64 {
    // The least power of two, in units of 2⁻²⁰, that half of the bins reach to the clamp.
    var shift: Int64 = 0
    while shift < 40 && Double(Int64(binCount / 2) << shift) < clamp * 1_048_576 { shift += 1 }
    return shift
  }
}

/// Why a customer whose nearest cluster is another stays in its segment.
public enum HeldBack: String, CaseIterable, Sendable {
  /// The other is not nearer by the margin.
  case margin
  /// It is, but not by the margin for going back.
  case returnMargin = "return_margin"
  /// It is, but not for long enough.
  case dwell
}

/// The counts of one partition, in memory that the sweep writes without checks.
///
///     counts of the walk ── the walk ends, having seen every row ──► counts of the last complete walk
///       ▲                └─ it had begun in the middle ──► forgotten
///       └── a new generation, or a restart: the walk that is under way is not whole
///
/// One block: inertia · promotions · changes (6) · held (3) · margins (50) · nearest (k) · held out (k) · held in (k) ·
/// outside (features) · bins (features × 129: what equals the clamp has a place of its own)
struct WatchCounts: ~Copyable {
  let generation: Int
  let k: Int
  let featureCount: Int
  /// The counts of the walk under way.
  private(set) var current: UnsafeMutablePointer<Int64>
  private var last: UnsafeMutablePointer<Int64>
  /// By feature.
  let bounds: UnsafeMutablePointer<WatchBounds>
  private let outsidePlace: Int
  /// Where the bin of 0 of the first feature is.
  let binPlace: Int
  private let size: Int
  /// Whether the walk under way will have visited every row in this generation.
  var isWhole: Bool
  /// Rows whose number has one of these bits have no margin counted.
  private(set) var marginMask = 0
  private var lastMarginMask = 0
  /// The complete walks at the end of the last one that was counted; 0 for none.
  private(set) var lastSweep = 0

  static let inertiaPlace = 0
  private static let promotionsPlace = 1
  private static let changesPlace = 2
  private static let heldPlace = changesPlace + 6
  private static let marginsPlace = heldPlace + 3
  /// Where the first cluster's nearest customers are.
  static let nearestPlace = marginsPlace + ModelWatch.marginCount
  /// From one feature's bins to the next one's.
  static let binStride = ModelWatch.binCount + 1
  /// So many rows of a walk have their margins counted, where there are as many.
  private static let marginRows = 1_024

  /// Counts of no model.
  init() { self.init(nil, isWhole: false, rowCount: 0) }

  /// Counts at zero; `isWhole` says whether the walk under way, over so many rows, has yet to visit its first.
  init(_ model: Model?, isWhole: Bool, rowCount: Int) {
    generation = model?.generation ?? 0
    k = model?.learnedCount ?? 0
    // Rules learn nothing, and nothing is counted of them.
    featureCount = k == 0 ? 0 : model?.features.count ?? 0
    self.isWhole = isWhole
    outsidePlace = Self.nearestPlace + 3 * k
    binPlace = outsidePlace + featureCount + ModelWatch.binCount / 2
    size = outsidePlace + featureCount * (1 + Self.binStride)
    current = .allocate(capacity: size)
    last = .allocate(capacity: size)
    current.initialize(repeating: 0, count: size)
    last.initialize(repeating: 0, count: size)
    marginMask = Self.marginMask(rowCount)
    bounds = .allocate(capacity: featureCount)
    if let model {
      for index in 0..<featureCount { (bounds + index).initialize(to: WatchBounds(model, index)) }
    }
  }

  deinit {
    current.deallocate()
    last.deallocate()
    bounds.deallocate()
  }

  // MARK: Counting

  /// Counts the features of a row whose raw values are outside the winsor bounds.
  @inline(__always)
  func countOutside(_ raw: FeatureVector) {
    for index in 0..<featureCount where raw[index] < bounds[index].lower || raw[index] > bounds[index].upper {
      current[outsidePlace &+ index] &+= 1
    }
  }

  /// Counts the margin of a customer by its squared distances to the nearest and the second nearest centroid.
  @inline(__always)
  func countMargin(squared: Double, second: Double) {
    let margin = second > 0 ? 1 - (squared / second).squareRoot() : 0
    let bin = min(Int(margin * Double(ModelWatch.marginCount)), ModelWatch.marginCount - 1)
    current[Self.marginsPlace &+ bin] &+= 1
  }

  /// Counts a customer who is in no segment of the model, and so not in that of its nearest cluster.
  func countUnpublished(_ nearest: Int) { current[Self.nearestPlace &+ k &+ nearest] &+= 1 }

  /// Counts a customer who stays in the segment of one cluster though another is nearer.
  func countHeld(in cluster: Int, wants nearest: Int, by reason: HeldBack) {
    current[Self.nearestPlace &+ k &+ nearest] &+= 1
    current[Self.nearestPlace &+ 2 &* k &+ cluster] &+= 1
    current[Self.heldPlace &+ reason.index] &+= 1
  }

  /// Counts a published change.
  func count(_ reason: ChangeReason, isPromotion: Bool) {
    current[Self.changesPlace &+ reason.index] &+= 1
    if isPromotion { current[Self.promotionsPlace] &+= 1 }
  }

  // MARK: Walks

  /// A walk over so many rows has ended, and the next begins.
  mutating func endWalk(sweep: Int, rowCount: Int) {
    if isWhole {
      swap(&current, &last)
      lastSweep = sweep
      lastMarginMask = marginMask
    }
    current.update(repeating: 0, count: size)
    isWhole = true
    marginMask = Self.marginMask(rowCount)
  }

  private static func marginMask(_ rowCount: Int) -> Int {
    var mask = 0
    while rowCount / (2 * (mask + 1)) >= marginRows { mask = 2 * mask + 1 }
    return mask
  }

  /// The counts of the last complete walk; `nil` before the first in the generation.
  var lastWatch: ModelWatch? {
    lastSweep == 0 || k == 0 ? nil : watch(of: last, sweep: lastSweep, marginWeight: Int64(lastMarginMask + 1))
  }

  /// The counts as they are.
  func currentWatch(sweep: Int) -> ModelWatch {
    watch(of: current, sweep: sweep, marginWeight: Int64(marginMask + 1))
  }

  private func watch(of block: UnsafeMutablePointer<Int64>, sweep: Int, marginWeight: Int64) -> ModelWatch {
    var watch = ModelWatch(generation: generation, sweep: sweep, k: k, features: featureCount)
    for index in 0..<featureCount {
      let bins = block + outsidePlace + featureCount + index * Self.binStride
      for bin in 0..<Self.binStride {
        watch.bins[index * ModelWatch.binCount + min(bin, ModelWatch.binCount - 1)] += bins[bin]
      }
      watch.outside[index] = block[outsidePlace + index]
    }
    let nearest = block + Self.nearestPlace
    for cluster in 0..<k {
      watch.nearest[cluster] = nearest[cluster]
      watch.published[cluster] = nearest[cluster] - nearest[k + cluster] + nearest[2 * k + cluster]
    }
    for index in watch.held.indices { watch.held[index] = block[Self.heldPlace + index] }
    for index in watch.margins.indices { watch.margins[index] = block[Self.marginsPlace + index] * marginWeight }
    for index in watch.changes.indices { watch.changes[index] = block[Self.changesPlace + index] }
    watch.inertia = block[Self.inertiaPlace]
    watch.promotions = block[Self.promotionsPlace]
    return watch
  }
}

/// The winsor bounds of a feature, and how its scaled value, in units of 2⁻²⁰, finds its bin.
struct WatchBounds {
  let lower: Double
  let upper: Double
  let shift: Int64
  /// What becomes of a value at or below `lower`; beyond 32 bits where none can be below.
  private let lowerFixed: Int64
  /// How far above it lies what becomes of a value at or above `upper`; likewise.
  private let span: UInt64

  init(_ model: Model, _ index: Int) {
    let scaler = model.scaler
    let feature = model.features[index]
    let clamp = scaler.clamp(index)
    func fixed(_ value: Double) -> Int64 {
      let scaled = (value - scaler.mean[index]) * (1 / scaler.sd[index])
      return Int64(fixedPoint(min(max(scaled, -clamp), clamp)))
    }
    lower = scaler.lower[index]
    upper = scaler.upper[index]
    // Most features cannot be below 0, where many customers may be at it.
    let canBeBelow = lower > 0 || feature == .averageOrder || feature == .monetary
    lowerFixed = canBeBelow ? fixed(lower) : -1 << 40
    let upperFixed = feature == .refundShare && upper >= 1 ? 1 << 40 : fixed(upper)
    span = UInt64(bitPattern: upperFixed &- lowerFixed)
    shift = ModelWatch.shift(clamp: clamp)
  }

  /// Whether a value, which never lies beyond, is at one of the bounds.
  @inline(__always)
  func reaches(_ fixed: Int64) -> Bool { UInt64(bitPattern: fixed &- lowerFixed &- 1) >= span &- 1 }
}

/// A squared distance in units of 2⁻²⁰, half to even.
@inline(__always)
func fixedSquare(_ squared: Double) -> Int64 {
  // Adding 2⁵² leaves the integer, rounded, in the bits of the fraction (squares are at most 2¹⁷).
  Int64(bitPattern: (squared * 1_048_576 + 4_503_599_627_370_496).bitPattern & 0xf_ffff_ffff_ffff)
}

extension HeldBack {
  /// Its place in `allCases`.
  var index: Int {
    switch self {
    case .margin: 0
    case .returnMargin: 1
    case .dwell: 2
    }
  }
}
