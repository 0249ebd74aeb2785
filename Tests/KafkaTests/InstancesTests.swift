import Foundation
import Testing

@testable import Kafka
@testable import Pipeline

extension RealKafka {
  @Suite(.serialized, .enabled(if: TestKafka.isAvailable, TestKafka.skipped)) struct Instances {
    @Test("A second start goes on: nothing is counted or published twice, sequences have no gap")
    func goesOn() throws {
      let bench = try DaemonBench.real()
      let producer = try Producer(configuration: bench.configuration)
      try bench.fill(producer, customers: 240)
      let first = try bench.runToEnd()
      let before = try bench.changes().count
      let again = try bench.runToEnd()
      #expect(again.records == 0 && again.customers == first.customers)
      try bench.fill(producer, customers: 300)
      let last = try bench.runToEnd()
      #expect(last.records == 300 / 3 * (10 + 3 + 1))
      #expect(last.customers == 300)
      let changes = try bench.changes()
      #expect(changes.count > before)
      try expectNumbered(changes)
    }

    @Test("Two workers of one process share the partitions, and cite models of one trainer")
    func workers() throws {
      var bench = try DaemonBench.real()
      bench.options.workers = 2
      try bench.fill(Producer(configuration: bench.configuration), customers: 300)
      let running = RunningDaemon(bench.options)
      let reader = try ChangeReader(bench, makesTopic: false)
      try reader.read { Set($0.map(\.keyText)).count == 300 }
      running.stop()
      #expect(running.failure == nil)
      try expectNumbered(try bench.changes())
      let models = try readToEnd(bench.configuration, topic: bench.options.modelTopic, partitionCount: 1).records
      let published = Set(models.map(\.keyText))
      for change in try bench.changes() {
        let model = try #require(try DaemonBench.json(change)["model"] as? [String: Int])
        #expect(published.contains("\(model["generation"] ?? 0)-\(model["version"] ?? 0)"))
      }
      // What one worker left, one alone takes up.
      bench.options.workers = 1
      #expect(try bench.runToEnd().customers == 300)
    }

    @Test("A second instance takes over half of the partitions with their state")
    func joinsAndLeaves() throws {
      let bench = try DaemonBench.real()
      let producer = try Producer(configuration: bench.configuration)
      try bench.fill(producer, customers: 300)
      try bench.runToEnd()
      let one = RunningDaemon(bench.options)
      var other = bench.options
      other.instance = "segmenter-1"
      let two = RunningDaemon(other)
      try bench.fill(producer, customers: 300)
      let reader = try ChangeReader(bench, makesTopic: false)
      let time = ISO8601DateFormatter().string(from: Date())
      for number in 0..<8 {
        try producer.produce(
          bench.options.inputTopic, key: "new\(number)",
          value: DaemonBench.purchase("new\(number)", amount: "12", time: time),
          partition: bench.partition(of: "new\(number)"))
      }
      try producer.flush(timeoutMs: 10_000)
      try reader.read { records in (0..<8).allSatisfy { number in records.contains { $0.keyText == "new\(number)" } } }
      one.stop()
      two.stop()
      #expect(one.failure == nil && two.failure == nil)
      try expectNumbered(try bench.changes())
    }

    /// Each customer's changes are 1, 2, 3… and each begins where the one before ended.
    private func expectNumbered(_ changes: [CopiedRecord]) throws {
      var last: [String: (sequence: Int, to: String)] = [:]
      for change in changes {
        let data = try DaemonBench.json(change)
        let (customer, sequence) = (change.keyText, data["sequence"] as? Int ?? 0)
        let from = (data["from"] as? [String: Any])?["id"] as? String
        #expect(sequence == (last[customer]?.sequence ?? 0) + 1, "no gap in the sequence of `\(customer)`")
        #expect(from == last[customer]?.to, "`\(customer)` comes from where it was")
        last[customer] = (sequence, (data["to"] as? [String: Any])?["id"] as? String ?? "")
      }
    }
  }
}
