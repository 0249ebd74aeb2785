/// A CSV file (RFC 4180) whose cells no spreadsheet takes for a formula.
struct CSVWriter {
  /// What a cell holds.
  enum Cell {
    /// Words; harmless when they begin like a formula.
    case text(String)
    /// A number; empty where it is not finite.
    case number(Double)
    /// A whole number.
    case integer(Int)
    /// Nothing.
    case none
  }

  private(set) var text = ""

  /// Adds a record.
  mutating func append(_ cells: [Cell]) {
    for (index, cell) in cells.enumerated() {
      if index > 0 { text += "," }
      text += Self.written(cell)
    }
    text += "\n"
  }

  /// A cell as it is written: words that begin with `=`, `+`, `-`, `@`, a tab or a carriage return get an apostrophe
  /// before them (OWASP, "CSV injection"); a plain number among them stays a number.
  static func written(_ cell: Cell) -> String {
    switch cell {
    case .none: return ""
    case .integer(let value): return String(value)
    case .number(let value): return value.isFinite ? (value == 0 ? "0" : plain(value)) : ""
    case .text(let words):
      var safe = words
      if let first = words.unicodeScalars.first, "=+-@\t\r".unicodeScalars.contains(first), !isNumber(words) {
        safe = "'" + words
      }
      let isPlain = !safe.unicodeScalars.contains { "\",\n\r\t".unicodeScalars.contains($0) }
      return isPlain ? safe : "\"" + safe.replacing("\"", with: "\"\"") + "\""
    }
  }

  private static func plain(_ value: Double) -> String {
    value == value.rounded() && abs(value) < 1e15 ? String(Int(value)) : String(value)
  }

  private static func isNumber(_ words: String) -> Bool {
    var words = words
    return words.withUTF8 { CellText.number($0) != nil }
  }
}
