/// A slow, obvious parser of JSON (RFC 8259, UTF-8), to compare with. Recursive descent over an array of bytes.
struct ReferenceJSON {
  indirect enum Value {
    case null
    case bool(Bool)
    case number(String)
    case string([UInt8])
    case array([Value])
    case object([(key: [UInt8], value: Value)])
  }

  struct Invalid: Error {}

  private let bytes: [UInt8]
  private var index = 0
  private let depthMax: Int

  private init(_ bytes: [UInt8], depthMax: Int) {
    self.bytes = bytes
    self.depthMax = depthMax
  }

  static func parse(_ bytes: [UInt8], depthMax: Int = 32) -> Value? {
    // UTF-8 as a whole first, by the standard library.
    guard String(validating: bytes, as: UTF8.self) != nil else { return nil }
    var parser = ReferenceJSON(bytes, depthMax: depthMax)
    do {
      let value = try parser.value(depth: 1)
      parser.space()
      return parser.index == bytes.count ? value : nil
    } catch {
      return nil
    }
  }

  private func peek() throws -> UInt8 {
    guard index < bytes.count else { throw Invalid() }
    return bytes[index]
  }

  private mutating func space() {
    while index < bytes.count, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[index]) { index += 1 }
  }

  private mutating func take(_ text: String) throws {
    for byte in text.utf8 {
      guard try peek() == byte else { throw Invalid() }
      index += 1
    }
  }

  private mutating func value(depth: Int) throws -> Value {
    space()
    switch try peek() {
    case UInt8(ascii: "{"): return try object(depth: depth)
    case UInt8(ascii: "["): return try array(depth: depth)
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"):
      try take("true")
      return .bool(true)
    case UInt8(ascii: "f"):
      try take("false")
      return .bool(false)
    case UInt8(ascii: "n"):
      try take("null")
      return .null
    default: return .number(try number())
    }
  }

  private mutating func object(depth: Int) throws -> Value {
    if depth > depthMax { throw Invalid() }
    try take("{")
    var members: [(key: [UInt8], value: Value)] = []
    space()
    if try peek() == UInt8(ascii: "}") {
      index += 1
      return .object([])
    }
    while true {
      space()
      let key = try string()
      space()
      try take(":")
      members.append((key, try value(depth: depth + 1)))
      space()
      if try peek() == UInt8(ascii: "}") {
        index += 1
        return .object(members)
      }
      try take(",")
    }
  }

  private mutating func array(depth: Int) throws -> Value {
    if depth > depthMax { throw Invalid() }
    try take("[")
    var elements: [Value] = []
    space()
    if try peek() == UInt8(ascii: "]") {
      index += 1
      return .array([])
    }
    while true {
      elements.append(try value(depth: depth + 1))
      space()
      if try peek() == UInt8(ascii: "]") {
        index += 1
        return .array(elements)
      }
      try take(",")
    }
  }

  private mutating func string() throws -> [UInt8] {
    try take("\"")
    var units: [UInt16] = []
    var text: [UInt8] = []
    // Escaped UTF-16 is collected and repaired as a whole: a lone surrogate becomes U+FFFD here.
    func flush() { text += Array(String(decoding: units, as: UTF16.self).utf8) }
    while true {
      let byte = try peek()
      index += 1
      if byte == UInt8(ascii: "\\") {
        let letter = try peek()
        index += 1
        if letter == UInt8(ascii: "u") {
          var unit: UInt16 = 0
          for _ in 0..<4 {
            guard let digit = Character(Unicode.Scalar(try peek())).hexDigitValue, try peek() < 0x80 else {
              throw Invalid()
            }
            unit = unit * 16 + UInt16(digit)
            index += 1
          }
          units.append(unit)
          continue
        }
        flush()
        units = []
        guard let plain = "\"\\/bfnrt".utf8.firstIndex(of: letter) else { throw Invalid() }
        let offset = "\"\\/bfnrt".utf8.distance(from: "".startIndex, to: plain)
        text.append([0x22, 0x5C, 0x2F, 0x08, 0x0C, 0x0A, 0x0D, 0x09][offset])
        continue
      }
      flush()
      units = []
      if byte == UInt8(ascii: "\"") { return text }
      if byte < 0x20 { throw Invalid() }
      text.append(byte)
    }
  }

  private mutating func number() throws -> String {
    let start = index
    func digits(_ parser: inout ReferenceJSON) throws -> Int {
      var count = 0
      while parser.index < parser.bytes.count, (0x30...0x39).contains(parser.bytes[parser.index]) {
        parser.index += 1
        count += 1
      }
      if count == 0 { throw Invalid() }
      return count
    }
    if try peek() == UInt8(ascii: "-") { index += 1 }
    let first = index
    let count = try digits(&self)
    if bytes[first] == UInt8(ascii: "0") && count > 1 { throw Invalid() }
    if index < bytes.count, bytes[index] == UInt8(ascii: ".") {
      index += 1
      _ = try digits(&self)
    }
    if index < bytes.count, bytes[index] | 0x20 == UInt8(ascii: "e") {
      index += 1
      if index < bytes.count, [UInt8(ascii: "+"), UInt8(ascii: "-")].contains(bytes[index]) { index += 1 }
      _ = try digits(&self)
    }
    return String(decoding: bytes[start..<index], as: UTF8.self)
  }
}
