import Configuration
import Foundation
import Pipeline

extension Command {
  /// `segmenter generate`
  static let generate = Command(
    syntax: CommandSyntax(
      "generate", "Make synthetic purchases with planted segments",
      details: [
        "Writes JSON records in the default member names to stdout, or to a topic keyed by customer id. The same flags"
          + " give the same bytes. With --rate it goes on in real time, at so many records a second."
      ],
      options: [
        CommandOption("events", .integer(0...99_999_999_999), "records of every sort together [1000000]"),
        CommandOption("customers", .integer(1...1_000_000_000), "customers [50000]"),
        CommandOption("span", .number(0.001...36_500), "days that the events spread over [30]"),
        CommandOption("start", .instant, "when the first day begins [2026-01-01; with --rate now]"),
        CommandOption("rate", .number(0.001...1e9), "records a second, in real time"),
        CommandOption("topic", .text("TOPIC"), "write to this topic instead of stdout; it is made unless it exists"),
        CommandOption("truth", .file, "write what was planted, as CSV: one line a customer"),
        CommandOption("refunds", .number(0...0.9), "share of records that are refunds [0.02]"),
        CommandOption("duplicates", .number(0...0.9), "share of records that repeat a recent one [0.01]"),
        CommandOption("late", .number(0...0.9), "share of records with a time long past [0.01]"),
        CommandOption("broken", .number(0...0.9), "share of records that cannot be used [0.001]"),
        CommandOption("silent", .number(0...0.9), "share of customers who fall silent [0.15]"),
      ], settings: ["seed", "kafka", "log"])
  ) { arguments, environment in
    let configuration = try arguments.configuration(environment: environment)
    let settings = configuration.settings
    let planned = GeneratorSettings(arguments, settings)
    var generator = try Generator(planned)
    let truth = try arguments.text("truth").map(OutputFile.init(path:))
    let target: GeneratorTarget
    if let topic = arguments.text("topic") {
      try configuration.checkKafka()
      target = .topic(try GeneratedTopic(topic, kafka: settings.kafka, notices: Notices(settings.log)))
    } else {
      target = .file(try OutputFile(path: "-"))
    }
    let startMs = arguments.has("rate") ? planned.startMs : nil
    try GeneratorPump(to: target).run(&generator, realTimeFromMs: startMs)
    if let truth {
      try generator.writeTruth(to: truth)
      try truth.close()
    }
  }
}

extension GeneratorSettings {
  /// The generator's settings of the command line.
  init(_ arguments: ParsedCommand, _ settings: Settings) {
    self.init()
    events = arguments.integer("events") ?? events
    customers = arguments.integer("customers") ?? customers
    seed = UInt64(settings.seed)
    spanDays = arguments.number("span") ?? spanDays
    ratePerSecond = arguments.number("rate") ?? 0
    if arguments.has("rate") { startMs = Int64(Date().timeIntervalSince1970 * 1000) }
    startMs = arguments.instantMs("start") ?? startMs
    refundShare = arguments.number("refunds") ?? refundShare
    duplicateShare = arguments.number("duplicates") ?? duplicateShare
    lateShare = arguments.number("late") ?? lateShare
    brokenShare = arguments.number("broken") ?? brokenShare
    silentShare = arguments.number("silent") ?? silentShare
  }
}
