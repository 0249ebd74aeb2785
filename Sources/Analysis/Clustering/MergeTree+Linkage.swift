extension MergeTree {
  /// The tree of one row or more.
  ///
  /// Single linkage follows a minimum spanning tree and keeps n numbers; the others follow chains of nearest neighbours
  /// and keep all n (n − 1) / 2 distances (Müllner 2011, "Modern hierarchical, agglomerative clustering algorithms",
  /// sections 3.2 and 3.3). Each takes time in proportion to n².
  package init(points: Points, linkage: Linkage) {
    self =
      linkage == .single
      ? Self(count: points.count, pairs: Self.spanningTree(points))
      : Self(count: points.count, pairs: Self.chains(points, linkage: linkage))
  }

  // MARK: Single linkage

  /// The edges of a minimum spanning tree, grown from row 0.
  private static func spanningTree(_ points: Points) -> [(one: Int, other: Int, height: Double)] {
    let (count, features) = (points.count, points.features)
    var edges: [(one: Int, other: Int, height: Double)] = []
    // Rows outside of the tree, ascending, and their squared distances to it.
    var outside = Array(1..<max(1, count))
    var squared = [Double](repeating: .infinity, count: outside.count)
    var last = 0
    while !outside.isEmpty {
      var nearest = 0
      points.values.withUnsafeBufferPointer { values in
        squared.withUnsafeMutableBufferPointer { squared in
          outside.withUnsafeBufferPointer { outside in
            for index in outside.indices {
              let own = Points.squaredDistance(values, last &* features, values, outside[index] &* features, features)
              if own < squared[index] { squared[index] = own }
              if squared[index] < squared[nearest] { nearest = index }
            }
          }
        }
      }
      edges.append((last, outside[nearest], squared[nearest].squareRoot()))
      last = outside.remove(at: nearest)
      squared.remove(at: nearest)
    }
    return edges
  }

  // MARK: Chains of nearest neighbours

  private static func chains(_ points: Points, linkage: Linkage) -> [(one: Int, other: Int, height: Double)] {
    let count = points.count
    var distances = PairDistances(points)
    // The rows of each cluster, told by one of its rows; 0 where it went into another.
    var sizes = [Int](repeating: 1, count: count)
    var chain: [Int] = []
    var merges: [(one: Int, other: Int, height: Double)] = []
    var start = 0
    while merges.count < count - 1 {
      if chain.isEmpty {
        while sizes[start] == 0 { start += 1 }
        chain.append(start)
      }
      let end = chain[chain.count - 1]
      let before = chain.count > 1 ? chain[chain.count - 2] : nil
      let (nearest, height) = distances.nearest(to: end, preferring: before, sizes: sizes)
      if nearest != before {
        chain.append(nearest)
        continue
      }
      chain.removeLast(2)
      let (gone, kept) = (min(end, nearest), max(end, nearest))
      distances.merge(gone, into: kept, height: height, sizes: sizes, linkage: linkage)
      merges.append((gone, kept, height))
      sizes[kept] += sizes[gone]
      sizes[gone] = 0
    }
    return merges
  }
}

/// The distances of n clusters, the lower triangle row by row:
///
///     (1, 0) | (2, 0) (2, 1) | (3, 0) (3, 1) (3, 2) | …
private struct PairDistances {
  private let count: Int
  private var numbers: [Double]

  /// The Euclidean distances of rows.
  init(_ points: Points) {
    let (count, features) = (points.count, points.features)
    self.count = count
    let size = count * (count - 1) / 2
    numbers = [Double](unsafeUninitializedCapacity: size) { numbers, initialized in
      points.values.withUnsafeBufferPointer { values in
        var place = 0
        for row in 1..<max(1, count) {
          for other in 0..<row {
            let squared = Points.squaredDistance(values, row &* features, values, other &* features, features)
            numbers.initializeElement(at: place, to: squared.squareRoot())
            place &+= 1
          }
        }
      }
      initialized = size
    }
  }

  /// The nearest other cluster and its distance: of equals `preferred`, then the first.
  func nearest(to cluster: Int, preferring preferred: Int?, sizes: [Int]) -> (Int, Double) {
    numbers.withUnsafeBufferPointer { numbers in
      sizes.withUnsafeBufferPointer { sizes in
        var best = preferred ?? (cluster == 0 ? 1 : 0)
        var distance = Double.infinity
        if let preferred {
          let (low, high) = (min(cluster, preferred), max(cluster, preferred))
          distance = numbers[high * (high - 1) / 2 + low]
        }
        let row = cluster * (cluster - 1) / 2
        for other in 0..<cluster where numbers[row &+ other] < distance && sizes[other] > 0 {
          (best, distance) = (other, numbers[row &+ other])
        }
        var place = cluster * (cluster + 1) / 2 + cluster
        for other in cluster + 1..<max(count, cluster + 1) {
          if numbers[place] < distance && sizes[other] > 0 { (best, distance) = (other, numbers[place]) }
          place &+= other
        }
        return (best, distance)
      }
    }
  }

  /// Gives `kept` the distances of both clusters together (Lance and Williams 1967; Müllner 2011, figure 2).
  mutating func merge(_ gone: Int, into kept: Int, height: Double, sizes: [Int], linkage: Linkage) {
    let (one, other) = (Double(sizes[gone]), Double(sizes[kept]))
    numbers.withUnsafeMutableBufferPointer { numbers in
      sizes.withUnsafeBufferPointer { sizes in
        for cluster in 0..<count where sizes[cluster] > 0 && cluster != gone && cluster != kept {
          let first = numbers[Self.place(cluster, gone)]
          let place = Self.place(cluster, kept)
          let second = numbers[place]
          switch linkage {
          case .ward:
            let third = Double(sizes[cluster])
            let squared = (one + third) * first * first + (other + third) * second * second - third * height * height
            numbers[place] = (max(0, squared) / (one + other + third)).squareRoot()
          case .average: numbers[place] = (one * first + other * second) / (one + other)
          case .complete: numbers[place] = max(first, second)
          case .single: numbers[place] = min(first, second)
          }
        }
      }
    }
  }

  @inline(__always)
  private static func place(_ one: Int, _ other: Int) -> Int {
    one > other ? one &* (one &- 1) / 2 &+ other : other &* (other &- 1) / 2 &+ one
  }
}
