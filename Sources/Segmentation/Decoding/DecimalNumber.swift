/// A decimal number read from digits: ±`mantissa` · 10^`exponent`.
struct DecimalNumber {
  var mantissa: UInt64
  var exponent: Int32
  var isNegative: Bool
  /// Whether mantissa and exponent are the number; else its digits have to be read again, as a `LongDecimal`.
  var isExact: Bool

  static let zero = DecimalNumber(mantissa: 0, exponent: 0, isNegative: false, isExact: true)
  static let one = DecimalNumber(mantissa: 1, exponent: 0, isNegative: false, isExact: true)

  /// As many digits fit 64 bits for certain.
  static let exactDigitsMax = 19
  /// Exponents beyond are read as this one: far outside of every amount and time.
  static let exponentMax = 1_000_000_000

  /// Reads an optional sign, digits with at most one point, and an optional exponent, and nothing else but blanks
  /// around them; `nil` if it is something else.
  static func parse(_ text: Bytes, count: Int) -> DecimalNumber? {
    var end = text + count
    var position = text
    while position < end, isBlank(position[0]) { position += 1 }
    while position < end, isBlank(end[-1]) { end -= 1 }
    var number = zero
    if position < end, position[0] == Byte.minus || position[0] == Byte.plus {
      number.isNegative = position[0] == Byte.minus
      position += 1
    }
    var digits = 0
    var fraction = 0
    var hasPoint = false
    while position < end {
      let digit = position[0] &- Byte.zero
      if digit <= 9 {
        number.mantissa = number.mantissa &* 10 &+ UInt64(digit)
        digits &+= 1
        if hasPoint { fraction &+= 1 }
      } else if position[0] == Byte.point && !hasPoint {
        hasPoint = true
      } else {
        break
      }
      position += 1
    }
    guard digits > 0 else { return nil }
    var exponent = 0
    if position < end, position[0] | 0x20 == Byte.lowercaseE {
      guard let after = parseExponent(position + 1, end, &exponent) else { return nil }
      position = after
    }
    guard position == end else { return nil }
    number.exponent = Int32(clamping: exponent - fraction)
    number.isExact = digits <= exactDigitsMax
    return number
  }

  /// Reads sign and digits of an exponent, its size cut to `exponentMax`; `nil` without digits.
  static func parseExponent(_ start: Bytes, _ end: Bytes, _ exponent: inout Int) -> Bytes? {
    var position = start
    var isNegative = false
    if position < end, position[0] == Byte.minus || position[0] == Byte.plus {
      isNegative = position[0] == Byte.minus
      position += 1
    }
    let digits = position
    var size = 0
    while position < end {
      let digit = position[0] &- Byte.zero
      if digit > 9 { break }
      size = min(size &* 10 &+ Int(digit), exponentMax)
      position += 1
    }
    exponent = isNegative ? -size : size
    return position > digits ? position : nil
  }

  private static func isBlank(_ byte: UInt8) -> Bool {
    byte == Byte.space || byte == Byte.tab
  }
}

/// How a decimal becomes a whole number.
enum Rounding {
  case halfToEven
  /// Towards zero.
  case down
}

/// Whole numbers made of decimals, exactly.
enum Scaling {
  static let powersOfTen: [UInt64] = (0..<20).map { power in
    (0..<power).reduce(UInt64(1)) { product, _ in product * 10 }
  }

  /// `mantissa` · 10^`exponent`, rounded; `nil` if it is beyond `Int64`.
  @inline(__always)
  static func magnitude(_ mantissa: UInt64, exponent: Int, _ rounding: Rounding) -> Int64? {
    if exponent == 0 { return Int64(exactly: mantissa) }
    return magnitudeSlow(mantissa, exponent: exponent, rounding)
  }

  private static func magnitudeSlow(_ mantissa: UInt64, exponent: Int, _ rounding: Rounding) -> Int64? {
    if mantissa == 0 { return 0 }
    if exponent > 0 {
      guard exponent < powersOfTen.count else { return nil }
      let (product, overflow) = mantissa.multipliedReportingOverflow(by: powersOfTen[exponent])
      return overflow ? nil : Int64(exactly: product)
    }
    // A mantissa below 2^64 divided by 10^20 is below a half.
    guard -exponent < powersOfTen.count else { return 0 }
    let divisor = powersOfTen[-exponent]
    let (quotient, remainder) = mantissa.quotientAndRemainder(dividingBy: divisor)
    let half = divisor / 2
    let goesUp = remainder > half || (remainder == half && quotient & 1 == 1)
    return Int64(exactly: quotient &+ (rounding == .halfToEven && goesUp ? 1 : 0))
  }

  /// Whether `mantissa` · 10^`exponent` has no fraction.
  static func isWhole(_ mantissa: UInt64, exponent: Int) -> Bool {
    if exponent >= 0 || mantissa == 0 { return true }
    return -exponent < powersOfTen.count && mantissa % powersOfTen[-exponent] == 0
  }
}
