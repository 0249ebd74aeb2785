/// Gives the clusters of a new generation their segment numbers and names.
///
/// Clusters are matched with the previous generation's by their centroids, in the new scaled space, at the least
/// total distance. A cluster without a match is a new segment; a number is never used again. A match must also mean
/// the same: the clusters' typical cells agree, else a name, which is fixed for the life of its id, would come to lie.
struct SegmentIdentity {
  private let previous: Model?
  private let names: [String: String]
  private let features: [Feature]
  private(set) var lastNumber: Int

  /// Centroids further apart than this, in standard deviations, are not the same segment.
  static let matchDistanceMax = 1.0

  /// Greater distances count as it, so that all costs are finite.
  private static let costMax = 1e15

  init(previous: Model?, features: [Feature], names: [String: String]) {
    self.previous = previous
    self.features = features
    self.names = names
    lastNumber = previous?.lastSegmentNumber ?? 0
  }

  /// The segments of `centroids`, by number. `typical` are the clusters' median scores.
  mutating func segments(
    centroids: [[Double]], scaler: Model.Scaler, typical: [Scores], table: RuleTable = .standard
  ) -> [Model.Segment] {
    let cells = typical.map(table.name)
    let matches = matched(centroids, scaler: scaler, cells: cells)
    // Names in use and where their segments are.
    var taken: [String: [Double]] = [:]
    for (cluster, match) in matches.enumerated() {
      if let match { taken[names[match.id] ?? match.name] = centroids[cluster] }
    }
    var segments: [Model.Segment] = []
    for (cluster, centroid) in centroids.enumerated() {
      if let match = matches[cluster] {
        segments.append(
          Model.Segment(
            number: match.number, name: names[match.id] ?? match.name, cell: match.cell, centroid: centroid))
        continue
      }
      lastNumber += 1
      let cell = cells[cluster]
      let name = names["s\(lastNumber)"] ?? unique(cell, centroid, taken: taken)
      taken[name] = centroid
      segments.append(Model.Segment(number: lastNumber, name: name, cell: cell, centroid: centroid))
    }
    return segments.sorted { $0.number < $1.number }
  }

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

  /// The previous segment of each cluster.
  private func matched(_ centroids: [[Double]], scaler: Model.Scaler, cells: [String]) -> [Model.Segment?] {
    guard let previous, previous.features == features else {
      return Array(repeating: nil, count: centroids.count)
    }
    let old = previous.segments.map { segment in
      segment.centroid.indices.map { index in
        let raw = segment.centroid[index] * previous.scaler.sd[index] + previous.scaler.mean[index]
        return (raw - scaler.mean[index]) / scaler.sd[index]
      }
    }
    let cost = centroids.map { centroid in
      old.map { min(squaredDistance(centroid, $0).squareRoot(), Self.costMax) }
    }
    return Self.assignment(cost).enumerated().map { cluster, index in
      guard let index else { return nil }
      let match = previous.segments[index]
      let isNear = cost[cluster][index] <= Self.matchDistanceMax
      return isNear && match.cell == cells[cluster] ? match : nil
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
