import Configuration
import Pipeline
import Segmentation
import Server

extension Command {
  /// The settings that `run` cannot do without.
  static let neededByRun = ["input.topic", "input.currency"]

  /// `segmenter run`
  static let run = Command(
    syntax: CommandSyntax(
      "run", "Segment a Kafka topic: purchase records in, changes out",
      details: [
        "Reads the input topic, publishes changes and dead letters, and goes on until SIGTERM or SIGINT; then it"
          + " commits what is left and ends with 0. All state is in Kafka: every start goes on from the last commit,"
          + " exactly once, and several instances of a group share the input's partitions.",
        "With --shadow it publishes, commits and makes nothing, and joins no group: it reads the group's state, beside"
          + " its instances, and prints what the configuration given here would change: who would move from where to"
          + " where, how large segments would be, and with --for how many changes it would publish.",
      ],
      options: [
        CommandOption("shadow", .none, "publish nothing: report what this configuration would change, and end"),
        CommandOption(
          "for", .span(1_000...31_536_000_000),
          "with --shadow: follow the input for so long, or until SIGTERM, and count the changes"),
        CommandOption("json", .none, "with --shadow: print one JSON object"),
      ], settings: settingsTable.map(\.key))
  ) { arguments, environment in
    let configuration = try arguments.configuration(environment: environment, required: neededByRun)
    try configuration.checkKafka()
    let notices = Notices(configuration.settings.log)
    StopSignal.install()
    var options = try DaemonOptions(configuration.settings)
    options.model = try ModelFile(configuration.settings, options.settings)
    if arguments.has("shadow") { return try shadow(options, arguments, notices) }
    if let option = ["for", "json"].first(where: arguments.has) {
      throw CommandFailure(.usage, "--\(option) is for --shadow only")
    }
    let board = StatusBoard()
    let server = try HTTPServer(configuration, options, board, notices)
    defer { server?.stop() }
    let daemon: Daemon
    do {
      daemon = try Daemon(options, notices: notices, board: board, isStopped: { StopSignal.isRequested })
    } catch let error as StreamError where error.kind == .noInput {
      let place = configuration.origins["input.topic"].map { "\($0): " } ?? ""
      throw CommandFailure(.noInput, "\(place)`input.topic`: \(error)")
    }
    try daemon.run()
  }
}

extension Command {
  /// `segmenter run --shadow`
  private static func shadow(_ options: DaemonOptions, _ arguments: ParsedCommand, _ notices: Notices) throws {
    let run = try ShadowRun(options, notices: notices, isStopped: { StopSignal.isRequested })
    let report = try run.run(followMs: Int64(arguments.spanMs("for") ?? 0))
    try Terminal.write(
      arguments.has("json")
        ? String(decoding: report.json, as: UTF8.self) + "\n" : report.lines.joined(separator: "\n") + "\n")
  }
}

extension DaemonOptions {
  /// The daemon's options of the settings.
  init(_ settings: Settings) throws(CommandFailure) {
    self.init(
      kafka: settings.kafka, inputTopic: settings.input.topic ?? "", changesTopic: settings.output.topic,
      deadLettersTopic: settings.deadLettersTopic, group: settings.group)
    self.settings = try SegmentationSettings(settings)
    map = try RecordMap(settings.input.map, timeZone: settings.input.timeZone)
    limits = RecordLimits(settings.limits)
    keyPolicy = settings.input.partitionedByCustomer ? .ignored : .mustBeCustomerID
    badRecords = BadRecordPolicy(rawValue: settings.input.onError.rawValue) ?? .deadLetter
    sweepPeriodMs = settings.sweep.periodMs
    stateTopic = settings.stateTopic
    statisticsTopic = settings.statisticsTopic
    modelTopic = settings.modelTopic
    instance = settings.instance
    workers = settings.workers
    commitIntervalMs = settings.commit.intervalMs
  }
}
