/// How a tree is grown: depth first, the rows at most a threshold before those above.
struct TreeGrowth {
  let features: FeatureMatrix
  let labels: [Int]
  let classCount: Int
  let depthMax: Int
  let leafMin: Int
  /// What has been grown.
  private(set) var nodes: [DecisionTree.Node] = []

  init(features: FeatureMatrix, labels: [Int], classCount: Int, depthMax: Int, leafMin: Int) {
    self.features = features
    self.labels = labels
    self.classCount = classCount
    self.depthMax = depthMax
    self.leafMin = leafMin
  }

  private struct Split {
    var feature: Int
    var threshold: Double
    /// Σ over both sides of Σ over the classes of count² / rows: greatest where the impurity is smallest.
    var purity: Double
  }

  /// Grows the tree of some rows and answers the number of its root.
  @discardableResult
  mutating func grow(_ rows: [Int], depth: Int) -> Int {
    let place = nodes.count
    let counts = self.counts(rows)
    let total = Double(max(1, rows.count))
    nodes.append(.answer(shares: counts.map { Double($0) / total }, rowCount: rows.count))
    guard depth < depthMax, rows.count >= 2 * leafMin, counts.count(where: { $0 > 0 }) > 1 else { return place }
    guard let split = bestSplit(rows, counts) else { return place }
    let below = grow(rows.filter { features[$0, split.feature] <= split.threshold }, depth: depth + 1)
    let above = grow(rows.filter { features[$0, split.feature] > split.threshold }, depth: depth + 1)
    nodes[place] = .question(feature: split.feature, threshold: split.threshold, below: below, above: above)
    return place
  }

  private func counts(_ rows: [Int]) -> [Int] {
    var counts = [Int](repeating: 0, count: classCount)
    for row in rows { counts[labels[row]] += 1 }
    return counts
  }

  /// The purest split that leaves `leafMin` rows on each side; of equals the first feature and the smallest threshold.
  private func bestSplit(_ rows: [Int], _ counts: [Int]) -> Split? {
    let whole = counts.reduce(0.0) { $0 + Double($1) * Double($1) } / Double(rows.count)
    // What gains less than rounding may is no gain.
    var best = Split(feature: -1, threshold: 0, purity: whole * (1 + 1e-12))
    for feature in 0..<features.columnCount {
      let sorted = rows.map { (value: features[$0, feature], label: labels[$0]) }.sorted { $0.value < $1.value }
      guard sorted[0].value < sorted[sorted.count - 1].value else { continue }
      var (below, above) = ([Int](repeating: 0, count: classCount), counts)
      var (belowSquares, aboveSquares) = (0, counts.reduce(0) { $0 + $1 * $1 })
      for index in 0..<sorted.count - 1 {
        let label = sorted[index].label
        belowSquares += 2 * below[label] + 1
        aboveSquares -= 2 * above[label] - 1
        below[label] += 1
        above[label] -= 1
        let (here, next) = (sorted[index].value, sorted[index + 1].value)
        let (size, rest) = (index + 1, sorted.count - index - 1)
        guard here < next, size >= leafMin, rest >= leafMin else { continue }
        let purity = Double(belowSquares) / Double(size) + Double(aboveSquares) / Double(rest)
        if purity > best.purity {
          let middle = here + (next - here) / 2
          best = Split(feature: feature, threshold: middle < next ? middle : here, purity: purity)
        }
      }
    }
    return best.feature < 0 ? nil : best
  }
}
