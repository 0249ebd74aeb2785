import Foundation
import Segmentation
import Testing

@testable import Kafka
@testable import Pipeline

extension RealKafka {
  @Suite(.serialized, .enabled(if: TestKafka.isAvailable, TestKafka.skipped)) struct Healths {
    /// The health records of a bench's model topic, in their order.
    private func healths(_ bench: DaemonBench) throws -> [ModelHealth] {
      try readToEnd(bench.configuration, topic: bench.options.modelTopic, partitionCount: 1).records
        .filter { $0.keyText.hasPrefix("health-") }
        .map { record in
          let health = try ModelHealth(record: try #require(record.value))
          #expect(record.keyText == health.key)
          return health
        }
    }

    /// Waits until so many sweeps are told.
    private func wait(_ bench: DaemonBench, count: Int) throws -> [ModelHealth] {
      let deadline = ContinuousClock.now + .seconds(60)
      while true {
        let found = try healths(bench)
        if found.count >= count { return found }
        try #require(ContinuousClock.now < deadline, "a minute was not enough: \(found.count) sweeps")
      }
    }

    @Test("Each sweep's health is told once, restarts and two instances included, and models are read past it")
    func onceASweep() throws {
      let bench = try DaemonBench.real()
      try bench.fill(Producer(configuration: bench.configuration), customers: 300)
      var running = RunningDaemon(bench.options)
      var found = try wait(bench, count: 3)
      running.stop()
      let before = try healths(bench).count
      running = RunningDaemon(bench.options)
      var other = bench.options
      other.instance = "segmenter-1"
      let second = RunningDaemon(other)
      found = try wait(bench, count: before + 3)
      running.stop()
      second.stop()
      #expect(running.failure == nil && second.failure == nil)
      #expect(Set(found.map(\.key)).count == found.count)
      #expect(zip(found, found.dropFirst()).allSatisfy { $1.sweep == $0.sweep + 1 })
      for health in found {
        #expect(health.customers == 300 && health.segments.map(\.nearest).reduce(0, +) == 300)
        #expect(health.features.count == 3 && health.features.allSatisfy { $0.stability != nil })
        #expect(health.walks.count == 4 && (health.ageMs(of: health.fittedMs) ?? -1) >= 0)
      }
      let state = try GroupState(bench.options, notices: Notices())
      #expect(state.health == (try healths(bench)).last && state.model?.generation == state.health?.generation)
      let text = state.lines.joined(separator: "\n")
      #expect(text.contains("health in sweep ") && text.contains("  recency: "))
      #expect(String(decoding: state.json, as: UTF8.self).contains("\"health\":{\"generation\":"))
    }
  }
}
