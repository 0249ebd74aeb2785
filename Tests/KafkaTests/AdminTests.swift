import Foundation
import Testing

@testable import Kafka

extension RealKafka {
  @Suite(.serialized, .enabled(if: TestKafka.isAvailable, TestKafka.skipped)) struct Administration {
    @Test("A topic's settings are read back, those of the broker included; a missing topic has none")
    func settings() throws {
      let admin = try Admin(configuration: TestKafka.configuration())
      let topic = try TestKafka.makeTopic(
        "settings", settings: ["cleanup.policy": "compact", "min.compaction.lag.ms": "604800000"])
      let settings = try #require(try admin.settings(of: topic, timeoutMs: 10_000))
      #expect(settings["cleanup.policy"] == "compact")
      #expect(settings["min.compaction.lag.ms"] == "604800000")
      #expect(settings["max.message.bytes"] == "1048588")
      #expect(try admin.settings(of: topic + "-none", timeoutMs: 10_000) == nil)
    }

    @Test("Deleted records move the low watermark of their partition only")
    func deleteRecords() throws {
      let admin = try Admin(configuration: TestKafka.configuration())
      let topic = try TestKafka.makeTopic("cut", partitionCount: 3)
      let producer = try Producer(configuration: TestKafka.configuration())
      for number in 0..<10 {
        for partition in [0, 2] {
          try producer.produce(topic, key: nil, value: "\(number)", partition: Int32(partition))
        }
      }
      try producer.flush(timeoutMs: 10_000)
      #expect(try admin.deleteRecords(of: topic, before: [2: 7], timeoutMs: 10_000) == [2: 7])
      let watermarks = try admin.watermarks(of: topic, partitions: [2, 0, 1], timeoutMs: 10_000)
      #expect(watermarks.map(\.low) == [7, 0, 0] && watermarks.map(\.high) == [10, 10, 0])
      let error = #expect(throws: KafkaError.self) {
        try admin.deleteRecords(of: topic, before: [0: 99], timeoutMs: 10_000)
      }
      #expect(error?.kind == .offsetOutOfRange)
    }

    @Test("Topics are deleted, and those that were not there are not named")
    func deleteTopics() throws {
      let admin = try Admin(configuration: TestKafka.configuration())
      let topic = try TestKafka.makeTopic("deleted")
      #expect(try admin.deleteTopics([topic, topic + "-none"], timeoutMs: 10_000) == [topic])
      #expect(try admin.partitionCount(of: topic, timeoutMs: 10_000) == nil)
    }

    @Test("One reader reads one topic after the other")
    func otherTopic() throws {
      let first = try TestKafka.makeTopic("first")
      let second = try TestKafka.makeTopic("second")
      let producer = try Producer(configuration: TestKafka.configuration())
      try producer.produce(first, key: nil, value: "1")
      try producer.produce(second, key: nil, value: "2")
      try producer.flush(timeoutMs: 10_000)
      let reader = try Consumer(configuration: TestKafka.configuration(), topic: first, isolation: .committed)
      func read() throws -> [[UInt8]?] {
        var values: [[UInt8]?] = []
        for _ in 0..<1_000 where values.isEmpty {
          values += try reader.consumeBatch(timeoutMs: 10).messages.map { CopiedRecord($0, reader).value }
          reader.releaseBatch()
        }
        return values
      }
      try reader.assign([(0, .beginning)])
      #expect(try read() == [Array("1".utf8)])
      #expect(try reader.watermarks(of: second, partition: 0).high == 1)
      try reader.assign([(0, .beginning)], of: second)
      #expect(reader.topic == second)
      #expect(try read() == [Array("2".utf8)])
    }

    @Test("What reading depends on cannot be changed by properties")
    func fixedProperties() throws {
      let topic = try TestKafka.makeTopic("fixed")
      let configuration = try TestKafka.configuration(
        ["enable.partition.eof": "false", "isolation.level": "read_uncommitted", "auto.offset.reset": "latest"])
      let producer = try Producer(configuration: configuration, transactionalID: topic)
      try producer.initTransactions(timeoutMs: 10_000)
      try producer.begin()
      try producer.produce(topic, key: nil, value: "open")
      try producer.flush(timeoutMs: 10_000)
      let ends = try readToEnd(configuration, topic: topic).ends
      #expect(ends == [PartitionEnd(partition: 0, offset: 1)])
      let member = try Consumer(
        configuration: configuration, topic: topic,
        membership: Consumer.Membership(group: GroupMember.newGroup()))
      #expect(try member.watermarks(partition: 0).high == 0)
    }

    @Test("A message timeout above the transaction's is refused with librdkafka's reason")
    func timeouts() throws {
      let configuration = try TestKafka.configuration(["message.timeout.ms": "20000"])
      let error = #expect(throws: KafkaError.self) {
        try Producer(configuration: configuration, transactionalID: "t", transactionTimeoutMs: 10_000)
      }
      #expect(error?.kind == .configuration && error?.text.contains("`message.timeout.ms`") == true)
    }
  }
}
