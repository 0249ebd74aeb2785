/// Gives the clusters of a new generation their segment numbers and names.
///
/// Old segments and new clusters are matched by the sampled customers that they share, as many as possible in all
/// (Hungarian method); a match shares at least a third of the customers of both together. A cluster without a match
/// is a new segment, and a number is never used again.
struct SegmentIdentity {
  private let previous: Model?
  private let names: [String: String]
  private let features: [Feature]
  private(set) var lastNumber: Int

  /// A cluster of a new generation.
  struct Cluster {
    var centroid: [Double]
    /// The median scores of its sampled customers.
    var typical: Scores
    /// The sampled customers, and how many of them each of the previous model's segments has.
    var customers = 0
    var shared: [Int]
  }

  init(previous: Model?, features: [Feature], names: [String: String]) {
    self.previous = previous.flatMap { $0.features == features ? $0 : nil }
    self.features = features
    self.names = names
    lastNumber = previous?.lastSegmentNumber ?? 0
  }

  /// The segments of `clusters`, by number; `sizes` are the sampled customers of the previous model's segments.
  ///
  /// With `tellsTruth` a segment whose name has come to lie is not matched: its name is fixed for the life of its id,
  /// so that it must be another segment. That is for refits, while the first models are still poor.
  mutating func segments(_ clusters: [Cluster], sizes: [Int], tellsTruth: Bool, table: RuleTable = .standard)
    -> [Model.Segment]
  {
    let matches = matched(clusters, sizes: sizes, told: tellsTruth ? table : nil)
    // Names in use and where their segments are.
    var taken: [String: [Double]] = [:]
    for (cluster, match) in zip(clusters, matches) {
      if let match { taken[names[match.id] ?? match.name] = cluster.centroid }
    }
    var segments: [Model.Segment] = []
    for (cluster, match) in zip(clusters, matches) {
      if let match {
        segments.append(
          Model.Segment(
            number: match.number, name: names[match.id] ?? match.name, cell: match.cell, centroid: cluster.centroid))
        continue
      }
      lastNumber += 1
      let cell = table.name(cluster.typical)
      let name = names["s\(lastNumber)"] ?? unique(cell, cluster.centroid, taken: taken)
      taken[name] = cluster.centroid
      segments.append(Model.Segment(number: lastNumber, name: name, cell: cell, centroid: cluster.centroid))
    }
    return segments.sorted { $0.number < $1.number }
  }

  // MARK: Names

  /// The name of the cell; where that is taken, with what tells the segments apart, or else with a number.
  private func unique(_ name: String, _ centroid: [Double], taken: [String: [Double]]) -> String {
    guard let other = taken[name] else { return name }
    let told = differences(centroid, from: other).lazy.map { "\(name), \($0)" }
    if let free = told.first(where: { taken[$0] == nil }) { return free }
    var count = 2
    while taken["\(name) \(count)"] != nil { count += 1 }
    return "\(name) \(count)"
  }

  /// In which features two centroids differ by half a standard deviation or more, in words, the most telling first.
  private func differences(_ centroid: [Double], from other: [Double]) -> [String] {
    let words: [Feature: (more: String, less: String)] = [
      .recency: ("longer silent", "more recent"), .frequency: ("more frequent", "less frequent"),
      .averageOrder: ("larger orders", "smaller orders"), .monetary: ("higher value", "lower value"),
      .orders: ("more orders", "fewer orders"), .tenure: ("longer known", "newer"),
      .refundShare: ("more refunds", "fewer refunds"),
    ]
    let differences = centroid.indices.map { (index: $0, value: centroid[$0] - other[$0]) }
    return differences.filter { $0.value.magnitude >= 0.5 }.sorted { $0.value.magnitude > $1.value.magnitude }
      .compactMap { difference in
        words[features[difference.index]].map { difference.value > 0 ? $0.more : $0.less }
      }
  }

  /// A name lies when the typical scores are so many steps of R, or of F and M together, from all that bear it.
  static let lieSteps = 2

  private func lies(_ segment: Model.Segment, _ typical: Scores, _ table: RuleTable) -> Bool {
    names[segment.id] == nil && typical.steps(to: segment.cell, of: table).map { $0 >= Self.lieSteps } ?? false
  }

  // MARK: Matches

  /// The previous segment of each cluster.
  private func matched(_ clusters: [Cluster], sizes: [Int], told table: RuleTable?) -> [Model.Segment?] {
    guard let previous else { return Array(repeating: nil, count: clusters.count) }
    let shared = clusters.map { cluster in
      previous.segments.indices.map { old in
        // A third of the union: 3 · shared ≥ new + old − shared.
        4 * cluster.shared[old] >= cluster.customers + sizes[old] ? cluster.shared[old] : 0
      }
    }
    return Self.assignment(shared.map { $0.map { -Double($0) } }).enumerated().map { cluster, old in
      guard let old, shared[cluster][old] > 0 else { return nil }
      let match = previous.segments[old]
      let isLie = table.map { lies(match, clusters[cluster].typical, $0) } ?? false
      return isLie ? nil : match
    }
  }

  /// The column of each row; where there are more rows than columns some have none.
  private static func assignment(_ cost: [[Double]]) -> [Int?] {
    let columns = cost.first?.count ?? 0
    if cost.count <= columns { return leastCostAssignment(cost) }
    var result = [Int?](repeating: nil, count: cost.count)
    let rows = leastCostAssignment((0..<columns).map { column in cost.map { $0[column] } })
    for (column, row) in rows.enumerated() { result[row] = column }
    return result
  }
}

extension Scores {
  /// How many steps of R, or of F and M together, whichever are more, lie between these scores and the nearest ones
  /// that a table gives a name to; `nil` where the name is not the table's.
  func steps(to name: String, of table: RuleTable) -> Int? {
    (0..<RuleTable.cellCount).lazy.filter { table.names[table.nameOfCell[$0]] == name }.map { index in
      let value = (index / 5 % 5 + index % 5 + 3) / 2
      return max(abs(index / 25 + 1 - r), abs(value - (f + m + 1) / 2))
    }.min()
  }
}
