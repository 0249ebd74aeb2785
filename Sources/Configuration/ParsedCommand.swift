/// The arguments of one subcommand, checked against its syntax.
package struct ParsedCommand: Sendable {
  /// The settings given as flags, in their order.
  package private(set) var settingFlags: [Configuration.Flag] = []
  /// The operands in their order.
  package private(set) var operands: [String] = []
  /// The arguments as they were given.
  package let given: [String]
  /// Whether `--help` is among the arguments; then nothing else is checked.
  package private(set) var wantsHelp = false

  private var values: [String: [String]] = [:]
  private let syntax: CommandSyntax

  /// Parses what follows the subcommand's name: `--flag value`, `--flag=value`, operands; `--` ends the flags.
  package init(_ arguments: some Sequence<String>, syntax: CommandSyntax) throws(ConfigurationError) {
    self.syntax = syntax
    given = Array(arguments)
    var rest = given[...]
    let flags = rest.prefix { $0 != "--" }
    if flags.contains("--help") || flags.contains("-h") {
      wantsHelp = true
      return
    }
    while let argument = rest.popFirst() {
      if argument == "--" {
        operands += rest
        break
      }
      if argument == "-" || !argument.hasPrefix("-") {
        operands.append(argument)
      } else {
        try add(flag: argument, rest: &rest)
      }
    }
    try checkOperands()
  }

  /// Whether an option is there.
  package func has(_ name: String) -> Bool {
    values[name] != nil
  }

  /// The value of an option, the last where it repeats; `nil` where it is not there.
  package func text(_ name: String) -> String? {
    values[name]?.last
  }

  /// All values of an option that repeats.
  package func texts(_ name: String) -> [String] {
    values[name] ?? []
  }

  /// The value of an integer option.
  package func integer(_ name: String) -> Int? {
    text(name).flatMap { Int($0) }
  }

  /// The value of a number option.
  package func number(_ name: String) -> Double? {
    text(name).flatMap { Double($0) }
  }

  /// The value of a time option, in ms since 1970.
  package func instantMs(_ name: String) -> Int64? {
    text(name).flatMap(Instant.ms)
  }

  /// The value of an option of a time span, in ms.
  package func spanMs(_ name: String) -> Int? {
    text(name).flatMap { Configuration.spanMs($0) }
  }

  /// The settings of `--config`, or of another file in its place, the environment and the flags.
  package func configuration(
    file: String? = nil, environment: [String: String], required: [String] = []
  ) throws(ConfigurationError) -> Configuration {
    try Configuration.load(
      file: file ?? text("config"), environment: environment, flags: settingFlags, required: required)
  }

  // MARK: Parsing

  private mutating func add(flag argument: String, rest: inout ArraySlice<String>) throws(ConfigurationError) {
    let sides = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    let flag = String(sides[0])
    let inline = sides.count == 2 ? String(sides[1]) : nil
    let name = String(flag.drop { $0 == "-" })
    guard flag.hasPrefix("--") else { throw unknown(flag, name) }
    if let option = syntax.options.first(where: { $0.name == name }) {
      let text = try value(flag, inline, isBare: option.value == .none, placeholder: option.placeholder, rest: &rest)
      if let objection = option.objection(to: text) { throw usage("\(flag) cannot be `\(text)`; \(objection)") }
      guard option.repeats || values[name] == nil else { throw usage("\(flag) comes twice: keep one of them") }
      values[name, default: []].append(text)
    } else if let key = settingKey(name) {
      let setting = settingsTable.first { $0.key == key }
      if setting?.isBoolean == true {
        settingFlags.append(Configuration.Flag(key: key, text: inline ?? "true", name: flag))
        return
      }
      let placeholder = setting?.placeholder ?? "VALUE"
      let text = try value(flag, inline, isBare: false, placeholder: placeholder, rest: &rest)
      settingFlags.append(Configuration.Flag(key: key, text: text, name: flag))
    } else {
      throw unknown(flag, name)
    }
  }

  private func settingKey(_ name: String) -> String? {
    for setting in syntax.settings {
      if setting.key == name || setting.shortFlag == name { return setting.key }
      if setting.isTable, name.hasPrefix(setting.key + "."), name.count > setting.key.count + 1 { return name }
    }
    return nil
  }

  private func value(
    _ flag: String, _ inline: String?, isBare: Bool, placeholder: String, rest: inout ArraySlice<String>
  ) throws(ConfigurationError) -> String {
    if isBare {
      guard let inline else { return "" }
      throw usage("\(flag) takes no value: leave out `=\(inline)`")
    }
    if let inline { return inline }
    if let next = rest.first, !next.hasPrefix("--") {
      rest.removeFirst()
      return next
    }
    throw usage("\(flag) needs a value: \(flag) \(placeholder)")
  }

  private func checkOperands() throws(ConfigurationError) {
    let allowed = syntax.operands?.count ?? 0...0
    if operands.count > allowed.upperBound {
      throw usage("`\(operands[allowed.upperBound])` is one operand too many for `segmenter \(syntax.name)`")
    }
    if operands.count < allowed.lowerBound {
      throw usage("`segmenter \(syntax.name)` needs \(syntax.operands?.label ?? "an operand")")
    }
    guard let choices = syntax.operands?.choices, !choices.isEmpty else { return }
    for operand in operands where !choices.contains(operand) {
      let words = choices.joined(separator: ", ")
      throw usage("`\(operand)` is unknown\(suggestion(for: operand, among: choices)) (allowed: \(words))")
    }
  }

  private func unknown(_ flag: String, _ name: String) -> ConfigurationError {
    let nearest = nearestName(to: name, among: syntax.flagNames).map { ": did you mean `--\($0)`?" } ?? ""
    return usage("`segmenter \(syntax.name)` has no flag `\(flag)`\(nearest)")
  }

  private func usage(_ text: String) -> ConfigurationError {
    ConfigurationError(.usage, "\(text)\n  see `segmenter \(syntax.name) --help`")
  }
}
