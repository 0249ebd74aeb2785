import Foundation

/// Collects the elements of a picture; what goes in is escaped, finite and inside the width that text is given.
struct Canvas {
  /// Where a text begins, is centred, or ends.
  enum Anchor: String {
    case start, middle, end
  }

  /// What something is painted with: the colour, and the class by which the report can change it in the dark.
  enum Paint {
    case series(Int)
    case ink, muted, axis, grid
    case colour(String)

    var attributes: (class: String, colour: String) {
      switch self {
      case .series(let index): ("k\(index % Palette.light.count)", Palette.series(index))
      case .ink: ("ti", Palette.ink.light)
      case .muted: ("tm", Palette.muted.light)
      case .axis: ("ta", Palette.axis.light)
      case .grid: ("tg", Palette.grid.light)
      case .colour(let colour): ("", colour)
      }
    }

    func fill() -> String { named("fill") }

    func stroke() -> String {
      let (name, colour) = attributes
      return (name.isEmpty ? "" : " class=\"s\(name)\"") + " stroke=\"\(colour)\" fill=\"none\""
    }

    private func named(_ property: String) -> String {
      let (name, colour) = attributes
      return (name.isEmpty ? "" : " class=\"\(name)\"") + " \(property)=\"\(colour)\""
    }
  }

  /// The width that charts have where they need no more.
  static let width = 480.0
  /// The height of text.
  static let fontSize = 13.0

  let id: String
  var width: Double
  var height = 0.0
  private var body = ""

  init(id: String, width: Double = Canvas.width) {
    self.id = Escaping.slug(id)
    self.width = width
  }

  /// A coordinate with at most one decimal.
  static func number(_ value: Double) -> String {
    guard value.isFinite, abs(value) < 1e9 else { return "0" }
    let tenths = Int((value * 10).rounded())
    let sign = tenths < 0 ? "-" : ""
    let (whole, rest) = tenths.magnitude.quotientAndRemainder(dividingBy: 10)
    return rest == 0 ? "\(sign)\(whole)" : "\(sign)\(whole).\(rest)"
  }

  mutating func rect(_ x: Double, _ y: Double, _ width: Double, _ height: Double, _ paint: Paint, title: String? = nil)
  {
    body +=
      "<rect x=\"\(Self.number(x))\" y=\"\(Self.number(y))\" width=\"\(Self.number(max(0, width)))\""
      + " height=\"\(Self.number(max(0, height)))\"\(paint.fill())"
    close("rect", title)
  }

  mutating func line(
    _ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, _ paint: Paint, width: Double = 1, dash: String = ""
  ) {
    body +=
      "<line x1=\"\(Self.number(x1))\" y1=\"\(Self.number(y1))\" x2=\"\(Self.number(x2))\""
      + " y2=\"\(Self.number(y2))\"\(paint.stroke())\(Self.strokes(width, dash))/>\n"
  }

  /// A line through points, broken where one is missing (NaN).
  mutating func polyline(_ points: [(x: Double, y: Double)], _ paint: Paint, width: Double = 2, dash: String = "") {
    var path = ""
    var isDown = false
    for point in points {
      guard point.x.isFinite && point.y.isFinite else {
        isDown = false
        continue
      }
      path += (isDown ? "L" : "M") + Self.number(point.x) + " " + Self.number(point.y)
      isDown = true
    }
    guard !path.isEmpty else { return }
    body += "<path d=\"\(path)\"\(paint.stroke())\(Self.strokes(width, dash)) stroke-linejoin=\"round\"/>\n"
  }

  /// An area within a path.
  mutating func area(_ path: String, _ paint: Paint, opacity: Double = 1, title: String? = nil) {
    body += "<path d=\"\(path)\"\(paint.fill())" + (opacity < 1 ? " fill-opacity=\"\(opacity)\"" : "")
    close("path", title)
  }

  /// The marks of a group at points, each with a rim in the colour of the ground.
  mutating func marks(_ points: [(x: Double, y: Double)], group: Int, size: Double) {
    let finite = points.filter { $0.x.isFinite && $0.y.isFinite }
    let path = finite.map { Mark.path(group, $0.x, $0.y, size) }.joined()
    guard !path.isEmpty else { return }
    body +=
      "<path d=\"\(path)\" class=\"k\(group % Palette.light.count) rim\" fill=\"\(Palette.series(group))\""
      + " stroke=\"\(Palette.ground.light)\" stroke-width=\"0.8\"/>\n"
  }

  /// A line of text, shortened to a width; what was shortened keeps its whole text as a title.
  mutating func text(
    _ text: String, _ x: Double, _ y: Double, anchor: Anchor = .start, paint: Paint = .ink,
    size: Double = Canvas.fontSize, isBold: Bool = false, maxWidth: Double = .infinity, turned: Bool = false
  ) {
    let shown = TextWidth.shortened(text, to: maxWidth, size: size, isBold: isBold)
    body += "<text x=\"\(Self.number(x))\" y=\"\(Self.number(y))\"\(paint.fill())"
    if anchor != .start { body += " text-anchor=\"\(anchor.rawValue)\"" }
    if size != Self.fontSize { body += " font-size=\"\(Self.number(size))\"" }
    if isBold { body += " font-weight=\"600\"" }
    if turned { body += " transform=\"rotate(-90 \(Self.number(x)) \(Self.number(y)))\"" }
    body += ">\(Escaping.escaped(shown))"
    if shown != text { body += "<title>\(Escaping.escaped(text))</title>" }
    body += "</text>\n"
  }

  /// Lines of text around a middle: one stands on it, more evenly above and below.
  mutating func lines(
    _ lines: [String], _ x: Double, _ middle: Double, anchor: Anchor, paint: Paint = .ink,
    size: Double = Canvas.fontSize, spacing: Double
  ) {
    let first = middle - Double(lines.count - 1) / 2 * spacing
    for (index, line) in lines.enumerated() {
      text(line, x, first + Double(index) * spacing, anchor: anchor, paint: paint, size: size)
    }
  }

  private mutating func close(_ element: String, _ title: String?) {
    body += title.map { "><title>\(Escaping.escaped($0))</title></\(element)>\n" } ?? "/>\n"
  }

  private static func strokes(_ width: Double, _ dash: String) -> String {
    (width == 1 ? "" : " stroke-width=\"\(number(width))\"") + (dash.isEmpty ? "" : " stroke-dasharray=\"\(dash)\"")
  }

  /// The picture of what was collected.
  func chart(title: String, alternative: String, table: DataTable) -> Chart {
    let (w, h) = (Self.number(width.rounded(.up)), Self.number(height.rounded(.up)))
    let svg = """
      <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(w) \(h)" width="\(w)" height="\(h)" role="img" \
      aria-labelledby="\(id)-title \(id)-desc" font-family="system-ui, -apple-system, 'Segoe UI', Roboto, Helvetica, \
      Arial, sans-serif" font-size="\(Self.number(Self.fontSize))">
      <title id="\(id)-title">\(Escaping.escaped(title))</title>
      <desc id="\(id)-desc">\(Escaping.escaped(alternative))</desc>
      <rect class="ground" width="\(w)" height="\(h)" fill="\(Palette.ground.light)"/>
      \(body)</svg>
      """
    return Chart(id: id, title: title, alternative: alternative, table: table, svg: svg, width: Int(width.rounded(.up)))
  }
}
