import Analysis
import Configuration
import Foundation
import Pipeline
import Segmentation

extension Command {
  /// `segmenter analyze`
  static let analyze = Command(
    syntax: CommandSyntax(
      "analyze", "Analyse a table of customers or a purchase log and write a report",
      details: [
        "Reads a table with one row a customer (CSV, TSV; types, delimiter and header are found), or with"
          + " --transactions the purchases of event logs as `replay` does, and cleans, clusters and describes the"
          + " customers. Writes report.html, segments.csv, summary.json and charts/*.svg into the folder --output.",
        "Columns are chosen and typed by flags, or by a YAML file with the keys `id`, `use`, `ignore`, `response` and"
          + " `columns: {NAME: {type, group, role, levels}}`.",
      ],
      operands: .init("FILE", 1...10_000, "a table, or with --transactions event logs; `-` for stdin"),
      options: [CommandOption("output", .file, "the folder that the files are written to; it is made unless it exists")]
        + AnalysisOptions.flags + PreparationOptions.flags,
      settings: [
        "input.currency", "input.rates", "input.time_zone", "input.map", "seed", "limits",
      ])
  ) { arguments, environment in
    guard let output = arguments.text("output") else {
      throw CommandFailure(.usage, "`segmenter analyze` needs --output FOLDER\n  see `segmenter analyze --help`")
    }
    let settings = try arguments.configuration(environment: environment).settings
    var options = try AnalysisOptions(arguments, settings)
    let line = arguments.has("no-progress") || arguments.has("quiet") ? nil : StageLine()
    defer { line?.clear() }
    line?.show("reading", nil)
    let input =
      arguments.has("transactions")
      ? try AnalysisInput(log: arguments, settings) { line?.show("reading", $0) } : try AnalysisInput(table: arguments)
    options.inputs = try (arguments.operands + [options.map].compactMap { $0 }).map { path in
      InputFact(path: path, sha256: try FileHash.sha256(path))
    }
    // The folder first: what cannot be written is said before work is done.
    let files = try AnalysisFiles(path: output)
    let analysis = try CustomerAnalysis.run(input, options) { stage, share in line?.show(stage, share) }
    try files.write(analysis)
    line?.clear()
    if !arguments.has("quiet") { try Terminal.write(analysis.text(folder: output)) }
  }
}

extension AnalysisOptions {
  /// The flags that say what is analysed.
  static let flags = [
    CommandOption("transactions", .none, "the files are purchase logs; --map says where the fields are"),
    CommandOption("item", .text("COLUMN"), "where a log names items [a column such as Description, product, sku]"),
    CommandOption("response", .text("COLUMN"), "yes or no: who answered the campaign"),
    CommandOption("k", .integer(2...1000), "the number of segments [chosen by the indices]"),
    CommandOption(
      "algorithm", .choice(ClusteringAlgorithm.allCases.map(\.flag)),
      "whose segments are taken [the comparison decides]"),
    CommandOption("horizon", .number(1...3650), "days that purchases and value are expected for [90]"),
    CommandOption("contact-cost", .number(0...1e9), "what a contact of a campaign costs"),
    CommandOption("response-value", .number(0...1e9), "what a response earns"),
    CommandOption(
      "groups", .text("LIST"), "cluster by some of demographic, behavioural, psychographic, with commas [all]"),
    CommandOption("times", .none, "tell in the report how long each algorithm took: it is then not the same twice"),
    CommandOption("quiet", .none, "no words on stdout"),
    CommandOption("no-progress", .none, "no line of progress on a terminal"),
  ]

  /// The options of the command line.
  init(_ arguments: ParsedCommand, _ settings: Settings) throws {
    self.init()
    seed = UInt64(settings.seed)
    k = arguments.integer("k")
    algorithm = arguments.text("algorithm").flatMap { flag in ClusteringAlgorithm.allCases.first { $0.flag == flag } }
    if let algorithm, k != nil, !algorithm.takesK {
      throw CommandFailure(.usage, "\(algorithm.rawValue) finds the number of segments itself: leave out --k")
    }
    horizonDays = arguments.number("horizon") ?? horizonDays
    contactCost = arguments.number("contact-cost")
    responseRevenue = arguments.number("response-value")
    showsTimes = arguments.has("times")
    preparation = try PreparationOptions(arguments)
    title = arguments.operands.map { $0 == "-" ? "standard input" : String($0.split(separator: "/").last ?? "") }
      .prefix(3).joined(separator: ", ")
    command = "segmenter analyze " + arguments.given.map(Self.quoted).joined(separator: " ")
    version = Command.versionNumber
    map = arguments.settingFlags.last { $0.key == "input.map" }?.text
    guard let list = arguments.text("groups") else { return }
    groups = []
    for name in list.split(separator: ",") {
      guard let group = FeatureGroup(rawValue: String(name)) else {
        let allowed = FeatureGroup.allCases.map(\.rawValue).joined(separator: ", ")
        throw CommandFailure(.usage, "--groups cannot be `\(name)`; allowed: \(allowed)")
      }
      groups.insert(group)
    }
  }

