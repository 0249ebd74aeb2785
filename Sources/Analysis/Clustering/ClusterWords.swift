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
