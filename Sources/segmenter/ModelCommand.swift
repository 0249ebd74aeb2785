import Configuration
import Pipeline
import Segmentation

extension Command {
  /// The settings that the model topic is found by.
  private static let modelSettings = [
    "kafka", "input", "output.model_topic", "group", "model", "hysteresis", "log",
  ]

  /// `segmenter model show`
  static let modelShow = Command(
    syntax: CommandSyntax(
      "model show", "Show a model: segments with typical values, features, cuts",
      details: [
        "Shows the newest model of the group, or that of FILE. The values at a segment's centre are in days, orders and"
          + " money."
      ],
      operands: .init("FILE", 0...1, "a model as `model export` and `replay --model` write it, or `-` for stdin"),
      options: [CommandOption("json", .none, "print one JSON object")], settings: modelSettings)
  ) { arguments, environment in
    let configuration = try arguments.configuration(environment: environment)
    let report: ModelReport
    let digits = Currency(configuration.settings.input).digits
    if let path = arguments.operands.first {
      report = ModelReport(try ModelFile(path: path).record, publishedMs: nil, digits: digits)
    } else {
      let newest = try modelTopic(configuration).newest()
      report = ModelReport(newest.record, publishedMs: newest.publishedMs, digits: digits)
    }
    try Terminal.write(
      arguments.has("json")
        ? String(decoding: report.json, as: UTF8.self) + "\n" : report.lines.joined(separator: "\n") + "\n")
  }

  /// `segmenter model export`
  static let modelExport = Command(
    syntax: CommandSyntax(
      "model export", "Write the newest model of the group to a file or stdout",
      details: [
        "What it writes can be shown (`model show`), imported into a group (`model import`), and be what `run` and"
          + " `replay` begin with (`--model-file`), as the model that `replay --model` writes. It works whether an"
          + " instance runs or not."
      ],
      options: [CommandOption("output", .file, "write to this file [stdout]")], settings: modelSettings)
  ) { arguments, environment in
    let configuration = try arguments.configuration(environment: environment)
    let newest = try modelTopic(configuration).newest()
    let digits = newest.record.memory.currencyDigits ?? Currency(configuration.settings.input).digits
    let output = try OutputFile(path: arguments.text("output") ?? "-")
    try (newest.record.bytes(digits: digits) + [UInt8(ascii: "\n")]).withUnsafeBytes { try output.write($0) }
    try output.close()
  }

  /// `segmenter model import`
  static let modelImport = Command(
    syntax: CommandSyntax(
      "model import", "Make the model of a file the newest of the group",
      details: [
        "Writes it to the group's model topic as the next generation; the next `run` goes on with it: it learns on from"
          + " there, or keeps it with --frozen. A segment of the same number is the same segment; the group's others"
          + " are retired, and no number is used again. While members of the group are active it refuses (75): stop"
          + " them first. A model that does not fit the configuration is refused (78)."
      ],
      operands: .init("FILE", 1...1, "a model as `model export` and `replay --model` write it, or `-` for stdin"),
      settings: modelSettings)
  ) { arguments, environment in
    let configuration = try arguments.configuration(environment: environment, required: ["input.currency"])
    let file = try ModelFile(path: arguments.operands.first ?? "-")
    try file.check(try SegmentationSettings(configuration.settings))
    let outcome = try modelTopic(configuration).take(file)
    let group = configuration.settings.group
    if outcome.isNew {
      let place = outcome.before.map { " in the place of \($0)" } ?? ", its first"
      Terminal.say("segmenter: the group `\(group)` has the model \(outcome.record.key)\(place)")
    } else {
      Terminal.say("segmenter: the group `\(group)` has that model already, as \(outcome.record.key)")
    }
  }

  private static func modelTopic(_ configuration: Configuration) throws -> ModelTopic {
    try configuration.checkKafka()
    return try ModelTopic(
      DaemonOptions(configuration.settings), notices: Notices(configuration.settings.log))
  }
}
