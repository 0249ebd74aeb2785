/// Gives the clusters of a new generation their segment numbers and names.
///
/// Clusters are matched with the previous generation's by their centroids, in the new scaled space, at the least
/// total distance. A cluster without a match is a new segment; a number is never used again.
struct SegmentIdentity {
  private let previous: Model?
  private let names: [String: String]
  private(set) var lastNumber: Int

  /// Centroids further apart than this, in standard deviations, are not the same segment.
  static let matchDistanceMax = 1.0

  init(previous: Model?, names: [String: String]) {
    self.previous = previous
    self.names = names
    lastNumber = previous?.lastSegmentNumber ?? 0
  }

  /// The segments of `centroids`, by number. `typical` are the clusters' median scores.
  mutating func segments(centroids: [[Double]], scaler: Model.Scaler, typical: [Scores]) -> [Model.Segment] {
    let matches = matched(centroids, scaler: scaler)
    var taken = Set(matches.compactMap { $0?.name })
    var segments: [Model.Segment] = []
    for (cluster, centroid) in centroids.enumerated() {
      if let match = matches[cluster] {
        segments.append(Model.Segment(number: match.number, name: match.name, centroid: centroid))
        continue
      }
      lastNumber += 1
      let name = unique(names["s\(lastNumber)"] ?? typical[cluster].cell.rawValue, taken: taken)
      taken.insert(name)
      segments.append(Model.Segment(number: lastNumber, name: name, centroid: centroid))
    }
    return segments.sorted { $0.number < $1.number }
  }

  private func unique(_ name: String, taken: Set<String>) -> String {
    var candidate = name
    var count = 1
    while taken.contains(candidate) {
      count += 1
      candidate = "\(name) \(count)"
    }
    return candidate
  }

  /// The previous segment of each cluster.
  private func matched(_ centroids: [[Double]], scaler: Model.Scaler) -> [Model.Segment?] {
    guard let previous, previous.features.count == centroids[0].count else {
      return Array(repeating: nil, count: centroids.count)
    }
    let old = previous.segments.map { segment in
      segment.centroid.indices.map { index in
        let raw = segment.centroid[index] * previous.scaler.sd[index] + previous.scaler.mean[index]
        return (raw - scaler.mean[index]) / scaler.sd[index]
      }
    }
    let cost = centroids.map { centroid in old.map { squaredDistance(centroid, $0).squareRoot() } }
    guard centroids.count == old.count else { return Array(repeating: nil, count: centroids.count) }
    let assignment = leastCostAssignment(cost)
    return centroids.indices.map { cluster in
      cost[cluster][assignment[cluster]] <= Self.matchDistanceMax ? previous.segments[assignment[cluster]] : nil
    }
  }
}
