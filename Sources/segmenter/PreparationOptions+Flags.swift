import Analysis
import Configuration

extension PreparationOptions {
  /// The flags that say how a table is read and cleaned.
  static let flags = [
    CommandOption("columns", .text("LIST"), repeats: true, "use these columns only, separated by commas"),
    CommandOption("ignore", .text("LIST"), repeats: true, "leave out these columns"),
    CommandOption(
      "type", .text("NAME=TYPE"), repeats: true, "a column's type: number, category, date, boolean, identifier, text"),
    CommandOption("id", .text("COLUMN"), "the column of customer ids [found by its name]"),
    CommandOption("columns-file", .file, "types, groups, roles and orders of columns as YAML"),
    CommandOption("delimiter", .text("CHARACTER"), "what is between cells, or `tab` [found]"),
    CommandOption("header", .choice(["yes", "no"]), "whether the first line names the columns [found]"),
    CommandOption(
      "date-order", .choice(["day-first", "month-first"]), "how 04-09-2012 is read [found, else day first]"),
    CommandOption(
      "missing", .choice(Missing.allCases.map(\.rawValue)), "fill with median and mode, or drop rows [median]"),
    CommandOption("outliers", .choice(Outliers.allCases.map(\.rawValue)), "what is done with outliers [winsorise]"),
    CommandOption("outlier-rule", .choice(OutlierRule.allCases.map(\.rawValue)), "where the fences are [iqr]"),
    CommandOption(
      "fence", .number(0.1...100), "interquartile ranges, or standard deviations, to a fence [3]"),
    CommandOption(
      "encode", .choice(Encoding.allCases.map(\.rawValue)), "cluster by categories and yes or no, too [none]"),
    CommandOption("scale", .choice(Scaling.allCases.map(\.rawValue)), "how features are made comparable [standard]"),
    CommandOption("plain-features", .none, "make no features such as age, tenure, totals and shares"),
  ]

  /// The options of the command line and of the file of columns; a flag goes before the file.
  init(_ arguments: ParsedCommand) throws {
    self.init()
    if let path = arguments.text("columns-file") { try take(ColumnSettings.read(path)) }
    func list(_ name: String) -> [String] {
      arguments.texts(name).flatMap { $0.split(separator: ",").map { $0.trimmingSpaces() } }
    }
    if arguments.has("columns") { columns = list("columns") }
    ignored += list("ignore")
    for text in arguments.texts("type") {
      guard let mark = text.lastIndex(of: "="),
        let kind = ColumnKind(rawValue: String(text[text.index(after: mark)...]))
      else {
        let allowed = ColumnKind.allCases.map(\.rawValue).joined(separator: ", ")
        throw CommandFailure(.usage, "--type cannot be `\(text)`; it is NAME=TYPE, where TYPE is one of \(allowed)")
      }
      types[String(text[..<mark])] = kind
    }
    id = arguments.text("id") ?? id
    response = arguments.text("response") ?? response
    if let text = arguments.text("delimiter") {
      let byte = ["tab", "\\t"].contains(text) ? 0x09 : text.utf8.count == 1 ? text.utf8.first : nil
      guard let byte, byte != 0x22, byte >= 0x20 || byte == 0x09 else {
        throw CommandFailure(.usage, "--delimiter cannot be `\(text)`; allowed: one character (no quote), or `tab`")
      }
      delimiter = byte
    }
    hasHeader = arguments.text("header").map { $0 == "yes" }
    dayFirst = arguments.text("date-order").map { $0 == "day-first" }
    missing = arguments.text("missing").flatMap(Missing.init) ?? missing
    outliers = arguments.text("outliers").flatMap(Outliers.init) ?? outliers
    outlierRule = arguments.text("outlier-rule").flatMap(OutlierRule.init) ?? outlierRule
    fence = arguments.number("fence") ?? fence
    encoding = arguments.text("encode").flatMap(Encoding.init) ?? encoding
    scaling = arguments.text("scale").flatMap(Scaling.init) ?? scaling
    if arguments.has("plain-features") { makesFeatures = false }
  }

  private mutating func take(_ settings: ColumnSettings) throws(CommandFailure) {
    columns = settings.used
    ignored = settings.ignored
    id = settings.id
    response = settings.response
    for column in settings.columns {
      types[column.name] = try Self.value(column.type, column.line, settings.file, "type")
      groups[column.name] = try Self.value(column.group, column.line, settings.file, "group")
      roles[column.name] = try Self.value(column.role, column.line, settings.file, "role")
      if !column.levels.isEmpty { levels[column.name] = column.levels }
    }
  }

  private static func value<Value: RawRepresentable & CaseIterable>(
    _ text: String?, _ line: Int, _ file: String, _ key: String
  ) throws(CommandFailure) -> Value? where Value.RawValue == String {
    guard let text else { return nil }
    if let value = Value(rawValue: text) { return value }
    let allowed = Value.allCases.map(\.rawValue).joined(separator: ", ")
    throw CommandFailure(.configuration, "\(file):\(line): `\(key)` cannot be `\(text)`; allowed: \(allowed)")
  }
}

extension Substring {
  fileprivate func trimmingSpaces() -> String {
    var text = self
    while text.first == " " { text.removeFirst() }
    while text.last == " " { text.removeLast() }
    return String(text)
  }
}
