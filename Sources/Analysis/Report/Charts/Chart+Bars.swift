extension Chart {
  /// Most bars that are drawn; the table has all.
  static let barsMax = 40

  /// Horizontal bars of one series, in the order given; a value that is missing is NaN.
  ///
  /// The unit stands in the head of the table and, short ones (`%`), behind each value.
  public static func bars(
    id: String, title: String, alternative: String, labels: [String], values: [Double], unit: String = ""
  ) -> Chart {
    let all = Array(zip(labels, values))
    let shown = all.prefix(barsMax)
    var canvas = Canvas(id: id)
    let suffix = unit.count <= 2 && !unit.isEmpty ? "\u{A0}\(unit)" : ""
    let texts = shown.map { NumberText.short($0.1) + suffix }
    let labelWidth = min(180, shown.map { TextWidth.of($0.0) }.max() ?? 0)
    let names = shown.map { TextWidth.lines($0.0, width: labelWidth + 0.5, max: 2) }
    let rowHeight = names.contains { $0.count > 1 } ? 38.0 : 26
    let valueWidth = texts.map { TextWidth.of($0) }.max() ?? 0
    let hasNegative = shown.contains { $0.1 < 0 }
    let left = labelWidth + 12 + (hasNegative ? valueWidth + 6 : 0)
    let scale = Scale(
      shown.map(\.1) + [0], from: left, to: max(left + 40, canvas.width - valueWidth - 10), isTight: true)
    for (row, (entry, text)) in zip(shown, texts).enumerated() {
      let middle = 6 + (Double(row) + 0.5) * rowHeight - 3
      canvas.lines(names[row], labelWidth + 4, middle + 4.5, anchor: .end, spacing: 15)
      let end = scale(entry.1.isFinite ? entry.1 : 0)
      canvas.rect(
        min(scale(0), end), middle - 10, abs(end - scale(0)), 20, .series(0), title: "\(entry.0): \(text)")
      let isNegative = entry.1 < 0
      canvas.text(text, isNegative ? end - 5 : end + 5, middle + 4.5, anchor: isNegative ? .end : .start)
    }
    let bottom = 6 + Double(shown.count) * rowHeight
    canvas.line(scale(0), 2, scale(0), bottom, .axis)
    canvas.height = bottom + 4
    if shown.isEmpty { canvas.note("There is nothing to show.", 16) }
    if all.count > shown.count {
      canvas.note("The first \(shown.count) of \(NumberText.count(all.count)); all are in the table.", bottom + 18)
    }
    let table = DataTable(
      title, columns: [.init("Name"), .init(unit.isEmpty ? "Value" : "Value (\(unit))", isNumeric: true)],
      rows: all.map { [$0.0, NumberText.short($0.1)] })
    return canvas.chart(title: title, alternative: alternative, table: table)
  }

  /// How often values fall between edges; there is one edge more than counts. The unit is that of the values.
  public static func histogram(
    id: String, title: String, alternative: String, edges: [Double], counts: [Int], unit: String = ""
  ) -> Chart {
    let bins = zip(zip(edges, edges.dropFirst()), counts).map { (low: $0.0.0, high: $0.0.1, count: $0.1) }
    var plot = Plot(
      id: id, xLabel: unit, yLabel: "Count", xValues: bins.flatMap { [$0.low, $0.high] },
      yValues: bins.map { Double($0.count) }, isTightX: true, startsAtZero: true)
    for bin in bins where bin.low.isFinite && bin.high.isFinite {
      let (from, to) = (plot.x(bin.low), plot.x(bin.high))
      let top = plot.y(Double(bin.count))
      // A hair between bars, so that they can be told apart without colours.
      plot.canvas.rect(
        from + 0.5, top, max(0.8, to - from - 1), Plot.bottom - top, .series(0),
        title: "\(NumberText.short(bin.low)) to \(NumberText.short(bin.high)): \(NumberText.count(bin.count))")
    }
    if bins.isEmpty { plot.canvas.note("There is nothing to show.", 60) }
    let head = unit.isEmpty ? "" : " (\(unit))"
    let table = DataTable(
      title,
      columns: [
        .init("From\(head)", isNumeric: true), .init("To\(head)", isNumeric: true), .init("Count", isNumeric: true),
      ], rows: bins.map { [NumberText.short($0.low), NumberText.short($0.high), NumberText.count($0.count)] })
    return plot.canvas.chart(title: title, alternative: alternative, table: table)
  }
}
