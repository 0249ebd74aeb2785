import Foundation
import Testing

@testable import Kafka
@testable import Pipeline

/// A daemon's bench with a short session, so that a test need not wait long for its end.
private struct ResetBench {
  let bench: DaemonBench
  let admin: Admin

  init() throws {
    var bench = try DaemonBench.real(partitionCount: 2)
    bench.options.kafka["session.timeout.ms"] = "6000"
    self.bench = bench
    admin = try Admin(configuration: bench.configuration)
  }

  var options: DaemonOptions { bench.options }
  var emptied: [String] {
    [options.stateTopic, options.statisticsTopic, options.modelTopic, options.changesTopic]
  }

  func reset(_ choice: StateReset.Choice = StateReset.Choice()) throws -> StateReset {
    try StateReset(options, choice, notices: Notices())
  }

  /// Fills the input and runs to its end.
  func run() throws {
    try bench.fill(Producer(configuration: bench.configuration), customers: 300)
    try bench.runToEnd()
  }

  /// Waits until the group misses the daemon that has stopped.
  func waitForSessionEnd() throws {
    let deadline = ContinuousClock.now + .seconds(30)
    while try !admin.describeGroup(options.group, timeoutMs: 10_000).members.isEmpty {
      try #require(ContinuousClock.now < deadline, "the session ended within 30 s")
      usleep(100_000)
    }
  }

  /// How many offsets of a topic there are.
  func count(_ topic: String) throws -> Int64 {
    let partitions = try #require(try admin.partitionCount(of: topic, timeoutMs: 10_000))
    return try admin.watermarks(of: topic, partitions: (0..<partitions).map { Int32($0) }, timeoutMs: 10_000)
      .reduce(0) { $0 + $1.high - $1.low }
  }

  func policy(_ topic: String) throws -> [String: String] {
    let settings = try admin.settings(of: topic, ownOnly: true, timeoutMs: 10_000)
    return try #require(settings)
  }
}

extension RealKafka {
  @Suite(.serialized, .enabled(if: TestKafka.isAvailable, TestKafka.skipped)) struct Resets {
    @Test("A reset refuses members by name, then deletes records and the group, and the rebuild is the same")
    func whole() throws {
      let bench = try ResetBench()
      try bench.run()
      let before = try bench.emptied.map { topic in try bench.policy(topic) }
      let first = try bench.bench.changes().map { "\($0.keyText) \($0.header("ce_id"))" }
      let refusal = #expect(throws: StreamError.self) { try bench.reset().prepare() }
      #expect(refusal?.kind == .tryAgain && refusal?.description.contains("`segmenter-0`") == true)
      try bench.waitForSessionEnd()
      let plan = try bench.reset().prepare()
      #expect(!plan.isEmpty && !plan.isUnfinished && plan.committed.count == 2)
      #expect(plan.topics.map(\.name) == bench.emptied)
      #expect(try plan.topics.map(\.count) == bench.emptied.map { try bench.count($0) }, "looking deletes nothing")
      try bench.reset().carryOut()
      #expect(try bench.emptied.map { try bench.count($0) } == [0, 0, 0, 0])
      #expect(try bench.emptied.map { try bench.policy($0) } == before, "the settings are what they were")
      #expect(try bench.admin.describeGroup(bench.options.group, timeoutMs: 10_000).state == "Dead")
      #expect(try bench.reset().prepare().isEmpty)
      try bench.bench.runToEnd()
      let second = try bench.bench.changes().map { "\($0.keyText) \($0.header("ce_id"))" }
      #expect(Set(second) == Set(first) && first.count >= 300)
    }

    @Test("After a reset that died half-way a start refuses, even where nothing was committed; a second one ends it")
    func halfWay() throws {
      let bench = try ResetBench()
      try bench.run()
      try bench.waitForSessionEnd()
      // As a reset leaves it that died once it had emptied half of the state, of a group that had expired.
      try bench.admin.deleteGroup(bench.options.group, timeoutMs: 10_000)
      let mark = ResetMark(compactedTopics: [bench.options.changesTopic]).metadata
      try bench.admin.commitOffsets(
        [0, 1].map { CommittedOffset(partition: $0, offset: 0, metadata: mark) }, of: bench.options.group,
        topic: bench.options.inputTopic, timeoutMs: 10_000)
      let end = try bench.admin.watermarks(of: bench.options.stateTopic, partitions: [0], timeoutMs: 10_000)[0].high
      try bench.admin.deleteRecords(of: bench.options.stateTopic, before: [0: end], timeoutMs: 10_000)
      try bench.admin.alterSetting(
        of: bench.options.changesTopic, "cleanup.policy", to: "compact,delete", timeoutMs: 10_000)
      let refusal = #expect(throws: StreamError.self) { try bench.bench.runToEnd() }
      #expect(refusal?.kind == .disagree && refusal?.description.contains("has not ended") == true)
      try bench.waitForSessionEnd()
      let plan = try bench.reset().prepare()
      #expect(plan.isUnfinished && plan.committed.isEmpty)
      try bench.reset().carryOut()
      #expect(try bench.emptied.map { try bench.count($0) } == [0, 0, 0, 0])
      #expect(try bench.policy(bench.options.changesTopic)["cleanup.policy"] == "compact")
      #expect(try bench.admin.describeGroup(bench.options.group, timeoutMs: 10_000).state == "Dead")
    }

    @Test("Changes stay and dead letters go where that is asked for; state of other partitions is made anew")
    func choices() throws {
      let bench = try ResetBench()
      let producer = try Producer(configuration: bench.bench.configuration)
      let kept = [bench.options.changesTopic, bench.options.deadLettersTopic]
      for topic in bench.emptied + kept.suffix(1) {
        let settings = topic == bench.options.stateTopic ? ["segment.bytes": "1048576"] : [:]
        try bench.admin.createTopic(topic, partitionCount: 1, settings: settings, timeoutMs: 10_000)
        try producer.produce(topic, key: "a", value: "b", partition: 0)
      }
      try producer.flush(timeoutMs: 10_000)
      let choice = StateReset.Choice(keepsChanges: true, takesDeadLetters: true)
      #expect(try bench.reset(choice).prepare().topics.map(\.isRemade) == [true, false, false, false])
      try bench.reset(choice).carryOut()
      #expect(try kept.map { try bench.count($0) } == [1, 0])
      #expect(try bench.admin.partitionCount(of: bench.options.stateTopic, timeoutMs: 10_000) == 2)
      #expect(try bench.policy(bench.options.stateTopic) == ["segment.bytes": "1048576"])
      try bench.admin.deleteTopics(bench.emptied + kept.suffix(1), timeoutMs: 10_000)
    }
  }
}
