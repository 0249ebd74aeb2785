/// The proleptic Gregorian calendar, years 1 to 9999.
package enum CalendarDate {
  /// The length of a day.
  package static let msPerDay: Int64 = 86_400_000
  /// 0001-01-01T00:00:00Z.
  static let msMin: Int64 = -62_135_596_800_000
  /// 9999-12-31T23:59:59.999Z.
  static let msMax: Int64 = 253_402_300_799_999

  /// Days since 1970-01-01; `nil` where there is no such day.
  package static func days(year: Int, month: Int, day: Int) -> Int64? {
    guard year >= 1, year <= 9999, month >= 1, month <= 12, day >= 1, day <= length(ofMonth: month, year: year)
    else { return nil }
    // Howard Hinnant, "chrono-compatible low-level date algorithms", days_from_civil.
    let shifted = month <= 2 ? year - 1 : year
    let era = shifted / 400
    let yearOfEra = shifted - era * 400
    let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    return Int64(era * 146_097 + dayOfEra - 719_468)
  }

  static func isLeap(year: Int) -> Bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
  }

  static func length(ofMonth month: Int, year: Int) -> Int {
    switch month {
    case 2: isLeap(year: year) ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }
}

/// A date and a time of day as written, before its zone is applied.
struct ClockReading {
  var days: Int64 = 0
  var hour = 0
  var minute = 0
  var second = 0
  var ms = 0
  /// What is written behind the time; `nil` if no zone is.
  var offsetMs: Int64?

  /// Milliseconds as if the zone were UTC; `nil` where there is no such time of day. A leap second is the next second.
  var localMs: Int64? {
    guard hour <= 23, minute <= 59, second <= 60 else { return nil }
    let seconds = Int64(hour * 3_600 + minute * 60 + second)
    return days * CalendarDate.msPerDay + seconds * 1_000 + (second == 60 ? 0 : Int64(ms))
  }

  /// Milliseconds since 1970.
  func utcMs(_ zone: ZoneTable) -> Int64? {
    guard let localMs else { return nil }
    return offsetMs.map { localMs - $0 } ?? zone.utcMs(localMs: localMs)
  }
}

/// Reads digits and separators of a timestamp from the left.
struct TimeCursor {
  private(set) var position: Bytes
  let end: Bytes

  init(_ text: Bytes, count: Int) {
    position = text
    end = text + count
  }

  var isAtEnd: Bool { position == end }
  var next: UInt8 { position < end ? position[0] : 0 }

  /// Skips `byte`, or says that it does not stand here.
  mutating func skip(_ byte: UInt8) -> Bool {
    guard position < end, position[0] == byte else { return false }
    position += 1
    return true
  }

  mutating func skip(_ byte: UInt8, or other: UInt8) -> Bool {
    skip(byte) || skip(other)
  }

  mutating func skipBlanks() {
    while next == Byte.space || next == Byte.tab { position += 1 }
  }

  /// The value of `least` to `most` digits.
  mutating func number(_ least: Int, _ most: Int) -> Int? {
    var value = 0
    var count = 0
    while count < most, position < end, position[0] &- Byte.zero <= 9 {
      value = value * 10 + Int(position[0] &- Byte.zero)
      position += 1
      count += 1
    }
    return count >= least ? value : nil
  }

  /// The milliseconds of one to nine digits of a fraction, the rest cut off.
  mutating func fractionMs() -> Int? {
    var value = 0
    var count = 0
    while position < end, position[0] &- Byte.zero <= 9 {
      if count < 3 { value = value * 10 + Int(position[0] &- Byte.zero) }
      position += 1
      count += 1
    }
    if count == 0 || count > 9 { return nil }
    for _ in min(count, 3)..<3 { value *= 10 }
    return value
  }

  /// `Z`, ±HH:MM, ±HHMM or ±HH, in ms ahead of UTC.
  mutating func offsetMs() -> Int64? {
    if skip(UInt8(ascii: "Z"), or: UInt8(ascii: "z")) { return 0 }
    let isBehind = next == Byte.minus
    guard skip(Byte.plus, or: Byte.minus), let hours = number(2, 2), hours <= 23 else { return nil }
    var minutes = 0
    if skip(Byte.colon) || next &- Byte.zero <= 9 {
      guard let written = number(2, 2), written <= 59 else { return nil }
      minutes = written
    }
    let ms = Int64(hours * 60 + minutes) * 60_000
    return isBehind ? -ms : ms
  }

  /// The index of the name that stands here, whole or its first three letters, in any case.
  mutating func name(of names: [StaticString]) -> Int? {
    for length in [Int.max, 3] {
      for (index, name) in names.enumerated() {
        let count = min(length, name.utf8CodeUnitCount)
        if end - position >= count, (0..<count).allSatisfy({ position[$0] | 0x20 == name.utf8Start[$0] | 0x20 }) {
          position += count
          return index
        }
      }
    }
    return nil
  }
}
