import Foundation
import Testing

@testable import Pipeline

@Suite("Writing files")
struct OutputFileTests {
  @Test("What is written in pieces of any size is in the file in order once it is closed")
  func pieces() throws {
    let folder = try ScratchFolder()
    let path = try folder.write("old content".utf8, to: "output")
    var random = RandomSource(seed: 3)
    let output = try OutputFile(path: path)
    var expected: [UInt8] = []
    for size in [0, 1, 262_143, 262_144, 262_145, 1_000_000, 5, 100_000, 200_000] {
      let piece = (0..<size).map { _ in UInt8(truncatingIfNeeded: random.next()) }
      try piece.withUnsafeBytes { try output.write($0) }
      expected += piece
    }
    try output.write("ende ✓\n")
    expected += Array("ende ✓\n".utf8)
    try output.close()
    #expect([UInt8](try Data(contentsOf: URL(fileURLWithPath: path))) == expected)
  }

  @Test("A full disk is one clear sentence")
  func fullDisk() throws {
    let output = try OutputFile(path: "/dev/full")
    try output.write("a line\n")
    #expect(throws: FileError.writeFailed(path: "/dev/full", reason: "the disk is full")) { try output.close() }
    #expect(
      FileError.writeFailed(path: "/dev/full", reason: "the disk is full").description
        == "`/dev/full` cannot be written: the disk is full")
  }

  @Test("A file in a folder that is not there cannot be created")
  func missingFolder() throws {
    let folder = try ScratchFolder()
    let path = folder.path("missing/output")
    #expect(throws: FileError.cannotCreate(path: path, reason: "No such file or directory")) {
      try OutputFile(path: path)
    }
  }

  @Test("A reader that has gone away is a closed pipe, no failure to write")
  func closedPipe() throws {
    signal(SIGPIPE, SIG_IGN)
    let folder = try ScratchFolder()
    let path = folder.path("pipe")
    #expect(mkfifo(path, 0o600) == 0)
    let reader = open(path, O_RDONLY | O_NONBLOCK)
    let output = try OutputFile(path: path)
    close(reader)
    try output.write("a line\n")
    #expect(throws: FileError.closedPipe(path: path)) { try output.close() }
  }
}
