extension ClusteringComparison {
  /// The section "Clusters" of the report: how many, by which algorithm, how good, how stable, how much they agree.
  ///
  /// `axes` places each row on two principal axes, for a cloud of points. Times differ from run to run: they stand in
  /// the table only with `showsTimes`.
  public func section(axes: [(x: Double, y: Double)]? = nil, showsTimes: Bool = false) -> ReportSection {
    let by = columns.count > Self.columnsNamedMax ? "\(NumberText.count(columns.count)) columns" : listed(columns)
    var blocks: [ReportSection.Block] = [
      .paragraph("\(NumberText.count(labels.count)) rows are clustered by \(by). \(choice.reason)"),
      .paragraph(reason), .heading("How many clusters"),
    ]
    blocks += choice.blocks
    blocks += [.heading("The algorithms compared"), .table(table(showsTimes: showsTimes))]
    let remarks = outcomes.flatMap { outcome in
      outcome.notes.isEmpty ? [] : ["\(outcome.algorithm.rawValue): \(outcome.notes.joined(separator: "; "))."]
    }
    blocks.append(.list(Self.legend + notes + remarks))
    if !chosen.stability.isEmpty { blocks.append(.chart(stabilityChart)) }
    if outcomes.count > 1 { blocks.append(.chart(agreementChart)) }
    if let tree = dendrogram { blocks.append(.chart(tree)) }
    if let axes, axes.count == labels.count { blocks.append(.chart(scatter(axes))) }
    return ReportSection(id: "clusters", title: "Clusters", blocks: blocks)
  }

  /// Nobody reads a sentence of more names.
  private static let columnsNamedMax = 24

  /// What the columns of the table mean.
  private static let legend = [
    "The silhouette (−1 to 1) compares each row's distance to its own cluster with that to the next; Calinski-Harabasz "
      + "is the spread between clusters over that within; Davies-Bouldin compares neighbours, and less is better. "
      + "Noise is left out of all three.",
    "Stability is the mean Jaccard similarity of a cluster with the most similar one of each resample, over all rows: "
      + "from 0.75 on clusters are stable, below 0.6 they are not to be trusted.",
  ]

  /// A line an algorithm.
  func table(showsTimes: Bool) -> DataTable {
    let numbers = ["Clusters", "Smallest", "Largest", "Silhouette", "Calinski-Harabasz", "Davies-Bouldin", "Stability"]
    var columns = [DataTable.Column("Algorithm")] + numbers.map { DataTable.Column($0, isNumeric: true) }
    columns += [.init("Noise", isNumeric: true), .init("Converged"), .init("Work grows")]
    if showsTimes { columns.append(.init("Seconds", isNumeric: true)) }
    let rows = outcomes.enumerated().map { index, outcome in
      func text(_ value: Double?, _ decimals: Int) -> String { NumberText.fixed(value ?? .nan, decimals) }
      let cells = [
        outcome.algorithm.rawValue + (index == chosenIndex ? " (taken)" : ""), NumberText.count(outcome.k),
        outcome.sizes.last.map(NumberText.count) ?? NumberText.none,
        outcome.sizes.first.map(NumberText.count) ?? NumberText.none,
        text(outcome.silhouette, 3), text(outcome.calinskiHarabasz, 1), text(outcome.daviesBouldin, 3),
        text(outcome.meanStability, 2), NumberText.percent(outcome.noiseShare),
        outcome.hasConverged ? "yes" : "no", outcome.algorithm.cost,
      ]
      return showsTimes ? cells + [NumberText.fixed(outcome.seconds, 2)] : cells
    }
    return DataTable("Clusterings of the same rows", columns: columns, rows: rows)
  }

  // MARK: Charts

  private var stabilityChart: Chart {
    let weak = chosen.stability.count { $0 < Self.stabilityMin }
    return .bars(
      id: "cluster-stability", title: "Stability of each cluster (\(chosen.algorithm.rawValue))",
      alternative: "Mean Jaccard coefficients from \(NumberText.fixed(chosen.stability.min() ?? 0, 2)) to "
        + "\(NumberText.fixed(chosen.stability.max() ?? 0, 2)); \(weak) of \(k) clusters are below 0.6.",
      labels: chosen.sizes.enumerated().map { "cluster \($0 + 1), \(NumberText.count($1)) rows" },
      values: chosen.stability)
  }

