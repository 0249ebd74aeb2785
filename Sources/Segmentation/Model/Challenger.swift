/// A refit on the sample of a sweep that wants to take the model's place.
///
/// It is fitted to one half of the sample. The other half judges both, as partitions of customers: the inertia about
/// the means that the first half's customers have in their clusters, in the challenger's scaled space. So neither the
/// centroids' fresh places nor the scaler of one of them decide, only who is put together with whom.
struct Challenger {
  /// The challenger's scaler and centroids.
  let clustering: Clustering
  /// What the judging half found.
  let contest: Contest

  /// Cold restarts beside the warm start.
  static let coldRestarts = 4
  /// Swaps of one centre that the better of them tries, for each cluster.
  static let swapsPerCluster = 2

  /// Challenges `model`; the sample is trimmed and has at least 4 · k customers. `number` is the contest's: it says
  /// which half judges, and with `seed` and the generation where cold restarts begin.
  ///
  /// `nil` where a half has fewer than k customers.
  init?(_ model: Model, sample: CustomerSample, features: [WeightedFeature], seed: UInt64, number: Int) {
    let (count, k) = (features.count, model.segments.count)
    let scaler = Model.Scaler(sample: sample, features: features)
    let points = sample.entries.map { scaler.scaled($0.features, count: count) }
    let isJudge = sample.entries.map { fold($0.hash ^ UInt64(bitPattern: Int64(number)), Self.halving) & 1 == 1 }
    let training = points.indices.filter { !isJudge[$0] }
    guard training.count >= k, points.count - training.count >= k else { return nil }

    let kMeans = KMeans(points: training.flatMap { points[$0] }, features: count)
    var random = SplitMix64(
      seed: seed &* 0x2545_f491_4f6c_dd1d &+ UInt64(model.generation) << 32 &+ UInt64(truncatingIfNeeded: number))
    let present = Clustering(model)
    let warm = kMeans.lloyd(from: present.centroids(in: scaler), tolerance: KMeans.restartTolerance)
    let cold = kMeans.fit(k: k, restarts: Self.coldRestarts, random: &random)
    let better = cold.inertia < warm.inertia ? cold : warm
    let swapped = kMeans.swapped(better, tries: Self.swapsPerCluster * k, random: &random)
    clustering = Clustering(scaler: scaler, flat: kMeans.lloyd(from: swapped.centroids).centroids, features: count)

    func judged(_ clustering: Clustering) -> Double {
      Self.inertia(
        points, clustering.clusters(of: sample), isJudge: isJudge, centroids: clustering.centroids(in: scaler))
    }
    contest = Contest(
      number: number, inertia: judged(present), challengerInertia: judged(clustering),
      isStale: model.scaler.isStale(for: sample, count: count))
  }

  private static let halving: UInt64 = 0x9e37_79b9_7f4a_7c15

  /// The judging points' inertia about the means of the others in the same cluster; of a cluster that has no others,
  /// about its centroid.
  static func inertia(_ points: [[Double]], _ clusters: [Int], isJudge: [Bool], centroids: [Double]) -> Double {
    let count = points[0].count
    var means = centroids
    var sizes = [Int](repeating: 0, count: centroids.count / count)
    for index in points.indices where !isJudge[index] {
      let cluster = clusters[index]
      sizes[cluster] += 1
      // The mean so far, moved on by its share of the difference.
      for feature in 0..<count {
        let mean = sizes[cluster] == 1 ? 0 : means[cluster * count + feature]
        means[cluster * count + feature] = mean + (points[index][feature] - mean) / Double(sizes[cluster])
      }
    }
    var inertia = 0.0
    for index in points.indices where isJudge[index] {
      for feature in 0..<count {
        let difference = points[index][feature] - means[clusters[index] * count + feature]
        inertia += difference * difference
      }
    }
    return inertia
  }
}

/// How a challenger compares with the model.
public struct Contest: Sendable, Equatable {
  /// Its number; no two that follow each other have the same.
  public let number: Int
  /// The judging half's inertia under the model's partition.
  public let inertia: Double
  /// The same under the challenger's.
  public let challengerInertia: Double
  /// Whether the model's scaler no longer fits the customers.
  public let isStale: Bool

  /// A challenger wins with an inertia of at most this part of the model's.
  static let winningPart = 0.97
  /// Where the scaler is stale, of at most this part.
  static let stalePart = 1.03
  /// A challenger that has won so many contests running takes the model's place.
  package static let winsNeeded = 2

  /// The challenger's part of the model's inertia; 1 where both are 0.
  public var part: Double { inertia > 0 ? challengerInertia / inertia : 1 }
  /// Whether the challenger won.
  public var isWon: Bool { part <= (isStale ? Self.stalePart : Self.winningPart) }
}

extension Model.Scaler {
  /// A scaler is stale when more than this share of customers is outside the winsor bounds of a feature; at its fit
  /// it is 1 % of each.
  static let staleShare = 0.05

  func isStale(for sample: CustomerSample, count: Int) -> Bool {
    (0..<count).contains { index in
      let outside = sample.entries.count { $0.features[index] < lower[index] || $0.features[index] > upper[index] }
      return Double(outside) > Self.staleShare * Double(sample.entries.count)
    }
  }
}
