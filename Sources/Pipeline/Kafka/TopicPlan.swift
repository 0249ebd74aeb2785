import Kafka

/// Looks at the topics that work needs, and makes those that are outputs.
package struct TopicPlan {
  /// A topic to be written.
  package struct Output: Sendable {
    /// Its name.
    package var name: String
    /// What its records are, for messages: "changes", "dead letters".
    package var purpose: String
    /// Its settings when it is made.
    package var settings: [String: String]

    /// The changes: the last one of every customer stays, all of them for at least seven days.
    package static func changes(_ name: String) -> Output {
      Output(
        name: name, purpose: "changes",
        settings: ["cleanup.policy": "compact", "min.compaction.lag.ms": String(7 * 86_400_000)])
    }

    /// The dead letters: kept for fourteen days.
    package static func deadLetters(_ name: String) -> Output {
      Output(
        name: name, purpose: "dead letters",
        settings: ["cleanup.policy": "delete", "retention.ms": String(14 * 86_400_000)])
    }
  }

  /// How long a broker may take to answer at the start, in ms.
  package static let connectTimeoutMs = 30_000

  private let admin: Admin
  private let configuration: KafkaConfiguration
  private let timeoutMs: Int

  /// Makes a plan; connects in the background. `isStopped` ends the waiting for a broker that does not answer.
  package init(
    configuration: KafkaConfiguration, timeoutMs: Int = TopicPlan.connectTimeoutMs,
    isStopped: @escaping () -> Bool = { false }
  ) throws(StreamError) {
    self.configuration = configuration
    self.timeoutMs = timeoutMs
    admin = try streaming { () throws(KafkaError) in
      try Admin(configuration: configuration, isStopped: isStopped)
    }
  }

  /// The number of partitions of a topic that is to be read.
  ///
  /// Throws, where there is none, an error that names it, the nearest name there is, and the command that makes it.
  package func input(_ name: String) throws(StreamError) -> Int {
    let count = try streaming { () throws(KafkaError) in try admin.partitionCount(of: name, timeoutMs: timeoutMs) }
    if let count { return count }
    let names = try streaming { () throws(KafkaError) in try admin.topicNames(timeoutMs: timeoutMs) }
    let nearest = TopicPlan.nearest(to: name, among: names).map { "; did you mean `\($0)`?" } ?? "."
    throw StreamError(
      .noInput,
      "there is no topic `\(name)` at `\(configuration.bootstrap)`\(nearest) To make it: "
        + command(name, partitionCount: 4, settings: [:]))
  }

  /// Makes a topic that is to be written, unless it exists; answers whether it was made.
  ///
  /// It is made with `madeWith` partitions where that is more than what is needed. Throws where it has fewer than
  /// `partitionCount` partitions, or cannot be made: then with the command to do it.
  @discardableResult
  package func output(_ output: Output, partitionCount: Int, madeWith: Int = 0) throws(StreamError) -> Bool {
    let make = command(output.name, partitionCount: partitionCount, settings: output.settings)
    let found: Int?
    do {
      found = try admin.partitionCount(of: output.name, timeoutMs: timeoutMs)
    } catch {
      // Without the right to see a topic it cannot be told whether it exists.
      guard error.kind == .authorisation else { throw StreamError(error) }
      throw StreamError(
        .refused, "\(error); ask for the rights to write it with kafka-acls.sh, and if it does not exist: \(make)")
    }
    if let found {
      if found >= partitionCount { return false }
      throw StreamError(
        .configuration,
        "the topic `\(output.name)` for \(output.purpose) has \(found) partitions, the input has \(partitionCount); "
          + "give it as many: kafka-topics.sh --bootstrap-server \(configuration.bootstrap) --alter "
          + "--topic \(output.name) --partitions \(partitionCount)")
    }
    do {
      return try admin.createTopic(
        output.name, partitionCount: max(partitionCount, madeWith), settings: output.settings, timeoutMs: timeoutMs)
    } catch {
      throw StreamError(error.kind == .authorisation ? .refused : .cannotCreate, "\(error); make it with: \(make)")
    }
  }

  private func command(_ name: String, partitionCount: Int, settings: [String: String]) -> String {
    settings.sorted { $0.key < $1.key }.reduce(
      "kafka-topics.sh --bootstrap-server \(configuration.bootstrap) --create --topic \(name) "
        + "--partitions \(partitionCount)"
    ) { $0 + " --config \($1.key)=\($1.value)" }
  }

  /// The name with the fewest edits from `wanted`, at most a third of its length (and 2 at least).
  static func nearest(to wanted: String, among names: [String]) -> String? {
    let limit = max(2, wanted.utf8.count / 3)
    let scored = names.map { (name: $0, edits: edits(Array(wanted.utf8), Array($0.utf8))) }
    return scored.filter { $0.edits <= limit }.min { ($0.edits, $0.name) < ($1.edits, $1.name) }?.name
  }

  /// Levenshtein's distance.
  private static func edits(_ a: [UInt8], _ b: [UInt8]) -> Int {
    var row = Array(0...b.count)
    for (i, left) in a.enumerated() {
      var diagonal = row[0]
      row[0] = i + 1
      for (j, right) in b.enumerated() {
        let above = row[j + 1]
        row[j + 1] = min(above + 1, row[j] + 1, diagonal + (left == right ? 0 : 1))
        diagonal = above
      }
    }
    return row[b.count]
  }
}
