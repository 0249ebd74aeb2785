/// What the rows of one or more partitions have contributed to the learner in one generation; adds up exactly.
public struct PartitionStatistics: Sendable, Equatable {
  /// The generation that the sums belong to.
  public var generation: Int
  /// Whether every partition has swept once in the generation.
  public var isWarm = true
  /// Customers with a purchase.
  public var customers = 0
  /// Contributions by cluster.
  public var counts: [Int64]
  /// Σ of scaled features by cluster and feature, in units of 2⁻²⁰.
  public var sums: [Int64]
  /// Σ of squared scaled features by cluster, each rounded down to units of 2⁻²⁰.
  public var squares: [Int64]

  /// Empty statistics of a generation of `k` clusters in `features` coordinates.
  public init(generation: Int, k: Int, features: Int) {
    self.generation = generation
    counts = Array(repeating: 0, count: k)
    sums = Array(repeating: 0, count: k * features)
    squares = Array(repeating: 0, count: k)
  }

  /// Adds another's sums. Both must be of the same generation.
  public mutating func add(_ other: PartitionStatistics) {
    precondition(generation == other.generation, "statistics of one generation are added")
    isWarm = isWarm && other.isWarm
    customers += other.customers
    for index in counts.indices {
      // Records that were tampered with may say anything; they must not stop the program.
      counts[index] &+= other.counts[index]
      squares[index] &+= other.squares[index]
    }
    for index in sums.indices { sums[index] &+= other.sums[index] }
  }

  /// The unit of the sums.
  static let unit = 1.0 / 1_048_576

  /// The mean of a cluster's contributions; `nil` where there is none.
  func centroid(_ cluster: Int, features: Int) -> [Double]? {
    guard counts[cluster] > 0 else { return nil }
    return (0..<features).map { Double(sums[cluster * features + $0]) / Double(counts[cluster]) * Self.unit }
  }

  /// The squared standard error of a cluster's mean: the variance of its contributions, all features together, for
  /// each of them.
  func squaredError(_ cluster: Int, mean: [Double]) -> Double {
    let count = Double(counts[cluster])
    let variance = Double(squares[cluster]) * Self.unit / count - mean.reduce(0) { $0 + $1 * $1 }
    return max(0, variance) / count
  }

  /// Σ of squared distances of the contributions to the means of their clusters.
  package func inertia(features: Int) -> Double {
    counts.indices.reduce(0) { total, cluster in
      guard let mean = centroid(cluster, features: features) else { return total }
      return total + squaredError(cluster, mean: mean) * Double(counts[cluster]) * Double(counts[cluster])
    }
  }
}

/// A scaled feature in units of 2⁻²⁰, half to even.
@inline(__always)
package func fixedPoint(_ value: Double) -> Int32 {
  // Adding 1.5 · 2⁵² leaves the integer, rounded half to even, in the low bits (|value| is at most 64).
  Int32(truncatingIfNeeded: (value * 1_048_576 + 6_755_399_441_055_744).bitPattern)
}

/// The sums of one partition, in memory that the sweep writes without checks.
struct LearnerSums: ~Copyable {
  let k: Int
  let featureCount: Int
  let counts: UnsafeMutablePointer<Int64>
  let sums: UnsafeMutablePointer<Int64>
  let squares: UnsafeMutablePointer<Int64>

  init(k: Int, featureCount: Int) {
    self.k = k
    self.featureCount = featureCount
    counts = .allocate(capacity: k)
    sums = .allocate(capacity: k * featureCount)
    squares = .allocate(capacity: k)
    counts.initialize(repeating: 0, count: k)
    sums.initialize(repeating: 0, count: k * featureCount)
    squares.initialize(repeating: 0, count: k)
  }

  deinit {
    counts.deallocate()
    sums.deallocate()
    squares.deallocate()
  }

  /// Adds (`sign` 1) or takes away (−1) one contribution.
  @inline(__always)
  func add(_ contribution: UnsafePointer<Int32>, to cluster: Int, sign: Int64) {
    counts[cluster] &+= sign
    let sum = sums + cluster &* featureCount
    var square: Int64 = 0
    for index in 0..<featureCount {
      let value = Int64(contribution[index])
      sum[index] &+= sign &* value
      square &+= (value &* value) &>> 20
    }
    squares[cluster] &+= sign &* square
  }

  /// Adds the sums to a value's.
  func add(to total: inout PartitionStatistics) {
    for index in 0..<k {
      total.counts[index] += counts[index]
      total.squares[index] += squares[index]
    }
    for index in 0..<k * featureCount { total.sums[index] += sums[index] }
  }
}
