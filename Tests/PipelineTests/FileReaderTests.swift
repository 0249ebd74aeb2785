import Foundation
import Segmentation
import Testing

@testable import Pipeline

@Suite("Reading files")
struct FileReaderTests {
  private static let packers = [["gzip", "-c"], ["zstd", "-c"], ["xz", "-c"], ["bzip2", "-c"], ["lz4", "-c"]]

  @Test("A compressed file is known by its content and read like a plain one", arguments: packers)
  func compressed(command: [String]) throws {
    let folder = try ScratchFolder()
    let plain = Self.lines(count: 20_000)
    let path = try folder.write(try folder.pack(plain, with: command), to: "log.txt")
    let found = try readAll([path])
    #expect(found.failure == nil)
    #expect(found.records == framedByReference(plain, format: .json, limit: 1 << 20).records)
  }

  @Test("Several compressed members in one file are read on", arguments: packers)
  func members(command: [String]) throws {
    let folder = try ScratchFolder()
    let packed = try folder.pack(Self.lines(count: 10), with: command)
    let found = try readAll([try folder.write(packed + packed, to: "two")])
    #expect(found.records.count == 20 && found.failure == nil, "\(found)")
  }

  @Test("A compressed empty file is empty", arguments: packers)
  func compressedEmpty(command: [String]) throws {
    let folder = try ScratchFolder()
    let found = try readAll([try folder.write(try folder.pack([], with: command), to: "empty")])
    #expect(found == ReadResult())
  }

  @Test("A compressed file that is cut short is an error wherever it is cut", arguments: packers)
  func truncated(command: [String]) throws {
    let folder = try ScratchFolder()
    let packed = try folder.pack(Self.lines(count: 20), with: command)
    let whole = try readAll([try folder.write(packed, to: "whole")])
    // Fewer bytes than six are not known to be compressed.
    for cut in 6..<packed.count {
      let path = try folder.write(packed[..<cut], to: "cut")
      let found = try readAll([path])
      guard case .corrupt(let file, let position, _)? = found.failure else {
        Issue.record("\(command[0]) cut at \(cut) of \(packed.count): \(String(describing: found.failure))")
        continue
      }
      #expect(file == path && position <= Int64(cut))
      #expect(whole.records.starts(with: found.records))
    }
  }

  @Test("Damage inside a file with checksums is an error that names it", arguments: packers.dropFirst())
  func damaged(command: [String]) throws {
    let folder = try ScratchFolder()
    var packed = try folder.pack(Self.lines(count: 20_000), with: command)
    for index in packed.count / 2..<packed.count / 2 + 64 { packed[index] = 0x55 }
    let path = try folder.write(packed, to: "damaged")
    let found = try readAll([path])
    guard case .corrupt(let file, _, _)? = found.failure else {
      Issue.record("\(command[0]): \(String(describing: found.failure))")
      return
    }
    #expect(file == path)
  }

  @Test("An empty file has no records")
  func empty() throws {
    let folder = try ScratchFolder()
    #expect(try readAll([try folder.write([], to: "empty")]) == ReadResult())
  }

  @Test("A text that only begins like a compressed file is read as text")
  func lookAlike() throws {
    let folder = try ScratchFolder()
    #expect(try readAll([try folder.write("BZhang,1\n".utf8, to: "text")]).records == [FramedRecord("BZhang,1", 1)])
  }

  @Test("What cannot be read fails before anything is read")
  func unreadable() throws {
    let folder = try ScratchFolder()
    let good = try folder.write("1\n".utf8, to: "good")
    let missing = folder.path("missing")
    #expect(throws: FileError.notFound(path: missing)) { try readAll([good, missing]) }
    #expect(throws: FileError.notReadable(path: folder.url.path, reason: "it is a directory")) {
      try readAll([folder.url.path])
    }
  }

  @Test("A pipe is read as it comes, and has no known length")
  func pipe() throws {
    let folder = try ScratchFolder()
    let path = folder.path("pipe")
    #expect(mkfifo(path, 0o600) == 0)
    let plain = Self.lines(count: 5000)
    let writer = Thread {
      guard let handle = FileHandle(forWritingAtPath: path) else { return }
      for start in stride(from: 0, to: plain.count, by: 777) {
        handle.write(Data(plain[start..<min(start + 777, plain.count)]))
      }
      handle.closeFile()
    }
    writer.start()
    let reader = try FileReader(paths: [path], format: .json, limits: RecordLimits(), wallClockMs: 0)
    var count = 0
    while let batch = try reader.next() {
      count += batch.records.count
      reader.recycle(batch)
    }
    #expect(count == 5000)
    #expect(reader.progress.bytesRead == Int64(plain.count) && reader.progress.bytesTotal == nil)
  }

  @Test("Progress ends at the length of all files")
  func progress() throws {
    let folder = try ScratchFolder()
    let packed = try folder.pack(Self.lines(count: 1000), with: ["gzip", "-c"])
    let paths = [try folder.write(packed, to: "a"), try folder.write("1\n2\n".utf8, to: "b")]
    let reader = try FileReader(paths: paths, format: .json, limits: RecordLimits(), wallClockMs: 0)
    while let batch = try reader.next() { reader.recycle(batch) }
    #expect(reader.progress.bytesRead == Int64(packed.count + 4))
    #expect(reader.progress.bytesTotal == Int64(packed.count + 4))
  }

  @Test("A reader that is let go of before the end does not hang")
  func abandoned() throws {
    let folder = try ScratchFolder()
    let path = try folder.write(Self.lines(count: 100_000), to: "log")
    let reader = try FileReader(
      paths: [path], format: .json, limits: RecordLimits(), wallClockMs: 0, batchBytes: 4096)
    let batch = try #require(try reader.next())
    #expect(batch.line(of: 0) == 1)
    reader.recycle(batch)
  }

  /// Numbered lines that do not compress to nothing.
  private static func lines(count: Int) -> [UInt8] {
    var random = RandomSource(seed: 5)
    return (0..<count).flatMap { Array("{\"line\":\($0),\"noise\":\(random.next())}\n".utf8) }
  }
}
