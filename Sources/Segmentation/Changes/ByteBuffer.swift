import Glibc

/// Bytes that grow, written by own integer code.
package struct ByteBuffer: ~Copyable {
  /// The written bytes.
  package private(set) var base: UnsafeMutablePointer<UInt8>
  /// The number of written bytes.
  package private(set) var count = 0
  private var capacity: Int
  /// The date that was written last: most times of a batch are of one day.
  private let cachedDate: UnsafeMutablePointer<UInt8>
  private var cachedDateCount = 0
  private var cachedDay = Int64.min

  /// Makes an empty buffer with room for `capacity` bytes.
  package init(capacity: Int = 1024) {
    self.capacity = capacity
    base = .allocate(capacity: capacity)
    cachedDate = .allocate(capacity: 32)
  }

  deinit {
    base.deallocate()
    cachedDate.deallocate()
  }

  /// What has been written, as an array.
  package var bytes: [UInt8] { Array(UnsafeBufferPointer(start: base, count: count)) }

  /// Forgets what has been written; the room stays.
  package mutating func removeAll() { count = 0 }

  /// Makes room for `more` bytes, so that what follows need not check.
  @inline(__always)
  package mutating func reserve(_ more: Int) {
    if count &+ more > capacity { grow(more) }
  }

  @inline(never)
  private mutating func grow(_ more: Int) {
    capacity = max(capacity * 2, count + more)
    let larger = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity)
    memcpy(larger, base, count)
    base.deallocate()
    base = larger
  }

  /// Appends the bytes of a literal.
  @inline(__always)
  package mutating func append(_ text: StaticString) {
    let length = text.utf8CodeUnitCount
    reserve(length)
    memcpy(base + count, text.utf8Start, length)
    count &+= length
  }

  /// Appends one byte.
  @inline(__always)
  package mutating func append(byte: UInt8) {
    reserve(1)
    base[count] = byte
    count &+= 1
  }

  /// Appends bytes.
  @inline(__always)
  package mutating func append(_ bytes: UnsafeBufferPointer<UInt8>) {
    guard let start = bytes.baseAddress else { return }
    reserve(bytes.count)
    memcpy(base + count, start, bytes.count)
    count &+= bytes.count
  }

  /// Appends bytes.
  package mutating func append(_ bytes: [UInt8]) { bytes.withUnsafeBufferPointer { append($0) } }

  // MARK: Numbers

  /// Appends a decimal integer.
  package mutating func append(integer value: Int64) {
    reserve(20)
    if value < 0 {
      base[count] = 0x2d
      count &+= 1
    }
    appendDigits(value.magnitude, width: 0)
  }

  @inline(__always)
  private static func digitCount(_ value: UInt64) -> Int {
    if value < 100 { return value < 10 ? 1 : 2 }
    if value < 10_000 { return value < 1000 ? 3 : 4 }
    if value < 1_000_000 { return value < 100_000 ? 5 : 6 }
    var length = 7
    var rest = value / 10_000_000
    while rest > 0 {
      length &+= 1
      rest /= 10
    }
    return length
  }

  /// The digits of `value`, with zeros in front up to `width`.
  @inline(__always)
  private mutating func appendDigits(_ value: UInt64, width: Int) {
    let length = max(Self.digitCount(value), width)
    var rest = value
    var position = count &+ length
    while position > count &+ 1 {
      let pair = Int(rest % 100) &* 2
      rest /= 100
      position &-= 2
      base[position] = digitPairs.utf8Start[pair]
      base[position &+ 1] = digitPairs.utf8Start[pair &+ 1]
    }
    if position > count { base[count] = UInt8(truncatingIfNeeded: rest) &+ 0x30 }
    count &+= length
  }

  /// A decimal with at most `places` (0 to 12) digits behind the point, rounded, without zeros at its end.
  package mutating func append(decimal value: Double, places: Int) {
    reserve(48)
    var places = places
    var scaled = Self.rounded(value * powersOfTen[places])
    while places > 0 && scaled.magnitude >= 9e18 {
      places -= 1
      scaled = Self.rounded(value * powersOfTen[places])
    }
    guard scaled.magnitude < 9e18 else { return append(value.isNaN ? "0" : value < 0 ? "-9e18" : "9e18") }
    var digits = Int64(scaled)
    if digits < 0 {
      base[count] = 0x2d
      count &+= 1
      digits = -digits
    }
    let unit = UInt64(powersOfTen[places])
    let (whole, fraction) = UInt64(digits).quotientAndRemainder(dividingBy: unit)
    appendDigits(whole, width: 0)
    if fraction == 0 { return }
    base[count] = 0x2e
    count &+= 1
    appendDigits(fraction, width: places)
    while base[count &- 1] == 0x30 { count &-= 1 }
  }

  /// The same with at most six places, the way changes are written: all divisors are constants.
  mutating func append(sixPlaces value: Double) {
    guard value.magnitude < 2e9 else { return append(decimal: value, places: 6) }
    reserve(24)
    var digits = Int64(Self.rounded(value * 1e6))
    if digits < 0 {
      base[count] = 0x2d
      count &+= 1
      digits = -digits
    }
    let (whole, fraction) = UInt64(digits).quotientAndRemainder(dividingBy: 1_000_000)
    appendDigits(whole, width: 0)
    if fraction == 0 { return }
    base[count] = 0x2e
    writePair(fraction / 10_000, at: count &+ 1)
    writePair(fraction / 100 % 100, at: count &+ 3)
    writePair(fraction % 100, at: count &+ 5)
    count &+= 7
    while base[count &- 1] == 0x30 { count &-= 1 }
  }

  /// Two digits.
  @inline(__always)
  private func writePair(_ value: UInt64, at position: Int) {
    let pair = Int(truncatingIfNeeded: value) &* 2
    base[position] = digitPairs.utf8Start[pair]
    base[position &+ 1] = digitPairs.utf8Start[pair &+ 1]
  }

  /// The nearest integer; adding and taking away 1.5 · 2⁵² rounds small values without a call.
  @inline(__always)
  private static func rounded(_ value: Double) -> Double {
    value.magnitude < 0x1p51 ? value + 0x1.8p52 - 0x1.8p52 : value.rounded()
  }

  /// Money in major units with all digits of the currency, `-12.30`.
  package mutating func append(minor: Int64, digits: Int) {
    reserve(24)
    if minor < 0 {
      base[count] = 0x2d
      count &+= 1
    }
    if digits == 2 {
      // The usual case, with a constant divisor.
      let (whole, fraction) = minor.magnitude.quotientAndRemainder(dividingBy: 100)
      appendDigits(whole, width: 0)
      base[count] = 0x2e
      writePair(fraction, at: count &+ 1)
      count &+= 3
      return
    }
    let (whole, fraction) = minor.magnitude.quotientAndRemainder(dividingBy: UInt64(powersOfTen[digits]))
    appendDigits(whole, width: 0)
    if digits > 0 {
      base[count] = 0x2e
      count &+= 1
      appendDigits(fraction, width: digits)
    }
  }

  /// An instant in ms since 1970 as ISO 8601 in UTC with ms, `2026-08-02T10:00:00.000Z`.
  package mutating func append(timeMs: Int64) {
    reserve(32)
    let day = dayNumber(timeMs)
    let ms = UInt64(timeMs &- day &* msPerDay)
    if day != cachedDay { cacheDate(day) }
    (base + count).update(from: cachedDate, count: cachedDateCount)
    count &+= cachedDateCount
    appendSeparated(0x54, ms / 3_600_000)
    appendSeparated(0x3a, ms / 60_000 % 60)
    appendSeparated(0x3a, ms / 1000 % 60)
    base[count] = 0x2e
    count &+= 1
    appendDigits(ms % 1000, width: 3)
    base[count] = 0x5a
    count &+= 1
  }

  /// Writes a day's date where the next times of that day find it.
  @inline(never)
  private mutating func cacheDate(_ day: Int64) {
    let date = civilDate(day)
    let start = count
    if date.year < 0 { append(byte: 0x2d) }
    appendDigits(UInt64(date.year.magnitude), width: 4)
    appendSeparated(0x2d, UInt64(date.month))
    appendSeparated(0x2d, UInt64(date.day))
    cachedDateCount = count - start
    cachedDate.update(from: base + start, count: cachedDateCount)
    cachedDay = day
    count = start
  }

  @inline(__always)
  private mutating func appendSeparated(_ separator: UInt8, _ value: UInt64) {
    base[count] = separator
    let pair = Int(value) &* 2
    base[count &+ 1] = digitPairs.utf8Start[pair]
    base[count &+ 2] = digitPairs.utf8Start[pair &+ 1]
    count &+= 3
  }

  // MARK: JSON

  /// A JSON string of UTF-8 bytes, with its quotes.
  package mutating func append(jsonString bytes: UnsafeBufferPointer<UInt8>) {
    reserve(bytes.count &* 6 &+ 2)
    base[count] = 0x22
    count &+= 1
    for byte in bytes {
      if byte >= 0x20 && byte != 0x22 && byte != 0x5c {
        base[count] = byte
        count &+= 1
      } else {
        appendEscaped(byte)
      }
    }
    base[count] = 0x22
    count &+= 1
  }

  /// A JSON string, with its quotes.
  package mutating func append(jsonString text: String) {
    var text = text
    text.withUTF8 { append(jsonString: $0) }
  }

  private mutating func appendEscaped(_ byte: UInt8) {
    switch byte {
    case 0x22: append("\\\"")
    case 0x5c: append("\\\\")
    case 0x0a: append("\\n")
    case 0x0d: append("\\r")
    case 0x09: append("\\t")
    default:
      append("\\u00")
      append(byte: (byte >> 4) &+ 0x30)
      append(byte: byte & 15 < 10 ? byte & 15 &+ 0x30 : byte & 15 &+ 0x57)
    }
  }
}

private let digitPairs: StaticString = """
  0001020304050607080910111213141516171819202122232425262728293031323334353637383940414243444546474849\
  5051525354555657585960616263646566676869707172737475767778798081828384858687888990919293949596979899
  """

private let powersOfTen: InlineArray<13, Double> = [1, 10, 100, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12]

/// The proleptic Gregorian date of a day since 1970 (Hinnant, chrono-compatible low-level date algorithms).
package func civilDate(_ day: Int64) -> (year: Int64, month: Int, day: Int) {
  let shifted = day + 719_468
  let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
  let dayOfEra = shifted - era * 146_097
  let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
  let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
  let shiftedMonth = (5 * dayOfYear + 2) / 153
  let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
  let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
  return (year, Int(month), Int(dayOfYear - (153 * shiftedMonth + 2) / 5 + 1))
}
