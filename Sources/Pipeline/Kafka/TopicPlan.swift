import Kafka

/// Looks at the topics that work needs, and makes those that are outputs.
package struct TopicPlan {
  /// How long a broker may take to answer at the start, in ms.
  package static let connectTimeoutMs = 30_000

  let admin: Admin
  let configuration: KafkaConfiguration
  let timeoutMs: Int

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
          + "give it as many: \(tool("topics")) --alter --topic \(output.name) --partitions \(partitionCount)")
    }
    do {
      return try admin.createTopic(
        output.name, partitionCount: max(partitionCount, madeWith), settings: output.settings, timeoutMs: timeoutMs)
    } catch {
      throw StreamError(error.kind == .authorisation ? .refused : .cannotCreate, "\(error); make it with: \(make)")
    }
  }

  /// The command that makes a topic.
  func command(_ name: String, partitionCount: Int, settings: [String: String]) -> String {
    settings.sorted { $0.key < $1.key }.reduce(
      "\(tool("topics")) --create --topic \(name) --partitions \(partitionCount)"
    ) { $0 + " --config \($1.key)=\($1.value)" }
  }

  /// The beginning of a call of one of Kafka's tools for the same cluster.
  func tool(_ name: String) -> String {
    "kafka-\(name).sh --bootstrap-server \(configuration.bootstrap)"
      + (configuration.securityProtocol == "PLAINTEXT" ? "" : " --command-config client.properties")
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
