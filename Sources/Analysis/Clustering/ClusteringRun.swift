import Segmentation

/// One algorithm on rows: labels of any numbers, −1 for noise.
struct ClusteringRun: Sendable {
  /// The cluster of each row.
  var labels: [Int]
  /// Whether it came to an end by itself.
  var hasConverged = true
  /// What there is to know of it.
  var notes: [String] = []
  /// The tree, of Ward's linkage only: the others' would be kept for nothing.
  var tree: MergeTree?

  /// Rows that algorithms in proportion to n² take: 12.5 million distances, 100 MB.
  package static let pairRowsMax = 5_000
  /// Rows that affinity propagation takes: three matrices of a million numbers, gone through 200 times.
  package static let affinityRowsMax = 1_000
  /// k-means' fits from different starts.
  static let restarts = 10

  /// How an algorithm is run.
  struct Plan: Sendable {
    /// Which one.
    var algorithm: ClusteringAlgorithm
    /// The number of clusters, for those that are told it.
    var k: Int
    /// The radius of DBSCAN, and its cores' neighbours, where they are given.
    var eps: Double?
    /// See `eps`.
    var minPoints: Int?
    /// k-means' fits from different starts.
    var restarts = ClusteringRun.restarts

    /// The neighbours that make a core among `count` rows.
    func minPoints(_ count: Int, features: Int) -> Int {
      minPoints ?? max(2, min(max(5, 2 * features), count / 10))
    }
  }

  /// Runs it; `sample` is what algorithms in proportion to n² take instead of all rows.
  init(_ plan: Plan, on points: Points, seed: UInt64, sample: Sample?) {
    var random = SplitMix64(seed: seed)
    switch plan.algorithm {
    case .kMeans: self = Self.kMeans(plan, points, random: &random)
    case .miniBatchKMeans:
      let fit = MiniBatchKMeans(points, k: plan.k, random: &random)
      self.init(labels: fit.labels, hasConverged: fit.hasConverged)
      notes.append("\(fit.batches) batches of \(min(points.count, MiniBatchKMeans.batchRows)) rows")
    case .ward, .average, .complete, .single:
      self = Self.agglomerative(plan, points, sample: sample ?? Sample(all: points))
    case .dbscan: self = Self.dbscan(plan, points, sample: sample ?? Sample(all: points))
    case .affinityPropagation: self = Self.affinity(points, random: &random)
    }
  }

  private init(labels: [Int], hasConverged: Bool = true) {
    self.labels = labels
    self.hasConverged = hasConverged
  }

  /// Rows drawn once for all algorithms in proportion to n².
  struct Sample: Sendable {
    /// The rows that were drawn, ascending.
    let rows: [Int]
    /// Their numbers.
    let points: Points
    /// For each of all rows the nearest that was drawn; `nil` where all were.
    let nearest: [Int]?

    /// All rows.
    init(all points: Points) {
      (rows, self.points, nearest) = (Array(0..<points.count), points, nil)
    }

    /// As many rows as can be taken; `findsNearest` says whether the rest must be told the nearest of them.
    init(of points: Points, random: inout SplitMix64, findsNearest: Bool) {
      rows = Points.sample(ClusteringRun.pairRowsMax, of: points.count, random: &random)
      let isWhole = rows.count == points.count
      self.points = isWhole ? points : points.rows(rows)
      nearest = findsNearest && !isWhole ? points.nearest(of: self.points).index : nil
    }
  }

  // MARK: Algorithms

  private static func kMeans(_ plan: Plan, _ points: Points, random: inout SplitMix64) -> Self {
    let isSampled = points.count > pairRowsMax
    let rows = isSampled ? points.rows(Points.sample(pairRowsMax, of: points.count, random: &random)) : points
    let kMeans = KMeans(points: rows.values, features: points.features)
    let fit = kMeans.fit(k: min(plan.k, rows.count), restarts: plan.restarts, random: &random)
    if !isSampled { return Self(labels: kMeans.clusters(), hasConverged: fit.hasConverged) }
    let (whole, labels) = points.lloyd(from: fit.centroids)
    var run = Self(labels: labels.map(Int.init), hasConverged: whole.hasConverged)
    run.notes.append("started from the best of \(plan.restarts) fits to \(NumberText.count(rows.count)) random rows")
    return run
  }

  private static func agglomerative(_ plan: Plan, _ points: Points, sample: Sample) -> Self {
    guard let linkage = plan.algorithm.linkage else { preconditionFailure("the algorithm is agglomerative") }
    let tree = MergeTree(points: sample.points, linkage: linkage)
    let labels = tree.labels(k: min(plan.k, sample.points.count))
    var run = Self(labels: labels)
    if linkage == .ward { run.tree = tree }
    if sample.points.count == points.count { return run }
    let nearest = sample.nearest ?? points.nearest(of: sample.points).index
    run.labels = nearest.map { labels[$0] }
    run.notes.append(
      "made of \(NumberText.count(sample.rows.count)) random rows; each other row goes with the nearest of them")
    return run
  }

  private static func dbscan(_ plan: Plan, _ points: Points, sample: Sample) -> Self {
    let rows = sample.points
    let minPoints = plan.minPoints(rows.count, features: points.features)
    let curve = minPoints <= rows.count ? DistanceCurve(rows, neighbours: minPoints) : nil
    let eps = plan.eps ?? curve?.eps ?? 1
    let clustering = DensityClustering(rows, eps: eps, minPoints: minPoints, curve: curve)
    var run = Self(labels: clustering.labels)
    let origin = plan.eps == nil ? ", the knee of the distances to the \(ordinal(minPoints)) nearest row" : ""
    run.notes.append("radius \(NumberText.fixed(eps, 4))\(origin); cores have \(minPoints) rows in it")
    if rows.count == points.count { return run }
    let cores = (0..<rows.count).filter { clustering.isCore[$0] }
    run.labels = [Int](repeating: -1, count: points.count)
    if !cores.isEmpty {
      let (nearest, squared) = points.nearest(of: rows.rows(cores))
      for row in 0..<points.count where squared[row] <= eps * eps {
        run.labels[row] = clustering.labels[cores[nearest[row]]]
      }
    }
    for (place, row) in sample.rows.enumerated() { run.labels[row] = clustering.labels[place] }
    let size = NumberText.count(rows.count)
    run.notes.append("made of \(size) random rows; each other row goes with the nearest core of them in the radius")
    return run
  }

  private static func affinity(_ points: Points, random: inout SplitMix64) -> Self {
    let chosen = Points.sample(affinityRowsMax, of: points.count, random: &random)
    let rows = chosen.count == points.count ? points : points.rows(chosen)
    let clustering = AffinityPropagation(rows, seed: UInt64(random.next(below: .max)))
    var run = Self(labels: clustering.labels, hasConverged: clustering.hasConverged)
    run.notes.append(
      clustering.hasConverged
        ? "ended after \(clustering.iterations) iterations"
        : "did not converge in \(clustering.iterations) iterations: its exemplars still change")
    if rows.count == points.count { return run }
    if clustering.exemplars.isEmpty {
      run.labels = [Int](repeating: -1, count: points.count)
    } else {
      run.labels = points.nearest(of: rows.rows(clustering.exemplars)).index
    }
    run.notes.append("made of \(NumberText.count(rows.count)) random rows; each other row goes to the nearest exemplar")
    return run
  }
}
