import Segmentation

/// Writes one JSON value, member by member, in the order given.
struct JSONWriter: ~Copyable {
  private var buffer = ByteBuffer(capacity: 1_024)
  private var needsComma = false

  /// What was written.
  var bytes: [UInt8] { buffer.bytes }

  // MARK: Values

  mutating func value(_ text: String) {
    separate()
    buffer.append(jsonString: text)
  }

  /// Bytes that are JSON already.
  mutating func value(json: [UInt8]) {
    separate()
    buffer.append(json)
  }

  mutating func object(_ body: (inout JSONWriter) -> Void) { enclose("{", "}", body) }

  private mutating func enclose(_ open: StaticString, _ close: StaticString, _ body: (inout JSONWriter) -> Void) {
    separate()
    buffer.append(open)
    needsComma = false
    body(&self)
    buffer.append(close)
    needsComma = true
  }

  // MARK: Members of an object

  mutating func member(_ name: String, _ text: String?) {
    key(name)
    if let text { value(text) } else { null() }
  }

  mutating func member(_ name: String, _ number: Int64?) {
    key(name)
    guard let number else { return null() }
    separate()
    buffer.append(integer: number)
  }

  mutating func member(_ name: String, _ truth: Bool) {
    key(name)
    separate()
    buffer.append(truth ? "true" : "false")
  }

  mutating func member(_ name: String, _ number: Double?, places: Int) {
    key(name)
    guard let number else { return null() }
    separate()
    buffer.append(decimal: number, places: places)
  }

  /// The shortest decimal that reads back as the same number.
  mutating func member(_ name: String, exact number: Double?) {
    key(name)
    guard let number else { return null() }
    separate()
    buffer.append(Array("\(number)".utf8))
  }

  /// A time as ISO 8601 in UTC.
  mutating func member(_ name: String, timeMs: Int64?) {
    key(name)
    guard let timeMs else { return null() }
    separate()
    buffer.append("\"")
    buffer.append(timeMs: timeMs)
    buffer.append("\"")
  }

  /// An amount as decimal text in major units.
  mutating func member(_ name: String, minor: Int64, digits: Int) {
    key(name)
    separate()
    buffer.append("\"")
    buffer.append(minor: minor, digits: digits)
    buffer.append("\"")
  }

  /// An object, or null.
  mutating func object<Value>(_ name: String, _ value: Value?, _ body: (inout JSONWriter, Value) -> Void) {
    key(name)
    guard let value else { return null() }
    object { body(&$0, value) }
  }

  mutating func array<Value>(_ name: String, _ values: [Value], _ body: (inout JSONWriter, Value) -> Void) {
    key(name)
    enclose("[", "]") { for value in values { body(&$0, value) } }
  }

  private mutating func key(_ name: String) {
    separate()
    buffer.append(jsonString: name)
    buffer.append(":")
    needsComma = false
  }

  private mutating func null() {
    separate()
    buffer.append("null")
  }

  private mutating func separate() {
    if needsComma { buffer.append(",") }
    needsComma = true
  }
}
