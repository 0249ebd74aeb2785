import Segmentation

/// The indices of one labelling, without noise.
struct ClusterIndices: Sendable {
  /// The mean silhouette.
  var silhouette: Double?
  /// Caliński and Harabasz' ratio.
  var calinskiHarabasz: Double?
  /// Davies and Bouldin's measure.
  var daviesBouldin: Double?

  /// Of labels, −1 for noise; the silhouette is that of the rows in `sample`.
  init(_ points: Points, labels: [Int], sample: [Int]) {
    let kept = labels.indices.filter { labels[$0] >= 0 }
    let rows = kept.count == labels.count ? points : points.rows(kept)
    guard
      !kept.isEmpty,
      let quality = ClusterQuality(points: rows.values, features: rows.features, labels: kept.map { labels[$0] })
    else { return }
    calinskiHarabasz = quality.calinskiHarabasz
    daviesBouldin = quality.daviesBouldin
    if sample.count == labels.count {
      silhouette = quality.silhouette
    } else {
      let drawn = sample.filter { labels[$0] >= 0 }
      guard !drawn.isEmpty else { return }
      let few = ClusterQuality(
        points: points.rows(drawn).values, features: points.features, labels: drawn.map { labels[$0] })
      silhouette = few?.silhouette
    }
  }
}

/// Labels that count clusters from 0 by falling size; of equals the one whose first row comes first. −1 stays.
func numberedBySize(_ labels: [Int]) -> (labels: [Int], sizes: [Int]) {
  var clusters: [Int: (size: Int, first: Int)] = [:]
  for (row, label) in labels.enumerated() where label >= 0 { clusters[label, default: (0, row)].size += 1 }
  let order = clusters.sorted { ($1.value.size, $0.value.first) < ($0.value.size, $1.value.first) }
  let numbers = Dictionary(uniqueKeysWithValues: order.enumerated().map { ($0.element.key, $0.offset) })
  return (labels.map { numbers[$0] ?? -1 }, order.map(\.value.size))
}
