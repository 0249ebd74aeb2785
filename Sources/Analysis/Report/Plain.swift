import Foundation

/// Numbers and days as a reader sees them; the same on every machine.
enum Plain {
  /// A number with at most four digits behind the point, from 10,000 on with its thousands apart (a year is one word);
  /// `–` for none.
  static func number(_ value: Double) -> String {
    guard value.isFinite else { return "–" }
    let size = abs(value)
    if size >= 1e15 { return String(format: "%.4g", value) }
    let digits = size >= 1000 ? 1 : size >= 100 ? 1 : size >= 1 ? 2 : 4
    var text = String(format: "%.\(digits)f", value)
    if text.contains(".") {
      while text.hasSuffix("0") { text.removeLast() }
      if text.hasSuffix(".") { text.removeLast() }
    }
    return text == "-0" ? "0" : size < 10_000 ? text : grouped(text)
  }

  /// A day since 1970 as 2014-06-29.
  static func day(_ day: Double) -> String {
    guard day.isFinite, abs(day) < 3_000_000 else { return "–" }
    let date = Date(timeIntervalSince1970: day.rounded(.down) * 86_400)
    var calendar = Calendar(identifier: .gregorian)
    calendar.timeZone = TimeZone(secondsFromGMT: 0) ?? .current
    let parts = calendar.dateComponents([.year, .month, .day], from: date)
    return String(format: "%04d-%02d-%02d", parts.year ?? 0, parts.month ?? 0, parts.day ?? 0)
  }

  private static func grouped(_ text: String) -> String {
    let sign = text.hasPrefix("-") ? "-" : ""
    let parts = text.dropFirst(sign.count).split(separator: ".")
    var whole = String(parts.first ?? "0")
    var groups: [String] = []
    while whole.count > 3 {
      groups.insert(String(whole.suffix(3)), at: 0)
      whole.removeLast(3)
    }
    return sign + ([whole] + groups).joined(separator: ",") + (parts.count > 1 ? ".\(parts[1])" : "")
  }
}
