import Foundation

/// Numbers as people read them: `12,345.6`, `4.7 %`; the same on every machine, whatever its language.
public enum NumberText {
  /// What stands for a number that there is not (NaN).
  public static let none = "–"

  /// A whole number in groups of three: `-1,234,567`.
  public static func count(_ value: Int) -> String {
    let digits = Array(String(value.magnitude))
    var text = value < 0 ? "-" : ""
    for (index, digit) in digits.enumerated() {
      if index > 0 && (digits.count - index).isMultiple(of: 3) { text.append(",") }
      text.append(digit)
    }
    return text
  }

  /// A number with so many decimals, in groups of three: `1,234.50`.
  public static func fixed(_ value: Double, _ decimals: Int) -> String {
    guard value.isFinite else { return value.isNaN ? none : value > 0 ? "∞" : "-∞" }
    guard abs(value) < 1e15 else { return scientific(value) }
    let text = String(format: "%.\(max(0, min(decimals, 15)))f", abs(value))
    let parts = text.split(separator: ".", maxSplits: 1)
    let whole = Int(parts[0]).map(count) ?? String(parts[0])
    let fraction = parts.count > 1 ? "." + parts[1] : ""
    // What is rounded to nothing has no sign.
    let isZero = !text.contains { ("1"..."9").contains($0) }
    return (value < 0 && !isZero ? "-" : "") + whole + fraction
  }

  /// A number with about three digits that count, never fewer than its whole part: `1,235`, `12.3`, `0.0123`.
  public static func short(_ value: Double) -> String {
    guard value.isFinite, value != 0 else { return fixed(value, 0) }
    let size = abs(value)
    if size >= 1e15 || size < 1e-4 { return scientific(value) }
    let magnitude = Int(log10(size).rounded(.down))
    return trimmed(fixed(value, max(0, 2 - magnitude)))
  }

  /// A number for an axis: short, in thousands (k), millions (M) or milliards (G) where it is large.
  public static func compact(_ value: Double) -> String {
    for (unit, letter) in [(1e9, "G"), (1e6, "M"), (1e4, "k")] where abs(value) >= unit && abs(value) < 1e15 {
      return short(value / (letter == "k" ? 1e3 : unit)) + " " + letter
    }
    return short(value)
  }

  /// A share as a percentage: `0.0468` is `4.7 %`.
  public static func percent(_ share: Double, _ decimals: Int = 1) -> String {
    share.isFinite ? fixed(share * 100, decimals) + "\u{A0}%" : none
  }

  /// An amount of money that is given in minor units: `123456` is `1,234.56` where the currency has two digits.
  public static func money(minor: Double, digits: Int) -> String {
    let value = minor / pow(10, Double(digits))
    return fixed(value, abs(value) >= 100_000 ? 0 : digits)
  }

  private static func scientific(_ value: Double) -> String { String(format: "%.2e", value) }

  private static func trimmed(_ text: String) -> String {
    guard text.contains(".") else { return text }
    var end = text.endIndex
    while text[text.index(before: end)] == "0" { end = text.index(before: end) }
    if text[text.index(before: end)] == "." { end = text.index(before: end) }
    return String(text[..<end])
  }
}
