import Configuration

extension Command {
  /// `segmenter config check`
  static let configCheck = Command(
    syntax: CommandSyntax(
      "config check", "Check the configuration of `run` and print what holds",
      details: [
        "Prints every setting as YAML with what was given in the file, the environment or by flags; a comment says"
          + " where. Secrets are hidden. All mistakes are reported at once, each with its place."
      ],
      settings: settingsTable.map(\.key))
  ) { arguments, environment in
    let configuration = try arguments.configuration(
      environment: environment, required: ["input.topic", "input.currency"])
    try Terminal.write(configuration.yaml())
  }

  /// `segmenter config reference`
  static let configReference = Command(
    syntax: CommandSyntax("config reference", "Print the reference of all settings in Markdown", isHidden: true)
  ) { _, _ in
    try Terminal.write(settingsReference())
  }
}
