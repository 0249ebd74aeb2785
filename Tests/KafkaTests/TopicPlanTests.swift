import Foundation
import Testing

@testable import Kafka
@testable import Pipeline

/// The five topics of a group that no other test uses.
private struct GroupTopics {
  let name = "plan-\(UUID().uuidString.prefix(8).lowercased())"

  var outputs: [TopicPlan.Output] {
    [
      .changes("\(name)-changes"), .deadLetters("\(name)-dead-letters"), .state("\(name)-state"),
      .statistics("\(name)-stats"), .model("\(name)-model"),
    ]
  }
}

extension RealKafka {
  @Suite(.serialized, .enabled(if: TestKafka.isAvailable, TestKafka.skipped)) struct TopicPlans {
    @Test("Missing topics are made, each with its partitions and settings, and are right the next time")
    func made() throws {
      let topics = GroupTopics()
      let plan = try TopicPlan(configuration: TestKafka.configuration())
      let preparation = try plan.prepareStream(topics.outputs, partitionCount: 3)
      #expect(preparation.made.map(\.name) == topics.outputs.map(\.name))
      #expect(preparation.made.map(\.partitionCount) == [3, 3, 3, 1, 1])
      #expect(preparation.warnings.isEmpty)
      let again = try plan.prepareStream(topics.outputs, partitionCount: 3)
      #expect(again.made.isEmpty && again.warnings.isEmpty)
      let admin = try Admin(configuration: TestKafka.configuration())
      for output in topics.outputs {
        let settings = try #require(try admin.settings(of: output.name, timeoutMs: 10_000))
        for (name, value) in output.settings { #expect(settings[name] == value, "\(output.name): \(name)") }
      }
      let state = try #require(try admin.settings(of: "\(topics.name)-state", timeoutMs: 10_000))
      #expect(state["retention.ms"] == "-1" && state["retention.bytes"] == "-1" && state["cleanup.policy"] == "delete")
    }

    @Test(
      "A topic with a setting that loses records is refused, with the command that puts it right",
      arguments: [
        ("state", ["retention.bytes": "-1"], "retention.ms` is `604800000`", "--add-config retention.ms=-1"),
        (
          "state", ["retention.ms": "-1", "retention.bytes": "5000"], "must be `-1`", "--add-config retention.bytes=-1"
        ),
        (
          "state", ["retention.ms": "-1", "cleanup.policy": "compact"], "`cleanup.policy` is `compact`",
          "--add-config cleanup.policy=delete"
        ),
        (
          "changes", ["min.compaction.lag.ms": "604800000"], "`cleanup.policy` is `delete`",
          "--add-config cleanup.policy=compact"
        ),
        (
          "changes", ["cleanup.policy": "compact", "min.compaction.lag.ms": "3600000"], "at least `604800000`",
          "--add-config min.compaction.lag.ms=604800000"
        ),
        ("dead-letters", ["max.message.bytes": "1000"], "at least `1000000`", "--add-config max.message.bytes=1000000"),
        ("dead-letters", ["cleanup.policy": "compact"], "must be `delete`", "--add-config cleanup.policy=delete"),
        ("stats", [:], "`cleanup.policy` is `delete`", "--add-config cleanup.policy=compact"),
        ("model", ["retention.ms": "3600000"], "at least `172800000`", "--add-config retention.ms=172800000"),
      ])
    func wrongSettings(_ kind: String, _ settings: [String: String], _ words: String, _ remedy: String) throws {
      let topics = GroupTopics()
      let admin = try Admin(configuration: TestKafka.configuration())
      try admin.createTopic("\(topics.name)-\(kind)", partitionCount: 1, settings: settings, timeoutMs: 20_000)
      let plan = try TopicPlan(configuration: TestKafka.configuration())
      let error = try #require(throws: StreamError.self) {
        try plan.prepareStream(topics.outputs, partitionCount: 1)
      }
      #expect(error.exitCode == 78)
      let text = error.description
      #expect(text.contains("the topic `\(topics.name)-\(kind)`") && text.contains(words), "\(text)")
      let command =
        "kafka-configs.sh --bootstrap-server \(try TestKafka.bootstrap()) --alter --entity-type topics "
        + "--entity-name \(topics.name)-\(kind) \(remedy)"
      #expect(text.hasSuffix(command), "\(text)")
      #expect(try admin.partitionCount(of: "\(topics.name)-other", timeoutMs: 10_000) == nil)
    }

    @Test("A check names every topic and what a start would make, and makes nothing")
    func check() throws {
      let topics = GroupTopics()
      let admin = try Admin(configuration: TestKafka.configuration())
      var options = DaemonOptions(
        kafka: try TestKafka.configuration().properties, inputTopic: "\(topics.name)-input",
        changesTopic: "\(topics.name)-changes", deadLettersTopic: "\(topics.name)-dead-letters", group: topics.name)
      let missing = try #require(throws: StreamError.self) { try TopicCheck(options, notices: Notices()) }
      #expect(missing.exitCode == 66)
      try admin.createTopic(options.inputTopic, partitionCount: 3, timeoutMs: 20_000)
      let state = topics.outputs[2]
      try admin.createTopic(state.name, partitionCount: 3, settings: state.settings, timeoutMs: 20_000)
      let check = try TopicCheck(options, notices: Notices())
      #expect(
        check.lines == [
          "`\(topics.name)-input`, the input: 3 partitions", "`\(topics.name)-state` for state: 3 partitions",
          "`\(topics.name)-changes` for changes is not there: `run` will make it, 3 partitions",
          "`\(topics.name)-dead-letters` for dead letters is not there: `run` will make it, 3 partitions",
          "`\(topics.name)-stats` for statistics is not there: `run` will make it, 1 partition",
          "`\(topics.name)-model` for models is not there: `run` will make it, 1 partition",
        ])
      for output in topics.outputs where output.name != state.name {
        #expect(try admin.partitionCount(of: output.name, timeoutMs: 10_000) == nil)
      }
      try admin.createTopic("\(topics.name)-other", partitionCount: 2, settings: state.settings, timeoutMs: 20_000)
      options.stateTopic = "\(topics.name)-other"
      let disagreeing = try #require(throws: StreamError.self) { try TopicCheck(options, notices: Notices()) }
      #expect(disagreeing.exitCode == 81)
    }

