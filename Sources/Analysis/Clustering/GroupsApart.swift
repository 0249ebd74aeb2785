import Segmentation

/// Each group of columns clustered by itself, beside all together: what demographic, behavioural and psychographic
/// columns say on their own.
struct GroupsApart {
  /// A group by itself.
  struct Part {
    let group: FeatureGroup
    let comparison: ClusteringComparison
  }

  /// The groups that have columns, in the order of the groups; empty where there are fewer than two.
  let parts: [Part]
  /// The segments of all together.
  let labels: [Int]
  let names: [String]

  /// Clusters each group by k-means with the number of clusters that its indices choose, or `k`. A group whose rows are
  /// all equal is left out.
  init(_ scaled: FeatureMatrix, groups: [FeatureGroup], labels: [Int], names: [String], k: Int?, seed: UInt64) {
    precondition(groups.count == scaled.columnCount, "each column has a group")
    (self.labels, self.names) = (labels, names)
    guard Set(groups).count > 1 else {
      parts = []
      return
    }
    var options = ClusteringOptions()
    options.k = k
    options.algorithms = [.kMeans]
    options.resamples = 0
    options.seed = seed
    parts = FeatureGroup.allCases.compactMap { group in
      let columns = groups.indices.filter { groups[$0] == group }
      guard !columns.isEmpty else { return nil }
      var values: [Double] = []
      values.reserveCapacity(scaled.rowCount * columns.count)
      for row in 0..<scaled.rowCount { for column in columns { values.append(scaled[row, column]) } }
      let matrix = FeatureMatrix(names: columns.map { scaled.names[$0] }, values: values)
      return (try? ClusteringComparison(comparing: matrix, options: options)).map { Part(group: group, comparison: $0) }
    }
  }

  /// What stands in the section "clusters"; empty where there are no groups to compare.
  var blocks: [ReportSection.Block] {
    guard parts.count > 1 else { return [] }
    var table = DataTable(
      "Each group of columns by itself, by k-means",
      columns: [
        .init("Group"), .init("Columns"), .init("Clusters", isNumeric: true), .init("Silhouette", isNumeric: true),
        .init("Agreement with all together", isNumeric: true),
      ])
    table.rows = parts.map { part in
      let chosen = part.comparison.chosen
      return [
        part.group.rawValue, part.comparison.columns.joined(separator: ", "), NumberText.count(chosen.k),
        NumberText.fixed(chosen.silhouette ?? .nan, 3), NumberText.fixed(adjustedRandIndex(chosen.labels, labels), 2),
      ]
    }
    var blocks: [ReportSection.Block] = [
      .heading("Groups of columns apart and together"),
      .paragraph(
        "The agreement is the adjusted Rand index, 1 for the same parts and 0 for what chance gives: a group with a "
          + "small one adds what the others do not tell. --groups clusters by some of them only."),
      .table(table),
    ]
    blocks += parts.map { .chart(cross($0)) }
    return blocks
  }

  /// How the clusters of a group are spread over the segments.
  private func cross(_ part: Part) -> Chart {
    let chosen = part.comparison.chosen
    var counts = [[Double]](repeating: [Double](repeating: 0, count: chosen.k), count: names.count)
    for (segment, cluster) in zip(labels, chosen.labels) where segment >= 0 && cluster >= 0 {
      counts[segment][cluster] += 1
    }
    let shares = counts.map { row in
      let total = row.reduce(0, +)
      return row.map { total > 0 ? $0 / total : .nan }
    }
    let words = names.indices.compactMap { segment -> String? in
      guard let most = shares[segment].indices.max(by: { shares[segment][$0] < shares[segment][$1] }) else {
        return nil
      }
      return "\(names[segment]) lies to \(NumberText.percent(shares[segment][most], 0)) in cluster \(most + 1)"
    }
    return .heatMap(
      id: "group-\(part.group.rawValue)", title: "The segments over the \(part.group.rawValue) clusters",
      alternative: "Heat map of the share of each segment in each cluster: \(words.joined(separator: "; ")).",
      rows: names, columns: (1...max(1, chosen.k)).map { "Cluster \($0)" }, values: shares, range: 0...1,
      format: { NumberText.percent($0, 0) })
  }
}
