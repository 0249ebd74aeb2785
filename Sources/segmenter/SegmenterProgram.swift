import Configuration
import Foundation
import Pipeline

/// The program: finds the subcommand, parses its arguments, runs it, and ends with its exit code.
@main
struct SegmenterProgram {
  static func main() {
    // A reader that goes away is seen by the write that fails, not by a signal.
    signal(SIGPIPE, SIG_IGN)
    exit(run(Array(CommandLine.arguments.dropFirst())).rawValue)
  }

  private static func run(_ arguments: [String]) -> ExitCode {
    do {
      let (command, rest) = try command(of: arguments)
      let parsed = try ParsedCommand(rest, syntax: command.syntax)
      if parsed.wantsHelp {
        try Terminal.write(command.syntax.help())
      } else {
        // What a test build is told about failpoints is no setting.
        try command.run(parsed, ProcessInfo.processInfo.environment.filter { !Failpoint.isVariable($0.key) })
      }
      return .done
    } catch {
      let failure = CommandFailure(error)
      if !failure.message.isEmpty { Terminal.say("segmenter: \(failure.message)") }
      return failure.code
    }
  }

  /// The subcommand whose name of one or two words begins the arguments, and the arguments behind it.
  private static func command(of arguments: [String]) throws(CommandFailure) -> (Command, ArraySlice<String>) {
    let commands = Command.all
    let first = arguments.first ?? ""
    if ["--help", "-h"].contains(first) { return (Command.help, []) }
    if ["--version", "-V"].contains(first) { return (Command.version, []) }
    for words in [2, 1] where arguments.count >= words {
      let name = arguments.prefix(words).joined(separator: " ")
      if let command = commands.first(where: { $0.syntax.name == name }) { return (command, arguments[words...]) }
    }
    let names = commands.filter { !$0.syntax.isHidden }.map(\.syntax.name)
    let family = names.filter { $0.hasPrefix(first + " ") }
    if arguments.isEmpty {
      throw CommandFailure(.usage, "no command is given: one of \(names.joined(separator: ", "))")
    }
    if !family.isEmpty { throw CommandFailure(.usage, "`\(first)` needs more: \(family.joined(separator: ", "))") }
    throw CommandFailure(
      .usage, "there is no command `\(first)`\(suggestion(for: first, among: names))\n  see `segmenter --help`")
  }
}
