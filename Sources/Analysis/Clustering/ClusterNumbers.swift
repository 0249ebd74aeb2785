import Foundation

/// A number with so many decimals, and a point.
func decimals(_ value: Double, _ count: Int) -> String {
  value.isFinite ? String(format: "%.\(count)f", value) : "–"
}

/// An integer with a comma between thousands.
func grouped(_ value: Int) -> String {
  var digits = Array(String(value.magnitude))
  var place = digits.count - 3
  while place > 0 {
    digits.insert(",", at: place)
    place -= 3
  }
  return (value < 0 ? "−" : "") + String(digits)
}

/// A share as a percentage with one decimal.
func percent(_ share: Double) -> String { decimals(100 * share, 1) + " %" }

/// `1st`, `2nd`, `3rd`, `4th` and so on.
func ordinal(_ value: Int) -> String {
  let suffixes = [1: "st", 2: "nd", 3: "rd"]
  return "\(value)" + ((11...13).contains(value % 100) ? "th" : suffixes[value % 10] ?? "th")
}

/// Words as a list: `a`, `a and b`, `a, b and c`.
func listed(_ words: [String]) -> String {
  guard let last = words.last else { return "" }
  return words.count == 1 ? last : words.dropLast().joined(separator: ", ") + " and " + last
}
