import Foundation
import Testing

/// What a run of a command left behind.
struct Outcome: Sendable {
  var command: String
  var exitCode: Int32
  var stdout: String
  var stderr: String
}

/// The built program: `SEGMENTER_PROGRAM`, else the one beside the tests.
enum Program {
  /// The top of the repository.
  static let top = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  /// Where the program is.
  static let path: String = {
    if let given = ProcessInfo.processInfo.environment["SEGMENTER_PROGRAM"], !given.isEmpty { return given }
    let tests = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
    return tests.deletingLastPathComponent().appendingPathComponent("segmenter").path
  }()

  /// Runs a line of bash, in which `segmenter` is the program and `$TOP` the repository, in a folder.
  ///
  /// Nothing of the tests' own settings reaches the program; a run that takes more than two minutes is ended.
  static func run(_ command: String, in folder: Scratch) throws -> Outcome {
    try #require(FileManager.default.isExecutableFile(atPath: path), "no program at `\(path)`: swift build")
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/bash")
    let function = "segmenter() { timeout --kill-after=5 120 \"$PROGRAM\" \"$@\"; }; set -o pipefail; "
    process.arguments = ["-c", function + command]
    process.currentDirectoryURL = folder.url
    process.environment = [
      "PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC",
      "PROGRAM": path, "TOP": top.path,
    ]
    let stdout = folder.url.appendingPathComponent(".stdout")
    let stderr = folder.url.appendingPathComponent(".stderr")
    for url in [stdout, stderr] { try Data().write(to: url) }
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = try FileHandle(forWritingTo: stdout)
    process.standardError = try FileHandle(forWritingTo: stderr)
    try unblockingSignals { try process.run() }
    process.waitUntilExit()
    let exitCode = process.terminationReason == .exit ? process.terminationStatus : -process.terminationStatus
    return Outcome(
      command: command, exitCode: exitCode, stdout: String(decoding: try Data(contentsOf: stdout), as: UTF8.self),
      stderr: String(decoding: try Data(contentsOf: stderr), as: UTF8.self))
  }

  /// Tests run on threads that block most signals, and a child would inherit that: no SIGTERM would ever reach it.
  private static func unblockingSignals(_ body: () throws -> Void) rethrows {
    var none = sigset_t()
    var before = sigset_t()
    sigemptyset(&none)
    pthread_sigmask(SIG_SETMASK, &none, &before)
    defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
    try body()
  }
}

/// A folder of a test's own, deleted with it.
final class Scratch {
  let url: URL

  init(_ files: [String: String] = [:]) throws {
    url = FileManager.default.temporaryDirectory.appendingPathComponent("segmenter-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    for (name, text) in files { try Data(text.utf8).write(to: url.appendingPathComponent(name)) }
  }

  deinit {
    try? FileManager.default.removeItem(at: url)
  }
}
