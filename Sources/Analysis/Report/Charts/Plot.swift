/// The frame that histograms, lines and clouds of points share: axes with ticks, a grid, names of the axes, a legend.
struct Plot {
  var canvas: Canvas
  let x: Scale
  let y: Scale

  /// Where the plot ends: right, top and bottom.
  static let (right, top, bottom) = (Canvas.width - 14, 24.0, 274.0)
  /// Most entries of a legend.
  static let entriesMax = 12

  /// Makes the scales and draws what lies under the data.
  init(
    id: String, xLabel: String, yLabel: String, xValues: [Double], yValues: [Double], isTightX: Bool = false,
    startsAtZero: Bool = false
  ) {
    canvas = Canvas(id: id)
    let yScale = Scale(startsAtZero ? yValues + [0] : yValues, from: Self.bottom, to: Self.top)
    let labels = yScale.ticks.map { yScale.label($0) }
    let left = 12 + (labels.map { TextWidth.of($0) }.max() ?? 0)
    y = yScale
    x = Scale(xValues, from: left, to: Self.right, ticks: 5, isTight: isTightX)
    for (tick, label) in zip(y.ticks, labels) {
      canvas.line(left, y(tick), Self.right, y(tick), .grid)
      canvas.text(label, left - 6, y(tick) + 4.5, anchor: .end, paint: .muted)
    }
    canvas.text(yLabel, 2, 12, paint: .muted, maxWidth: Canvas.width - 4)
    canvas.line(left, Self.bottom, Self.right, Self.bottom, .axis)
    var free = 0.0
    for tick in x.ticks {
      let label = x.label(tick)
      let half = TextWidth.of(label) / 2
      // A label keeps inside the picture and beside the one before.
      let middle = min(max(x(tick), half + 1), Canvas.width - half - 1)
      canvas.line(x(tick), Self.bottom, x(tick), Self.bottom + 4, .axis)
      guard middle - half >= free else { continue }
      canvas.text(label, middle, Self.bottom + 18, anchor: .middle, paint: .muted)
      free = middle + half + 6
    }
    canvas.text(
      xLabel, (left + Self.right) / 2, Self.bottom + 38, anchor: .middle, paint: .muted, maxWidth: Self.right - left)
    canvas.height = Self.bottom + (xLabel.isEmpty ? 28 : 48)
  }
}

extension Canvas {
  /// How a group shows itself in a legend.
  enum Key {
    case mark, lineAndMark
  }

  /// Names the groups under what was drawn, in rows; more than a dozen are counted.
  mutating func legend(_ names: [String], key: Key, from top: Double) {
    let shown = names.prefix(Plot.entriesMax)
    let keyWidth = key == .mark ? 18.0 : 38.0
    var (x, y) = (8.0, top + 12)
    for (group, name) in shown.enumerated() {
      let room = min(TextWidth.of(name), width - 24 - keyWidth)
      if x > 8 && x + keyWidth + room > width - 8 { (x, y) = (8, y + 22) }
      if key == .lineAndMark {
        line(x, y - 4.5, x + 30, y - 4.5, .series(group), width: 2, dash: Palette.dashes[group % Palette.dashes.count])
      }
      marks([(x + (key == .mark ? 6 : 15), y - 4.5)], group: group, size: 9)
      text(name, x + keyWidth, y, maxWidth: room)
      x += keyWidth + room + 18
    }
    if names.count > shown.count { y = note("and \(names.count - shown.count) more, not named here", y + 22) }
    height = max(height, y + 10)
  }

  /// A line of small print under the picture; gives where it stands.
  @discardableResult
  mutating func note(_ text: String, _ y: Double) -> Double {
    self.text(text, 8, y, paint: .muted, size: 12, maxWidth: width - 16)
    height = max(height, y + 10)
    return y
  }
}
