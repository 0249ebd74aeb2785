/// A JSON value (RFC 8259), for what we published ourselves; the input has its own decoder.
package enum JSONValue: Equatable {
  /// Null.
  case null
  /// True or false.
  case bool(Bool)
  /// A number.
  case number(Double)
  /// An integer that no `Double` is equal to.
  case large(Int64)
  /// A text.
  case string(String)
  /// A list.
  case array([JSONValue])
  /// Of two members with one name the last holds.
  case object([String: JSONValue])

  /// Reads one value that fills the bytes; `nil` where they are none, or nested deeper than 32.
  package init?(_ bytes: [UInt8]) {
    var reader = JSONReader(bytes: bytes)
    guard let value = reader.value(depth: 0), reader.isAtEnd else { return nil }
    self = value
  }

  /// Where bytes stop being JSON, line and column from 1; `nil` where they are one value.
  static func place(ofFaultIn bytes: [UInt8]) -> (line: Int, column: Int)? {
    var reader = JSONReader(bytes: bytes)
    if reader.value(depth: 0) != nil && reader.isAtEnd { return nil }
    let before = bytes.prefix(reader.position)
    let lineStart = before.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
    return (before.count { $0 == UInt8(ascii: "\n") } + 1, reader.position - lineStart + 1)
  }

  /// A member of an object; `nil` where there is none.
  package subscript(_ name: String) -> JSONValue? {
    if case .object(let members) = self { return members[name] }
    return nil
  }

  /// The text of a string.
  package var text: String? {
    if case .string(let text) = self { return text }
    return nil
  }

  /// The value of a number.
  package var double: Double? {
    switch self {
    case .number(let value): value
    case .large(let value): Double(value)
    default: nil
    }
  }

  /// The value of a number that is an integer, exactly.
  package var integer: Int? {
    switch self {
    case .number(let value): Int(exactly: value)
    case .large(let value): Int(value)
    default: nil
    }
  }

  /// The values of an array.
  package var array: [JSONValue]? {
    if case .array(let values) = self { return values }
    return nil
  }
}

/// Reads JSON from left to right; `nil` says that the bytes are none.
private struct JSONReader {
  let bytes: [UInt8]
  var position = 0

  static let depthMax = 32

  private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

  var isAtEnd: Bool {
    mutating get {
      skipSpace()
      return position == bytes.count
    }
  }

  mutating func value(depth: Int) -> JSONValue? {
    skipSpace()
    switch next {
    case UInt8(ascii: "{"): return depth < Self.depthMax ? object(depth: depth + 1) : nil
    case UInt8(ascii: "["): return depth < Self.depthMax ? array(depth: depth + 1) : nil
    case UInt8(ascii: "\""): return string().map(JSONValue.string)
    case UInt8(ascii: "t"): return take("true") ? .bool(true) : nil
    case UInt8(ascii: "f"): return take("false") ? .bool(false) : nil
    case UInt8(ascii: "n"): return take("null") ? .null : nil
    default: return number()
    }
  }

  private mutating func object(depth: Int) -> JSONValue? {
    var members: [String: JSONValue] = [:]
    guard take("{") else { return nil }
    if takeAfterSpace("}") { return .object(members) }
    repeat {
      skipSpace()
      guard let name = string(), takeAfterSpace(":"), let value = value(depth: depth) else { return nil }
      members[name] = value
    } while takeAfterSpace(",")
    return takeAfterSpace("}") ? .object(members) : nil
  }

  private mutating func array(depth: Int) -> JSONValue? {
    var values: [JSONValue] = []
    guard take("[") else { return nil }
    if takeAfterSpace("]") { return .array(values) }
    repeat {
      guard let value = value(depth: depth) else { return nil }
      values.append(value)
    } while takeAfterSpace(",")
    return takeAfterSpace("]") ? .array(values) : nil
  }

  private mutating func number() -> JSONValue? {
    let start = position
    while let byte = next, byte >= 0x2b && byte <= 0x39 && byte != 0x2c && byte != 0x2f || byte | 0x20 == 0x65 {
      position += 1
    }
    guard let first = start < position ? bytes[start] : nil, first == 0x2d || first >= 0x30 && first <= 0x39 else {
      return nil
    }
    let text = String(decoding: bytes[start..<position], as: UTF8.self)
    if let integer = Int64(text), Int64(exactly: Double(integer)) != integer { return .large(integer) }
    return Double(text).map(JSONValue.number)
  }

  private mutating func string() -> String? {
    guard take("\"") else { return nil }
    var text: [UInt8] = []
    while let byte = next, byte >= 0x20 {
      position += 1
      switch byte {
      case UInt8(ascii: "\""): return String(validating: text, as: UTF8.self)
      case UInt8(ascii: "\\"):
        guard let scalar = escape() else { return nil }
        text.append(contentsOf: String(Character(scalar)).utf8)
      default: text.append(byte)
      }
    }
    return nil
  }

  private mutating func escape() -> Unicode.Scalar? {
    guard let byte = next else { return nil }
    position += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{c}"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "u"):
      guard let first = hexadecimal() else { return nil }
      guard first >= 0xd800 && first < 0xdc00 else { return Unicode.Scalar(first) }
      guard take("\\u"), let second = hexadecimal(), second >= 0xdc00 && second < 0xe000 else { return nil }
      return Unicode.Scalar(0x1_0000 + (first - 0xd800) << 10 + (second - 0xdc00))
    default: return nil
    }
  }

  private mutating func hexadecimal() -> UInt32? {
    guard position + 4 <= bytes.count else { return nil }
    var value: UInt32 = 0
    for byte in bytes[position..<position + 4] {
      guard let digit = Character(Unicode.Scalar(byte)).hexDigitValue else { return nil }
      value = value << 4 | UInt32(digit)
    }
    position += 4
    return value
  }

  private mutating func take(_ text: StaticString) -> Bool {
    let wanted = UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
    guard bytes[position...].starts(with: wanted) else { return false }
    position += wanted.count
    return true
  }

  private mutating func takeAfterSpace(_ text: StaticString) -> Bool {
    skipSpace()
    return take(text)
  }

  private mutating func skipSpace() {
    while let byte = next, byte == 0x20 || byte == 0x09 || byte == 0x0a || byte == 0x0d { position += 1 }
  }
}
