/// A way to part rows into clusters.
public enum ClusteringAlgorithm: String, CaseIterable, Sendable {
  /// Lloyd's iterations from greedy k-means++ starts.
  case kMeans = "k-means"
  /// k-means that follows small random batches (Sculley 2010).
  case miniBatchKMeans = "mini-batch k-means"
  /// Agglomerative: the merge that adds least to the inertia (Ward 1963).
  case ward = "ward"
  /// Agglomerative: the least mean distance of two clusters' rows.
  case average = "average linkage"
  /// Agglomerative: the least greatest distance.
  case complete = "complete linkage"
  /// Agglomerative: the least distance.
  case single = "single linkage"
  /// Dense regions, and noise between them (Ester et al. 1996).
  case dbscan = "DBSCAN"
  /// Exemplars that rows elect by messages (Frey and Dueck 2007).
  case affinityPropagation = "affinity propagation"

  /// Whether it is told the number of clusters; the others find one.
  public var takesK: Bool { self != .dbscan && self != .affinityPropagation }

  /// How its work grows with the rows, in words.
  public var cost: String {
    switch self {
    case .kMeans, .miniBatchKMeans: "in proportion to the rows"
    case .ward, .average, .complete, .single, .dbscan: "with the square of the rows"
    case .affinityPropagation: "with the square of the rows, 200 times"
    }
  }

  /// The linkage, where it is agglomerative.
  var linkage: Linkage? {
    switch self {
    case .ward: .ward
    case .average: .average
    case .complete: .complete
    case .single: .single
    case .kMeans, .miniBatchKMeans, .dbscan, .affinityPropagation: nil
    }
  }
}

/// What counts as the distance of two clusters when the nearest two are merged.
package enum Linkage: String, CaseIterable, Sendable {
  /// √(2 |a| |b| / (|a| + |b|)) times the distance of the means.
  case ward
  /// The mean distance of a row of one to a row of the other.
  case average
  /// The greatest such distance.
  case complete
  /// The least such distance.
  case single
}
