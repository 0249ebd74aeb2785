/// The sums of each block of rows by cluster; blocks lie apart, so that threads may fill several at once.
///
///     block 0: | k · features sums | k counts | inertia | changed |   block 1: …
struct BlockTotals: @unchecked Sendable {
  // Threads write to the numbers of different blocks; who adds them up waits for all of them.
  private let blocks: Int
  private let k: Int
  private let features: Int
  /// Numbers a block takes, rounded up to whole cache lines.
  private let stride: Int
  private let numbers: UnsafeMutablePointer<Double>

  /// Takes the sizes.
  init(blocks: Int, k: Int, features: Int) {
    (self.blocks, self.k, self.features) = (blocks, k, features)
    stride = (k * features + k + 2 + 7) & ~7
    numbers = .allocate(capacity: blocks * stride)
    numbers.initialize(repeating: 0, count: blocks * stride)
  }

  /// Frees the numbers.
  func deallocate() { numbers.deallocate() }

  /// Labels each row of a block with its nearest centroid (ties: the first), and sums them up.
  ///
  /// `bounds` are distances that no centroid but the row's own is below; they are kept up to date.
  func assign(
    _ block: Int, rows: Int, points: UnsafePointer<Double>, centroids: [Double], reach: CentroidReach,
    labels: UnsafeMutablePointer<Int32>, bounds: UnsafeMutablePointer<Double>
  ) {
    let totals = numbers + block * stride
    totals.update(repeating: 0, count: stride)
    withUnsafeTemporaryAllocation(of: Int32.self, capacity: rows) { open in
      centroids.withUnsafeBufferPointer { centroids in
        guard let open = open.baseAddress, let centroids = centroids.baseAddress else { return }
        var inertia = 0.0
        let count = settle(
          rows, points: points, centroids: centroids, reach: reach, labels: labels, bounds: bounds, open: open,
          inertia: &inertia)
        let changed = compare(
          open, count, points: points, centroids: centroids, labels: labels, bounds: bounds, inertia: &inertia)
        totals[k * features + k] = inertia
        totals[k * features + k + 1] = Double(changed)
      }
    }
    for row in 0..<rows {
      let cluster = Int(labels[row])
      let (sum, point) = (totals + cluster &* features, points + row &* features)
      for feature in 0..<features { sum[feature] += point[feature] }
      totals[k &* features &+ cluster] += 1
    }
  }

  /// Passes over the rows whose nearest centroid is surely the same; lists the others as open, and counts them.
  private func settle(
    _ rows: Int, points: UnsafePointer<Double>, centroids: UnsafePointer<Double>, reach: CentroidReach,
    labels: UnsafePointer<Int32>, bounds: UnsafeMutablePointer<Double>, open: UnsafeMutablePointer<Int32>,
    inertia: inout Double
  ) -> Int {
    var count = 0
    reach.drifts.withUnsafeBufferPointer { drifts in
      reach.halves.withUnsafeBufferPointer { halves in
        for row in 0..<rows {
          open[count] = Int32(truncatingIfNeeded: row)
          let own = Int(labels[row])
          if own < 0 {
            count &+= 1
            continue
          }
          let squared = squaredDistance(points + row &* features, centroids + own &* features)
          let bound = bounds[row] - drifts[own]
          bounds[row] = bound
          let least = max(bound, halves[own])
          if least > 0 && squared < least * least * CentroidReach.safe {
            inertia += squared
          } else {
            count &+= 1
          }
        }
      }
    }
    return count
  }

  @inline(__always)
  private func squaredDistance(_ one: UnsafePointer<Double>, _ other: UnsafePointer<Double>) -> Double {
    var sums = SIMD2<Double>.zero
    var feature = 0
    while feature &+ 1 < features {
      let difference =
        UnsafeRawPointer(one + feature).loadUnaligned(as: SIMD2<Double>.self)
        - UnsafeRawPointer(other + feature).loadUnaligned(as: SIMD2<Double>.self)
      sums += difference * difference
      feature &+= 2
    }
    if feature < features {
      let difference = one[feature] - other[feature]
      sums[0] += difference * difference
    }
    return sums[0] + sums[1]
  }

  /// Compares open rows with every centroid, eight rows at a time; returns how many labels changed.
  private func compare(
    _ open: UnsafePointer<Int32>, _ count: Int, points: UnsafePointer<Double>, centroids: UnsafePointer<Double>,
    labels: UnsafeMutablePointer<Int32>, bounds: UnsafeMutablePointer<Double>, inertia: inout Double
  ) -> Int {
    var changed = 0
    withUnsafeTemporaryAllocation(of: SIMD8<Double>.self, capacity: features) { group in
      guard let group = group.baseAddress else { return }
      group.initialize(repeating: .zero, count: features)
      // Eight rows, column by column.
      let lanes = UnsafeMutableRawPointer(group).assumingMemoryBound(to: Double.self)
      var first = 0
      while first < count {
        let filled = min(8, count &- first)
        for lane in 0..<filled {
          let row = points + Int(open[first &+ lane]) &* features
          for feature in 0..<features { lanes[feature &* 8 &+ lane] = row[feature] }
        }
        let (label, best, second) = nearest(group, centroids)
        for lane in 0..<filled {
          let row = Int(open[first &+ lane])
          let cluster = Int32(truncatingIfNeeded: label[lane])
          if labels[row] != cluster { changed &+= 1 }
          labels[row] = cluster
          bounds[row] = second[lane].squareRoot() * CentroidReach.safe
          inertia += best[lane]
        }
        first &+= 8
      }
    }
    return changed
  }

  /// The nearest centroid of each of eight points, its squared distance, and that of the second nearest.
  @inline(__always)
  private func nearest(
    _ group: UnsafeMutablePointer<SIMD8<Double>>, _ centroids: UnsafePointer<Double>
  ) -> (label: SIMD8<Int64>, best: SIMD8<Double>, second: SIMD8<Double>) {
    var (best, second) = (SIMD8<Double>(repeating: .infinity), SIMD8<Double>(repeating: .infinity))
    var label = SIMD8<Int64>.zero
    for cluster in 0..<k {
      var squared = SIMD8<Double>.zero
      for feature in 0..<features {
        let difference = group[feature] - SIMD8(repeating: centroids[cluster &* features &+ feature])
        squared += difference * difference
      }
      let isNearer = squared .< best
      let farther = squared.replacing(with: best, where: isNearer)
      second.replace(with: farther, where: farther .< second)
      best.replace(with: squared, where: isNearer)
      label.replace(with: SIMD8(repeating: Int64(truncatingIfNeeded: cluster)), where: isNearer)
    }
    return (label, best, second)
  }

  /// Adds all blocks up in the first one; returns how many labels changed.
  func gather(inertia: inout Double) -> Int {
    for block in 1..<max(1, blocks) {
      let other = numbers + block * stride
      for index in 0..<stride { numbers[index] += other[index] }
    }
    inertia = numbers[k * features + k]
    return Int(numbers[k * features + k + 1])
  }

  /// Moves each centroid to the mean of its rows; one without rows stays.
  func move(_ centroids: inout [Double]) {
    for cluster in 0..<k where numbers[k * features + cluster] > 0 {
      for feature in 0..<features {
        let index = cluster * features + feature
        centroids[index] = numbers[index] / numbers[k * features + cluster]
      }
    }
  }
}
