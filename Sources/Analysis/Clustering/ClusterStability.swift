import Segmentation

/// How well the clusters of a labelling come back when rows are drawn anew and clustered in the same way.
///
/// Hennig 2007, "Cluster-wise assessment of cluster stability", section 3, by bootstrap: rows are drawn with
/// replacement; a cluster's coefficient is the greatest Jaccard similarity, on the rows that were drawn, with a cluster
/// of the resample, and its stability the mean of them over the resamples that drew some of its rows.
struct ClusterStability: Sendable {
  /// How the rows are clustered.
  let plan: ClusteringRun.Plan
  /// The labels that are judged: clusters from 0 on, −1 for noise.
  let labels: [Int]
  /// The clusters.
  let k: Int

  /// Rows of a resample where an algorithm is in proportion to n².
  static let pairRowsMax = 500
  /// Rows of a resample of affinity propagation.
  static let affinityRowsMax = 250
  /// Rows of a resample of k-means.
  static let rowsMax = 5_000
  /// k-means' fits from different starts, each resample.
  static let restarts = 3

  /// The rows that are drawn of `count`.
  static func rows(_ algorithm: ClusteringAlgorithm, of count: Int) -> Int {
    switch algorithm {
    case .kMeans, .miniBatchKMeans: min(count, rowsMax)
    case .ward, .average, .complete, .single, .dbscan: min(count, pairRowsMax)
    case .affinityPropagation: min(count, affinityRowsMax)
    }
  }

  /// Each cluster's coefficient in one resample; `nil` where none of its rows was drawn.
  func coefficients(_ points: Points, seed: UInt64) -> [Double?] {
    var random = SplitMix64(seed: seed)
    let drawn = (0..<Self.rows(plan.algorithm, of: points.count)).map { _ in random.next(below: points.count) }
    var plan = plan
    plan.k = min(plan.k, drawn.count)
    plan.restarts = Self.restarts
    let run = ClusteringRun(plan, on: points.rows(drawn), seed: UInt64(random.next(below: .max)), sample: nil)
    let found = numberedBySize(run.labels)
    var isSeen = [Bool](repeating: false, count: points.count)
    var both = [Int](repeating: 0, count: k * found.sizes.count)
    var own = [Int](repeating: 0, count: k)
    var other = [Int](repeating: 0, count: found.sizes.count)
    for (place, row) in drawn.enumerated() where !isSeen[row] {
      isSeen[row] = true
      let (cluster, match) = (labels[row], found.labels[place])
      if cluster >= 0 { own[cluster] += 1 }
      if match >= 0 { other[match] += 1 }
      if cluster >= 0 && match >= 0 { both[cluster * other.count + match] += 1 }
    }
    return (0..<k).map { cluster in
      if own[cluster] == 0 { return nil }
      return other.indices.map { match in
        let shared = both[cluster * other.count + match]
        return Double(shared) / Double(own[cluster] + other[match] - shared)
      }.max() ?? 0
    }
  }

  /// The stability of each cluster; 0 where no resample drew one of its rows.
  static func mean(_ resamples: [[Double?]], k: Int) -> [Double] {
    (0..<k).map { cluster in
      let known = resamples.compactMap { $0[cluster] }
      return known.isEmpty ? 0 : known.reduce(0, +) / Double(known.count)
    }
  }
}
