extension Chart {
  /// Most rows and columns that are drawn; the table has as many.
  static let heatMapMax = (rows: 60, columns: 40)

  /// Cells of darkness by value; a gap is NaN. Values below zero are brown and bear a mark in their corner.
  ///
  /// Without a `range` the darkest shade is the greatest value. Numbers stand in the cells where they fit.
  public static func heatMap(
    id: String, title: String, alternative: String, rows: [String], columns: [String], values: [[Double]],
    range: ClosedRange<Double>? = nil, format: (Double) -> String = NumberText.short
  ) -> Chart {
    let map = HeatMap(
      rows: Array(rows.prefix(heatMapMax.rows)), columns: Array(columns.prefix(heatMapMax.columns)), values: values,
      range: range, format: format)
    var canvas = map.drawn(id: id)
    if rows.count > map.rows.count || columns.count > map.columns.count {
      canvas.note(
        "The first \(map.rows.count) of \(rows.count) rows and \(map.columns.count) of \(columns.count) columns.",
        canvas.height + 12)
    }
    let table = DataTable(
      title, columns: [.init("Row")] + map.columns.map { .init($0, isNumeric: true) },
      rows: map.rows.indices.map { row in [map.rows[row]] + map.columns.indices.map { map.text(row, $0) } })
    return canvas.chart(title: title, alternative: alternative, table: table)
  }
}

/// The geometry of a heat map.
private struct HeatMap {
  let rows: [String]
  let columns: [String]
  let values: [[Double]]
  let texts: [[String]]
  /// What is darkest, below zero and above.
  let extremes: (low: Double, high: Double)
  let ends: (low: String, high: String)

  init(
    rows: [String], columns: [String], values: [[Double]], range: ClosedRange<Double>?, format: (Double) -> String
  ) {
    self.rows = rows
    self.columns = columns
    self.values = rows.indices.map { row in
      columns.indices.map { row < values.count && $0 < values[row].count ? values[row][$0] : .nan }
    }
    texts = self.values.map { $0.map { $0.isFinite ? format($0) : NumberText.none } }
    let finite = self.values.joined().filter(\.isFinite)
    let low = range?.lowerBound ?? min(0, finite.min() ?? 0)
    let high = range?.upperBound ?? max(low, finite.max() ?? 0)
    extremes = (low, high)
    ends = (format(low), format(high))
  }

  func text(_ row: Int, _ column: Int) -> String { texts[row][column] }

  /// The colour of a value; `nil` where there is none.
  private func colour(_ value: Double) -> String? {
    guard value.isFinite else { return nil }
    let (low, high) = extremes
    if value < 0 && low < 0 { return Palette.shadeBelow(value / low) }
    let floor = max(0, low)
    return Palette.shade(high > floor ? (value - floor) / (high - floor) : 0)
  }

  func drawn(id: String) -> Canvas {
    let count = Double(max(1, columns.count))
    let labelWidth = min(175, rows.map { TextWidth.of($0) }.max() ?? 0) + 10
    let longest = texts.joined().map { TextWidth.of($0, size: 12) }.max() ?? 0
    // As wide as numbers ask for where that stays on a page, else small cells without numbers.
    let wanted = max(longest + 8, 26)
    let width = max(Canvas.width, min(920, labelWidth + wanted * count + 8))
    let cell = min(90, (width - labelWidth - 8) / count)
    let hasNumbers = longest + 4 <= cell
    let height = max(hasNumbers ? 24.0 : 14, min(30, cell))
    var canvas = Canvas(id: id, width: width)
    let isFlat = columns.allSatisfy { TextWidth.of($0, size: 12) + 6 <= cell }
    let head = isFlat ? 22 : min(150, columns.map { TextWidth.of($0, size: 12) }.max() ?? 0) + 10
    for (index, name) in columns.enumerated() {
      let middle = labelWidth + (Double(index) + 0.5) * cell
      if isFlat {
        canvas.text(name, middle, head - 7, anchor: .middle, size: 12)
      } else if cell >= 11 {
        // Two lines where the cell has room for them.
        let lines = TextWidth.lines(name, width: 150.5, max: cell >= 32 ? 2 : 1, size: 12)
        for (line, text) in lines.enumerated() {
          let x = middle + 4 + (Double(line) - Double(lines.count - 1) / 2) * 14
          canvas.text(text, x, head - 5, size: 12, turned: true)
        }
      }
    }
    for (row, name) in rows.enumerated() {
      let y = head + Double(row) * height
      canvas.text(name, labelWidth - 6, y + height / 2 + 4.5, anchor: .end, maxWidth: labelWidth - 9)
      for column in columns.indices {
        draw(row, column, labelWidth + Double(column) * cell, y, cell, height, hasNumbers, &canvas)
      }
    }
    let bottom = head + Double(rows.count) * height
    canvas.height = bottom + 8
    drawLegend(&canvas, labelWidth, bottom + 16)
    return canvas
  }

  private func draw(
    _ row: Int, _ column: Int, _ x: Double, _ y: Double, _ width: Double, _ height: Double, _ hasNumbers: Bool,
    _ canvas: inout Canvas
  ) {
    let value = values[row][column]
    let text = texts[row][column]
    let title = "\(rows[row]), \(columns[column]): \(text)"
    guard let colour = colour(value) else {
      canvas.rect(x + 0.5, y + 0.5, width - 1, height - 1, .grid, title: title)
      return
    }
    canvas.rect(x + 0.5, y + 0.5, width - 1, height - 1, .colour(colour), title: title)
    let ink = Palette.textOn(colour)
    if value < 0 {
      let size = Canvas.number(min(7, width / 3))
      let corner = "\(Canvas.number(x + 1.5)) \(Canvas.number(y + 1.5))"
      canvas.area("M\(corner)h\(size)l-\(size) \(size)z", .colour(ink))
    }
    if hasNumbers {
      canvas.text(text, x + width / 2, y + height / 2 + 4.5, anchor: .middle, paint: .colour(ink), size: 12)
    }
  }

  /// A bar of the shades with the values at its ends.
  private func drawLegend(_ canvas: inout Canvas, _ x: Double, _ y: Double) {
    guard !rows.isEmpty, !columns.isEmpty else {
      canvas.note("There is nothing to show.", y)
      return
    }
    guard extremes.high > extremes.low else { return }
    let widths = (TextWidth.of(ends.low, size: 12), TextWidth.of(ends.high, size: 12))
    let left = min(x, canvas.width - 150 - widths.0 - widths.1)
    canvas.text(ends.low, left, y + 11, paint: .muted, size: 12)
    for step in 0..<20 {
      let value = extremes.low + (Double(step) + 0.5) / 20 * (extremes.high - extremes.low)
      let colour = colour(value) ?? Palette.ground.light
      canvas.rect(left + widths.0 + 6 + Double(step) * 6, y, 6, 14, .colour(colour))
    }
    canvas.text(ends.high, left + widths.0 + 132, y + 11, paint: .muted, size: 12)
    canvas.height = y + 22
  }
}
