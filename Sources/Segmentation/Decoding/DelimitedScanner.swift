/// Finds the mapped cells of a CSV record (RFC 4180) or of columns separated by white space.
struct DelimitedScanner {
  /// A record's columns are numbered up to here.
  static let columnsMax = 65_535

  let delimiter: UInt8
  let quote: UInt8
  let slots: UnsafeMutablePointer<Slot>
  let state: UnsafeMutablePointer<ScanState>
  /// The slot of each column from 0 on; 0 where it is not mapped.
  var columnSlots: [UInt8] = []
  /// How many columns the header names; no record has more.
  var headerCount = Int.max

  /// Scans one CSV record without its line break: the mask of the slots that it fills (an empty cell fills none), with
  /// bit 0 set; 0 if it is malformed, and then `state` says why and where.
  func scanCSV(_ start: Bytes, _ end: Bytes) -> UInt64 {
    var present: UInt64 = 1
    var position = start
    var column = 0
    while true {
      var kind = Slot.Kind.cell
      var cell = position
      var cellEnd: Bytes
      if position < end, position[0] == quote {
        cell = position + 1
        guard let closing = closingQuote(cell, end, &kind) else { return refuse(.unclosedQuote, position) }
        cellEnd = closing
        position = closing + 1
        guard position == end || position[0] == delimiter else { return refuse(.textAfterQuote, position) }
      } else {
        position = Self.find(delimiter, position, end)
        cellEnd = position
      }
      guard column < headerCount else { return refuse(.tooManyColumns, cell) }
      fill(column, cell, cellEnd, kind, &present)
      if position == end { return isBlank(start, end) ? refuse(.empty, start) : present }
      position += 1
      column &+= 1
    }
  }

  /// Scans one record of columns separated by runs of spaces and tabs, as `scanCSV` does.
  func scanColumns(_ start: Bytes, _ end: Bytes) -> UInt64 {
    var present: UInt64 = 1
    var position = start
    var column = 0
    while true {
      while position < end, Self.isBlank(position[0]) { position += 1 }
      if position == end { return column == 0 ? refuse(.empty, start) : present }
      let cell = position
      while position < end, !Self.isBlank(position[0]) { position += 1 }
      fill(column, cell, position, .cell, &present)
      column &+= 1
    }
  }

  @inline(__always)
  private func fill(_ column: Int, _ cell: Bytes, _ end: Bytes, _ kind: Slot.Kind, _ present: inout UInt64) {
    guard column < columnSlots.count, cell < end else { return }
    let slot = Int(columnSlots[column])
    if slot == 0 { return }
    slots[slot] = Slot(start: cell, count: end - cell, number: .zero, kind: kind)
    present |= 1 &<< UInt64(truncatingIfNeeded: slot)
  }

  /// The quote that closes a cell; `kind` says whether there were doubled ones before.
  private func closingQuote(_ start: Bytes, _ end: Bytes, _ kind: inout Slot.Kind) -> Bytes? {
    var position = start
    while true {
      position = Self.find(quote, position, end)
      if position == end { return nil }
      guard end - position >= 2, position[1] == quote else { return position }
      kind = .escapedCell
      position += 2
    }
  }

  /// The first such byte, or `end`.
  @inline(__always)
  static func find(_ byte: UInt8, _ start: Bytes, _ end: Bytes) -> Bytes {
    let ones: UInt64 = 0x0101_0101_0101_0101
    let pattern = ones &* UInt64(byte)
    var position = start
    while end - position >= 8 {
      let word = load64(position) ^ pattern
      let hits = (word &- ones) & ~word & 0x8080_8080_8080_8080
      if hits != 0 { return position + (hits.trailingZeroBitCount &>> 3) }
      position += 8
    }
    while position < end, position[0] != byte { position += 1 }
    return position
  }

  /// All cells of a header record, as text.
  func headerNames(_ start: Bytes, _ end: Bytes) throws(RecordMapError) -> [String] {
    var names: [String] = []
    var position = start
    while true {
      var kind = Slot.Kind.cell
      var cell = position
      if position < end, position[0] == quote {
        cell = position + 1
        guard let closing = closingQuote(cell, end, &kind) else {
          throw RecordMapError("the header has a quoted name that is not closed; check the `quote` of the map")
        }
        position = closing
      } else {
        position = Self.find(delimiter, position, end)
      }
      var text = [UInt8](repeating: 0, count: position - cell)
      let count = text.withUnsafeMutableBufferPointer { buffer in
        buffer.baseAddress.map {
          EscapedText.unescapeCell(cell, count: buffer.count, quote: kind == .escapedCell ? quote : 0, to: $0)
        } ?? 0
      }
      names.append(Self.trimmed(text[..<count]))
      if position < end, position[0] == quote { position += 1 }
      if position == end { return names }
      guard position[0] == delimiter else {
        throw RecordMapError("the header has text behind the closing quote of `\(names[names.count - 1])`")
      }
      position += 1
      if names.count > Self.columnsMax {
        throw RecordMapError("the header has more than \(Self.columnsMax) columns; check the `delimiter` of the map")
      }
    }
  }

  private static func trimmed(_ name: ArraySlice<UInt8>) -> String {
    let first = name.firstIndex { !isBlank($0) } ?? name.endIndex
    let last = name.lastIndex { !isBlank($0) } ?? first
    return String(decoding: name[first..<max(first, min(last + 1, name.endIndex))], as: UTF8.self)
  }

  @inline(__always)
  private static func isBlank(_ byte: UInt8) -> Bool {
    byte == Byte.space || byte == Byte.tab
  }

  private func isBlank(_ start: Bytes, _ end: Bytes) -> Bool {
    var position = start
    while position < end, Self.isBlank(position[0]) || position[0] == 0x0A || position[0] == 0x0D { position += 1 }
    return position == end
  }

  private func refuse(_ rejection: Rejection, _ position: Bytes) -> UInt64 {
    state.pointee.rejection = rejection
    state.pointee.position = position
    return 0
  }
}
