/// One setting: the only place where its name, type, unit, limits and help are said.
///
/// Flags, variables, YAML keys, help, errors, completion and the reference page all come from here; the default is
/// the initial value in `Settings`.
package struct Setting: Sendable {
  /// A place in the settings.
  typealias Place<Value> = WritableKeyPath<Settings, Value> & Sendable

  /// The type of a value, its limits, and where it is kept.
  enum Value: Sendable {
    case text(Place<String>, TextRule)
    /// A text that may be unset; then the words say what that means.
    case optionalText(Place<String?>, TextRule, unset: String)
    case integer(Place<Int>, ClosedRange<Int>)
    /// An integer, or `auto` for `nil`.
    case integerOrAuto(Place<Int?>, ClosedRange<Int>)
    case number(Place<Double>, ClosedRange<Double>)
    case boolean(Place<Bool>)
    /// One of a few words.
    case choice([String], get: @Sendable (Settings) -> String, set: @Sendable (inout Settings, String) -> Void)
    /// A time span in ms, or `auto` for `nil`.
    case span(Place<Int?>, ClosedRange<Int>)
    /// So many ascending numbers, or none.
    case ascending(Place<[Double]?>, count: Int, ClosedRange<Double>, isWhole: Bool = false)
    /// A table of rules: a list, or the name of a file that holds one.
    case rules(Place<[RuleSettings]>)
    /// Numbers by names of a fixed list.
    case numbers(Place<[String: Double]>, names: [String], ClosedRange<Double>)
    /// Texts by names.
    case texts(Place<[String: String]>, names: TextRule, TextRule)
    /// Texts by any name, added to the defaults: passed on unseen.
    case passThrough(Place<[String: String]>)
    /// A map of fields: a mapping, or the name of a file that holds one.
    case map(Place<MapSettings>)
  }

  /// The key path in YAML, and the flag without its dashes: `model.half_life_days`.
  package let key: String
  /// A shorter flag, without its dashes.
  package let shortFlag: String?
  let value: Value
  /// What the number counts, where the key doesn't end in it.
  package let unit: String?
  /// One line of help: a phrase without a full stop.
  package let help: String

  init(_ key: String, _ value: Value, unit: String? = nil, short: String? = nil, _ help: String) {
    self.key = key
    self.value = value
    self.unit = unit
    self.help = help
    shortFlag = short
  }

  /// A choice among the raw values of an enumeration.
  static func choice<Word: RawRepresentable<String> & CaseIterable & Sendable>(
    _ key: String, _ place: Place<Word>, _ help: String
  ) -> Setting {
    Setting(
      key,
      .choice(
        Word.allCases.map(\.rawValue), get: { $0[keyPath: place].rawValue },
        set: { settings, text in
          if let word = Word(rawValue: text) { settings[keyPath: place] = word }
        }), help)
  }

  /// The environment variable: `SEGMENTER_MODEL_K`.
  package var variable: String {
    "SEGMENTER_" + key.uppercased().replacing(".", with: "_")
  }

  /// Whether entries stand below the key (`model.features.recency`).
  package var isTable: Bool {
    switch value {
    case .numbers, .texts, .passThrough: true
    default: false
    }
  }

  /// Whether the value names a file, which a YAML file names relative to itself.
  var isFile: Bool {
    if case .optionalText(_, .file, _) = value { true } else { false }
  }

  /// Whether the flag alone means `true`.
  package var isBoolean: Bool {
    if case .boolean = value { true } else { false }
  }

  /// The words to choose from, where there is such a list.
  package var choices: [String] {
    switch value {
    case .choice(let words, _, _): words
    case .boolean: ["true", "false"]
    default: []
    }
  }

  /// What stands for the value in help: `N`, `TEXT`, `FILE`.
  package var placeholder: String {
    switch value {
    case .text(_, .topic), .optionalText(_, .topic, _): "TOPIC"
    case .text(_, .zone): "ZONE"
    case .optionalText(_, .file, _): "FILE"
    case .text, .optionalText: "TEXT"
    case .integer, .integerOrAuto, .number: "N"
    case .boolean: "BOOL"
    case .choice(let words, _, _): words.joined(separator: "|")
    case .span: "TIME"
    case .numbers, .texts: "NAME=VALUE,…"
    case .passThrough: "VALUE"
    case .ascending(_, let count, _, _): Array(repeating: "N", count: count).joined(separator: ",")
    case .map, .rules: "FILE"
    }
  }

  /// What is allowed, in words.
  package var allowed: String {
    let unit = unit.map { " (\($0))" } ?? ""
    switch value {
    case .text(_, let rule), .optionalText(_, let rule, _): return rule.allowed
    case .integer(_, let range): return "an integer from \(range.lowerBound) to \(range.upperBound)\(unit)"
    case .integerOrAuto(_, let range):
      return "auto, or an integer from \(range.lowerBound) to \(range.upperBound)\(unit)"
    case .number(_, let range):
      return "a number from \(plain(range.lowerBound)) to \(plain(range.upperBound))\(unit)"
    case .boolean: return "true or false"
    case .choice(let words, _, _): return words.joined(separator: ", ")
    case .span(_, let range):
      return "auto, or a time from \(spanText(range.lowerBound)) to \(spanText(range.upperBound)) (ms, s, m, h, d)"
    case .numbers(_, let names, let range):
      return "\(names.joined(separator: ", ")), each a number from \(plain(range.lowerBound)) to "
        + plain(range.upperBound)
    case .texts(_, let names, let rule): return "\(names.allowed), each with \(rule.allowed)"
    case .passThrough: return "any librdkafka setting by its own name"
    case .ascending(_, let count, let range, let isWhole):
      return "\(count) ascending \(isWhole ? "integers" : "numbers") from \(plain(range.lowerBound)) to "
        + "\(plain(range.upperBound))\(unit)"
    case .rules: return "a list of rules, or the name of a file that holds one"
    case .map: return "a mapping of fields, or the name of a file that holds one"
    }
  }
}

/// The shortest plain decimal text of a number: `90`, `0.2`.
func plain(_ number: Double) -> String {
  number == number.rounded() && abs(number) < 1e15 ? String(Int(number)) : String(number)
}

/// A time span in the largest unit that divides it: `90s`, `6h`.
func spanText(_ ms: Int) -> String {
  for (unit, size) in [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000)] where ms % size == 0 && ms > 0 {
    return "\(ms / size)\(unit)"
  }
  return "\(ms)ms"
}
