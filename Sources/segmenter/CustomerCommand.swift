import Configuration
import Pipeline

extension Command {
  /// `segmenter customer`
  static let customer = Command(
    syntax: CommandSyntax(
      "customer", "Show a customer's state, segment and why, and when it moves if silent",
      details: [
        "Reads the group's topics, on any machine, whether an instance runs or not: the whole state log, since only the"
          + " producer knows which partition an id goes to. Values are as of the clock of the customer's partition."
          + " The forecast simulates up to five years without a purchase under the present model."
      ],
      operands: .init("ID", 1...1, "the customer's id, exactly as records have it"),
      options: [CommandOption("json", .none, "print one JSON object")],
      settings: settingsTable.map(\.key))
  ) { arguments, environment in
    let configuration = try arguments.configuration(environment: environment, required: neededByRun)
    try configuration.checkKafka()
    let lookup = try CustomerLookup(
      DaemonOptions(configuration.settings), notices: Notices(configuration.settings.log))
    for report in try lookup.find(arguments.operands.first ?? "") {
      try Terminal.write(
        arguments.has("json")
          ? String(decoding: report.json, as: UTF8.self) + "\n" : report.lines.joined(separator: "\n") + "\n")
    }
  }
}
