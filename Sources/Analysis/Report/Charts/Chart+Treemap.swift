extension Chart {
  /// Most areas of a treemap; the smallest beyond them are drawn as one.
  static let partsMax = 30

  /// Rectangles whose areas are the shares of parts (greater than 0), squarified; a note stands beside each value.
  ///
  /// Squarified: Bruls, Huizing and van Wijk, "Squarified treemaps" (2000).
  public static func treemap(
    id: String, title: String, alternative: String, parts: [(name: String, value: Double, note: String)]
  ) -> Chart {
    let usable = parts.filter { $0.value > 0 && $0.value.isFinite }
    var sorted = usable.enumerated().sorted {
      ($1.element.value, $0.offset) < ($0.element.value, $1.offset)
    }.map(\.element)
    if sorted.count > partsMax {
      let rest = sorted[(partsMax - 1)...]
      sorted =
        sorted.prefix(partsMax - 1) + [
          (name: "\(rest.count) others", value: rest.reduce(0) { $0 + $1.value }, note: "")
        ]
    }
    let total = sorted.reduce(0) { $0 + $1.value }
    var canvas = Canvas(id: id)
    canvas.height = sorted.isEmpty ? 30 : 300
    if sorted.isEmpty { canvas.note("There is nothing to show.", 18) }
    let places = squarified(
      sorted.map { $0.value / total * canvas.width * canvas.height }, width: canvas.width, height: canvas.height)
    for (index, (part, place)) in zip(sorted, places).enumerated() {
      let share = NumberText.percent(part.value / total)
      let colour = Palette.series(index)
      let words = [part.name, NumberText.short(part.value), share, part.note].filter { !$0.isEmpty }
      canvas.rect(
        place.x + 1, place.y + 1, place.width - 2, place.height - 2, .colour(colour),
        title: words.joined(separator: ", "))
      let ink = Canvas.Paint.colour(Palette.textOn(colour))
      let lines = TextWidth.lines(part.name, width: place.width - 14, max: place.height > 62 ? 2 : 1)
      guard place.width > 56 && place.height > 22 else { continue }
      for (line, text) in lines.enumerated() {
        canvas.text(text, place.x + 7, place.y + 18 + Double(line) * 16, paint: ink, maxWidth: place.width - 13)
      }
      let below = place.y + 18 + Double(lines.count) * 16
      if below < place.y + place.height - 4 {
        canvas.text(share, place.x + 7, below, paint: ink, size: 12, maxWidth: place.width - 13)
      }
      if below + 16 < place.y + place.height - 4 && !part.note.isEmpty {
        canvas.text(part.note, place.x + 7, below + 16, paint: ink, size: 12, maxWidth: place.width - 13)
      }
    }
    let whole = usable.reduce(0) { $0 + $1.value }
    let table = DataTable(
      title,
      columns: [.init("Part"), .init("Value", isNumeric: true), .init("Share", isNumeric: true), .init("Note")],
      rows: usable.map { [$0.name, NumberText.short($0.value), NumberText.percent($0.value / whole), $0.note] })
    return canvas.chart(title: title, alternative: alternative, table: table)
  }

  /// A rectangle.
  struct Place: Equatable {
    var x, y, width, height: Double
  }

  /// Rectangles of areas, which fall and sum to width · height, each as near to a square as a greedy row makes it.
  static func squarified(_ areas: [Double], width: Double, height: Double) -> [Place] {
    var places: [Place] = []
    var free = Place(x: 0, y: 0, width: width, height: height)
    var rest = areas[...]
    while !rest.isEmpty {
      let side = max(1e-9, min(free.width, free.height))
      var (count, sum) = (1, rest[rest.startIndex])
      var worst = ratio(rest.prefix(1), sum, side)
      while count < rest.count {
        let next = sum + rest[rest.startIndex + count]
        let ratio = ratio(rest.prefix(count + 1), next, side)
        if ratio > worst { break }
        (count, sum, worst) = (count + 1, next, ratio)
      }
      let depth = sum / side
      var offset = 0.0
      let isAcross = free.width >= free.height
      for area in rest.prefix(count) {
        let length = depth > 0 ? area / depth : 0
        places.append(
          isAcross
            ? Place(x: free.x, y: free.y + offset, width: depth, height: length)
            : Place(x: free.x + offset, y: free.y, width: length, height: depth))
        offset += length
      }
      if isAcross {
        (free.x, free.width) = (free.x + depth, free.width - depth)
      } else {
        (free.y, free.height) = (free.y + depth, free.height - depth)
      }
      rest = rest.dropFirst(count)
    }
    return places
  }

  private static func ratio(_ row: ArraySlice<Double>, _ sum: Double, _ side: Double) -> Double {
    guard let most = row.first, let least = row.last, least > 0 else { return .infinity }
    return max(side * side * most / (sum * sum), sum * sum / (side * side * least))
  }
}
