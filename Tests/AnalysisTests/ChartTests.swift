import Foundation
import Testing

@testable import Analysis

@Suite struct ChartTests {
  /// Every kind of chart, of as many things as asked for, with names of any kind.
  private static func charts(_ count: Int, name: (Int) -> String, value: (Int) -> Double) -> [Chart] {
    let names = (0..<count).map(name)
    let values = (0..<count).map(value)
    return [
      .bars(id: "a", title: name(0), alternative: name(1), labels: names, values: values, unit: "%"),
      .histogram(
        id: "b", title: "b", alternative: "", edges: values, counts: values.map { Int(exactly: $0) ?? 3 }, unit: name(2)
      ),
      .lines(
        id: "c", title: "c", alternative: "", xLabel: name(0), yLabel: name(1), x: values,
        series: names.map { ($0, values) }, marked: count - 1),
      .profiles(
        id: "d", title: "d", alternative: "", valueLabel: name(0), rows: names, series: names.map { ($0, values) }),
      .scatter(
        id: "e", title: "e", alternative: "", xLabel: name(0), yLabel: name(1),
        points: values.indices.map { (values[$0], values[count - 1 - $0], $0 - 1) }, groups: names),
      .heatMap(
        id: "f", title: "f", alternative: "", rows: names, columns: names, values: names.map { _ in values }),
      .treemap(id: "g", title: "g", alternative: "", parts: zip(names, values).map { ($0, $1, $0) }),
      .flow(
        id: "h", title: "h", alternative: "", from: names, to: names,
        counts: names.map { _ in values.indices.map { $0 } }),
      .dendrogram(
        id: "i", title: "i", alternative: "", leaves: count, merges: values.indices.map { ($0, $0 + 1, values[$0]) }),
    ]
  }

  private static let names: [@Sendable (Int) -> String] = [
    { "name \($0)" }, { _ in "" }, { _ in String(repeating: "W", count: 400) }, { _ in "<script>'\"&\u{0}\u{202E}]]>" },
    { _ in "مرحبا بالعالم" }, { _ in "👩‍👩‍👧‍👦\u{301}" },
  ]
  private static let values: [@Sendable (Int) -> Double] = [
    { Double($0) }, { _ in 5 }, { _ in 0 }, { _ in .nan }, { $0.isMultiple(of: 2) ? .nan : -3 },
    { _ in .greatestFiniteMagnitude }, { $0 == 1 ? -.greatestFiniteMagnitude : .greatestFiniteMagnitude },
    { _ in .infinity }, { _ in .leastNonzeroMagnitude }, { -Double($0) }, { 1e15 + Double($0) },
  ]

  @Test("No number and no name traps, leaves a coordinate that is none, or is no XML", arguments: [0, 1, 2, 3, 7, 60])
  func edges(count: Int) throws {
    // Many things with a few names and numbers: pictures of sixty take their time.
    for name in count > 9 ? Self.names.prefix(1) : Self.names[...] {
      for value in count > 9 ? Self.values.prefix(4) : Self.values[...] {
        for chart in Self.charts(count, name: name, value: value) {
          #expect(!chart.svg.contains("nan") && !chart.svg.contains("inf"))
          #expect(chart.svg.hasPrefix("<svg ") && chart.svg.hasSuffix("</svg>"))
          #expect(!chart.svg.contains("<script") && !chart.svg.contains("Optional("))
          #expect(chart.table.rows.allSatisfy { $0.count == chart.table.columns.count })
        }
      }
    }
  }

  @Test("The same numbers give the same bytes")
  func repeats() {
    let make = { Self.charts(60, name: { "n\($0)" }, value: { Double($0 * 7919 % 61) }) }
    #expect(make() == make())
  }

  @Test("A picture is labelled by its own title and description")
  func words() {
    let chart = Chart.bars(id: "Sizes of <all>", title: "a < b", alternative: "c & d", labels: ["x"], values: [1])
    #expect(chart.id == "sizes-of-all")
    #expect(chart.svg.contains("aria-labelledby=\"sizes-of-all-title sizes-of-all-desc\""))
    #expect(chart.svg.contains("<title id=\"sizes-of-all-title\">a &lt; b</title>"))
    #expect(chart.svg.contains("<desc id=\"sizes-of-all-desc\">c &amp; d</desc>") && chart.svg.contains("role=\"img\""))
  }

  @Test("A cloud draws 2,000 points at most, says so, and lists those it draws")
  func manyPoints() {
    let chart = Chart.scatter(
      id: "x", title: "x", alternative: "", xLabel: "x", yLabel: "y",
      points: (0..<5_000).map { (Double($0), Double($0 % 77), $0 % 3) }, groups: ["a", "b", "c"])
    #expect(chart.table.rows.count == 2_000 && chart.svg.contains("2,000 of 5,000 points are drawn."))
  }

  @Test("A heat map marks the corner of each value below zero, and of no other")
  func corners() {
    let chart = Chart.heatMap(
      id: "x", title: "x", alternative: "", rows: ["a"], columns: ["b", "c", "d"], values: [[-1, 0, 1]])
    #expect(chart.svg.components(separatedBy: "<path ").count - 1 == 1)
  }

  @Test("The areas of a treemap are the shares of its parts, and fill it without overlap", arguments: 1...30)
  func treemapAreas(count: Int) {
    let raw: [Double] = (0..<count).map { Double(($0 * 37 + 11) % 53 + 1) }.sorted(by: >)
    let total: Double = raw.reduce(0, +)
    let scale = 144_000 / total
    let places = Chart.squarified(raw.map { $0 * scale }, width: 480, height: 300)
    #expect(places.count == count)
    for (place, value) in zip(places, raw) {
      #expect(abs(place.width * place.height - value * scale) < 1e-6)
      #expect(place.x > -1e-9 && place.y > -1e-9)
      #expect(place.x + place.width < 480 + 1e-6 && place.y + place.height < 300 + 1e-6)
    }
    for (index, one) in places.enumerated() {
      for other in places[(index + 1)...] {
        let across = min(one.x + one.width, other.x + other.width) - max(one.x, other.x)
        let down = min(one.y + one.height, other.y + other.height) - max(one.y, other.y)
        #expect(across < 1e-6 || down < 1e-6)
      }
    }
  }

  @Test("Ticks are round, lie within the axis and are told apart by their labels")
  func ticks() {
    for values in [
      [0, 1], [3, 3], [-5, 17], [1e6, 1.000_01e6], [0, 9e9], [0.001, 0.0017], [2, 10], [1e-7, 5e-7],
    ] {
      let scale = Scale(values, from: 0, to: 100)
      #expect((3...13).contains(scale.ticks.count), "\(values): \(scale.ticks)")
      #expect(Set(scale.ticks.map { scale.label($0) }).count == scale.ticks.count)
      for tick in scale.ticks { #expect((-1e-6...100.000_001).contains(scale(tick))) }
    }
  }

  @Test("Shortened text is no wider than its room")
  func shortening() {
    for text in ["A rather long label", "WWWWWWWW", "iiiiiiiiiiiiiiiiiii", "漢字かな交じり文", "x"] {
      for width in stride(from: 20.0, to: 300, by: 7) {
        #expect(TextWidth.of(TextWidth.shortened(text, to: width)) <= width)
        for line in TextWidth.lines(text, width: width, max: 2) { #expect(TextWidth.of(line) <= width) }
      }
    }
  }
}
