/// The distance of each row to its k-th nearest row, itself counted as the first, ascending: the k-distance curve
/// (Ester et al. 1996, "A density-based algorithm for discovering clusters", section 4.2).
package struct DistanceCurve: Sendable {
  /// Each row's distance, in the order of rows.
  package let distances: [Double]
  /// The same, ascending.
  package let sorted: [Double]

  /// Of points, `neighbours` 1 and up; where there are fewer rows, of the farthest row.
  package init(_ points: Points, neighbours: Int) {
    let kept = max(1, min(neighbours, points.count))
    let (count, features) = (points.count, points.features)
    let blocks = concurrentMap((count + Points.blockRows - 1) / Points.blockRows) { block in
      points.values.withUnsafeBufferPointer { values in
        // The least squared distances so far, ascending.
        var least = [Double](repeating: .infinity, count: kept)
        return least.withUnsafeMutableBufferPointer { least in
          (block * Points.blockRows..<min(count, (block + 1) * Points.blockRows)).map { row in
            least.update(repeating: .infinity)
            for other in 0..<count {
              let own = Points.squaredDistance(values, row &* features, values, other &* features, features)
              if own < least[kept &- 1] { Self.insert(own, into: least) }
            }
            return least[kept - 1].squareRoot()
          }
        }
      }
    }
    distances = blocks.flatMap { $0 }
    sorted = distances.sorted()
  }

  private static func insert(_ value: Double, into ascending: UnsafeMutableBufferPointer<Double>) {
    var place = ascending.count &- 1
    while place > 0 && ascending[place &- 1] > value {
      ascending[place] = ascending[place &- 1]
      place &-= 1
    }
    ascending[place] = value
  }

  /// Where the curve lies farthest below the line from its begin to its end (Satopää et al. 2011, "Finding a kneedle in
  /// a haystack", section III, for a convex curve); `nil` where it is level.
  package var knee: Int? {
    guard let low = sorted.first, let high = sorted.last, high > low else { return nil }
    var best: (place: Int, depth: Double)?
    for (place, distance) in sorted.enumerated() {
      let depth = Double(place) / Double(sorted.count - 1) - (distance - low) / (high - low)
      if depth > best?.depth ?? 0 { best = (place, depth) }
    }
    return best?.place ?? sorted.count - 1
  }

  /// A radius for DBSCAN: midway between the distance at the knee and the next greater one, so that no row's distance
  /// is the radius itself; of a level curve its distance. Above 0.
  package var eps: Double {
    let distance = knee.map { sorted[$0] } ?? sorted.last ?? 0
    if knee == nil { return distance > 0 ? distance : 1 }
    return sorted.first { $0 > distance }.map { distance + ($0 - distance) / 2 } ?? distance
  }
}
