import Glibc

/// k-means on points in memory: greedy k-means++ and Lloyd's iterations.
///
/// Seeding: Arthur and Vassilvitskii 2007, with 2 + ⌊ln k⌋ candidates a step of which the best is kept, as
/// scikit-learn does. Points are kept by columns, so that four are measured at once.
package struct KMeans: ~Copyable {
  private let count: Int
  /// `count`, rounded up to whole groups of four.
  private let padded: Int
  private let features: Int
  /// features · padded coordinates, column by column.
  private let columns: UnsafeMutablePointer<Double>
  private let labels: UnsafeMutablePointer<Int32>
  private let distances: UnsafeMutablePointer<Double>

  /// The outcome of a fit.
  package struct Fit {
    /// k · features coordinates, cluster by cluster.
    package var centroids: [Double]
    /// Σ of squared distances to the nearest centroid.
    package var inertia: Double
    /// Whether labels stood still before the last iteration.
    package var hasConverged: Bool
  }

  /// A restart ends when an iteration lowers the inertia by less than this share; the best goes on to the end.
  static let restartTolerance = 1e-4
  /// Lloyd's iterations a restart.
  package static let iterationCountMax = 300

  /// Takes `points`, row by row, of `features` coordinates each; at least one point.
  package init(points: [Double], features: Int) {
    count = points.count / features
    precondition(count > 0 && count * features == points.count, "points are whole and there is one")
    self.features = features
    padded = (count + 3) & ~3
    columns = .allocate(capacity: features * padded)
    columns.initialize(repeating: 0, count: features * padded)
    labels = .allocate(capacity: padded)
    labels.initialize(repeating: 0, count: padded)
    distances = .allocate(capacity: padded)
    distances.initialize(repeating: 0, count: padded)
    for point in 0..<count {
      for feature in 0..<features { columns[feature * padded + point] = points[point * features + feature] }
    }
  }

  deinit {
    columns.deallocate()
    labels.deallocate()
    distances.deallocate()
  }

  /// The best of `restarts` fits of `k` clusters.
  package func fit(k: Int, restarts: Int, random: inout SplitMix64) -> Fit {
    var best: Fit?
    for _ in 0..<restarts {
      let fit = lloyd(from: seeds(k: k, random: &random), tolerance: Self.restartTolerance)
      if best.map({ fit.inertia < $0.inertia }) ?? true { best = fit }
    }
    guard let best else { preconditionFailure("there is at least one restart") }
    return lloyd(from: best.centroids)
  }

  /// Lloyd's iterations from given centroids until no label changes, or until the inertia falls by less than the
  /// share `tolerance` of itself; a cluster without points keeps its centroid.
  package func lloyd(from start: [Double], tolerance: Double = 0) -> Fit {
    var centroids = start
    let k = start.count / features
    var inertia = 0.0
    for index in 0..<padded { labels[index] = -1 }
    for iteration in 0..<Self.iterationCountMax {
      let before = inertia
      let changed = assign(centroids, k: k, inertia: &inertia)
      let isStill = changed == 0 || before - inertia < tolerance * inertia
      if isStill && iteration > 0 { return Fit(centroids: centroids, inertia: inertia, hasConverged: true) }
      update(&centroids, k: k)
    }
    _ = assign(centroids, k: k, inertia: &inertia)
    return Fit(centroids: centroids, inertia: inertia, hasConverged: false)
  }

  /// The best of a fit and of `tries` one-centre swaps: a point drawn by its squared distance takes the place of the
  /// centre that is then missed least, and Lloyd's iterations follow (local search++; Lattanzi and Sohler 2019).
  func swapped(_ fit: Fit, tries: Int, random: inout SplitMix64) -> Fit {
    var best = fit
    let (first, second) = (UnsafeMutablePointer<Double>.allocate(capacity: padded), distances)
    defer { first.deallocate() }
    first.initialize(repeating: 0, count: padded)
    var owners = [Int](repeating: 0, count: count)
    var isKnown = false
    for _ in 0..<tries {
      if !isKnown { twoNearest(best.centroids, first: first, second: second, owners: &owners) }
      isKnown = true
      let potential = (0..<count).reduce(0.0) { $0 + first[$1] }
      let centre = point(draw(first, potential: potential, random: &random))
      var extra = [Double](repeating: 0, count: best.centroids.count / features)
      for index in 0..<count {
        var squared = 0.0
        for feature in 0..<features {
          let difference = columns[feature * padded + index] - centre[feature]
          squared += difference * difference
        }
        extra[owners[index]] += min(second[index], squared) - min(first[index], squared)
      }
      let missed = extra.indices.min { extra[$0] < extra[$1] } ?? 0
      var centroids = best.centroids
      for feature in 0..<features { centroids[missed * features + feature] = centre[feature] }
      let trial = lloyd(from: centroids, tolerance: Self.restartTolerance)
      if trial.inertia < best.inertia {
        best = trial
        isKnown = false
      }
    }
    return best
  }

  /// The squared distances of each point to its nearest and its second nearest centroid, and which is the nearest.
  private func twoNearest(
    _ centroids: [Double], first: UnsafeMutablePointer<Double>, second: UnsafeMutablePointer<Double>,
    owners: inout [Int]
  ) {
    for index in 0..<count {
      (first[index], second[index]) = (.infinity, .infinity)
      for cluster in 0..<centroids.count / features {
        var squared = 0.0
        for feature in 0..<features {
          let difference = columns[feature * padded + index] - centroids[cluster * features + feature]
          squared += difference * difference
        }
        if squared < first[index] {
          (second[index], first[index], owners[index]) = (first[index], squared, cluster)
        } else if squared < second[index] {
          second[index] = squared
        }
      }
    }
  }

  /// The cluster of each point under the last assignment.
  package func clusters() -> [Int] { (0..<count).map { Int(labels[$0]) } }

  // MARK: Seeding

  /// The start of a fit: k centroids, each one of the points.
  package func seeds(k: Int, random: inout SplitMix64) -> [Double] {
    let candidates = 2 + Int(log(Double(k)))
    var centroids = point(random.next(below: count))
    let nearest = UnsafeMutablePointer<Double>.allocate(capacity: padded)
    let trial = UnsafeMutablePointer<Double>.allocate(capacity: padded)
    let best = UnsafeMutablePointer<Double>.allocate(capacity: padded)
    defer { for pointer in [nearest, trial, best] { pointer.deallocate() } }
    nearest.initialize(repeating: .infinity, count: padded)
    trial.initialize(repeating: 0, count: padded)
    best.initialize(repeating: 0, count: padded)
    var potential = narrow(nearest, by: centroids, into: nearest)
    while centroids.count < k * features {
      var chosen: (point: [Double], potential: Double)?
      for _ in 0..<candidates {
        let candidate = point(draw(nearest, potential: potential, random: &random))
        let reached = narrow(nearest, by: candidate, into: trial)
        if chosen.map({ reached < $0.potential }) ?? true {
          chosen = (candidate, reached)
          memcpy(best, trial, padded * 8)
        }
      }
      guard let chosen else { preconditionFailure("there is a candidate") }
      centroids += chosen.point
      potential = chosen.potential
      memcpy(nearest, best, padded * 8)
    }
    return centroids
  }

  private func point(_ index: Int) -> [Double] {
    (0..<features).map { columns[$0 * padded + index] }
  }

  /// A point with a chance in proportion to its squared distance; any, where all distances are 0.
  private func draw(_ nearest: UnsafePointer<Double>, potential: Double, random: inout SplitMix64) -> Int {
    if !(potential > 0) { return random.next(below: count) }
    var rest = random.uniform() * potential
    for index in 0..<count {
      rest -= nearest[index]
      if rest < 0 { return index }
    }
    return count - 1
  }

  /// Writes the smaller of `nearest` and the squared distance to `centre`; returns the sum.
  private func narrow(
    _ nearest: UnsafePointer<Double>, by centre: [Double], into result: UnsafeMutablePointer<Double>
  ) -> Double {
    var total = SIMD4<Double>.zero
    var index = 0
    while index < padded {
      var squared = SIMD4<Double>.zero
      for feature in 0..<features {
        let difference = load4(columns + (feature &* padded &+ index)) - SIMD4(repeating: centre[feature])
        squared += difference * difference
      }
      let old = load4(nearest + index)
      squared.replace(with: old, where: old .< squared)
      if index &+ 4 > count { for lane in (count &- index)..<4 { squared[lane] = 0 } }
      UnsafeMutableRawPointer(result + index).storeBytes(of: squared, as: SIMD4<Double>.self)
      total += squared
      index &+= 4
    }
    return total.sum()
  }

  @inline(__always)
  private func load4(_ pointer: UnsafePointer<Double>) -> SIMD4<Double> {
    UnsafeRawPointer(pointer).loadUnaligned(as: SIMD4<Double>.self)
  }

  // MARK: Lloyd

  /// Labels each point with its nearest centroid (ties: the first); returns how many labels changed.
  private func assign(_ centroids: [Double], k: Int, inertia: inout Double) -> Int {
    var changed = 0
    var total = 0.0
    centroids.withUnsafeBufferPointer { centroids in
      var index = 0
      while index < padded {
        var best = SIMD4<Double>(repeating: .infinity)
        var label = SIMD4<Double>.zero
        for cluster in 0..<k {
          var squared = SIMD4<Double>.zero
          for feature in 0..<features {
            let difference =
              load4(columns + (feature &* padded &+ index))
              - SIMD4(repeating: centroids[cluster &* features &+ feature])
            squared += difference * difference
          }
          let isNearer = squared .< best
          best.replace(with: squared, where: isNearer)
          label.replace(with: SIMD4(repeating: Double(cluster)), where: isNearer)
        }
        for lane in 0..<min(4, count &- index) {
          let new = Int32(label[lane])
          if labels[index &+ lane] != new {
            labels[index &+ lane] = new
            changed &+= 1
          }
          total += best[lane]
        }
        index &+= 4
      }
    }
    inertia = total
    return changed
  }

  private func update(_ centroids: inout [Double], k: Int) {
    var counts = [Double](repeating: 0, count: k)
    var sums = [Double](repeating: 0, count: k * features)
    counts.withUnsafeMutableBufferPointer { counts in
      for point in 0..<count { counts[Int(labels[point])] += 1 }
    }
    sums.withUnsafeMutableBufferPointer { sums in
      for feature in 0..<features {
        let column = columns + feature * padded
        for point in 0..<count { sums[Int(labels[point]) &* features &+ feature] += column[point] }
      }
    }
    for cluster in 0..<k where counts[cluster] > 0 {
      for feature in 0..<features {
        centroids[cluster * features + feature] = sums[cluster * features + feature] / counts[cluster]
      }
    }
  }
}
