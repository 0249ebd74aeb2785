import Glibc
import Segmentation

/// Whole records of one file and the bytes they point into. Reused: hand it back with `FileReader.recycle`.
///
///     bytes  |  carried over  |  read from the file ...          |  free  |
///                record 0 | record 1 | ...    | unfinished record |
///            0                                consumed            filled  capacity
package final class FrameBatch: @unchecked Sendable {
  // @unchecked: a batch is with the reading thread or with the core thread, never with both; the queue hands it over.

  /// The most records of a batch: bounds the memory of files of very short lines.
  static let recordsMax = 1 << 16

  /// The path of the file, as given.
  package private(set) var file = ""
  /// The header record of a CSV file, on the first batch of each; its bytes live as long as the batch's records.
  package private(set) var header: UnsafeRawBufferPointer?
  /// The records, borrowed until the batch is recycled.
  package var records: UnsafeBufferPointer<RawRecord> { UnsafeBufferPointer(start: storage, count: count) }

  let bytes: UnsafeMutablePointer<UInt8>
  let capacity: Int
  /// The number of bytes at `bytes` that have been read.
  var filled = 0
  private let storage = UnsafeMutablePointer<RawRecord>.allocate(capacity: FrameBatch.recordsMax)
  private let lines = UnsafeMutablePointer<UInt32>.allocate(capacity: FrameBatch.recordsMax)
  private var firstLine = 1
  private(set) var count = 0

  init(capacity: Int) {
    self.capacity = capacity
    bytes = .allocate(capacity: capacity)
  }

  deinit {
    bytes.deallocate()
    storage.deallocate()
    lines.deallocate()
  }

  /// The number of the line, from 1, on which the record at `index` starts in its file.
  package func line(of index: Int) -> Int {
    precondition(index >= 0 && index < count, "a batch has a line only for its own records")
    return firstLine + Int(lines[index])
  }

  var isFull: Bool { count == FrameBatch.recordsMax }

  /// Whether there is anything in it to hand over.
  var hasContent: Bool { count > 0 || header != nil }

  var beginsWithByteOrderMark: Bool {
    filled >= 3 && bytes[0] == 0xEF && bytes[1] == 0xBB && bytes[2] == 0xBF
  }

  /// Makes the batch empty for a part of `file` that begins on `line`.
  func reset(file: String, line: Int) {
    self.file = file
    header = nil
    firstLine = line
    count = 0
    filled = 0
  }

  /// Names the header's bytes.
  func setHeader(at start: Int, count: Int) {
    header = UnsafeRawBufferPointer(start: bytes + start, count: count)
  }

  /// Adds a record of the bytes from `start`; there must be room.
  @inline(__always)
  func append(at start: Int, count valueCount: Int, line: Int, offset: Int64, wallClockMs: Int64) {
    (storage + count).initialize(
      to: RawRecord(
        value: UnsafeRawPointer(bytes + start), valueCount: valueCount, timestampMs: wallClockMs, offset: offset,
        partition: 0))
    (lines + count).initialize(to: UInt32(truncatingIfNeeded: line &- firstLine))
    count &+= 1
  }
}
