import Foundation
import Testing

/// Recorded runs: command, exit code, stdout and stderr in one file under `Tests/goldens`.
///
/// With `UPDATE_GOLDEN=1` they are written anew; the difference is then read before it is committed.
enum Golden {
  /// Runs a command and compares all that it leaves with what was recorded.
  static func expect(
    _ command: String, is name: String, with files: [String: String] = [:],
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let folder = try Scratch(files)
    let found = text(try Program.run(command, in: folder), folder)
    let url = Program.top.appendingPathComponent("Tests/goldens/\(name).golden")
    if ProcessInfo.processInfo.environment["UPDATE_GOLDEN"] == "1" {
      try FileManager.default.createDirectory(
        at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(found.utf8).write(to: url)
      return
    }
    let recorded = try? String(contentsOf: url, encoding: .utf8)
    let expected = try #require(recorded, "no `\(name).golden`: UPDATE_GOLDEN=1", sourceLocation: sourceLocation)
    #expect(found == expected, "UPDATE_GOLDEN=1 records it anew", sourceLocation: sourceLocation)
  }

  /// One run as it is recorded; what differs from run to run or from machine to machine is replaced.
  private static func text(_ outcome: Outcome, _ folder: Scratch) -> String {
    let whole = """
      $ \(outcome.command)
      exit \(outcome.exitCode)
      --- stdout
      \(outcome.stdout)--- stderr
      \(outcome.stderr)
      """
    return
      whole
      .replacingOccurrences(of: folder.url.path, with: "$FOLDER")
      .replacingOccurrences(of: Program.top.path, with: "$TOP")
      .replacingOccurrences(
        of: #"[0-9.,]+ s, [0-9,]+ records/s"#, with: "N s, N records/s", options: .regularExpression
      )
      .replacingOccurrences(of: #"own time \([0-9]+ ms\)"#, with: "own time (N ms)", options: .regularExpression)
      .replacingOccurrences(
        of: #""seconds":[0-9.e+-]+,"records_per_second":[0-9.e+-]+"#, with: #""seconds":N,"records_per_second":N"#,
        options: .regularExpression)
  }
}
