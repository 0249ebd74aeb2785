/// A decimal number of any length, digit by digit: the slow and exact way for what does not fit `DecimalNumber`.
///
/// At most `digitsMax` significant digits are kept; whether one of the others is not zero is remembered, which is all
/// that rounding a single number needs.
struct LongDecimal {
  /// Enough for every number that means money; bounds the time of a product.
  static let digitsMax = 1_000

  /// The significant digits, most significant first, without leading zeros; empty is zero.
  private(set) var digits: [UInt8] = []
  /// The power of ten of the last digit kept.
  private(set) var exponent = 0
  /// Whether there are digits behind the ones kept that are not all zero.
  private(set) var hasMore = false

  init(_ number: DecimalNumber) {
    var rest = number.mantissa
    while rest > 0 {
      digits.append(UInt8(truncatingIfNeeded: rest % 10))
      rest /= 10
    }
    digits.reverse()
    exponent = Int(number.exponent)
  }

  /// Reads a number that `DecimalNumber.parse` has accepted; its sign is left out.
  init(text: Bytes, count: Int) {
    var hasPoint = false
    var position = text
    let end = text + count
    while position < end {
      let byte = position[0]
      position += 1
      if byte == Byte.point {
        hasPoint = true
      } else if byte &- Byte.zero <= 9 {
        append(byte &- Byte.zero, isFraction: hasPoint)
      } else if byte | 0x20 == Byte.lowercaseE {
        var power = 0
        guard DecimalNumber.parseExponent(position, end, &power) != nil else { return }
        exponent += power
        return
      }
    }
  }

  private mutating func append(_ digit: UInt8, isFraction: Bool) {
    if isFraction { exponent -= 1 }
    if digits.isEmpty && digit == 0 { return }
    if digits.count < Self.digitsMax {
      digits.append(digit)
    } else {
      exponent += 1
      if digit != 0 { hasMore = true }
    }
  }

  /// The exact product; `nil` if a factor has more digits than are kept.
  func multiplied(by other: LongDecimal) -> LongDecimal? {
    if hasMore || other.hasMore { return nil }
    var sums = [Int](repeating: 0, count: digits.count + other.digits.count)
    for (i, digit) in digits.enumerated() {
      for (j, otherDigit) in other.digits.enumerated() {
        sums[i + j + 1] += Int(digit) * Int(otherDigit)
      }
    }
    var product = self
    product.exponent = exponent + other.exponent
    for index in sums.indices.reversed() where index > 0 {
      sums[index - 1] += sums[index] / 10
      sums[index] %= 10
    }
    product.digits = sums.drop { $0 == 0 }.map { UInt8($0) }
    return product
  }

  /// The number · 10^`shift`, rounded; `nil` if it is beyond `Int64`.
  func magnitude(shift: Int, _ rounding: Rounding) -> Int64? {
    if digits.isEmpty { return 0 }
    let wholeCount = digits.count + exponent + shift
    if wholeCount > DecimalNumber.exactDigitsMax { return nil }
    if wholeCount < 0 { return 0 }
    var whole: UInt64 = 0
    for index in 0..<wholeCount {
      whole = whole * 10 + UInt64(index < digits.count ? digits[index] : 0)
    }
    if rounding == .halfToEven, wholeCount < digits.count {
      let rest = digits[wholeCount...]
      let first = rest[wholeCount]
      let isExactHalf = first == 5 && !hasMore && !rest.dropFirst().contains { $0 != 0 }
      if isExactHalf ? whole & 1 == 1 : first >= 5 { whole += 1 }
    }
    return Int64(exactly: whole)
  }

  /// Whether the number · 10^`shift` has no fraction.
  func isWhole(shift: Int) -> Bool {
    let wholeCount = digits.count + exponent + shift
    return !hasMore && !digits.indices.contains { $0 >= wholeCount && digits[$0] != 0 }
  }
}
