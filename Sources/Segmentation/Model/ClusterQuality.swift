/// How well labels part points into clusters, by measures that need no truth.
///
/// Each is what scikit-learn computes, its answers in the corners included: without 2 to n − 1 distinct labels there is
/// no measure. Labels are any integers; one that no point bears is no cluster.
package struct ClusterQuality {
  private let points: [Double]
  private let features: Int
  private let count: Int
  /// The cluster of each point, 0 and up, by ascending label.
  private let clusters: [Int]
  /// Points by cluster; none is 0.
  private let sizes: [Int]
  /// The mean of each cluster's points, `features` coordinates each.
  private let centroids: [Double]

  /// Takes finite `points`, row by row, of `features` coordinates each, and a label for each point.
  ///
  /// `nil` where the labels are of fewer than 2 or of more than n − 1 clusters.
  package init?(points: [Double], features: Int, labels: [Int]) {
    precondition(features > 0 && points.count == labels.count * features, "points are whole, each with a label")
    let distinct = Set(labels).sorted()
    guard distinct.count >= 2 && distinct.count < labels.count else { return nil }
    let numbers = Dictionary(uniqueKeysWithValues: zip(distinct, distinct.indices))
    let clusters = labels.map { numbers[$0] ?? 0 }
    var sizes = [Int](repeating: 0, count: distinct.count)
    var centroids = [Double](repeating: 0, count: distinct.count * features)
    for (point, cluster) in clusters.enumerated() {
      sizes[cluster] += 1
      for feature in 0..<features { centroids[cluster * features + feature] += points[point * features + feature] }
    }
    for index in centroids.indices { centroids[index] /= Double(sizes[index / features]) }
    self.points = points
    self.features = features
    count = labels.count
    self.clusters = clusters
    self.sizes = sizes
    self.centroids = centroids
  }

  // MARK: Silhouettes

  /// The mean of all points' silhouettes, −1 to 1.
  package var silhouette: Double { silhouettes.reduce(0, +) / Double(count) }

  /// Each point's silhouette, −1 to 1: (b − a) / max(a, b), with a the mean distance to the others of its cluster and b
  /// the least mean distance to another cluster. Alone in its cluster, or with a = b = 0, it is 0.
  ///
  /// Rousseeuw 1987, "Silhouettes: a graphical aid", sections 2 and 3. It takes all n² / 2 distances.
  package var silhouettes: [Double] {
    let k = sizes.count
    var sums = [Double](repeating: 0, count: count * k)
    points.withUnsafeBufferPointer { points in
      sums.withUnsafeMutableBufferPointer { sums in
        for point in 0..<count {
          for other in point + 1..<count {
            let distance = Self.distance(points, point &* features, points, other &* features, features)
            sums[point &* k &+ clusters[other]] += distance
            sums[other &* k &+ clusters[point]] += distance
          }
        }
      }
    }
    return (0..<count).map { point in
      let own = clusters[point]
      if sizes[own] == 1 { return 0 }
      var nearest = Double.infinity
      for cluster in 0..<k where cluster != own {
        nearest = min(nearest, sums[point * k + cluster] / Double(sizes[cluster]))
      }
      return Self.contrast(within: sums[point * k + own] / Double(sizes[own] - 1), nearest: nearest)
    }
  }

  /// The mean of all points' simplified silhouettes, −1 to 1.
  package var simplifiedSilhouette: Double { simplifiedSilhouettes.reduce(0, +) / Double(count) }

  /// Each point's simplified silhouette: as the silhouette, with a and b the distances to its own and to the nearest
  /// other centroid. Alone in its cluster it is 0. It takes n · k distances.
  ///
  /// Hruschka, de Castro and Campello 2004, "Evolutionary algorithms for clustering gene-expression data", section 3.
  package var simplifiedSilhouettes: [Double] {
    points.withUnsafeBufferPointer { points in
      centroids.withUnsafeBufferPointer { centroids in
        (0..<count).map { point in
          let own = clusters[point]
          if sizes[own] == 1 { return 0 }
          var nearest = Double.infinity
          var within = 0.0
          for cluster in sizes.indices {
            let distance = Self.distance(points, point &* features, centroids, cluster &* features, features)
            if cluster == own { within = distance } else { nearest = min(nearest, distance) }
          }
          return Self.contrast(within: within, nearest: nearest)
        }
      }
    }
  }

  // MARK: Ratios of spread

  /// The spread between clusters over that within, each by its degrees of freedom: 0 and up, greater is better.
  /// Without spread within it is 1.
  ///
  /// Caliński and Harabasz 1974, "A dendrite method for cluster analysis", formula 3.
  package var calinskiHarabasz: Double {
    let k = sizes.count
    var mean = [Double](repeating: 0, count: features)
    for index in points.indices { mean[index % features] += points[index] }
    for feature in 0..<features { mean[feature] /= Double(count) }
    var between = 0.0
    for index in centroids.indices {
      let difference = centroids[index] - mean[index % features]
      between += Double(sizes[index / features]) * difference * difference
    }
    var within = 0.0
    for index in points.indices {
      let difference = points[index] - centroids[clusters[index / features] * features + index % features]
      within += difference * difference
    }
    return within == 0 ? 1 : between * Double(count - k) / (within * Double(k - 1))
  }

  /// The mean over clusters of the worst ratio of two clusters' mean distances to their centroids, added, over the
  /// distance of these: 0 and up, less is better. Where there is no spread, or all centroids are one, it is 0.
  ///
  /// Davies and Bouldin 1979, "A cluster separation measure", definitions 4 to 6 with p = 2, q = 1.
  package var daviesBouldin: Double {
    let k = sizes.count
    return points.withUnsafeBufferPointer { points in
      centroids.withUnsafeBufferPointer { centroids in
        var spreads = [Double](repeating: 0, count: k)
        for (point, cluster) in clusters.enumerated() {
          spreads[cluster] += Self.distance(points, point * features, centroids, cluster * features, features)
        }
        for cluster in 0..<k { spreads[cluster] /= Double(sizes[cluster]) }
        func distance(_ one: Int, _ other: Int) -> Double {
          Self.distance(centroids, one * features, centroids, other * features, features)
        }
        let areApart = (0..<k).contains { one in (0..<k).contains { distance(one, $0) > Self.nothing } }
        guard areApart, spreads.contains(where: { $0 > Self.nothing }) else { return 0 }
        var total = 0.0
        for one in 0..<k {
          var worst = 0.0
          for other in 0..<k where distance(one, other) > 0 {
            worst = max(worst, (spreads[one] + spreads[other]) / distance(one, other))
          }
          total += worst
        }
        return total / Double(k)
      }
    }
  }

  // MARK: Distances

  /// Distances up to it count as none where a whole measure would rest on them, as in scikit-learn.
  private static let nothing = 1e-8

  private static func contrast(within: Double, nearest: Double) -> Double {
    let larger = max(within, nearest)
    return larger > 0 ? (nearest - within) / larger : 0
  }

  /// The Euclidean distance of two points that begin at these places.
  @inline(__always)
  private static func distance(
    _ points: UnsafeBufferPointer<Double>, _ point: Int, _ others: UnsafeBufferPointer<Double>, _ other: Int,
    _ features: Int
  ) -> Double {
    var squared = 0.0
    for feature in 0..<features {
      let difference = points[point &+ feature] - others[other &+ feature]
      squared += difference * difference
    }
    return squared.squareRoot()
  }
}
