/// The terminals of JSON: white space, strings, numbers and literals, validated as they are read.
enum JSONText {
  /// After an odd byte of a string the next ones are read one by one: odd bytes come in company.
  private static let bytewiseCount = 16

  @inline(__always)
  static func skipSpace(_ start: Bytes, _ end: Bytes) -> Bytes {
    var position = start
    while position < end, position[0] <= Byte.space {
      let byte = position[0]
      guard
        byte == Byte.space || byte == Byte.lineFeed || byte == Byte.carriageReturn || byte == Byte.tab
      else { break }
      position += 1
    }
    return position
  }

  /// A word whose high bits mark the bytes that a string's scan has to look at: quotes, backslashes, controls and
  /// non-ASCII. The lowest mark is exact; a borrow can set false ones above it.
  @inline(__always)
  static func oddBytes(_ word: UInt64) -> UInt64 {
    let ones: UInt64 = 0x0101_0101_0101_0101
    let quotes = (word ^ 0x2222_2222_2222_2222) &- ones
    let backslashes = (word ^ 0x5C5C_5C5C_5C5C_5C5C) &- ones
    let controls = word &- 0x2020_2020_2020_2020
    return (quotes | backslashes | controls | word) & 0x8080_8080_8080_8080
  }

  /// The closing quote of the string whose first byte is at `start`; marks `slot` if there are escapes.
  @inline(__always)
  static func closingQuote(
    _ start: Bytes, _ end: Bytes, _ slot: UnsafeMutablePointer<Slot>, _ state: UnsafeMutablePointer<ScanState>
  ) -> Bytes? {
    var position = start
    while end - position >= 8 {
      let odd = oddBytes(load64(position))
      if odd == 0 {
        position += 8
        continue
      }
      position += odd.trailingZeroBitCount &>> 3
      if position[0] == Byte.quote { return position }
      break
    }
    guard let quote = oddString(position, end, state) else { return nil }
    if state.pointee.hasEscapes { slot.pointee.kind = .escapedString }
    return quote
  }

  /// As `closingQuote`, from an odd byte on, or near the end of the record. Says in `state` whether there are escapes.
  @inline(never)
  static func oddString(_ start: Bytes, _ end: Bytes, _ state: UnsafeMutablePointer<ScanState>) -> Bytes? {
    var position = start
    var hasEscapes = false
    var bytewiseEnd = start + bytewiseCount
    while position < end {
      let byte = position[0]
      if byte == Byte.quote {
        state.pointee.hasEscapes = hasEscapes
        return position
      }
      if byte == Byte.backslash {
        hasEscapes = true
        let length = escapeLength(position, end)
        if length == 0 { return refuse(.invalidEscape, position, state) }
        position += length
        bytewiseEnd = position + bytewiseCount
      } else if byte >= 0x80 {
        let length = UTF8Text.sequenceLength(position, end)
        if length == 0 { return refuse(.invalidUTF8, position, state) }
        position += length
        bytewiseEnd = position + bytewiseCount
      } else if byte < Byte.space {
        return refuse(.controlInString, position, state)
      } else {
        position += 1
        while position > bytewiseEnd, end - position >= 8 {
          let odd = oddBytes(load64(position))
          if odd != 0 {
            position += odd.trailingZeroBitCount &>> 3
            break
          }
          position += 8
        }
      }
    }
    return refuse(.unclosedString, position, state)
  }

  @inline(__always)
  private static func escapeLength(_ start: Bytes, _ end: Bytes) -> Int {
    guard end - start >= 2 else { return 0 }
    switch start[1] {
    case UInt8(ascii: "u"):
      guard end - start >= 6 else { return 0 }
      let digits =
        EscapedText.hexadecimal(start[2]) | EscapedText.hexadecimal(start[3]) | EscapedText.hexadecimal(start[4])
        | EscapedText.hexadecimal(start[5])
      return digits < 16 ? 6 : 0
    case Byte.quote, Byte.backslash, UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"), UInt8(ascii: "n"),
      UInt8(ascii: "r"), UInt8(ascii: "t"):
      return 2
    default:
      return 0
    }
  }

  /// Reads a number into `slot`; returns what is behind it.
  @inline(__always)
  static func number(
    _ start: Bytes, _ end: Bytes, _ slot: UnsafeMutablePointer<Slot>, _ state: UnsafeMutablePointer<ScanState>
  ) -> Bytes? {
    var position = start
    let isNegative = start[0] == Byte.minus
    if isNegative { position += 1 }
    let first = position
    var mantissa: UInt64 = 0
    while position < end {
      let digit = position[0] &- Byte.zero
      if digit > 9 { break }
      mantissa = mantissa &* 10 &+ UInt64(digit)
      position += 1
    }
    var digits = position - first
    if digits == 0 || (digits > 1 && first[0] == Byte.zero) { return refuse(.invalidNumber, start, state) }
    var exponent = 0
    var kind = Slot.Kind.integer
    if position < end, position[0] == Byte.point {
      kind = .fraction
      position += 1
      let fraction = position
      while position < end {
        let digit = position[0] &- Byte.zero
        if digit > 9 { break }
        mantissa = mantissa &* 10 &+ UInt64(digit)
        position += 1
      }
      exponent = fraction - position
      if exponent == 0 { return refuse(.invalidNumber, start, state) }
      digits &-= exponent
    }
    if position < end, position[0] | 0x20 == Byte.lowercaseE {
      kind = .fraction
      var power = 0
      guard let after = DecimalNumber.parseExponent(position + 1, end, &power) else {
        return refuse(.invalidNumber, start, state)
      }
      position = after
      exponent &+= power
    }
    slot.pointee.start = start
    slot.pointee.count = position - start
    slot.pointee.kind = kind
    slot.pointee.number = DecimalNumber(
      mantissa: mantissa, exponent: Int32(clamping: exponent), isNegative: isNegative,
      isExact: digits <= DecimalNumber.exactDigitsMax)
    return position
  }

  /// Reads `true`, `false` or `null` into `slot`; returns what is behind it.
  static func literal(
    _ start: Bytes, _ end: Bytes, _ slot: UnsafeMutablePointer<Slot>, _ state: UnsafeMutablePointer<ScanState>
  ) -> Bytes? {
    let word: StaticString
    switch start[0] {
    case UInt8(ascii: "t"): word = "true"
    case UInt8(ascii: "f"): word = "false"
    case UInt8(ascii: "n"): word = "null"
    default: return refuse(.valueExpected, start, state)
    }
    let count = word.utf8CodeUnitCount
    guard end - start >= count else { return refuse(.valueExpected, start, state) }
    for index in 0..<count where start[index] != word.utf8Start[index] {
      return refuse(.valueExpected, start, state)
    }
    slot.pointee.start = start
    slot.pointee.count = count
    slot.pointee.kind = start[0] == UInt8(ascii: "n") ? .null : .boolean
    return start + count
  }

  private static func refuse(
    _ rejection: Rejection, _ position: Bytes, _ state: UnsafeMutablePointer<ScanState>
  ) -> Bytes? {
    state.pointee.rejection = rejection
    state.pointee.position = position
    return nil
  }
}
