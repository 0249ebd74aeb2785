/// The cells of a delimited text file, not yet interpreted: bytes and where each cell lies in them.
///
/// RFC 4180 with any one-byte delimiter: a cell in quotes may hold delimiters, line breaks and doubled quotes.
package struct RawTable: Sendable {
  /// Where a cell lies: the first bit of `count` says that its quotes are doubled.
  struct Cell: Sendable {
    var start: UInt32
    var count: UInt32
    static let escaped: UInt32 = 1 << 31
  }

  /// The longest file, in bytes: positions are 32 bits.
  static let bytesMax = 1 << 31 - 1

  private(set) var bytes: [UInt8]
  private(set) var cells: [Cell] = []
  /// The number of the line, from 1, where each record begins.
  private(set) var lines: [UInt32] = []
  /// The cells of each record.
  package private(set) var columnCount = 0
  /// The names of the columns; `column 1` and so on where the file has none.
  var names: [String] = []
  let delimiter: UInt8

  /// How many records there are.
  package var rowCount: Int { lines.count }

  /// Cuts all of `bytes` into records of the same number of cells; blank lines are none.
  ///
  /// `name` is the file's, for errors. Throws where records differ in length or a quote is not closed.
  package init(_ bytes: [UInt8], delimiter: UInt8, name: String) throws(AnalysisError) {
    self.bytes = bytes
    self.delimiter = delimiter
    var cutter = CellCutter(delimiter: delimiter)
    var record: [Cell] = []
    while let line = try cutter.next(bytes, &record, name: name) {
      if columnCount == 0 { columnCount = record.count }
      guard record.count == columnCount else {
        throw AnalysisError(
          .unusableInput,
          "`\(name)`:\(line): the line has \(record.count) cells, the first has \(columnCount): check the line, "
            + "or say --delimiter")
      }
      lines.append(UInt32(line))
      cells += record
    }
  }

  /// Takes the first record off.
  mutating func removeFirstRecord() {
    cells.removeFirst(columnCount)
    lines.removeFirst()
  }

  /// The bytes of a cell, without white space around it.
  func withCell<Result>(_ row: Int, _ column: Int, _ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
    let cell = cells[row * columnCount + column]
    if cell.count & Cell.escaped != 0 {
      let text = Self.unescaped(bytes[Int(cell.start)..<Int(cell.start) + Int(cell.count & ~Cell.escaped)])
      return text.withUnsafeBufferPointer { body(Self.trimmed($0)) }
    }
    return bytes.withUnsafeBufferPointer { bytes in
      body(Self.trimmed(UnsafeBufferPointer(rebasing: bytes[Int(cell.start)..<Int(cell.start) + Int(cell.count)])))
    }
  }

  /// A cell as text, without white space around it.
  package func text(_ row: Int, _ column: Int) -> String {
    withCell(row, column) { String(decoding: $0, as: UTF8.self) }
  }

  private static func unescaped(_ quoted: ArraySlice<UInt8>) -> [UInt8] {
    var result: [UInt8] = []
    var isSecond = false
    for byte in quoted {
      if byte == 0x22, !isSecond {
        isSecond = true
        continue
      }
      isSecond = false
      result.append(byte)
    }
    return result
  }

  private static func trimmed(_ cell: UnsafeBufferPointer<UInt8>) -> UnsafeBufferPointer<UInt8> {
    var (start, end) = (0, cell.count)
    while start < end, isBlank(cell[start]) { start += 1 }
    while end > start, isBlank(cell[end - 1]) { end -= 1 }
    return UnsafeBufferPointer(rebasing: cell[start..<end])
  }

  private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0D || byte == 0x0A }
}

/// Walks over the records of a delimited text.
struct CellCutter {
  private let delimiter: UInt8
  private var position = 0
  private var line = 1

  init(delimiter: UInt8) { self.delimiter = delimiter }

  /// The cells of the next record that is not blank, and its line; `nil` at the end.
  mutating func next(
    _ bytes: [UInt8], _ record: inout [RawTable.Cell], name: String
  ) throws(AnalysisError) -> Int? {
    while position < bytes.count {
      record.removeAll(keepingCapacity: true)
      let first = line
      let start = position
      try cut(bytes, &record, name: name)
      let isBlank = record.count == 1 && bytes[start..<position].allSatisfy { $0 <= 0x20 }
      if !isBlank { return first }
    }
    return nil
  }

  private mutating func cut(
    _ bytes: [UInt8], _ record: inout [RawTable.Cell], name: String
  ) throws(AnalysisError) {
    while true {
      if position < bytes.count, bytes[position] == 0x22 {
        try cutQuoted(bytes, &record, name: name)
      } else {
        let start = position
        while position < bytes.count, bytes[position] != delimiter, bytes[position] != 0x0A { position += 1 }
        let isBeforeEnd = position > start && bytes[position - 1] == 0x0D && delimiter != 0x0D
        record.append(.init(start: UInt32(start), count: UInt32(position - start - (isBeforeEnd ? 1 : 0))))
      }
      guard position < bytes.count, bytes[position] == delimiter else { break }
      position += 1
    }
    if position < bytes.count { position += 1 }
    line += 1
  }

  private mutating func cutQuoted(
    _ bytes: [UInt8], _ record: inout [RawTable.Cell], name: String
  ) throws(AnalysisError) {
    let firstLine = line
    let start = position + 1
    var isEscaped = false
    position = start
    while true {
      while position < bytes.count, bytes[position] != 0x22 {
        if bytes[position] == 0x0A { line += 1 }
        position += 1
      }
      guard position < bytes.count else {
        throw AnalysisError(.unusableInput, "`\(name)`:\(firstLine): a quote is not closed: close it, or double it")
      }
      guard position + 1 < bytes.count, bytes[position + 1] == 0x22 else { break }
      isEscaped = true
      position += 2
    }
    record.append(
      .init(start: UInt32(start), count: UInt32(position - start) | (isEscaped ? RawTable.Cell.escaped : 0)))
    position += 1
    if position < bytes.count, bytes[position] == 0x0D { position += 1 }
    guard position == bytes.count || bytes[position] == delimiter || bytes[position] == 0x0A else {
      throw AnalysisError(
        .unusableInput, "`\(name)`:\(line): there is text behind a closing quote: double the quotes inside a cell")
    }
  }
}
