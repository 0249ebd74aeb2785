import Glibc
import Segmentation

/// Cuts the bytes of one file into records, a buffer at a time.
///
/// Lines: a record ends at a line feed, a carriage return before it is dropped, blank lines are none. CSV: a line feed
/// inside a quoted field belongs to the record. A record over the limit is handed out as its first `limit + 1` bytes,
/// and framing goes on at the next line break after the record's start; so it does after a quote that is never closed.
struct RecordFramer {
  private static let lineFeed: UInt8 = 10
  private static let carriageReturn: UInt8 = 13

  /// The number of the line, from 1, on which the next record starts.
  private(set) var line = 1
  private let limit: Int
  private let quote: UInt8?
  private let delimiter: UInt8
  private var awaitsHeader: Bool
  private let wallClockMs: Int64
  /// The rest of a line that was too long is being dropped.
  private var isSkipping = false
  private var scan = CSVScan()

  init(format: RecordMap.Format, limit: Int, wallClockMs: Int64) {
    self.limit = limit
    self.wallClockMs = wallClockMs
    switch format {
    case .csv(let delimiter, let quote, let header):
      self.quote = quote
      self.delimiter = delimiter
      awaitsHeader = header
    case .json, .columns:
      quote = nil
      delimiter = 0
      awaitsHeader = false
    }
  }

  /// Adds the records found in the batch's bytes from `start` on; `atEnd`: no byte of the file follows.
  ///
  /// Returns where the first record begins that is not complete or for which the batch has no room.
  mutating func frame(_ batch: FrameBatch, from start: Int, atEnd: Bool, nextOffset: inout Int64) -> Int {
    var position = start
    while position < batch.filled, !batch.isFull {
      if isSkipping {
        guard let feed = find(Self.lineFeed, in: batch, from: position) else { return batch.filled }
        position = feed + 1
        line += 1
        isSkipping = false
        continue
      }
      let next: Int
      if let quote {
        next = frameCSV(batch, at: position, atEnd: atEnd, quote: quote, nextOffset: &nextOffset)
      } else {
        next = frameLine(batch, at: position, atEnd: atEnd, nextOffset: &nextOffset)
      }
      if next == position { break }
      position = next
    }
    return position
  }

  /// Frames the line at `position` and returns where the next begins; `position` itself if it is incomplete.
  @inline(__always)
  private mutating func frameLine(
    _ batch: FrameBatch, at position: Int, atEnd: Bool, nextOffset: inout Int64
  ) -> Int {
    guard let feed = find(Self.lineFeed, in: batch, from: position) else {
      // One byte more than the limit may still be the carriage return of a record that just fits.
      if batch.filled - position > limit + 1 {
        emit(batch, from: position, to: batch.filled, nextOffset: &nextOffset)
        isSkipping = true
        return batch.filled
      }
      if atEnd {
        emit(batch, from: position, to: batch.filled, nextOffset: &nextOffset)
        return batch.filled
      }
      return position
    }
    emit(batch, from: position, to: feed, nextOffset: &nextOffset)
    line &+= 1
    return feed &+ 1
  }

  /// The same for CSV, where most records still are lines without a quote.
  private mutating func frameCSV(
    _ batch: FrameBatch, at position: Int, atEnd: Bool, quote: UInt8, nextOffset: inout Int64
  ) -> Int {
    if scan.offset == 0, let feed = find(Self.lineFeed, in: batch, from: position),
      memchr(batch.bytes + position, Int32(quote), feed - position) == nil
    {
      emit(batch, from: position, to: feed, nextOffset: &nextOffset)
      line += 1
      return feed + 1
    }
    let available = min(batch.filled - position, limit + 2)
    let record = UnsafeBufferPointer(start: batch.bytes + position, count: available)
    if scan.advance(over: record, quote: quote, delimiter: delimiter) {
      emit(batch, from: position, to: position + scan.offset, nextOffset: &nextOffset)
      line += scan.feeds + 1
      let next = position + scan.offset + 1
      scan = CSVScan()
      return next
    }
    let isTooLong = available == limit + 2
    if !isTooLong && !atEnd { return position }
    defer { scan = CSVScan() }
    if let firstFeed = scan.firstFeed, isTooLong || scan.isInsideQuotes {
      emit(batch, from: position, to: position + (isTooLong ? limit + 2 : firstFeed), nextOffset: &nextOffset)
      line += 1
      return position + firstFeed + 1
    }
    emit(batch, from: position, to: batch.filled, nextOffset: &nextOffset)
    isSkipping = isTooLong
    return isTooLong ? position + limit + 2 : batch.filled
  }

  /// Adds the record `[start, end)` unless it is blank.
  @inline(__always)
  private mutating func emit(_ batch: FrameBatch, from start: Int, to end: Int, nextOffset: inout Int64) {
    var count = end &- start
    if count > 0, batch.bytes[end &- 1] == Self.carriageReturn { count &-= 1 }
    if count == 0 { return }
    if count > limit {
      count = limit &+ 1
    } else if quote == nil && batch.bytes[start] <= 32 && isBlank(batch.bytes + start, count: count) {
      return
    }
    if awaitsHeader {
      batch.setHeader(at: start, count: count)
      awaitsHeader = false
      return
    }
    batch.append(at: start, count: count, line: line, offset: nextOffset, wallClockMs: wallClockMs)
    nextOffset &+= 1
  }

  @inline(__always)
  private func find(_ byte: UInt8, in batch: FrameBatch, from position: Int) -> Int? {
    guard let found = memchr(batch.bytes + position, Int32(byte), batch.filled &- position) else { return nil }
    return UnsafeRawPointer(found) - UnsafeRawPointer(batch.bytes)
  }
}

/// Whether there are only spaces, tabs and carriage returns.
private func isBlank(_ bytes: UnsafePointer<UInt8>, count: Int) -> Bool {
  for index in 0..<count where bytes[index] != 32 && bytes[index] != 9 && bytes[index] != 13 { return false }
  return true
}

/// How far an unfinished CSV record has been looked at, so that no byte is looked at twice.
private struct CSVScan {
  private enum State { case fieldStart, unquoted, quoted, quoteInQuoted }

  /// Bytes looked at, from the record's start.
  private(set) var offset = 0
  /// Line feeds among them.
  private(set) var feeds = 0
  /// Where the first of them is.
  private(set) var firstFeed: Int?
  private var state = State.fieldStart
  /// Whether a quote is open.
  var isInsideQuotes: Bool { state == .quoted }

  /// Goes on to the record's end; true when it was found: `offset` is then its line feed.
  mutating func advance(over record: UnsafeBufferPointer<UInt8>, quote: UInt8, delimiter: UInt8) -> Bool {
    while offset < record.count {
      let byte = record[offset]
      if byte == 10 {
        if firstFeed == nil { firstFeed = offset }
        if state != .quoted { return true }
        feeds += 1
      } else if state == .quoted {
        if byte == quote { state = .quoteInQuoted }
      } else if byte == quote && state != .unquoted {
        state = .quoted
      } else {
        state = byte == delimiter ? .fieldStart : .unquoted
      }
      offset += 1
    }
    return false
  }
}
