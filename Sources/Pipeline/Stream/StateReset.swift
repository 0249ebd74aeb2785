import Glibc
import Kafka

/// Deletes all that a group remembers, so that the next start reads the input from its beginning.
///
///     members? ─► transactions ended? ─► begun ─► state ─► statistics ─► models ─► changes ─► (dead letters) ─► group
///     refuse      wait                    └────── whatever dies here: `run` refuses, a second reset ends it ──────┘
///
/// "Begun" is in the metadata of the group's offsets, which are deleted last: without it a state log of which one
/// partition is gone and whose group has expired would look like a partition's very first start.
package final class StateReset {
  /// What goes beside state, statistics and models.
  package struct Choice: Sendable {
    /// The changes stay.
    package var keepsChanges = false
    /// The dead letters go.
    package var takesDeadLetters = false

    /// Makes a choice.
    package init(keepsChanges: Bool = false, takesDeadLetters: Bool = false) {
      self.keepsChanges = keepsChanges
      self.takesDeadLetters = takesDeadLetters
    }
  }

  private let options: DaemonOptions
  private let choice: Choice
  private let notices: Notices
  private let plan: TopicPlan
  private let ends: Consumer
  private let partitionCount: Int

  /// How long open transactions may take to end, in ms: three times what they may live.
  private static let stableMs = 3 * Int64(StreamContext.transactionTimeoutMs)
  /// How long the leaders of partitions may take to learn a setting, in ms.
  private static let settingMs: Int64 = 20_000

  /// Connects, and looks at the input. Throws `StreamError`: 66 where there is no input topic.
  package init(_ options: DaemonOptions, _ choice: Choice, notices: Notices) throws(StreamError) {
    self.options = options
    self.choice = choice
    self.notices = notices
    let configuration = options.configuration(notices)
    plan = try TopicPlan(configuration: configuration, timeoutMs: options.connectTimeoutMs)
    partitionCount = try plan.input(options.inputTopic)
    ends = try streaming { () throws(KafkaError) in
      try Consumer(
        configuration: configuration, topic: options.stateTopic, isolation: .uncommitted, batchCountMax: 1)
    }
  }

  /// What there is to delete. Throws `StreamError`: `tryAgain` while the group has members, whom it names.
  package func prepare() throws(StreamError) -> ResetPlan {
    let isThere = try refuseMembers()
    let committed = try committed()
    var topics: [ResetPlan.Topic] = []
    for output in outputs {
      guard let count = try look(output.name) else { continue }
      let found = try ranges(output.name, count)
      var isRemade = false
      if case .asInput = output.partitions { isRemade = count != partitionCount }
      topics.append(
        ResetPlan.Topic(name: output.name, purpose: output.purpose, offsets: found, isRemade: isRemade))
    }
    return ResetPlan(
      group: options.group, input: options.inputTopic,
      committed: committed.filter { ResetMark($0.metadata) == nil }, hasGroup: isThere,
      isUnfinished: committed.contains { ResetMark($0.metadata) != nil }, topics: topics,
      keepsChanges: choice.keepsChanges)
  }

  /// Deletes what `prepare` has found, and what has come since. When it throws, a second reset ends it.
  package func carryOut() throws(StreamError) {
    try refuseMembers()
    let committed = try committed()
    var outputs: [TopicPlan.Output] = []
    for output in self.outputs where try look(output.name) != nil { outputs.append(output) }
    try waitForTransactions(outputs)
    let compacted = try purelyCompacted(outputs, committed)
    try begin(committed, compacted)
    for output in outputs { try empty(output, isCompacted: compacted.contains(output.name)) }
    try endGroup()
  }

  /// The topics in the order in which they are emptied.
  private var outputs: [TopicPlan.Output] {
    var outputs: [TopicPlan.Output] = [
      .state(options.stateTopic), .statistics(options.statisticsTopic), .model(options.modelTopic),
    ]
    if !choice.keepsChanges { outputs.append(.changes(options.changesTopic)) }
    if choice.takesDeadLetters { outputs.append(.deadLetters(options.deadLettersTopic)) }
    return outputs
  }

  // MARK: Looking

  private func look(_ topic: String) throws(StreamError) -> Int? {
    try streaming { () throws(KafkaError) in try plan.admin.partitionCount(of: topic, timeoutMs: plan.timeoutMs) }
  }

  private func ranges(_ topic: String, _ count: Int) throws(StreamError) -> [Range<Int64>] {
    let partitions = (0..<count).map { Int32($0) }
    return try streaming { () throws(KafkaError) in
      try ends.watermarks(of: topic, partitions: partitions, timeoutMs: plan.timeoutMs).map {
        $0.low..<max($0.low, $0.high)
      }
    }
  }

  private func committed() throws(StreamError) -> [CommittedOffset] {
    try streaming { () throws(KafkaError) in
      try plan.admin.committedOffsets(
        of: options.group, topic: options.inputTopic, timeoutMs: StreamContext.transactionTimeoutMs * 3)
    }
  }

  /// Answers whether the group exists.
  @discardableResult
  private func refuseMembers() throws(StreamError) -> Bool { try plan.refuseMembers(of: options.group) }

  /// Waits until nothing is open in any of the topics: records of an open transaction would be cut in two.
  private func waitForTransactions(_ outputs: [TopicPlan.Output]) throws(StreamError) {
    let deadlineMs = monotonicMs() + StateReset.stableMs
    for output in outputs {
      guard let count = try look(output.name) else { continue }
      let partitions = (0..<count).map { Int32($0) }
      while true {
        let all = try ranges(output.name, count)
        let stable = try streaming { () throws(KafkaError) in
          try plan.admin.watermarks(of: output.name, partitions: partitions, timeoutMs: plan.timeoutMs)
        }
        guard let open = all.indices.first(where: { stable[$0].high < all[$0].upperBound }) else { break }
        if monotonicMs() > deadlineMs {
          throw StreamError(
            .tryAgain,
            "a transaction is open in the topic `\(output.name)`, partition \(open), at offset \(stable[open].high); "
              + "if nobody writes there: \(plan.tool("transactions")) abort --topic \(output.name) --partition \(open) "
              + "--start-offset \(stable[open].high)")
        }
        usleep(StreamContext.retryMs * 1_000)
      }
    }
  }

  /// The topics from which the broker deletes no records while their only policy is to compact.
  private func purelyCompacted(
    _ outputs: [TopicPlan.Output], _ committed: [CommittedOffset]
  ) throws(StreamError) -> Set<String> {
    // A reset that was begun has said which they were, before it changed them.
    var names = Set(committed.compactMap { ResetMark($0.metadata) }.flatMap(\.compactedTopics))
    for output in outputs {
      let settings = try streaming { () throws(KafkaError) in
        try plan.admin.settings(of: output.name, timeoutMs: plan.timeoutMs)
      }
      if settings?["cleanup.policy"] == "compact" { names.insert(output.name) }
    }
    return names
  }

  // MARK: Deleting

  /// Says in the group's offsets that a reset has begun.
  private func begin(_ committed: [CommittedOffset], _ compacted: Set<String>) throws(StreamError) {
    let mark = ResetMark(compactedTopics: compacted.sorted()).metadata
    var offsets = (0..<partitionCount).map { CommittedOffset(partition: Int32($0), offset: 0, metadata: mark) }
    for entry in committed where Int(entry.partition) < partitionCount {
      offsets[Int(entry.partition)].offset = entry.offset ?? 0
    }
    try unlessJoined { () throws(KafkaError) in
      try plan.admin.commitOffsets(
        offsets, of: options.group, topic: options.inputTopic, timeoutMs: plan.timeoutMs)
    }
  }

  private func empty(_ output: TopicPlan.Output, isCompacted: Bool) throws(StreamError) {
    guard let count = try look(output.name) else { return }
    if case .asInput = output.partitions, count != partitionCount { return try remake(output) }
    let found = try ranges(output.name, count)
    var offsets: [Int32: Int64] = [:]
    for (partition, range) in found.enumerated() where !range.isEmpty { offsets[Int32(partition)] = range.upperBound }
    let admin = plan.admin
    try streaming { () throws(KafkaError) in
      if isCompacted && !offsets.isEmpty {
        try admin.alterSetting(
          of: output.name, "cleanup.policy", to: "compact,delete", timeoutMs: plan.timeoutMs)
      }
      if !offsets.isEmpty { try delete(offsets, of: output.name, isPolicyNew: isCompacted) }
      if isCompacted {
        try admin.alterSetting(of: output.name, "cleanup.policy", to: "compact", timeoutMs: plan.timeoutMs)
      }
    }
    notices(.info, "emptied the topic `\(output.name)` of \(output.purpose)")
  }

  /// Deletes records; a leader that has yet to learn of the new policy is asked again.
  private func delete(
    _ offsets: [Int32: Int64], of topic: String, isPolicyNew: Bool
  ) throws(KafkaError) {
    let deadlineMs = monotonicMs() + StateReset.settingMs
    while true {
      do throws(KafkaError) {
        try plan.admin.deleteRecords(of: topic, before: offsets, timeoutMs: plan.timeoutMs)
        return
      } catch {
        guard isPolicyNew, error.name == "POLICY_VIOLATION", monotonicMs() < deadlineMs else { throw error }
        usleep(StreamContext.retryMs * 1_000)
      }
    }
  }

  /// Makes a topic anew, with its own settings and the input's number of partitions.
  private func remake(_ output: TopicPlan.Output) throws(StreamError) {
    try streaming { () throws(KafkaError) in
      let settings = try plan.admin.settings(of: output.name, ownOnly: true, timeoutMs: plan.timeoutMs)
      try plan.admin.deleteTopics([output.name], timeoutMs: plan.timeoutMs)
      let deadlineMs = monotonicMs() + StateReset.settingMs
      while try plan.admin.partitionCount(of: output.name, timeoutMs: plan.timeoutMs) != nil,
        monotonicMs() < deadlineMs
      {
        usleep(StreamContext.retryMs * 1_000)
      }
      try plan.admin.createTopic(
        output.name, partitionCount: partitionCount, settings: settings ?? output.settings, timeoutMs: plan.timeoutMs)
    }
    notices(.info, "made the topic `\(output.name)` of \(output.purpose) anew, \(partitionCount) partitions")
  }

  private func endGroup() throws(StreamError) {
    try unlessJoined { () throws(KafkaError) in
      try plan.admin.deleteGroup(options.group, timeoutMs: plan.timeoutMs)
    }
    notices(.info, "deleted the group `\(options.group)` with its offsets")
  }

  /// Asks for what the broker refuses while the group has members.
  private func unlessJoined<Answer>(_ body: () throws(KafkaError) -> Answer) throws(StreamError) {
    do throws(KafkaError) {
      _ = try body()
    } catch {
      guard error.kind == .staleMember || error.name == "NON_EMPTY_GROUP" else { throw StreamError(error) }
      throw StreamError(
        .tryAgain, "somebody has joined the group `\(options.group)` meanwhile: stop it and run the reset again")
    }
  }
}

/// What the metadata of a committed offset says while a reset is under way.
struct ResetMark {
  private static let prefix = "segmenter:reset"

  /// The topics whose only policy was to compact, and has to be again.
  let compactedTopics: [String]

  init(compactedTopics: [String]) { self.compactedTopics = compactedTopics }

  /// What metadata says; `nil` where it is no such mark.
  init?(_ metadata: String) {
    guard metadata.hasPrefix(Self.prefix) else { return nil }
    compactedTopics = metadata.dropFirst(Self.prefix.count).split(separator: " ").map(String.init)
  }

  var metadata: String { ([Self.prefix] + compactedTopics).joined(separator: " ") }
}
