extension Chart {
  /// How many went from each group to each: rows are where they were, columns where they are; darkness is the share of
  /// the row, so that staying shows on the diagonal.
  public static func flow(
    id: String, title: String, alternative: String, from: [String], to: [String], counts: [[Int]]
  ) -> Chart {
    let shares = counts.map { row in
      let total = row.reduce(0, +)
      return row.map { total > 0 ? Double($0) / Double(total) : .nan }
    }
    let map = heatMap(
      id: id, title: title, alternative: alternative, rows: from, columns: to, values: shares, range: 0...1,
      format: { NumberText.percent($0, 0) })
    let table = DataTable(
      title + " (customers)",
      columns: [.init("From")] + to.map { .init($0, isNumeric: true) } + [.init("All", isNumeric: true)],
      rows: zip(from, counts).map { name, row in
        [name] + to.indices.map { NumberText.count($0 < row.count ? row[$0] : 0) }
          + [NumberText.count(row.reduce(0, +))]
      })
    return Chart(
      id: map.id, title: title, alternative: alternative, table: table, svg: map.svg, width: map.width)
  }
}
