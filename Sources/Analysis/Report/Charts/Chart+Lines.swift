extension Chart {
  /// Lines of several series over a numeric axis; a gap is NaN. `marked` is an index in `x` that was chosen.
  public static func lines(
    id: String, title: String, alternative: String, xLabel: String, yLabel: String, x: [Double],
    series: [(name: String, values: [Double])], marked: Int? = nil
  ) -> Chart {
    let shown = series.prefix(Plot.entriesMax)
    var plot = Plot(
      id: id, xLabel: xLabel, yLabel: yLabel, xValues: x, yValues: shown.flatMap { $0.values.prefix(x.count) },
      isTightX: true)
    if let marked, x.indices.contains(marked), x[marked].isFinite {
      let at = plot.x(x[marked])
      let isLeft = at < (plot.x.start + plot.x.end) / 2
      plot.canvas.line(at, Plot.top, at, Plot.bottom, .muted, width: 1.5, dash: "5 4")
      plot.canvas.text("chosen", at + (isLeft ? 6 : -6), Plot.top + 14, anchor: isLeft ? .start : .end, paint: .muted)
    }
    for (group, line) in shown.enumerated() {
      let points = zip(x, line.values).map { (x: plot.x($0), y: plot.y($1)) }
      let dash = Palette.dashes[group % Palette.dashes.count]
      plot.canvas.polyline(points, .series(group), dash: dash)
      // Marks on long lines would hide them.
      let spacing = max(1, points.count / 24)
      let marks = points.indices.filter { $0.isMultiple(of: spacing) }.map { points[$0] }
      plot.canvas.marks(marks, group: group, size: points.count > 40 ? 5 : 8)
    }
    plot.canvas.lineLegend(series.map(\.name), from: plot.canvas.height + 6)
    return plot.canvas.chart(
      title: title, alternative: alternative,
      table: linesTable(title, xLabel, x.map(NumberText.short), series, marked: marked))
  }

  /// A profile of several series over named rows, such as a snake plot: the rows stand below each other, so that their
  /// names have room, and the values go from left to right. A gap is NaN.
  public static func profiles(
    id: String, title: String, alternative: String, valueLabel: String, rows: [String],
    series: [(name: String, values: [Double])]
  ) -> Chart {
    let shown = series.prefix(Plot.entriesMax)
    var canvas = Canvas(id: id)
    let labelWidth = min(170, rows.map { TextWidth.of($0) }.max() ?? 0)
    let values = shown.flatMap { $0.values.prefix(rows.count) }
    let scale = Scale(values + [0], from: labelWidth + 22, to: canvas.width - 22)
    let bottom = 12 + Double(max(1, rows.count)) * 30
    var free = 0.0
    for tick in scale.ticks {
      canvas.line(scale(tick), 6, scale(tick), bottom, .grid)
      let label = scale.label(tick)
      let half = TextWidth.of(label) / 2
      guard scale(tick) - half >= free && scale(tick) + half <= canvas.width else { continue }
      canvas.text(label, scale(tick), bottom + 17, anchor: .middle, paint: .muted)
      free = scale(tick) + half + 6
    }
    canvas.line(scale(0), 6, scale(0), bottom, .axis, width: 1.5)
    let heights = rows.indices.map { 24 + Double($0) * 30 }
    for (row, y) in zip(rows, heights) {
      canvas.text(row, labelWidth + 6, y + 4.5, anchor: .end, maxWidth: labelWidth + 0.5)
    }
    for (group, line) in shown.enumerated() {
      let points = zip(line.values, heights).map { (x: scale($0), y: $1) }
      canvas.polyline(points, .series(group), dash: Palette.dashes[group % Palette.dashes.count])
      canvas.marks(points, group: group, size: 9)
    }
    canvas.text(valueLabel, canvas.width / 2, bottom + 36, anchor: .middle, paint: .muted, maxWidth: canvas.width - 8)
    canvas.height = bottom + 44
    canvas.lineLegend(series.map(\.name), from: bottom + 52)
    return canvas.chart(
      title: title, alternative: alternative, table: linesTable(title, "Row", rows, series, marked: nil))
  }

  private static func linesTable(
    _ title: String, _ head: String, _ x: [String], _ series: [(name: String, values: [Double])], marked: Int?
  ) -> DataTable {
    let columns =
      [DataTable.Column(head.isEmpty ? "x" : head)] + series.map { DataTable.Column($0.name, isNumeric: true) }
    let rows = x.indices.map { index in
      [x[index] + (index == marked ? " (chosen)" : "")]
        + series.map { index < $0.values.count ? NumberText.short($0.values[index]) : NumberText.none }
    }
    return DataTable(title, columns: columns, rows: rows)
  }
}

extension Canvas {
  /// Names the lines; those beyond a dozen are not drawn.
  fileprivate mutating func lineLegend(_ names: [String], from top: Double) {
    let drawn = Array(names.prefix(Plot.entriesMax))
    legend(drawn, key: .lineAndMark, from: top)
    if names.count > drawn.count {
      note("\(drawn.count) of \(names.count) lines are drawn; all are in the table.", height + 12)
    }
  }
}
