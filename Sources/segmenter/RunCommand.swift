import Configuration
import Pipeline
import Segmentation

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
          + " exactly once, and several instances of a group share the input's partitions."
      ],
      settings: settingsTable.map(\.key))
  ) { arguments, environment in
    let configuration = try arguments.configuration(environment: environment, required: neededByRun)
    try configuration.checkKafka()
    let notices = Notices(configuration.settings.log)
    StopSignal.install()
    let options = try DaemonOptions(configuration.settings)
    let daemon: Daemon
    do {
      daemon = try Daemon(options, notices: notices, isStopped: { StopSignal.isRequested })
    } catch let error as StreamError where error.kind == .noInput {
      let place = configuration.origins["input.topic"].map { "\($0): " } ?? ""
      throw CommandFailure(.noInput, "\(place)`input.topic`: \(error)")
    }
    try daemon.run()
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
