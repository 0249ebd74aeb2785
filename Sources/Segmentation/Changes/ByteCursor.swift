import Glibc

/// Where the next bytes go, in room that has been made before: nothing is checked, so the caller knows the most that
/// it writes. Numbers are written by own integer code.
struct ByteCursor {
  private(set) var next: UnsafeMutablePointer<UInt8>

  /// The bytes that a time takes at most, with those that are written beyond it.
  static let timeCountMax = 48

  init(_ next: UnsafeMutablePointer<UInt8>) { self.next = next }

  /// Appends the bytes of a literal.
  @inline(__always)
  mutating func append(_ text: StaticString) {
    let count = text.utf8CodeUnitCount
    memcpy(next, text.utf8Start, count)
    next += count
  }

  /// Appends one byte.
  @inline(__always)
  mutating func append(byte: UInt8) {
    next.pointee = byte
    next += 1
  }

  /// Appends bytes.
  @inline(__always)
  mutating func append(_ bytes: UnsafeBufferPointer<UInt8>) {
    guard let start = bytes.baseAddress else { return }
    memcpy(next, start, bytes.count)
    next += bytes.count
  }

  // MARK: Numbers

  /// Appends a decimal integer: at most 20 bytes.
  @inline(__always)
  mutating func append(integer value: Int64) {
    if value < 0 { append(byte: 0x2d) }
    append(digits: value.magnitude)
  }

  @inline(__always)
  private mutating func append(digits value: UInt64) {
    if value < 10 {
      append(byte: 0x30 | UInt8(truncatingIfNeeded: value))
    } else {
      next = Self.write(value, width: Self.digitCount(value), at: next)
    }
  }

  @inline(__always)
  private static func digitCount(_ value: UInt64) -> Int {
    if value < 10_000 { return value < 100 ? value < 10 ? 1 : 2 : value < 1000 ? 3 : 4 }
    if value < 1_000_000 { return value < 100_000 ? 5 : 6 }
    var count = 7
    var rest = value / 10_000_000
    while rest > 0 {
      count &+= 1
      rest /= 10
    }
    return count
  }

  /// Writes the last `width` digits of `value`; returns where the next byte goes.
  @inline(never)
  private static func write(
    _ value: UInt64, width: Int, at start: UnsafeMutablePointer<UInt8>
  ) -> UnsafeMutablePointer<UInt8> {
    var rest = value
    var position = width
    while position > 1 {
      let quotient = rest / 100
      position &-= 2
      writePair(rest &- quotient &* 100, at: start + position)
      rest = quotient
    }
    if position > 0 { start.pointee = 0x30 | UInt8(truncatingIfNeeded: rest % 10) }
    return start + width
  }

  /// Two digits.
  @inline(__always)
  private static func writePair(_ value: UInt64, at position: UnsafeMutablePointer<UInt8>) {
    let pair = UnsafeRawPointer(digitPairs.utf8Start + Int(truncatingIfNeeded: value) &* 2)
    UnsafeMutableRawPointer(position).storeBytes(of: pair.loadUnaligned(as: UInt16.self), as: UInt16.self)
  }

  /// A decimal with at most `places` (0 to 12) digits behind the point, rounded, without zeros at its end: at most 48
  /// bytes.
  mutating func append(decimal value: Double, places: Int) {
    var places = places
    var scaled = Self.rounded(value * powersOfTen[places])
    while places > 0 && scaled.magnitude >= 9e18 {
      places -= 1
      scaled = Self.rounded(value * powersOfTen[places])
    }
    guard scaled.magnitude < 9e18 else { return append(value.isNaN ? "0" : value < 0 ? "-9e18" : "9e18") }
    let digits = Int64(scaled)
    if digits < 0 { append(byte: 0x2d) }
    let (whole, fraction) = digits.magnitude.quotientAndRemainder(dividingBy: UInt64(powersOfTen[places]))
    append(digits: whole)
    if fraction == 0 { return }
    append(byte: 0x2e)
    next = Self.write(fraction, width: places, at: next)
    dropZeros()
  }

  /// The same with at most six places, the way changes are written: all divisors are constants.
  mutating func append(sixPlaces value: Double) {
    guard value.magnitude < 2e9 else { return append(decimal: value, places: 6) }
    let digits = Int64(Self.rounded(value * 1e6))
    if digits < 0 { append(byte: 0x2d) }
    let whole = digits.magnitude / 1_000_000
    let fraction = digits.magnitude &- whole &* 1_000_000
    append(digits: whole)
    if fraction == 0 { return }
    append(byte: 0x2e)
    let high = fraction / 10_000
    let low = fraction &- high &* 10_000
    Self.writePair(high, at: next)
    Self.writePair(low / 100, at: next + 2)
    Self.writePair(low % 100, at: next + 4)
    next += 6
    dropZeros()
  }