    @Test("Settings that merely differ are left alone")
    func otherSettings() throws {
      let topics = GroupTopics()
      let admin = try Admin(configuration: TestKafka.configuration())
      let name = { (kind: String) in "\(topics.name)-\(kind)" }
      try admin.createTopic(
        name("changes"), partitionCount: 4,
        settings: ["cleanup.policy": "compact", "min.compaction.lag.ms": "1209600000"], timeoutMs: 20_000)
      try admin.createTopic(
        name("state"), partitionCount: 2,
        settings: ["retention.ms": "-1", "segment.bytes": "1048576", "compression.type": "zstd"], timeoutMs: 20_000)
      try admin.createTopic(name("dead-letters"), partitionCount: 2, timeoutMs: 20_000)
      let plan = try TopicPlan(configuration: TestKafka.configuration())
      let preparation = try plan.prepareStream(topics.outputs, partitionCount: 2)
      #expect(preparation.made.map(\.name) == [name("stats"), name("model")])
    }

    @Test("State with other partitions than the input ends with 81, and nothing is made beside it", arguments: [2, 4])
    func otherPartitions(_ count: Int) throws {
      let topics = GroupTopics()
      let admin = try Admin(configuration: TestKafka.configuration())
      let state = TopicPlan.Output.state("\(topics.name)-state")
      try admin.createTopic(state.name, partitionCount: count, settings: state.settings, timeoutMs: 20_000)
      let plan = try TopicPlan(configuration: TestKafka.configuration())
      let error = try #require(throws: StreamError.self) {
        try plan.prepareStream(topics.outputs, partitionCount: 3)
      }
      #expect(error.exitCode == 81)
      #expect(error.description.contains("state and input disagree"))
      #expect(error.description.contains("has \(count) partitions, the input has 3"))
      #expect(try admin.partitionCount(of: "\(topics.name)-changes", timeoutMs: 10_000) == nil)
    }
  }
}
