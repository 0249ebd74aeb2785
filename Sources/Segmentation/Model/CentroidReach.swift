/// How far centroids lie apart and moved: what tells that a row's nearest centroid is the same as before.
///
/// Hamerly 2010, "Making k-means even faster", section 3.1. Numbers are on the safe side by a billionth, which is more
/// than rounding takes: the labels are those of a comparison with every centroid.
struct CentroidReach: Sendable {
  /// How far another centroid than each moved at most.
  let drifts: [Double]
  /// Half the distance of each centroid to its nearest one.
  let halves: [Double]
  /// The share that is kept of a distance, to be on the safe side.
  static let safe = 1 - 1e-9

  /// Of k · features coordinates, and what they were before; without that nothing moved.
  init(_ centroids: [Double], from old: [Double]? = nil, features: Int) {
    let k = centroids.count / features
    func distance(_ one: [Double], _ first: Int, _ other: [Double], _ second: Int) -> Double {
      var squared = 0.0
      for feature in 0..<features {
        let difference = one[first * features + feature] - other[second * features + feature]
        squared += difference * difference
      }
      return squared.squareRoot()
    }
    let moves = (0..<k).map { cluster in old.map { distance(centroids, cluster, $0, cluster) } ?? 0 }
    let farthest = moves.indices.max { moves[$0] < moves[$1] } ?? 0
    let second = moves.indices.reduce(0.0) { $1 == farthest ? $0 : max($0, moves[$1]) }
    drifts = moves.indices.map { ($0 == farthest ? second : moves[farthest]) / Self.safe }
    var nearest = [Double](repeating: .infinity, count: k)
    for one in 0..<k {
      for other in 0..<one {
        let apart = distance(centroids, one, centroids, other)
        nearest[one] = min(nearest[one], apart)
        nearest[other] = min(nearest[other], apart)
      }
    }
    halves = nearest.map { $0 / 2 * Self.safe }
  }
}
