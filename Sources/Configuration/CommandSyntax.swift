/// An option of one subcommand that is not a setting.
package struct CommandOption: Sendable {
  /// What an option takes.
  package enum Value: Sendable, Equatable {
    /// Nothing: it is there or not.
    case none
    /// A file's name; `-` for stdin or stdout.
    case file
    /// Any text; the word stands for it in help.
    case text(String)
    /// An integer within limits.
    case integer(ClosedRange<Int>)
    /// A number within limits.
    case number(ClosedRange<Double>)
    /// One of a few words.
    case choice([String])
    /// An instant in ISO 8601.
    case instant
    /// A time span within limits, in ms: `10m`.
    case span(ClosedRange<Int>)
  }

  /// The name without its dashes.
  package let name: String
  /// What it takes.
  package let value: Value
  /// Whether it may come more than once.
  package let repeats: Bool
  /// One line of help: a phrase without a full stop.
  package let help: String

  /// Declares an option.
  package init(_ name: String, _ value: Value, repeats: Bool = false, _ help: String) {
    self.name = name
    self.value = value
    self.repeats = repeats
    self.help = help
  }

  /// What stands for the value in help; empty where there is none.
  var placeholder: String {
    switch value {
    case .none: ""
    case .file: "FILE"
    case .text(let word): word
    case .integer, .number: "N"
    case .choice(let words): words.joined(separator: "|")
    case .instant, .span: "TIME"
    }
  }

  /// What is allowed, in words, where `text` is not; else `nil`.
  func objection(to text: String) -> String? {
    switch value {
    case .none: nil
    case .file, .text: text.isEmpty ? "it is empty" : nil
    case .integer(let range):
      Int(text).map(range.contains) == true
        ? nil : "allowed: an integer from \(range.lowerBound) to \(range.upperBound)"
    case .number(let range):
      Double(text).map(range.contains) == true
        ? nil : "allowed: a number from \(plain(range.lowerBound)) to \(plain(range.upperBound))"
    case .choice(let words): words.contains(text) ? nil : "allowed: \(words.joined(separator: ", "))"
    case .span(let range):
      Configuration.spanMs(text).map(range.contains) == true
        ? nil
        : "allowed: a time from \(spanText(range.lowerBound)) to \(spanText(range.upperBound)) (ms, s, m, h, d)"
    case .instant:
      Instant.ms(text) == nil ? "allowed: a time such as 2026-08-02 or 2026-08-02T10:00:00Z" : nil
    }
  }
}

/// What one subcommand takes: parsing, help and completion are derived from it.
package struct CommandSyntax: Sendable {
  /// The operands of a command.
  package struct Operands: Sendable {
    /// The word that stands for one in help.
    package let label: String
    /// How many there may be.
    package let count: ClosedRange<Int>
    /// One line of help.
    package let help: String
    /// The words to choose from, where there is such a list.
    package let choices: [String]

    /// Declares operands.
    package init(_ label: String, _ count: ClosedRange<Int>, choices: [String] = [], _ help: String) {
      self.label = label
      self.count = count
      self.help = help
      self.choices = choices
    }
  }

  /// The name as it is typed: one word, or two (`config check`).
  package let name: String
  /// One line of help: a sentence without a full stop.
  package let summary: String
  /// Paragraphs of help.
  package let details: [String]
  /// The operands; `nil` where there are none.
  package let operands: Operands?
  /// The options.
  package let options: [CommandOption]
  /// The settings that may be given as flags: keys, or groups of keys. If there are any, so may `--config`.
  package let settingKeys: [String]
  /// Whether the overview leaves it out.
  package let isHidden: Bool

  /// Declares a subcommand.
  package init(
    _ name: String, _ summary: String, details: [String] = [], operands: Operands? = nil,
    options: [CommandOption] = [], settings: [String] = [], isHidden: Bool = false
  ) {
    self.name = name
    self.summary = summary
    self.details = details
    self.operands = operands
    settingKeys = settings
    self.isHidden = isHidden
    let config = CommandOption("config", .file, "YAML file of settings (see `segmenter config reference`)")
    self.options = (settings.isEmpty ? [] : [config]) + options
  }

  /// The settings that may be given as flags, in the order of the table.
  package var settings: [Setting] {
    settingsTable.filter { setting in
      settingKeys.contains { setting.key == $0 || setting.key.hasPrefix($0 + ".") }
    }
  }

  /// Every flag, without its dashes.
  package var flagNames: [String] {
    options.map(\.name) + settings.map(\.key) + settings.compactMap(\.shortFlag) + ["help"]
  }
}