  /// A word as a shell takes it.
  private static func quoted(_ word: String) -> String {
    let plain = word.unicodeScalars.allSatisfy { scalar in
      scalar.isASCII
        && (scalar.properties.isAlphabetic || scalar.properties.numericType != nil
          || "-_./=,:".unicodeScalars.contains(scalar))
    }
    return plain && !word.isEmpty ? word : "'" + word.replacing("'", with: "'\\''") + "'"
  }
}

extension ClusteringAlgorithm {
  /// The name as a flag has it.
  var flag: String { rawValue.lowercased().replacing(" ", with: "-") }
}

extension AnalysisInput {
  /// The one table of the command line.
  init(table arguments: ParsedCommand) throws {
    guard arguments.operands.count == 1, let path = arguments.operands.first else {
      throw CommandFailure(.usage, "a table is one file: give one, or --transactions for purchase logs")
    }
    self = .table(try WholeFile.read(path, bytesMax: 1 << 31 - 1), name: path)
  }

  /// The purchases of the logs of the command line.
  init(log arguments: ParsedCommand, _ settings: Settings, progress: (Double?) -> Void) throws {
    let map = try RecordMap(settings.input.map, timeZone: settings.input.timeZone)
    let reader = try PurchaseReader(
      paths: arguments.operands, map: map, currency: Currency(settings.input), limits: RecordLimits(settings.limits),
      item: arguments.text("item").map { text in
        if let number = Int(text), number > 0 { return .column(number) }
        return .path(map.format == .json ? text.split(separator: ".").map(String.init) : [text])
      }, wallClockMs: Int64(Date().timeIntervalSince1970 * 1000))
    var builder = PurchaseLogBuilder()
    let summary: PurchaseReader.Summary
    do {
      summary = try reader.read { purchase in
        let record = purchase.record
        builder.add(
          customerID: String(
            decoding: UnsafeBufferPointer(start: record.customerID, count: Int(record.customerIDCount)), as: UTF8.self),
          timeMs: record.timestampMs, amountMinor: record.amountMinor, isRefund: record.kind == .refund,
          orderHash: record.orderHash, transactionHash: record.transactionHash,
          item: String(decoding: purchase.item, as: UTF8.self))
      } progress: { _, read, total in
        progress(total.map { $0 > 0 ? min(1, Double(read) / Double($0)) : 1 })
      }
    } catch let error as RecordMapError {
      throw CommandFailure(.unusableInput, "the map does not fit the input: \(error.description)")
    }
    let (log, counts) = builder.build(currencyCode: summary.currency.code, currencyDigits: summary.currency.digits)
    var reading = LogReading(name: arguments.operands.joined(separator: ", "))
    reading.records = summary.records
    reading.unusable = summary.deadByCode.map { ($0.key.rawValue, $0.value) }.sorted { $0.code < $1.code }
    reading.firstUnusable = summary.firstDead
    reading.counts = counts
    reading.itemColumn = summary.itemColumn
    self = .log(log, reading)
  }
}

extension CustomerAnalysis {
  /// What was found, in a few lines.
  func text(folder: String) -> String {
    var lines = ["\(summary.customers) customers in \(summary.segments.count) segments (\(summary.algorithm))"]
    for segment in summary.segments {
      lines.append("  \(segment.id)  \(segment.name): \(segment.customers)")
    }
    if let comparison {
      let times = comparison.outcomes.map { "\($0.algorithm.rawValue) \(NumberText.fixed($0.seconds, 2)) s" }
      lines.append("clustered by \(times.joined(separator: ", "))")
    }
    lines.append("written to \(folder): report.html, segments.csv, summary.json, \(report.charts.count) charts")
    return lines.joined(separator: "\n") + "\n"
  }
}
