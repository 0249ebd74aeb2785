import Foundation
import Testing

@testable import Kafka
@testable import Pipeline

extension RealKafka {
  @Suite(.serialized, .enabled(if: TestKafka.isAvailable, TestKafka.skipped)) struct LogCleaning {
    private let context: StreamContext
    private let producer: Producer
    private let reader: Consumer

    init() throws {
      let configuration = try TestKafka.configuration()
      var options = DaemonOptions(kafka: configuration.properties, inputTopic: "none")
      options.stateTopic = try TestKafka.makeTopic("state", partitionCount: 2)
      context = StreamContext(
        configuration: configuration, options: options, member: "m", notices: Notices(), isStopped: { false })
      producer = try Producer(configuration: configuration)
      reader = try Consumer(configuration: configuration, topic: options.stateTopic)
    }

    private func write(_ count: Int) throws {
      for partition in [Int32(0), 1] {
        for _ in 0..<count {
          try producer.produce(context.options.stateTopic, key: nil, value: "row", partition: partition)
        }
      }
      try producer.flush(timeoutMs: 10_000)
    }

    private func commit(_ partition: Int32, walk: Int) -> CommitBatch {
      let batch = CommitBatch()
      batch.parts = [
        CommitBatch.Part(partition: partition, sequence: 1, inputOffset: 0, walk: walk, records: [])
      ]
      return batch
    }

    private func low(_ partition: Int32) throws -> Int64 { try reader.watermarks(partition: partition).low }

    @Test("When a walk is certain to be complete, what is before its start goes, and nothing else")
    func completeWalk() throws {
      let cleaner = try LogCleaner(context)
      for walk in 0...2 {
        try write(10)
        let batch = commit(0, walk: walk)
        try cleaner.prepare(batch)
        cleaner.count(batch)
      }
      cleaner.clean()
      // Walk 1 began behind twenty records and is complete.
      #expect(try low(0) == 20)
      #expect(try low(1) == 0)
    }

    @Test("What a commit that did not happen would have made needless stays")
    func lostCommit() throws {
      let cleaner = try LogCleaner(context)
      for walk in 0...1 {
        try write(10)
        let batch = commit(0, walk: walk)
        try cleaner.prepare(batch)
        cleaner.count(batch)
      }
      try write(10)
      try cleaner.prepare(commit(0, walk: 2))
      let other = commit(1, walk: 0)
      try cleaner.prepare(other)
      cleaner.count(other)
      cleaner.clean()
      #expect(try low(0) == 0)
    }
  }
}
