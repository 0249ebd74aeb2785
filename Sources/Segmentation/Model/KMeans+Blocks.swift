extension KMeans {
  /// Rows that are assigned in one go. The sums of a block are added in the order of blocks, so that a fit does not
  /// depend on who runs them when; 4,096 rows of 8 coordinates fit in the second cache.
  package static let blockRows = 4_096

  /// Lloyd's iterations as `lloyd(from:tolerance:)` makes them, block by block and without a copy of the points: `run`
  /// calls its body once with each number below its count, on as many threads as it likes.
  ///
  /// `points` are rows of `features` coordinates, one at least; `start` is k centroids. The same points and start give
  /// the same fit, whatever `run` does. Rows that cannot have a nearer centroid are not compared with all of them.
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
    var bounds = [Double](repeating: 0, count: count)
    var reach = CentroidReach(start, features: features)
    var fit = Fit(centroids: start, inertia: 0, hasConverged: false)
    /// Assigns all rows; returns how many labels changed.
    func assign() -> Int {
      points.withUnsafeBufferPointer { points in
        labels.withUnsafeMutableBufferPointer { labels in
          bounds.withUnsafeMutableBufferPointer { bounds in
            guard let points = points.baseAddress, let labels = labels.baseAddress, let bounds = bounds.baseAddress
            else { return }
            let (centroids, apart) = (fit.centroids, reach)
            // The rows are only read, and each call writes the labels and bounds of its own block.
            nonisolated(unsafe) let (rows, owners, others) = (points, labels, bounds)
            run(blocks) { block in
              let first = block * blockRows
              totals.assign(
                block, rows: min(count, first + blockRows) - first, points: rows + first * features,
                centroids: centroids, reach: apart, labels: owners + first, bounds: others + first)
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
      let old = fit.centroids
      totals.move(&fit.centroids)
      reach = CentroidReach(fit.centroids, from: old, features: features)
    }
    _ = assign()
    return (fit, labels)
  }
}
