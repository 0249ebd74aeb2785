/// Makes text harmless and visible in HTML and SVG.
enum Escaping {
  /// Text as it stands in an element or between quotation marks.
  ///
  /// Control characters, which XML forbids, become spaces; those that turn the direction of what follows are left out.
  static func escaped(_ text: String) -> String {
    var out = ""
    out.reserveCapacity(text.utf8.count + 8)
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": out += "&amp;"
      case "<": out += "&lt;"
      case ">": out += "&gt;"
      case "\"": out += "&quot;"
      case "'": out += "&#39;"
      case _ where isDirection(scalar): continue
      case _ where scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value): out += " "
      case _ where scalar.value & 0xFFFE == 0xFFFE: out += "\u{FFFD}"
      default: out.unicodeScalars.append(scalar)
      }
    }
    return out
  }

  private static func isDirection(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x200E, 0x200F, 0x061C, 0x202A...0x202E, 0x2066...0x2069: true
    default: false
    }
  }

  /// A name for an address: lower-case ASCII letters and digits in words joined by `-`, never empty.
  static func slug(_ text: String) -> String {
    var out = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "a"..."z", "0"..."9": out.unicodeScalars.append(scalar)
      case "A"..."Z": out += scalar.properties.lowercaseMapping
      default: if !out.isEmpty && out.last != "-" { out.append("-") }
      }
      if out.utf8.count >= 60 { break }
    }
    while out.last == "-" { out.removeLast() }
    guard let first = out.first else { return "x" }
    // An id that begins with a digit is no selector.
    return first.isNumber ? "x-" + out : out
  }
}
