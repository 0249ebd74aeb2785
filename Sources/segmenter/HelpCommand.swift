import Configuration

extension Command {
  /// `segmenter help`
  static let help = Command(
    syntax: CommandSyntax(
      "help", "Print this overview, or the exit codes",
      operands: .init("TOPIC", 0...1, choices: ["exit-codes"], "exit-codes"))
  ) { arguments, _ in
    if arguments.operands.isEmpty {
      try Terminal.write(CommandSyntax.overview(Command.all.map(\.syntax)))
    } else {
      try Terminal.write(ExitCode.allCases.map { "\($0.rawValue)\t\($0.meaning)\n" }.joined())
    }
  }
}