  private var agreementChart: Chart {
    var (best, alike) = (-2.0, "")
    for one in outcomes.indices {
      for other in outcomes.indices where one < other && agreement[one][other] > best {
        best = agreement[one][other]
        alike = "\(outcomes[one].algorithm.rawValue) and \(outcomes[other].algorithm.rawValue)"
      }
    }
    let names = outcomes.map(\.algorithm.rawValue)
    return .heatMap(
      id: "cluster-agreement", title: "Agreement of the algorithms (adjusted Rand index)",
      alternative: "1 is the same clustering, 0 no more agreement than chance. The most alike are \(alike), "
        + "\(NumberText.fixed(best, 2)).",
      rows: names, columns: names, values: agreement, range: 0...1, format: { NumberText.fixed($0, 2) })
  }

  private var dendrogram: Chart? {
    guard let tree = wardTree, let last = tree.merges.last else { return nil }
    let before = tree.merges.dropLast().last.map { ", the one before at \(NumberText.short($0.height))" } ?? ""
    return .dendrogram(
      id: "cluster-dendrogram", title: "Dendrogram (ward)",
      alternative: "The last merges of \(NumberText.count(tree.count)) rows by Ward's linkage: the last two clusters "
        + "merge at a height of \(NumberText.short(last.height))\(before).",
      leaves: tree.count, merges: tree.merges.map { (one: $0.first, other: $0.second, height: $0.height) })
  }

  private func scatter(_ axes: [(x: Double, y: Double)]) -> Chart {
    let names = chosen.sizes.enumerated().map { "cluster \($0 + 1) (\(NumberText.count($1)))" }
    let noise = chosen.noiseShare > 0
    return .scatter(
      id: "cluster-scatter", title: "Clusters on the first two principal axes",
      alternative: "Each point is a row, placed by the two directions in which rows differ most; its colour and mark "
        + "tell its cluster. What lies apart here is apart; what overlaps may be apart in other directions.",
      xLabel: "First principal axis", yLabel: "Second principal axis",
      points: zip(axes, labels).map { (x: $0.x, y: $0.y, group: $1 < 0 ? names.count : $1) },
      groups: noise ? names + ["noise"] : names)
  }
}

extension ClusterCountChoice {
  /// The curves of the indices, and their table.
  var blocks: [ReportSection.Block] {
    if candidates.isEmpty { return [.paragraph(reason)] }
    let numbers = candidates.map { Double($0.k) }
    let marked = candidates.firstIndex { $0.k == k }
    func curve(_ id: String, _ index: String, _ label: String, _ values: [Double?]) -> ReportSection.Block {
      let vote = votes.first { $0.index == index }?.k
      return .chart(
        .lines(
          id: id, title: "\(label) by the number of clusters",
          alternative: "\(label) of k-means with \(candidates[0].k) to \(candidates[candidates.count - 1].k) clusters; "
            + (vote.map { "it speaks for \($0)" } ?? "it speaks for none") + ", \(k) is taken.",
          xLabel: "Clusters", yLabel: label, x: numbers, series: [(name: label, values: values.map { $0 ?? .nan })],
          marked: marked))
    }
    return [
      .table(table),
      curve("k-inertia", "elbow", "Inertia", candidates.map(\.inertia)),
      curve("k-silhouette", "silhouette", "Silhouette", candidates.map(\.silhouette)),
      curve("k-calinski-harabasz", "Calinski-Harabasz", "Calinski-Harabasz", candidates.map(\.calinskiHarabasz)),
      curve("k-davies-bouldin", "Davies-Bouldin", "Davies-Bouldin", candidates.map(\.daviesBouldin)),
    ]
  }

  private var table: DataTable {
    let names = ["Clusters", "Inertia", "Silhouette", "Calinski-Harabasz", "Davies-Bouldin"]
    return DataTable(
      "Numbers of clusters tried with k-means",
      columns: names.map { DataTable.Column($0, isNumeric: true) } + [DataTable.Column("Speak for it")],
      rows: candidates.map { candidate in
        let naming = votes.filter { $0.k == candidate.k }.map(\.index)
        return [
          "\(candidate.k)", NumberText.fixed(candidate.inertia, 1), NumberText.fixed(candidate.silhouette ?? .nan, 3),
          NumberText.fixed(candidate.calinskiHarabasz ?? .nan, 1),
          NumberText.fixed(candidate.daviesBouldin ?? .nan, 3),
          listed(naming) + (candidate.k == k ? (naming.isEmpty ? "taken" : " (taken)") : ""),
        ]
      })
  }
}
