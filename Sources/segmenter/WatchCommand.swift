import Configuration
import Pipeline

extension Command {
  /// How long one call waits for changes, in ms: so soon a stop is noticed.
  private static let watchTimeoutMs = 200

  /// `segmenter watch`
  static let watch = Command(
    syntax: CommandSyntax(
      "watch", "Subscribe to segment changes",
      details: [
        "Prints the last change of every customer, then goes on live: a line each, or JSON. Filters of one sort are"
          + " alternatives, those of different sorts must all hold."
      ],
      options: [
        CommandOption(
          "segment", .text("SEGMENT"), repeats: true, "only changes from or to this segment, by id or name"),
        CommandOption("customer", .text("ID"), repeats: true, "only changes of this customer"),
        CommandOption("reason", .choice(ChangeFilter.knownReasons), repeats: true, "only changes for this reason"),
        CommandOption("json", .none, "print the changes as they were published, one JSON object a line"),
        CommandOption("from-now", .none, "leave out what is already there"),
      ], settings: ["kafka", "output.topic", "group", "log"])
  ) { arguments, environment in
    let configuration = try arguments.configuration(environment: environment)
    try configuration.checkKafka()
    let settings = configuration.settings
    let filter = ChangeFilter(
      segments: arguments.texts("segment"), customers: arguments.texts("customer"), reasons: arguments.texts("reason"))
    StopSignal.install()
    let subscription = try ChangeSubscription(
      ChangeSubscription.Options(
        kafka: settings.kafka, topic: settings.output.topic, group: "\(settings.group)-watch", filter: filter,
        fromNow: arguments.has("from-now")), notices: Notices(settings.log))
    let isJSON = arguments.has("json")
    while !StopSignal.isRequested && !Terminal.hasLostItsReader {
      let changes = try subscription.next(timeoutMs: watchTimeoutMs)
      let lines = changes.map { isJSON ? String(decoding: $0.jsonLine, as: UTF8.self) : watchLine($0) }
      if !lines.isEmpty { try Terminal.write(lines.joined(separator: "\n") + "\n") }
    }
  }
}
