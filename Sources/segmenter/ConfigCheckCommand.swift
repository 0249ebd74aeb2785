import Configuration
import Pipeline

extension Command {
  /// `segmenter config check`
  static let configCheck = Command(
    syntax: CommandSyntax(
      "config check", "Check the configuration of `run` and print what holds",
      details: [
        "Prints every setting as YAML; a comment says where each value other than the default was given. Secrets are"
          + " hidden. All mistakes are reported at once, each with its place. Then it asks the broker for all topics,"
          + " as the start of `run` does, and makes none; --offline leaves that out. With --sample it reads records of"
          + " the input topic and prints how they decode."
      ],
      options: [
        CommandOption("offline", .none, "ask no broker"),
        CommandOption("sample", .integer(1...1000), "read so many records of the topic and decode them"),
      ],
      settings: settingsTable.map(\.key))
  ) { arguments, environment in
    let configuration = try arguments.configuration(environment: environment, required: neededByRun)
    try configuration.checkKafka()
    let options = try DaemonOptions(configuration.settings)
    try Terminal.write(configuration.yaml())
    let notices = Notices(configuration.settings.log)
    if !arguments.has("offline") {
      let check = try TopicCheck(options, notices: notices)
      for line in check.lines { try Terminal.write("# \(line)\n") }
      for warning in check.warnings { notices(.warning, warning) }
    }
    guard let count = arguments.integer("sample") else { return }
    let sample = try InputSample(options, count: count, notices: notices)
    try Terminal.write("# \(sample.records) records of `\(options.inputTopic)`, \(sample.dead) dead letters\n")
    for line in sample.lines { try Terminal.write("# \(line.replacing("\n", with: " "))\n") }
  }

  /// `segmenter config reference`
  static let configReference = Command(
    syntax: CommandSyntax("config reference", "Print the reference of all settings in Markdown", isHidden: true)
  ) { _, _ in
    try Terminal.write(settingsReference())
  }
}
