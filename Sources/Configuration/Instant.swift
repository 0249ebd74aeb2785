import Foundation

/// Instants of options: ISO 8601, in UTC where there is no zone.
package enum Instant {
  /// The instant in ms since 1970; `nil` where `text` is none.
  ///
  /// Takes `2026-08-02`, `2026-08-02T10:00`, `2026-08-02T10:00:00.5`, each time with or without `Z` or `+02:00`.
  package static func ms(_ text: String) -> Int64? {
    let whole = #/(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?(Z|[+-]\d\d:?\d\d)?)?/#
    guard let match = text.wholeMatch(of: whole)?.output else { return nil }
    func number(_ part: Substring?) -> Int { part.flatMap { Int($0) } ?? 0 }
    let (year, month, day) = (number(match.1), number(match.2), number(match.3))
    let (hour, minute, second) = (number(match.4), number(match.5), number(match.6))
    guard (1...12).contains(month), (1...days(of: month, year)).contains(day) else { return nil }
    guard hour < 24, minute < 60, second < 60 else { return nil }
    let milliseconds = number(match.7.map { ($0 + "00").prefix(3) })
    var offsetMinutes = 0
    if let zone = match.8, zone != "Z" {
      let (hours, minutes) = (number(zone.dropFirst().prefix(2)), number(zone.suffix(2)))
      guard hours < 24, minutes < 60 else { return nil }
      offsetMinutes = (hours * 60 + minutes) * (zone.hasPrefix("-") ? -1 : 1)
    }
    let seconds = ((daysSince1970(year, month, day) * 24 + hour) * 60 + minute - offsetMinutes) * 60 + second
    return Int64(seconds) * 1000 + Int64(milliseconds)
  }

  private static func days(of month: Int, _ year: Int) -> Int {
    daysSince1970(month == 12 ? year + 1 : year, month % 12 + 1, 1) - daysSince1970(year, month, 1)
  }

  /// Days of the proleptic Gregorian calendar (Hinnant, "chrono-compatible low-level date algorithms").
  private static func daysSince1970(_ year: Int, _ month: Int, _ day: Int) -> Int {
    let shifted = month <= 2 ? year - 1 : year
    let era = (shifted >= 0 ? shifted : shifted - 399) / 400
    let yearOfEra = shifted - era * 400
    let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    return era * 146_097 + dayOfEra - 719_468
  }
}
