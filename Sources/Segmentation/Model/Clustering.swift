/// Centroids in the space of a scaler: a partition of customers, each to its nearest centroid.
struct Clustering {
  let scaler: Model.Scaler
  let centroids: [[Double]]

  init(scaler: Model.Scaler, centroids: [[Double]]) {
    self.scaler = scaler
    self.centroids = centroids
  }

  /// Of `flat` centroids, cluster by cluster.
  init(scaler: Model.Scaler, flat: [Double], features: Int) {
    self.scaler = scaler
    centroids = stride(from: 0, to: flat.count, by: features).map { Array(flat[$0..<$0 + features]) }
  }

  /// What a model makes of customers.
  init(_ model: Model) { self.init(scaler: model.scaler, centroids: model.segments.map(\.centroid)) }

  /// The cluster of each sampled customer; ties go to the first.
  func clusters(of sample: CustomerSample) -> [Int] {
    let count = scaler.mean.count
    return sample.entries.map { entry in nearest(scaler.scaled(entry.features, count: count)) }
  }

  private func nearest(_ point: [Double]) -> Int {
    var best = (cluster: 0, squared: Double.infinity)
    for cluster in centroids.indices {
      let squared = squaredDistance(centroids[cluster], point)
      if squared < best.squared { best = (cluster, squared) }
    }
    return best.cluster
  }

  /// The centroids where they are in the space of another scaler, cluster by cluster.
  func centroids(in other: Model.Scaler) -> [Double] {
    centroids.flatMap { centroid in
      centroid.indices.map { index in
        (centroid[index] * scaler.sd[index] + scaler.mean[index] - other.mean[index]) / other.sd[index]
      }
    }
  }
}

extension SegmentIdentity.Cluster {
  /// The clusters of a sample's customers, and what each shares with those of the model before, where there is one.
  static func all(
    _ clustering: Clustering, of sample: CustomerSample, cuts: ScoreCuts, previous: Model?
  ) -> (clusters: [SegmentIdentity.Cluster], sizes: [Int]) {
    let labels = clustering.clusters(of: sample)
    let before = previous.map { Clustering($0).clusters(of: sample) }
    var sizes = [Int](repeating: 0, count: previous?.segments.count ?? 0)
    var scores: [[Scores]] = Array(repeating: [], count: clustering.centroids.count)
    var clusters = clustering.centroids.map { centroid in
      SegmentIdentity.Cluster(centroid: centroid, typical: Scores(r: 3, f: 3, m: 3), shared: sizes)
    }
    for (index, entry) in sample.entries.enumerated() {
      clusters[labels[index]].customers += 1
      scores[labels[index]].append(
        cuts.scores(recencyMs: entry.recencyMs, orders: entry.orders, netMinor: entry.netMinor))
      guard let before else { continue }
      clusters[labels[index]].shared[before[index]] += 1
      sizes[before[index]] += 1
    }
    for index in clusters.indices where !scores[index].isEmpty {
      clusters[index].typical = Scores(medianOf: scores[index])
    }
    return (clusters, sizes)
  }
}

extension Scores {
  /// The median R, F and M, each on its own, of at least one.
  init(medianOf scores: [Scores]) {
    func median(_ value: (Scores) -> Int) -> Int { scores.map(value).sorted()[scores.count / 2] }
    self.init(r: median(\.r), f: median(\.f), m: median(\.m))
  }
}
