/// UTF-8 by the table of well-formed byte sequences (Unicode 15, table 3-7).
enum UTF8Text {
  /// The length of the well-formed sequence of two to four bytes at `bytes`, whose first byte is ≥ 0x80; 0 if none.
  @inline(__always)
  static func sequenceLength(_ bytes: Bytes, _ end: Bytes) -> Int {
    let first = bytes[0]
    let available = end - bytes
    if first < 0xE0 {
      return first >= 0xC2 && available >= 2 && bytes[1] & 0xC0 == 0x80 ? 2 : 0
    }
    if first < 0xF0 {
      guard available >= 3, bytes[1] & 0xC0 == 0x80, bytes[2] & 0xC0 == 0x80 else { return 0 }
      if first == 0xE0 && bytes[1] < 0xA0 { return 0 }
      return first == 0xED && bytes[1] >= 0xA0 ? 0 : 3
    }
    guard first < 0xF5, available >= 4, bytes[1] & 0xC0 == 0x80, bytes[2] & 0xC0 == 0x80, bytes[3] & 0xC0 == 0x80
    else { return 0 }
    if first == 0xF0 && bytes[1] < 0x90 { return 0 }
    return first == 0xF4 && bytes[1] >= 0x90 ? 0 : 4
  }

  /// Whether all bytes are well-formed UTF-8.
  static func isValid(_ bytes: Bytes, count: Int) -> Bool {
    let end = bytes + count
    var position = bytes
    while position < end {
      if end - position >= 8, load64(position) & 0x8080_8080_8080_8080 == 0 {
        position += 8
      } else if position[0] < 0x80 {
        position += 1
      } else {
        let length = sequenceLength(position, end)
        if length == 0 { return false }
        position += length
      }
    }
    return true
  }

  /// Writes a scalar value, or a lone surrogate in the same manner, and returns the number of bytes.
  static func write(_ scalar: UInt32, to target: UnsafeMutablePointer<UInt8>) -> Int {
    if scalar < 0x80 {
      target[0] = UInt8(truncatingIfNeeded: scalar)
      return 1
    }
    if scalar < 0x800 {
      target[0] = UInt8(truncatingIfNeeded: 0xC0 | scalar >> 6)
      target[1] = UInt8(truncatingIfNeeded: 0x80 | scalar & 0x3F)
      return 2
    }
    if scalar < 0x1_0000 {
      target[0] = UInt8(truncatingIfNeeded: 0xE0 | scalar >> 12)
      target[1] = UInt8(truncatingIfNeeded: 0x80 | scalar >> 6 & 0x3F)
      target[2] = UInt8(truncatingIfNeeded: 0x80 | scalar & 0x3F)
      return 3
    }
    target[0] = UInt8(truncatingIfNeeded: 0xF0 | scalar >> 18)
    target[1] = UInt8(truncatingIfNeeded: 0x80 | scalar >> 12 & 0x3F)
    target[2] = UInt8(truncatingIfNeeded: 0x80 | scalar >> 6 & 0x3F)
    target[3] = UInt8(truncatingIfNeeded: 0x80 | scalar & 0x3F)
    return 4
  }
}

/// Text without its escapes.
enum EscapedText {
  /// Unescapes a valid JSON string; at most `count` bytes come out. `isScalar` is false if a lone surrogate is among
  /// them, which is written as if it were a scalar value, so that different strings stay different.
  static func unescapeJSON(
    _ source: Bytes, count: Int, to target: UnsafeMutablePointer<UInt8>
  ) -> (count: Int, isScalar: Bool) {
    var read = 0
    var written = 0
    var isScalar = true
    while read < count {
      let byte = source[read]
      if byte != Byte.backslash {
        target[written] = byte
        written &+= 1
        read &+= 1
        continue
      }
      let letter = source[read &+ 1]
      read &+= 2
      guard letter == UInt8(ascii: "u") else {
        target[written] = plain(letter)
        written &+= 1
        continue
      }
      var scalar = hex4(source + read)
      read &+= 4
      if scalar & 0xFC00 == 0xD800, count - read >= 6, source[read] == Byte.backslash,
        source[read &+ 1] == UInt8(ascii: "u"), hex4(source + read + 2) & 0xFC00 == 0xDC00
      {
        scalar = 0x1_0000 &+ (scalar & 0x3FF) << 10 &+ hex4(source + read + 2) & 0x3FF
        read &+= 6
      } else if scalar & 0xF800 == 0xD800 {
        isScalar = false
      }
      written &+= UTF8Text.write(scalar, to: target + written)
    }
    return (written, isScalar)
  }

  /// Makes one quote of each two; at most `count` bytes come out.
  static func unescapeCell(
    _ source: Bytes, count: Int, quote: UInt8, to target: UnsafeMutablePointer<UInt8>
  ) -> Int {
    var read = 0
    var written = 0
    while read < count {
      target[written] = source[read]
      written &+= 1
      read &+= source[read] == quote ? 2 : 1
    }
    return written
  }

  /// The value of a hexadecimal digit, or 16.
  static func hexadecimal(_ byte: UInt8) -> UInt32 {
    let digit = byte &- Byte.zero
    if digit <= 9 { return UInt32(digit) }
    let letter = (byte | 0x20) &- UInt8(ascii: "a")
    return letter < 6 ? UInt32(letter) + 10 : 16
  }

  private static func hex4(_ bytes: Bytes) -> UInt32 {
    hexadecimal(bytes[0]) << 12 | hexadecimal(bytes[1]) << 8 | hexadecimal(bytes[2]) << 4 | hexadecimal(bytes[3])
  }

  private static func plain(_ letter: UInt8) -> UInt8 {
    switch letter {
    case UInt8(ascii: "b"): 0x08
    case UInt8(ascii: "f"): 0x0C
    case UInt8(ascii: "n"): 0x0A
    case UInt8(ascii: "r"): 0x0D
    case UInt8(ascii: "t"): 0x09
    default: letter
    }
  }
}
