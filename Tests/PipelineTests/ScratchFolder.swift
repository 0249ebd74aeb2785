import Foundation

/// A folder of its own for a test's files; removed when the test lets go of it.
final class ScratchFolder {
  let url: URL

  init() throws {
    url = FileManager.default.temporaryDirectory.appendingPathComponent("segmenter-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  deinit {
    do {
      try FileManager.default.removeItem(at: url)
    } catch {
      print("left behind: \(url.path): \(error)")
    }
  }

  func path(_ name: String) -> String { url.appendingPathComponent(name).path }

  /// Writes bytes to a file and returns its path.
  func write(_ bytes: some Sequence<UInt8>, to name: String) throws -> String {
    try Data(bytes).write(to: url.appendingPathComponent(name))
    return path(name)
  }

  /// Runs a program that packs standard input to standard output, and returns what it wrote.
  func pack(_ bytes: [UInt8], with command: [String]) throws -> [UInt8] {
    let input = try write(bytes, to: "to-pack")
    let output = path("packed")
    _ = try write([], to: "packed")
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = command
    process.standardInput = FileHandle(forReadingAtPath: input)
    process.standardOutput = FileHandle(forWritingAtPath: output)
    try process.run()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { throw CommandFailed(command: command) }
    return [UInt8](try Data(contentsOf: URL(fileURLWithPath: output)))
  }
}

/// A program that the tests need is missing or failed.
struct CommandFailed: Error {
  let command: [String]
}
