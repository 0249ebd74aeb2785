import Segmentation

/// k-means that moves its centroids after every small random batch of rows.
///
/// Sculley 2010, "Web-scale k-means clustering", algorithm 1: each centroid is the mean of all rows that were ever
/// assigned to it.
package struct MiniBatchKMeans: Sendable {
  /// k · features coordinates.
  package private(set) var centroids: [Double]
  /// The nearest centroid of each row; of equals the first.
  package let labels: [Int]
  /// Σ of squared distances to the nearest centroid.
  package let inertia: Double
  /// The batches that were followed.
  package let batches: Int
  /// Whether the batches' inertia stood still before the last one that is allowed.
  package let hasConverged: Bool

  /// The rows of a batch.
  package static let batchRows = 1_024
  /// Starts that are tried on one sample of rows; the best is followed.
  static let starts = 3
  /// Batches at most, in passes through the rows.
  static let passesMax = 100
  /// It ends when the smoothed inertia has not fallen for so many batches.
  static let stillBatches = 10

  /// Clusters points into `k` clusters at most, 1 to n.
  package init(_ points: Points, k: Int, random: inout SplitMix64) {
    let (count, features) = (points.count, points.features)
    let size = min(Self.batchRows, count)
    let sample = points.rows(Points.sample(max(3 * size, 3 * k), of: count, random: &random))
    let seeding = KMeans(points: sample.values, features: features)
    var best: (centroids: [Double], inertia: Double)?
    for _ in 0..<Self.starts {
      let start = seeding.seeds(k: k, random: &random)
      let inertia = sample.nearest(of: Points(values: start, features: features)).squared.reduce(0, +)
      if inertia < best?.inertia ?? .infinity { best = (start, inertia) }
    }
    var centroids = best?.centroids ?? Array(sample.values[..<(k * features)])
    var weights = [Double](repeating: 0, count: k)
    let most = Self.passesMax * ((count + size - 1) / size)
    // As much of the smoothed inertia as one batch tells of all rows, twice, as in scikit-learn.
    let share = min(1, 2 * Double(size) / Double(count + 1))
    var (smoothed, least, still, made) = (Double?.none, Double.infinity, 0, 0)
    while made < most && still < Self.stillBatches {
      let batch = points.rows((0..<size).map { _ in random.next(below: count) })
      let inertia = Self.follow(batch, &centroids, weights: &weights) / Double(size)
      made += 1
      let value = smoothed.map { $0 * (1 - share) + inertia * share } ?? inertia
      smoothed = value
      if value < least { (least, still) = (value, 0) } else { still += 1 }
    }
    self.centroids = centroids
    batches = made
    hasConverged = still >= Self.stillBatches
    let (nearest, squared) = points.nearest(of: Points(values: centroids, features: features))
    labels = nearest
    inertia = squared.reduce(0, +)
  }

  /// Moves each centroid towards the batch's rows that are nearest to it; returns their squared distances, added up.
  private static func follow(_ batch: Points, _ centroids: inout [Double], weights: inout [Double]) -> Double {
    let features = batch.features
    let (nearest, squared) = batch.nearest(of: Points(values: centroids, features: features))
    var sums = [Double](repeating: 0, count: centroids.count)
    var counts = [Double](repeating: 0, count: weights.count)
    for (row, cluster) in nearest.enumerated() {
      counts[cluster] += 1
      for feature in 0..<features { sums[cluster * features + feature] += batch.values[row * features + feature] }
    }
    for cluster in weights.indices where counts[cluster] > 0 {
      weights[cluster] += counts[cluster]
      for feature in 0..<features {
        let index = cluster * features + feature
        centroids[index] += (sums[index] - counts[cluster] * centroids[index]) / weights[cluster]
      }
    }
    return squared.reduce(0, +)
  }
}
