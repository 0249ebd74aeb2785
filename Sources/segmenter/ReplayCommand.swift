import Configuration
import Foundation
import Pipeline
import Segmentation

extension Command {
  /// `segmenter replay`
  static let replay = Command(
    syntax: CommandSyntax(
      "replay", "Read event logs from files and segment their customers",
      details: [
        "Reads JSON lines, CSV or columns, plain or packed by gzip, zstd, xz, bzip2 or lz4; --map says where the fields"
          + " are. Each output is a file, or `-` for stdout. The same input and seed give the same bytes, whatever the"
          + " number of workers."
      ],
      operands: .init("FILE", 1...10_000, "an event log, or `-` for stdin"),
      options: [
        CommandOption("changes", .file, "write the changes: CloudEvents, one JSON object a line"),
        CommandOption(
          "dead-letters", .file, "write the records that could not be used, with the reason, as JSON lines"),
        CommandOption("customers", .file, "write every customer with segment, values and scores as CSV"),
        CommandOption("model", .file, "write the model as JSON"),
        CommandOption(
          "summary", .choice(["text", "json"]),
          "the form of the summary [text]; it goes to stdout, or to stderr where stdout is an output"),
        CommandOption("order", .choice(["file", "time"]), "sort by time first, or not [as the map says, else file]"),
        CommandOption("to-topic", .text("TOPIC"), "publish the changes to this Kafka topic instead of a file"),
        CommandOption(
          "shadow", .file,
          "write nothing: replay under this configuration, too, and print what differs; flags hold for both"),
        CommandOption("until", .instant, "stop at this time of the records"),
        CommandOption("quiet", .none, "no summary and no words"),
        CommandOption("no-progress", .none, "no progress bar on a terminal"),
      ],
      settings: [
        "input.currency", "input.rates", "input.time_zone", "input.on_error", "input.map", "workers", "seed", "limits",
        "windows", "segments", "rules", "cuts", "model", "hysteresis", "kafka",
      ])
  ) { arguments, environment in
    let configuration = try arguments.configuration(environment: environment)
    let settings = configuration.settings
    if let path = arguments.text("shadow") { return try shadow(path, settings, arguments, environment) }
    let outputs = try ReplayFiles(arguments)
    let isQuiet = arguments.has("quiet")
    let bar = isQuiet || arguments.has("no-progress") ? nil : ProgressBar()
    let topic = try arguments.text("to-topic").map { name in
      try configuration.checkKafka()
      return try ChangesTopic(name, kafka: settings.kafka, source: "/segmenter/replay", notices: Notices(settings.log))
    }
    let job = try ReplayJob(
      paths: arguments.operands, options: ReplayOptions(arguments, settings), files: outputs,
      publish: topic.map { topic in { change in try topic.write(change) } },
      progress: bar.map { bar in { bar.show(records: $0, bytesRead: $1, bytesTotal: $2) } })
    let start = ContinuousClock.now
    let summary: ReplaySummary
    do {
      defer { bar?.clear() }
      summary = try job.run { (ContinuousClock.now - start) / .seconds(1) }
      try topic?.close()
    } catch let error as RecordMapError {
      throw CommandFailure(.unusableInput, "the map does not fit the input: \(error.description)")
    }
    if isQuiet { return }
    for word in summary.words(deadLettersAreKept: arguments.has("dead-letters")) { Terminal.say("segmenter: \(word)") }
    let isJSON = arguments.text("summary") == "json"
    let text = isJSON ? String(decoding: summary.json, as: UTF8.self) : summary.text
    if outputs.all.contains("-") { Terminal.say(text) } else { try Terminal.write(text) }
  }
}

extension Command {
  /// `segmenter replay --shadow`
  private static func shadow(
    _ path: String, _ settings: Settings, _ arguments: ParsedCommand, _ environment: [String: String]
  ) throws {
    let outputs = ["changes", "dead-letters", "customers", "model", "to-topic"]
    if let output = outputs.first(where: arguments.has) {
      throw CommandFailure(.usage, "--shadow writes nothing: leave out --\(output)")
    }
    if arguments.operands.contains("-") {
      throw CommandFailure(.usage, "--shadow reads the files twice: stdin cannot be one of them")
    }
    let other = try arguments.configuration(file: path, environment: environment).settings
    let replays = ReplayShadow(
      paths: arguments.operands, present: try ReplayOptions(arguments, settings),
      proposed: try ReplayOptions(arguments, other))
    let report = try replays.run()
    try Terminal.write(
      arguments.text("summary") == "json"
        ? String(decoding: report.json, as: UTF8.self) + "\n" : report.lines.joined(separator: "\n") + "\n")
  }
}

extension ReplayFiles {
  /// The outputs of the command line. Throws where two of them, or an output and an input, are the same.
  init(_ arguments: ParsedCommand) throws(CommandFailure) {
    self.init()
    changes = arguments.text("changes")
    deadLetters = arguments.text("dead-letters")
    customers = arguments.text("customers")
    model = arguments.text("model")
    if changes != nil, arguments.has("to-topic") {
      throw CommandFailure(.usage, "--changes and --to-topic exclude each other: replay twice")
    }
    let paths = all
    for (index, path) in paths.enumerated() {
      if paths[..<index].contains(path) {
        throw CommandFailure(.usage, "two outputs go to `\(path)`: give each its own")
      }
      if path != "-", arguments.operands.contains(path) {
        throw CommandFailure(.usage, "`\(path)` is both an input and an output: it would be overwritten")
      }
    }
  }

  /// The outputs that are asked for.
  var all: [String] { [changes, deadLetters, customers, model].compactMap { $0 } }
}

extension ReplayOptions {
  /// How to replay by the command line and the settings.
  init(_ arguments: ParsedCommand, _ settings: Settings) throws(CommandFailure) {
    self.init()
    self.settings = try SegmentationSettings(settings)
    model = try ModelFile(settings, self.settings)
    if model == nil && settings.model.frozen {
      throw CommandFailure(.configuration, "`model.frozen` keeps a model and there is none: give `model.file`")
    }
    map = try RecordMap(settings.input.map, timeZone: settings.input.timeZone)
    limits = RecordLimits(settings.limits)
    sortsByTime = (arguments.text("order") ?? settings.input.map.order.rawValue) == "time"
    untilMs = arguments.instantMs("until")
    workers = settings.workers
    badRecords = BadRecordPolicy(rawValue: settings.input.onError.rawValue) ?? .deadLetter
    if arguments.has("to-topic") { changeShape = .binary }
    wallClockMs = Int64(Date().timeIntervalSince1970 * 1000)
  }
}
