/// Makes cells of a file's bytes: encoding, delimiter and header are found where they are not given.
struct TableReader {
  /// So many bytes at the beginning show what a file is.
  private static let probeBytes = 1 << 16
  /// So many records at the beginning show the delimiter.
  private static let probeRecords = 100
  /// What may stand between cells, the likelier first.
  private static let delimiters: [UInt8] = [0x2C, 0x09, 0x3B, 0x7C]

  /// The name of the file, for errors.
  let name: String
  /// What had to be decided.
  private(set) var notes: [String] = []

  init(name: String) { self.name = name }

  /// The cells below the header.
  mutating func read(_ source: [UInt8], _ options: PreparationOptions) throws(AnalysisError) -> RawTable {
    let bytes = try text(source)
    let found = delimiter(of: bytes)
    let delimiter = options.delimiter ?? found ?? 0x2C
    var table = try RawTable(bytes, delimiter: delimiter, name: name)
    guard table.rowCount > 0 else {
      throw unusable("there is nothing in it: give a file with a line for each customer")
    }
    if table.columnCount == 1, options.delimiter != nil, let found, found != delimiter {
      throw unusable(
        "with the delimiter \(Self.shown(delimiter)) there is one column only: it looks like "
          + "\(Self.shown(found)), so leave out --delimiter")
    }
    let hasHeader = options.hasHeader ?? looksLikeHeader(table)
    if hasHeader {
      table.names = (0..<table.columnCount).map { table.text(0, $0) }
      table.removeFirstRecord()
    } else {
      notes.append("The first line is data, so columns have numbers for names; say --header yes where it is not.")
    }
    table.names = Self.unique(hasHeader ? table.names : Array(repeating: "", count: table.columnCount))
    notes.append(
      "Cells are separated by \(Self.shown(delimiter))"
        + (options.delimiter == nil ? ", which was found in the file" : ", as given") + ".")
    return table
  }

  /// UTF-8 without its byte order mark; what is no UTF-8 is taken for Windows-1252.
  private mutating func text(_ source: [UInt8]) throws(AnalysisError) -> [UInt8] {
    guard source.count <= RawTable.bytesMax else {
      throw unusable("it has \(source.count) bytes, at most \(RawTable.bytesMax) are read: take a sample of its lines")
    }
    if source.starts(with: [0xFF, 0xFE]) || source.starts(with: [0xFE, 0xFF]) {
      throw unusable("it is UTF-16: save it as UTF-8")
    }
    let probe = source.prefix(Self.probeBytes)
    let strange = probe.count { $0 < 0x20 && $0 != 0x09 && $0 != 0x0A && $0 != 0x0D }
    if source.contains(0) || strange * 100 > probe.count {
      throw unusable("it is no text but a binary file: give a table as CSV or TSV")
    }
    let body = source.starts(with: [0xEF, 0xBB, 0xBF]) ? source.dropFirst(3) : source[...]
    if source.withUnsafeBufferPointer({ String(validating: $0, as: UTF8.self) != nil }) { return Array(body) }
    notes.append("The file is not UTF-8; it was read as Windows-1252.")
    return Windows1252.utf8(body)
  }

  /// The delimiter that cuts the first records into the same number of cells, more than one.
  private func delimiter(of bytes: [UInt8]) -> UInt8? {
    var best: (delimiter: UInt8, score: Double)?
    // A probe that ends inside a quoted cell must not count as broken.
    let probe = Array(bytes.prefix(Self.probeBytes))
    for delimiter in Self.delimiters {
      var cutter = CellCutter(delimiter: delimiter)
      var counts: [Int] = []
      var record: [RawTable.Cell] = []
      while counts.count < Self.probeRecords, (try? cutter.next(probe, &record, name: name)) ?? nil != nil {
        counts.append(record.count)
      }
      if counts.count > 1, counts.count < Self.probeRecords, bytes.count > probe.count { counts.removeLast() }
      guard let first = counts.first, first > 1 else { continue }
      let same = Double(counts.count { $0 == first }) / Double(counts.count)
      let score = same * 1000 + Double(min(first, 999))
      if best.map({ score > $0.score }) ?? true { best = (delimiter, score) }
    }
    return best?.delimiter
  }

  /// Whether the first record has only words, each once, where a later one has numbers or days, or all is words.
  private func looksLikeHeader(_ table: RawTable) -> Bool {
    let first = (0..<table.columnCount).map { table.text(0, $0) }
    if table.rowCount < 2 { return first.allSatisfy { !CellText.isMeasure($0) } }
    return first.allSatisfy { !CellText.isMeasure($0) } && Set(first).count == first.count
  }

  /// Names that differ: an empty one becomes `column N`, a repeated one gets its number behind.
  private static func unique(_ names: [String]) -> [String] {
    var seen = Set<String>()
    return names.enumerated().map { index, name in
      var unique = name.isEmpty ? "column \(index + 1)" : name
      if seen.contains(unique) { unique = "\(name) (column \(index + 1))" }
      seen.insert(unique)
      return unique
    }
  }

  private func unusable(_ words: String) -> AnalysisError { AnalysisError(.unusableInput, "`\(name)`: \(words)") }

  private static func shown(_ delimiter: UInt8) -> String {
    delimiter == 0x09 ? "tabs" : "`\(Character(UnicodeScalar(delimiter)))`"
  }
}

/// The code page of western Windows, a superset of Latin-1's letters.
enum Windows1252 {
  /// What 0x80 to 0x9F mean; 0 where they mean nothing.
  private static let upper: [UInt16] = [
    0x20AC, 0, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0, 0x017D, 0,
    0, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0, 0x017E,
    0x0178,
  ]

  /// The same text as UTF-8; a byte without a meaning becomes U+FFFD.
  static func utf8(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
    var result: [UInt8] = []
    result.reserveCapacity(bytes.count + bytes.count / 8)
    for byte in bytes {
      if byte < 0x80 {
        result.append(byte)
        continue
      }
      let code = byte < 0xA0 ? upper[Int(byte) - 0x80] : UInt16(byte)
      let scalar = UnicodeScalar(code == 0 ? 0xFFFD : code) ?? "\u{FFFD}"
      result += Array(String(Character(scalar)).utf8)
    }
    return result
  }
}
