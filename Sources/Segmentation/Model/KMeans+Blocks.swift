extension KMeans {
  /// Rows that are assigned in one go. The sums of a block are added in the order of blocks, so that a fit does not
  /// depend on who runs them when; 4,096 rows of 8 coordinates fit in the second cache.
  package static let blockRows = 4_096

  /// Lloyd's iterations as `lloyd(from:tolerance:)` makes them, block by block and without a copy of the points: `run`
  /// calls its body once with each number below its count, on as many threads as it likes.
  ///
  /// `points` are rows of `features` coordinates, one at least; `start` is k centroids. The same points and start give
  /// the same fit, whatever `run` does.
  package static func lloyd(
    points: [Double], features: Int, from start: [Double], tolerance: Double = 0,
    iterations: Int = iterationCountMax, run: (_ count: Int, _ body: @Sendable (Int) -> Void) -> Void
  ) -> (fit: Fit, labels: [Int32]) {
    let count = points.count / features
    precondition(count > 0 && count * features == points.count, "points are whole and there is one")
    let (k, blocks) = (start.count / features, (count + blockRows - 1) / blockRows)
    precondition(k > 0 && k * features == start.count, "centroids are whole and there is one")
    let totals = BlockTotals(blocks: blocks, k: k, features: features)
    defer { totals.deallocate() }
    var labels = [Int32](repeating: -1, count: count)
    var fit = Fit(centroids: start, inertia: 0, hasConverged: false)
    /// Assigns all rows; returns how many labels changed.
    func assign() -> Int {
      points.withUnsafeBufferPointer { points in
        labels.withUnsafeMutableBufferPointer { labels in
          guard let points = points.baseAddress, let labels = labels.baseAddress else { return }
          fit.centroids.withUnsafeBufferPointer { centroids in
            // The rows and centroids are only read, and each call writes the labels of its own block.
            nonisolated(unsafe) let (points, labels, centroids) = (points, labels, centroids)
            run(blocks) { block in
              let rows = block * blockRows..<min(count, (block + 1) * blockRows)
              totals.assign(
                block, rows: rows.count, points: points + rows.lowerBound * features, centroids: centroids,
                labels: labels + rows.lowerBound)
            }
          }
        }
      }
      return totals.gather(inertia: &fit.inertia)
    }
    for iteration in 0..<iterations {
      let before = fit.inertia
      let changed = assign()
      let isStill = changed == 0 || before - fit.inertia < tolerance * fit.inertia
      if isStill && iteration > 0 {
        fit.hasConverged = true
        return (fit, labels)
      }
      totals.move(&fit.centroids)
    }
    _ = assign()
    return (fit, labels)
  }
}

/// The sums of each block of rows by cluster; blocks lie apart, so that threads may fill several at once.
///
///     block 0: | k · features sums | k counts | inertia | changed |   block 1: …
private struct BlockTotals: @unchecked Sendable {
  // Threads write to the numbers of different blocks; who adds them up waits for all of them.
  private let blocks: Int
  private let k: Int
  private let features: Int
  /// Numbers a block takes, rounded up to whole cache lines.
  private let stride: Int
  private let numbers: UnsafeMutablePointer<Double>

  init(blocks: Int, k: Int, features: Int) {
    (self.blocks, self.k, self.features) = (blocks, k, features)
    stride = (k * features + k + 2 + 7) & ~7
    numbers = .allocate(capacity: blocks * stride)
    numbers.initialize(repeating: 0, count: blocks * stride)
  }

  func deallocate() { numbers.deallocate() }

  /// Labels each row of a block with its nearest centroid (ties: the first), eight rows at a time, and sums them up.
  func assign(
    _ block: Int, rows: Int, points: UnsafePointer<Double>, centroids: UnsafeBufferPointer<Double>,
    labels: UnsafeMutablePointer<Int32>
  ) {
    let sums = numbers + block * stride
    let counts = sums + k * features
    sums.update(repeating: 0, count: stride)
    // Eight rows, column by column.
    let group = UnsafeMutablePointer<SIMD8<Double>>.allocate(capacity: features)
    defer { group.deallocate() }
    group.initialize(repeating: .zero, count: features)
    let lanes = UnsafeMutableRawPointer(group).assumingMemoryBound(to: Double.self)
    var (inertia, changed) = (0.0, 0)
    var first = 0
    while first < rows {
      let filled = min(8, rows &- first)
      for lane in 0..<filled {
        let row = points + (first &+ lane) &* features
        for feature in 0..<features { lanes[feature &* 8 &+ lane] = row[feature] }
      }
      let (label, squared) = nearest(group, centroids)
      for lane in 0..<filled {
        let cluster = Int(label[lane])
        if labels[first &+ lane] != Int32(truncatingIfNeeded: cluster) {
          labels[first &+ lane] = Int32(truncatingIfNeeded: cluster)
          changed &+= 1
        }
        inertia += squared[lane]
        counts[cluster] += 1
        let row = points + (first &+ lane) &* features
        let sum = sums + cluster &* features
        for feature in 0..<features { sum[feature] += row[feature] }
      }
      first &+= 8
    }
    counts[k] = inertia
    counts[k + 1] = Double(changed)
  }

  /// The nearest centroid of each of eight points, and its squared distance.
  @inline(__always)
  private func nearest(
    _ group: UnsafeMutablePointer<SIMD8<Double>>, _ centroids: UnsafeBufferPointer<Double>
  ) -> (label: SIMD8<Int64>, squared: SIMD8<Double>) {
    var best = SIMD8<Double>(repeating: .infinity)
    var label = SIMD8<Int64>.zero
    for cluster in 0..<k {
      var squared = SIMD8<Double>.zero
      for feature in 0..<features {
        let difference = group[feature] - SIMD8(repeating: centroids[cluster &* features &+ feature])
        squared += difference * difference
      }
      let isNearer = squared .< best
      best.replace(with: squared, where: isNearer)
      label.replace(with: SIMD8(repeating: Int64(truncatingIfNeeded: cluster)), where: isNearer)
    }
    return (label, best)
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
