extension Chart {
  /// Most branches of a dendrogram; those that merge earlier are drawn as one leaf with its size.
  static let branchesMax = 30

  /// The last merges of a hierarchical clustering, from left (apart) to right (one).
  ///
  /// Merges are as in scipy's `linkage`: clusters below `leaves` are rows, cluster `leaves + i` is made by merge `i`.
  public static func dendrogram(
    id: String, title: String, alternative: String, leaves: Int, merges: [(one: Int, other: Int, height: Double)]
  ) -> Chart {
    let tree = Dendrogram(leaves: leaves, merges: merges)
    var canvas = Canvas(id: id)
    let names = tree.ends.map { tree.sizes[$0] == 1 ? "row \($0 + 1)" : NumberText.count(tree.sizes[$0]) + " rows" }
    let left = (names.map { TextWidth.of($0, size: 12) }.max() ?? 0) + 12
    let scale = Scale(tree.merges.map(\.height) + [0], from: left, to: canvas.width - 14)
    var places: [Int: (x: Double, y: Double)] = [:]
    for (row, end) in tree.ends.enumerated() {
      let y = 12 + Double(row) * 17
      places[end] = (scale(0), y)
      canvas.text(names[row], left - 6, y + 4.5, anchor: .end, size: 12)
    }
    let bottom = 12 + Double(tree.ends.count) * 17
    for tick in scale.ticks {
      canvas.line(scale(tick), 4, scale(tick), bottom, .grid)
      let half = TextWidth.of(scale.label(tick)) / 2
      let middle = min(scale(tick), canvas.width - half - 1)
      canvas.text(scale.label(tick), middle, bottom + 16, anchor: .middle, paint: .muted)
    }
    for (index, merge) in tree.merges.enumerated().dropFirst(tree.first) {
      guard let one = places[merge.one], let other = places[merge.other] else { continue }
      let x = scale(merge.height)
      canvas.polyline([one, (x, one.y), (x, other.y), other], .series(0), width: 1.6)
      places[leaves + index] = (x, (one.y + other.y) / 2)
    }
    canvas.text("Height of the merge", canvas.width / 2, bottom + 36, anchor: .middle, paint: .muted)
    canvas.height = bottom + 46
    let table = DataTable(
      title,
      columns: [.init("Clusters left", isNumeric: true), .init("Height", isNumeric: true), .init("Rows merged")],
      rows: tree.merges.enumerated().dropFirst(tree.first).map { index, merge in
        [
          NumberText.count(leaves - index - 1), NumberText.short(merge.height),
          "\(NumberText.count(tree.sizes[merge.one])) and \(NumberText.count(tree.sizes[merge.other]))",
        ]
      })
    return canvas.chart(title: title, alternative: alternative, table: table)
  }
}

/// The upper part of a tree of merges, its ends in an order without crossings.
private struct Dendrogram {
  let merges: [(one: Int, other: Int, height: Double)]
  /// The first merge that is drawn.
  let first: Int
  /// Rows under each cluster.
  let sizes: [Int]
  /// The clusters that are drawn as leaves, from the top.
  let ends: [Int]

  init(leaves: Int, merges all: [(one: Int, other: Int, height: Double)]) {
    var sizes = [Int](repeating: 1, count: max(0, leaves))
    var whole: [(one: Int, other: Int, height: Double)] = []
    // A merge of what is not there yet ends what can be drawn.
    for merge in all {
      guard sizes.indices.contains(merge.one), sizes.indices.contains(merge.other) else { break }
      sizes.append(sizes[merge.one] + sizes[merge.other])
      whole.append(merge)
    }
    let first = max(0, whole.count - (Chart.branchesMax - 1))
    var ends: [Int] = []
    var open = whole.isEmpty ? Array(sizes.indices.prefix(1)) : [leaves + whole.count - 1]
    while let cluster = open.popLast() {
      if cluster < leaves + first {
        ends.append(cluster)
      } else {
        open.append(whole[cluster - leaves].other)
        open.append(whole[cluster - leaves].one)
      }
    }
    (merges, self.first, self.sizes, self.ends) = (whole, first, sizes, ends)
  }
}