  /// Takes back zeros at the end of a fraction that is not zero.
  @inline(__always)
  private mutating func dropZeros() {
    while next[-1] == 0x30 { next -= 1 }
  }

  /// The nearest integer; adding and taking away 1.5 · 2⁵² rounds small values without a call.
  @inline(__always)
  private static func rounded(_ value: Double) -> Double {
    value.magnitude < 0x1p51 ? value + 0x1.8p52 - 0x1.8p52 : value.rounded()
  }

  /// Money in major units with all digits of the currency, `-12.30`: at most 24 bytes.
  mutating func append(minor: Int64, digits: Int) {
    if minor < 0 { append(byte: 0x2d) }
    if digits == 2 {
      // The usual case, with a constant divisor.
      let whole = minor.magnitude / 100
      append(digits: whole)
      append(byte: 0x2e)
      Self.writePair(minor.magnitude &- whole &* 100, at: next)
      next += 2
      return
    }
    let (whole, fraction) = minor.magnitude.quotientAndRemainder(dividingBy: UInt64(powersOfTen[digits]))
    append(digits: whole)
    if digits > 0 {
      append(byte: 0x2e)
      next = Self.write(fraction, width: digits, at: next)
    }
  }

  // MARK: Times

  /// An instant in ms since 1970 as ISO 8601 in UTC with ms: at most `timeCountMax` bytes.
  mutating func append(timeMs: Int64, _ dates: inout DateText) {
    let day = dayNumber(timeMs)
    if day != dates.day { dates = DateText(day) }
    let ms = UInt64(timeMs &- day &* msPerDay)
    UnsafeMutableRawPointer(next).storeBytes(of: dates.text, as: SIMD16<UInt8>.self)
    next += dates.count
    let seconds = ms / 1000
    let minutes = seconds / 60
    let hours = minutes / 60
    append(separator: 0x54, pair: hours)
    append(separator: 0x3a, pair: minutes &- hours &* 60)
    append(separator: 0x3a, pair: seconds &- minutes &* 60)
    let rest = ms &- seconds &* 1000
    let hundreds = rest / 100
    append(byte: 0x2e)
    append(byte: 0x30 | UInt8(truncatingIfNeeded: hundreds))
    Self.writePair(rest &- hundreds &* 100, at: next)
    next += 2
    append(byte: 0x5a)
  }

  @inline(__always)
  private mutating func append(separator: UInt8, pair value: UInt64) {
    append(byte: separator)
    Self.writePair(value, at: next)
    next += 2
  }

  // MARK: Days

  /// Appends a day as `2026-08-02`: at most 16 bytes of the days that ms since 1970 reach.
  fileprivate mutating func append(day: Int64) {
    let date = civilDate(day)
    if date.year < 0 { append(byte: 0x2d) }
    let year = date.year.magnitude
    next = Self.write(year, width: max(4, Self.digitCount(year)), at: next)
    append(separator: 0x2d, pair: UInt64(date.month))
    append(separator: 0x2d, pair: UInt64(date.day))
  }

  // MARK: JSON

  /// A JSON string of UTF-8 bytes, with its quotes: at most six bytes for each and two.
  mutating func append(jsonString bytes: UnsafeBufferPointer<UInt8>) {
    append(byte: 0x22)
    var index = 0
    if let start = bytes.baseAddress {
      while index &+ 8 <= bytes.count {
        let word = UnsafeRawPointer(start + index).loadUnaligned(as: UInt64.self)
        if JSONText.oddBytes(word) != 0 { break }
        UnsafeMutableRawPointer(next).storeBytes(of: word, as: UInt64.self)
        next += 8
        index &+= 8
      }
    }
    for byte in bytes[index...] {
      if byte >= 0x20 && byte != 0x22 && byte != 0x5c {
        append(byte: byte)
      } else {
        appendEscaped(byte)
      }
    }
    append(byte: 0x22)
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

/// The date that was written last: most times of a batch are of one day.
struct DateText {
  private(set) var day = Int64.min
  private(set) var text = SIMD16<UInt8>(repeating: 0)
  private(set) var count = 0

  /// No day.
  init() {}

  /// The text of a day since 1970.
  init(_ day: Int64) {
    self.day = day
    (text, count) = withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 16) { bytes in
      guard let start = bytes.baseAddress else { preconditionFailure("16 bytes of the stack have an address") }
      start.update(repeating: 0, count: 16)
      var cursor = ByteCursor(start)
      cursor.append(day: day)
      return (UnsafeRawPointer(start).loadUnaligned(as: SIMD16<UInt8>.self), cursor.next - start)
    }
  }
}

private let digitPairs: StaticString = """
  0001020304050607080910111213141516171819202122232425262728293031323334353637383940414243444546474849\
  5051525354555657585960616263646566676869707172737475767778798081828384858687888990919293949596979899
  """

private let powersOfTen: InlineArray<13, Double> = [1, 10, 100, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12]
