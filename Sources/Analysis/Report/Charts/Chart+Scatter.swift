extension Chart {
  /// Most points that are drawn.
  static let pointsMax = 2_000

  /// A cloud of points, each in a group; at most 2,000 are drawn, evenly taken, and it says so.
  public static func scatter(
    id: String, title: String, alternative: String, xLabel: String, yLabel: String,
    points: [(x: Double, y: Double, group: Int)], groups: [String]
  ) -> Chart {
    let finite = points.filter { $0.x.isFinite && $0.y.isFinite && $0.group >= 0 }
    let shown =
      finite.count <= pointsMax ? finite : (0..<pointsMax).map { finite[$0 * finite.count / pointsMax] }
    var plot = Plot(id: id, xLabel: xLabel, yLabel: yLabel, xValues: shown.map(\.x), yValues: shown.map(\.y))
    for tick in plot.x.ticks { plot.canvas.line(plot.x(tick), Plot.top, plot.x(tick), Plot.bottom, .grid) }
    let size = shown.count > 500 ? 5.5 : 8
    for group in Set(shown.map(\.group)).sorted() {
      let places = shown.filter { $0.group == group }.map { (x: plot.x($0.x), y: plot.y($0.y)) }
      plot.canvas.marks(places, group: group, size: size)
    }
    if groups.count > 1 { plot.canvas.legend(groups, key: .mark, from: plot.canvas.height + 6) }
    if shown.count < finite.count {
      plot.canvas.note(
        "\(NumberText.count(shown.count)) of \(NumberText.count(finite.count)) points are drawn.",
        plot.canvas.height + 12)
    }
    let table = DataTable(
      title + (shown.count < finite.count ? " (the points drawn)" : ""),
      columns: [
        .init(xLabel.isEmpty ? "x" : xLabel, isNumeric: true), .init(yLabel.isEmpty ? "y" : yLabel, isNumeric: true),
        .init("Group"),
      ],
      rows: shown.map {
        [
          NumberText.short($0.x), NumberText.short($0.y),
          groups.indices.contains($0.group) ? groups[$0.group] : String($0.group),
        ]
      })
    return plot.canvas.chart(title: title, alternative: alternative, table: table)
  }
}
