import Configuration

extension Command {
  /// `segmenter completion`
  static let completion = Command(
    syntax: CommandSyntax(
      "completion", "Print a completion script for a shell",
      details: [
        "bash: source <(segmenter completion bash)", "zsh: segmenter completion zsh > \"${fpath[1]}/_segmenter\"",
      ],
      operands: .init("SHELL", 1...1, choices: ["bash", "zsh"], "bash or zsh"))
  ) { arguments, _ in
    let commands = Command.all.map(\.syntax)
    try Terminal.write(arguments.operands == ["zsh"] ? Completion.zsh(commands) : Completion.bash(commands))
  }
}
