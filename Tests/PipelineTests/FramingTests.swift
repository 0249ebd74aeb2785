import Segmentation
import Testing

@testable import Pipeline

@Suite("Framing")
struct FramingTests {
  private static let csv = RecordMap.Format.csv(delimiter: 44, quote: 34, header: false)
  private static let csvWithHeader = RecordMap.Format.csv(delimiter: 44, quote: 34, header: true)

  @Test(
    "Records are the same as the reference's, whatever the bytes and wherever they are cut",
    arguments: [RecordMap.Format.json, .columns, csv, csvWithHeader])
  func anyBytesAnyCut(format: RecordMap.Format) throws {
    let folder = try ScratchFolder()
    let seed: UInt64 = 20_261
    var random = RandomSource(seed: seed)
    let alphabet = Array("\n\n\n\r\"\"\",,ab \t".utf8)
    for round in 0..<400 {
      let input = (0..<random.below(120)).map { _ in alphabet[random.below(alphabet.count)] }
      let limit = 1 + random.below(30)
      let batchBytes = 1 + random.below(40)
      let path = try folder.write(input, to: "input")
      let expected = framedByReference(input, format: format, limit: limit)
      let found = try readAll([path], format: format, limit: limit, batchBytes: batchBytes)
      if expected.headers.contains(where: { $0.count > limit }) {
        #expect(found.failure != nil)
        continue
      }
      let comment = "seed \(seed), round \(round), limit \(limit), batch \(batchBytes): \(input)"
      #expect(found.failure == nil, "\(comment)")
      #expect(found.headers == expected.headers, "\(comment)")
      #expect(found.records == expected.records, "\(comment)")
      if found.records != expected.records { break }
    }
  }

  @Test("Blank lines are no records, and line numbers count them")
  func blankLines() throws {
    #expect(try lines(of: "\n{1}\r\n\r\n  \t\n{2}") == [FramedRecord("{1}", 2), FramedRecord("{2}", 5)])
  }

  @Test("A byte order mark is no part of the first record")
  func byteOrderMark() throws {
    #expect(try lines(of: "\u{FEFF}{1}\n{2}\n") == [FramedRecord("{1}", 1), FramedRecord("{2}", 2)])
  }

  @Test("A line over the limit is handed out as too long and the next line is read")
  func longLine() throws {
    let long = String(repeating: "x", count: 10_000_000)
    let found = try lines(of: "{1}\n\(long)\n{2}\n", limit: 1000)
    #expect(found.map(\.line) == [1, 2, 3])
    #expect(found.map(\.bytes.count) == [3, 1001, 3])
  }

  @Test("A record of exactly the limit is whole, with either line ending")
  func exactLimit() throws {
    #expect(try lines(of: "12345\r\n12345\n123456\r\n", limit: 5).map(\.bytes.count) == [5, 5, 6])
  }

  @Test("A line feed in quotes belongs to the record")
  func quotedBreaks() throws {
    let found = try lines(of: "a,\"b\n\"\"c\",d\r\ne,f\"g\nh", format: Self.csv)
    #expect(found == [FramedRecord("a,\"b\n\"\"c\",d", 1), FramedRecord("e,f\"g", 3), FramedRecord("h", 4)])
  }

  @Test("A quote that is never closed costs its own line, not the file")
  func strayQuote() throws {
    let rest = (0..<1000).map { "x\($0),y\n" }.joined()
    let atEnd = try lines(of: "a,b\n\"c,d\n\(rest)", format: Self.csv)
    #expect(atEnd.count == 1002)
    #expect(atEnd[1] == FramedRecord("\"c,d", 2))
    let tooLong = try lines(of: "a,b\n\"c,d\n\(rest)", format: Self.csv, limit: 100)
    #expect(tooLong.count == 1002)
    #expect(tooLong[1].bytes.count == 101)
    #expect(tooLong[2] == FramedRecord("x0,y", 3))
  }

  @Test("Each CSV file has its own header, and offsets run on")
  func headers() throws {
    let folder = try ScratchFolder()
    let paths = [
      try folder.write("id,amount\n1,2\n".utf8, to: "first.csv"), try folder.write("".utf8, to: "empty.csv"),
      try folder.write("amount,id\n3,4\n5,6".utf8, to: "second.csv"), try folder.write("id\n".utf8, to: "third.csv"),
    ]
    let found = try readAll(paths, format: Self.csvWithHeader)
    #expect(found.headers == ["id,amount", "amount,id", "id"].map { Array($0.utf8) })
    #expect(found.files == [paths[0], paths[2], paths[3]])
    #expect(found.records == [FramedRecord("1,2", 2), FramedRecord("3,4", 2), FramedRecord("5,6", 3)])
  }

  @Test("Very short lines fill a batch by number and none is lost")
  func shortLines() throws {
    let found = try lines(of: String(repeating: "1\n", count: 200_000))
    #expect(found.count == 200_000)
    #expect(found.last == FramedRecord("1", 200_000))
  }

  private func lines(
    of text: String, format: RecordMap.Format = .json, limit: Int = 1 << 20
  ) throws -> [FramedRecord] {
    let folder = try ScratchFolder()
    let found = try readAll([try folder.write(text.utf8, to: "input")], format: format, limit: limit)
    #expect(found.failure == nil)
    return found.records
  }
}

extension FramedRecord {
  init(_ text: String, _ line: Int) {
    self.init(bytes: Array(text.utf8), line: line)
  }
}
