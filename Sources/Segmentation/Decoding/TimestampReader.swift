/// Reads timestamps as a map says they are written.
struct TimestampReader {
  private let format: RecordMap.TimeFormat
  private let pattern: TimestampPattern?
  private let zone: ZoneTable
  private let takesISO: Bool
  /// The date read last, as its ten bytes, and its day.
  private var cachedFirst: UInt64
  private var cachedLast: UInt16
  private var cachedDayMs: Int64 = 0

  init(format: RecordMap.TimeFormat, zone: ZoneTable) throws(RecordMapError) {
    self.format = format
    self.zone = zone
    takesISO = format == .automatic || format == .iso8601
    let epoch = Array("1970-01-01".utf8)
    cachedFirst = epoch[0..<8].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    cachedLast = UInt16(epoch[8]) | UInt16(epoch[9]) << 8
    if case .pattern(let text) = format {
      pattern = try TimestampPattern(text)
    } else {
      pattern = nil
    }
  }

  /// What the map expects, for a message.
  var expectation: String {
    switch format {
    case .automatic: "ISO 8601 text (2026-08-02T10:00:00Z) or epoch seconds or milliseconds"
    case .iso8601: "ISO 8601 (2026-08-02T10:00:00Z)"
    case .epochSeconds: "seconds since 1970"
    case .epochMs: "milliseconds since 1970"
    case .pattern(let pattern): "the pattern `\(pattern)`"
    }
  }

  /// `YYYY-MM-DDTHH:MM:SSZ`, with or without three digits of a fraction, when the map takes ISO 8601;
  /// `Int64.min` for everything else, which `read` then has to judge.
  @inline(__always)
  mutating func readFast(_ text: Bytes, count: Int) -> Int64 {
    guard takesISO, count == 24 || count == 20, text[count &- 1] == UInt8(ascii: "Z"), text[10] == UInt8(ascii: "T")
    else { return .min }
    if load64(text) != cachedFirst || load16(text + 8) != cachedLast {
      guard cacheDate(text) else { return .min }
    }
    // "HH:MM:SS" becomes its digits with zeros for the colons; each byte times ten plus the next makes pairs.
    let digits = load64(text + 11) ^ 0x3030_3A30_303A_3030
    guard (digits &+ 0x7676_7F76_767F_7676 | digits) & 0x8080_8080_8080_8080 == 0 else { return .min }
    let pairs = digits &* 10 &+ digits >> 8
    let hour = pairs & 0xFF
    let minute = pairs >> 24 & 0xFF
    let second = pairs >> 48 & 0xFF
    guard hour < 24, minute < 60, second < 60 else { return .min }
    var ms = Int64(truncatingIfNeeded: (hour &* 3_600 &+ minute &* 60 &+ second) &* 1_000)
    if count == 24 {
      let fraction = load32(text + 19) ^ 0x3030_302E
      guard (fraction &+ 0x7676_767F | fraction) & 0x8080_8080 == 0 else { return .min }
      ms &+= Int64(fraction >> 8 & 0xFF) &* 100 &+ Int64(fraction >> 16 & 0xFF) &* 10 &+ Int64(fraction >> 24)
    }
    return cachedDayMs &+ ms
  }

  private mutating func cacheDate(_ text: Bytes) -> Bool {
    var cursor = TimeCursor(text, count: 10)
    guard let days = Self.isoDate(&cursor) else { return false }
    cachedFirst = load64(text)
    cachedLast = load16(text + 8)
    cachedDayMs = days * CalendarDate.msPerDay
    return true
  }

  /// Milliseconds since 1970 of a text; `isCell` tells CSV, where everything is text. `nil` if it cannot be read.
  func read(_ text: Bytes, count: Int, isCell: Bool) -> Int64? {
    switch format {
    case .automatic:
      if isCell, let number = DecimalNumber.parse(text, count: count) {
        // Eight digits are more likely a date than the year 1970.
        return count == 8 && number.exponent == 0 ? nil : read(number, text, count: count)
      }
      return iso(text, count: count)
    case .iso8601: return iso(text, count: count)
    case .epochSeconds, .epochMs:
      return DecimalNumber.parse(text, count: count).flatMap { read($0, text, count: count) }
    case .pattern: return pattern?.read(text, count: count)?.utcMs(zone)
    }
  }

  /// Milliseconds since 1970 of a number, of which `text` are the digits. `nil` where the map wants text.
  func read(_ number: DecimalNumber, _ text: Bytes, count: Int) -> Int64? {
    switch format {
    case .iso8601: return nil
    case .pattern: return pattern?.read(text, count: count)?.utcMs(zone)
    case .epochMs: return whole(number, text, count: count, shift: 0)
    case .epochSeconds: return whole(number, text, count: count, shift: 3)
    case .automatic:
      guard let size = whole(number, text, count: count, shift: 0) else { return nil }
      return size.magnitude < 100_000_000_000 ? whole(number, text, count: count, shift: 3) : size
    }
  }

  /// `number` · 10^`shift`, rounded down, within the calendar.
  private func whole(_ number: DecimalNumber, _ text: Bytes, count: Int, shift: Int) -> Int64? {
    let size: Int64?
    let isWhole: Bool
    if number.isExact {
      let exponent = Int(number.exponent) + shift
      size = Scaling.magnitude(number.mantissa, exponent: exponent, .down)
      isWhole = Scaling.isWhole(number.mantissa, exponent: exponent)
    } else {
      let long = LongDecimal(text: text, count: count)
      size = long.magnitude(shift: shift, .down)
      isWhole = long.isWhole(shift: shift)
    }
    guard let size, size <= CalendarDate.msMax else { return nil }
    let ms = number.isNegative ? -size - (isWhole ? 0 : 1) : size
    return ms < CalendarDate.msMin ? nil : ms
  }

  /// A date, or a date and a time of day, with or without a zone.
  private func iso(_ text: Bytes, count: Int) -> Int64? {
    var cursor = TimeCursor(text, count: count)
    var reading = ClockReading()
    guard let days = Self.isoDate(&cursor) else { return nil }
    reading.days = days
    if cursor.isAtEnd { return reading.utcMs(zone) }
    guard cursor.skip(UInt8(ascii: "T"), or: UInt8(ascii: "t")) || cursor.skip(Byte.space),
      let hour = cursor.number(2, 2), cursor.skip(Byte.colon), let minute = cursor.number(2, 2)
    else { return nil }
    reading.hour = hour
    reading.minute = minute
    if cursor.skip(Byte.colon) {
      guard let second = cursor.number(2, 2) else { return nil }
      reading.second = second
      if cursor.skip(Byte.point, or: Byte.comma) {
        guard let ms = cursor.fractionMs() else { return nil }
        reading.ms = ms
      }
    }
    if !cursor.isAtEnd {
      guard let offsetMs = cursor.offsetMs(), cursor.isAtEnd else { return nil }
      reading.offsetMs = offsetMs
    }
    return reading.utcMs(zone)
  }

  private static func isoDate(_ cursor: inout TimeCursor) -> Int64? {
    guard let year = cursor.number(4, 4), cursor.skip(Byte.minus),
      let month = cursor.number(2, 2), cursor.skip(Byte.minus), let day = cursor.number(2, 2)
    else { return nil }
    return CalendarDate.days(year: year, month: month, day: day)
  }
}
