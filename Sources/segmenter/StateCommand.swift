import Configuration
import Pipeline

extension Command {
  /// `segmenter state`
  static let state = Command(
    syntax: CommandSyntax(
      "state", "Show who owns which partition, offsets, lag, log and model",
      details: [
        "Reads the topics and the group's coordinator, on any machine, whether an instance runs or not; it joins"
          + " nothing and changes nothing. The size of a log and how many tables of rows it holds (~) are estimated"
          + " from its last records."
      ],
      options: [CommandOption("json", .none, "print one JSON object")],
      settings: settingsTable.map(\.key))
  ) { arguments, environment in
    let configuration = try arguments.configuration(environment: environment, required: neededByRun)
    try configuration.checkKafka()
    let state = try GroupState(DaemonOptions(configuration.settings), notices: Notices(configuration.settings.log))
    try Terminal.write(
      arguments.has("json")
        ? String(decoding: state.json, as: UTF8.self) + "\n" : state.lines.joined(separator: "\n") + "\n")
  }
}
