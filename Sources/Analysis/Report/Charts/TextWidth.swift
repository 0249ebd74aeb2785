/// How wide text will be, without a font: generous, so that it fits in any of the usual ones.
enum TextWidth {
  /// The width of a line of text.
  static func of(_ text: String, size: Double = Canvas.fontSize, isBold: Bool = false) -> Double {
    text.unicodeScalars.reduce(0) { $0 + ems($1) } * size * (isBold ? 1.1 : 1)
  }

  /// The text, or as much of it as fits with `…` behind.
  static func shortened(_ text: String, to width: Double, size: Double = Canvas.fontSize, isBold: Bool = false)
    -> String
  {
    guard of(text, size: size, isBold: isBold) > width else { return text }
    let room = width / (size * (isBold ? 1.1 : 1)) - ems("…")
    var (used, out) = (0.0, "")
    for character in text {
      used += character.unicodeScalars.reduce(0) { $0 + ems($1) }
      if used > room { break }
      out.append(character)
    }
    while out.last?.isWhitespace == true { out.removeLast() }
    return out + "…"
  }

  /// The lines of a text that is broken between words, at most so many; the last is shortened where more would follow.
  static func lines(_ text: String, width: Double, max count: Int, size: Double = Canvas.fontSize) -> [String] {
    var lines: [String] = []
    var rest = text.split(whereSeparator: \.isWhitespace)[...]
    while let word = rest.popFirst() {
      if let last = lines.last, of(last + " " + word, size: size) <= width {
        lines[lines.count - 1] += " " + word
      } else if lines.count == count {
        lines[count - 1] += " " + ([word] + rest).joined(separator: " ")
        break
      } else {
        lines.append(String(word))
      }
    }
    return lines.map { shortened($0, to: width, size: size) }
  }

  /// As wide as in DejaVu Sans, which is wide among the usual fonts.
  private static func ems(_ scalar: Unicode.Scalar) -> Double {
    switch scalar {
    case "i", "j", "l", "I", "|", "!", ".", ",", ":", ";", "'", " ", "\u{A0}": 0.36
    case "f", "t", "r", "(", ")", "[", "]", "/", "-", "\"": 0.45
    case "m", "w", "M", "W", "@", "%", "…", "—": 1
    case "a"..."z", "0"..."9": 0.64
    case "A"..."Z": 0.76
    case _ where scalar.value < 0x300: 0.7
    case _ where scalar.properties.generalCategory == .nonspacingMark || scalar.properties.isDefaultIgnorableCodePoint:
      0
    case _ where scalar.value < 0x1100: 0.8
    case _ where scalar.value < 0x2E80: 0.95
    case _ where scalar.value < 0x1F000: 1.05
    default: 1.4
    }
  }
}
