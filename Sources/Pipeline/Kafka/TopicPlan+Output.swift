extension TopicPlan {
  /// A topic to be written.
  package struct Output: Sendable {
    /// Its name.
    package var name: String
    /// What its records are, for messages: "changes", "dead letters".
    package var purpose: String
    /// Its settings when it is made.
    package var settings: [String: String]
    /// How many partitions it has when it is made, and has to have.
    package var partitions = PartitionRule.atLeastInput
    /// What its settings have to be where it exists already.
    package var rules: [SettingRule] = []
  }

  /// How many partitions a topic has.
  package enum PartitionRule: Sendable {
    /// As many as the input or more: a record goes to the partition of its input.
    case atLeastInput
    /// Exactly as many as the input: what is in a partition belongs to that of the input.
    case asInput
    /// One is enough.
    case one
  }

  /// What a setting of a topic has to be.
  package enum SettingRule: Sendable {
    /// One of a list holds this word, as `cleanup.policy` does.
    case holds(String, String)
    /// Exactly this.
    case equals(String, String)
    /// A number of at least this; −1 is without limit.
    case atLeast(String, Int64)

    /// What to set where the rule is broken.
    var remedy: String {
      switch self {
      case .holds(let name, let word), .equals(let name, let word): "\(name)=\(word)"
      case .atLeast(let name, let least): "\(name)=\(least)"
      }
    }

    /// What is wrong with the settings of a topic; `nil` where the rule holds, or the setting is not known.
    func objection(to settings: [String: String]) -> String? {
      switch self {
      case .holds(let name, let word):
        guard let value = settings[name] else { return nil }
        let words = value.split(separator: ",").map { $0.filter { $0 != " " } }
        return words.contains(word) ? nil : "`\(name)` is `\(value)`, it must hold `\(word)`"
      case .equals(let name, let wanted):
        guard let value = settings[name] else { return nil }
        return value == wanted ? nil : "`\(name)` is `\(value)`, it must be `\(wanted)`"
      case .atLeast(let name, let least):
        guard let value = settings[name], let number = Int64(value) else { return nil }
        return number >= least || number == -1 ? nil : "`\(name)` is `\(value)`, it must be at least `\(least)`"
      }
    }
  }
}

extension TopicPlan.Output {
  private static let dayMs: Int64 = 86_400_000
  /// For records of up to 1 MiB with headers.
  private static let messageBytesMax = "2097152"
  /// A producer's own limit (`message.max.bytes`): a topic that takes less would abort whole transactions.
  private static let messageBytesMin = TopicPlan.SettingRule.atLeast("max.message.bytes", 1_000_000)
  /// Small segments: what is deleted before the start of a log is only gone with its whole segment.
  private static let stateSegmentBytes = 64 << 20

  /// The changes: the last one of every customer stays, all of them for at least seven days.
  package static func changes(_ name: String) -> Self {
    Self(
      name: name, purpose: "changes",
      settings: ["cleanup.policy": "compact", "min.compaction.lag.ms": String(7 * dayMs)],
      rules: [.holds("cleanup.policy", "compact"), .atLeast("min.compaction.lag.ms", 7 * dayMs)])
  }

  /// The dead letters: kept for fourteen days. Many have no key, which a compacted topic does not take.
  package static func deadLetters(_ name: String) -> Self {
    Self(
      name: name, purpose: "dead letters",
      settings: [
        "cleanup.policy": "delete", "retention.ms": String(14 * dayMs), "max.message.bytes": messageBytesMax,
      ], rules: [.equals("cleanup.policy", "delete"), messageBytesMin])
  }

  /// The state log: nothing in it may go away by itself.
  package static func state(_ name: String) -> Self {
    Self(
      name: name, purpose: "state",
      settings: [
        "cleanup.policy": "delete", "retention.ms": "-1", "retention.bytes": "-1",
        "segment.bytes": String(stateSegmentBytes), "max.message.bytes": messageBytesMax,
      ], partitions: .asInput,
      rules: [
        .equals("cleanup.policy", "delete"), .equals("retention.ms", "-1"), .equals("retention.bytes", "-1"),
        messageBytesMin,
      ])
  }

  /// The partitions' statistics and samples: the last of each key stays.
  package static func statistics(_ name: String) -> Self {
    Self(
      name: name, purpose: "statistics", settings: ["cleanup.policy": "compact", "max.message.bytes": messageBytesMax],
      partitions: .one, rules: [.holds("cleanup.policy", "compact"), messageBytesMin])
  }

  /// The models: kept for seven days; the trainer repeats the current one daily.
  package static func model(_ name: String) -> Self {
    Self(
      name: name, purpose: "models",
      settings: [
        "cleanup.policy": "delete", "retention.ms": String(7 * dayMs), "max.message.bytes": messageBytesMax,
      ], partitions: .one,
      rules: [.equals("cleanup.policy", "delete"), .atLeast("retention.ms", 2 * dayMs), messageBytesMin])
  }
}
