/// DBSCAN: rows with enough others around them are cores; cores within the radius of each other are a cluster, rows
/// within the radius of a core belong to it, and the rest is noise.
///
/// Ester, Kriegel, Sander and Xu 1996, "A density-based algorithm for discovering clusters in large spatial databases
/// with noise", section 3. A row on the border of several clusters belongs to the first. It takes time in proportion to
/// n², and memory to n.
package struct DensityClustering: Sendable {
  /// The cluster of each row, by the clusters' first cores from 0 on; −1 is noise.
  package private(set) var labels: [Int]
  /// Whether each row is a core.
  package let isCore: [Bool]

  /// Clusters points; a core has `minPoints` rows, itself among them, at a distance of no more than `eps`.
  package init(_ points: Points, eps: Double, minPoints: Int) {
    let curve = minPoints <= points.count ? DistanceCurve(points, neighbours: minPoints) : nil
    self.init(points, eps: eps, minPoints: minPoints, curve: curve)
  }

  /// The same, with the distances to the `minPoints`-th nearest row; without them nothing is a core.
  init(_ points: Points, eps: Double, minPoints: Int, curve: DistanceCurve?) {
    isCore = curve.map { $0.distances.map { $0 <= eps } } ?? [Bool](repeating: false, count: points.count)
    labels = [Int](repeating: -1, count: points.count)
    let (features, limit) = (points.features, eps * eps)
    // Rows without a cluster, in any order.
    var free = Array(0..<points.count)
    var number = 0
    for first in 0..<points.count where isCore[first] && labels[first] < 0 {
      labels[first] = number
      var waiting = [first]
      while let core = waiting.popLast() {
        points.values.withUnsafeBufferPointer { values in
          var index = 0
          while index < free.count {
            let row = free[index]
            let isNear =
              labels[row] >= 0
              || Points.squaredDistance(values, core &* features, values, row &* features, features) <= limit
            if !isNear {
              index += 1
              continue
            }
            if labels[row] < 0 {
              labels[row] = number
              if isCore[row] { waiting.append(row) }
            }
            free.swapAt(index, free.count - 1)
            free.removeLast()
          }
        }
      }
      number += 1
    }
  }
}
