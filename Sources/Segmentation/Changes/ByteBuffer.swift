import Glibc

/// Bytes that grow, written by own integer code.
package struct ByteBuffer: ~Copyable {
  /// The written bytes.
  package private(set) var base: UnsafeMutablePointer<UInt8>
  /// The number of written bytes.
  package private(set) var count = 0
  private var capacity: Int
  private var dates = DateText()

  /// Makes an empty buffer with room for `capacity` bytes.
  package init(capacity: Int = 1024) {
    self.capacity = capacity
    base = .allocate(capacity: capacity)
  }

  deinit {
    base.deallocate()
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

  /// Counts what has been written directly behind the written bytes, up to `end`, into room that was reserved.
  @inline(__always)
  package mutating func advance(to end: UnsafeMutableRawPointer) { count = end - UnsafeMutableRawPointer(base) }

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

  // MARK: Text and numbers

  /// Makes room for `most` bytes, lets `body` write at most so many, and counts them.
  @inline(__always)
  private mutating func write(most: Int, _ body: (inout ByteCursor) -> Void) {
    reserve(most)
    var cursor = ByteCursor(base + count)
    body(&cursor)
    count = cursor.next - base
  }

  /// Room for at most `most` bytes behind the written ones; `finish` counts what was written there.
  mutating func cursor(most: Int) -> ByteCursor {
    reserve(most)
    return ByteCursor(base + count)
  }

  /// Counts what was written by a cursor; the buffer has not been touched since it was made.
  mutating func finish(_ cursor: ByteCursor) { count = cursor.next - base }

  /// Appends a decimal integer.
  package mutating func append(integer value: Int64) {
    write(most: 20) { $0.append(integer: value) }
  }

  /// A decimal with at most `places` (0 to 12) digits behind the point, rounded, without zeros at its end.
  package mutating func append(decimal value: Double, places: Int) {
    write(most: 48) { $0.append(decimal: value, places: places) }
  }

  /// Money in major units with all digits of the currency, `-12.30`.
  package mutating func append(minor: Int64, digits: Int) {
    write(most: 24) { $0.append(minor: minor, digits: digits) }
  }

  /// An instant in ms since 1970 as ISO 8601 in UTC with ms, `2026-08-02T10:00:00.000Z`.
  package mutating func append(timeMs: Int64) {
    reserve(ByteCursor.timeCountMax)
    var cursor = ByteCursor(base + count)
    cursor.append(timeMs: timeMs, &dates)
    count = cursor.next - base
  }

  /// A JSON string of UTF-8 bytes, with its quotes.
  package mutating func append(jsonString bytes: UnsafeBufferPointer<UInt8>) {
    write(most: bytes.count &* 6 &+ 2) { $0.append(jsonString: bytes) }
  }

  /// A JSON string, with its quotes.
  package mutating func append(jsonString text: String) {
    var text = text
    text.withUTF8 { append(jsonString: $0) }
  }
}

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
