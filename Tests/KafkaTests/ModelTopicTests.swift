import Foundation
import Segmentation
import Testing

@testable import Kafka
@testable import Pipeline

/// A bench that shares another's input as a group of its own.
private func sibling(of bench: DaemonBench) -> DaemonBench {
  var other = DaemonBench(bench.configuration, input: bench.options.inputTopic, partitionCount: bench.partitionCount)
  other.options.kafka["session.timeout.ms"] = "6000"
  return other
}

/// The segment that each customer was published in last.
private func assignments(_ bench: DaemonBench) throws -> [String: String] {
  var last: [String: String] = [:]
  for change in try bench.changes() {
    let to = try DaemonBench.json(change)["to"] as? [String: Any]
    last[change.keyText] = to?["id"] as? String
  }
  return last
}

/// The keys of all models of a bench, as published.
private func modelKeys(_ bench: DaemonBench) throws -> [String] {
  try readToEnd(bench.configuration, topic: bench.options.modelTopic, partitionCount: 1).records.map(\.keyText)
}

/// A record in a file, as an export leaves it.
func modelFile(_ record: ModelRecord) throws -> ModelFile {
  let url = FileManager.default.temporaryDirectory.appendingPathComponent("model-\(UUID().uuidString).json")
  try Data(record.bytes(digits: 2)).write(to: url)
  defer { try? FileManager.default.removeItem(at: url) }
  return try ModelFile(path: url.path)
}

extension RealKafka {
  @Suite(.serialized, .enabled(if: TestKafka.isAvailable, TestKafka.skipped)) struct ModelTopics {
    @Test("A model exported from one group and imported into others gives the same assignments, frozen for good")
    func exported() throws {
      var first = try DaemonBench.real(partitionCount: 2)
      first.options.kafka["session.timeout.ms"] = "6000"
      #expect(throws: StreamError.self) { try ModelTopic(first.options, notices: Notices()).newest() }
      try first.fill(Producer(configuration: first.configuration), customers: 300)
      try first.runToEnd()
      let exported = try modelFile(try ModelTopic(first.options, notices: Notices()).newest().record)
      let refusal = #expect(throws: StreamError.self) {
        try ModelTopic(first.options, notices: Notices()).take(exported)
      }
      #expect(refusal?.kind == .tryAgain && refusal?.description.contains("`segmenter-0`") == true)

      var imported = sibling(of: first)
      imported.options.settings.isFrozen = true
      let none = #expect(throws: StreamError.self) { try imported.runToEnd() }
      #expect(none?.kind == .configuration && none?.description.contains("model import") == true)
      let outcome = try ModelTopic(imported.options, notices: Notices()).take(exported)
      #expect(outcome.isNew && outcome.before == nil && outcome.record.key == exported.record.key)
      try imported.runToEnd()
      var started = sibling(of: first)
      started.options.settings.isFrozen = true
      started.options.model = exported
      try started.runToEnd()
      let segments = try assignments(imported)
      let others = try assignments(started)
      #expect(segments.count == 300 && others == segments)
      for bench in [imported, started] {
        let keys = try modelKeys(bench).filter { !$0.hasPrefix("health-") }
        #expect(Set(keys) == [exported.record.key], "there is never a second version")
        #expect(try ModelTopic(bench.options, notices: Notices()).newest().record.isSameModel(as: exported.record))
      }
      for change in try imported.changes() {
        let cited = try DaemonBench.json(change)["model"] as? [String: Any]
        #expect(cited?["generation"] as? Int == exported.record.model.generation)
        #expect(cited?["version"] as? Int == exported.record.model.version)
      }
    }

    @Test("An import into a group that has a model is its next generation, and a second one of the same is none")
    func next() throws {
      var bench = try DaemonBench.real(partitionCount: 2)
      bench.options.kafka["session.timeout.ms"] = "6000"
      try bench.fill(Producer(configuration: bench.configuration), customers: 300)
      try bench.runToEnd()
      let admin = try Admin(configuration: bench.configuration)
      let deadline = ContinuousClock.now + .seconds(30)
      while try !admin.describeGroup(bench.options.group, timeoutMs: 10_000).members.isEmpty {
        try #require(ContinuousClock.now < deadline, "the session ended within 30 s")
        usleep(100_000)
      }
      let topic = try ModelTopic(bench.options, notices: Notices())
      let present = try topic.newest().record
      var other = present
      other.model.segments[0].centroid[0] += 0.5
      other.model.segments[2].number = 9
      (other.model.lastSegmentNumber, other.memory.lastSegmentNumber) = (9, 9)
      let outcome = try topic.take(try modelFile(other))
      #expect(outcome.isNew && outcome.before == present.key)
      #expect(outcome.record.model.generation == present.model.generation + 1)
      #expect(outcome.record.model.retired.map(\.number) == [present.model.segments[2].number])
      #expect(try topic.newest().record == outcome.record)
      #expect(try !topic.take(try modelFile(other)).isNew)
      // The next life takes it over, moves who was in the retired segment, and learns on.
      let before = Set(try bench.changes().map { $0.header("ce_id") })
      try bench.runToEnd()
      let moved = try bench.changes().filter { !before.contains($0.header("ce_id")) }.map { try DaemonBench.json($0) }
      #expect(moved.contains { ($0["from"] as? [String: Any])?["id"] as? String == present.model.segments[2].id })
      let generations = moved.map { ($0["model"] as? [String: Any])?["generation"] as? Int ?? 0 }
      #expect(generations.allSatisfy { $0 > present.model.generation })
    }

    @Test("A model that comes into the topic under a running trainer is taken over, by it and by all who assign")
    func underway() throws {
      let bench = try DaemonBench.real(partitionCount: 2)
      try bench.fill(Producer(configuration: bench.configuration), customers: 300)
      let reader = try ChangeReader(bench)
      let daemon = RunningDaemon(bench.options)
      defer { daemon.stop() }
      try reader.read { $0.count >= 300 }
      let present = try ModelTopic(bench.options, notices: Notices()).newest().record
      var other = present
      let centroids = present.model.segments.map(\.centroid)
      (other.model.segments[0].centroid, other.model.segments[1].centroid) = (centroids[1], centroids[0])
      let next = other.following(present, bench.options.settings)
      let producer = try Producer(configuration: bench.configuration)
      try producer.produce(
        bench.options.modelTopic, key: next.key, value: String(decoding: next.bytes(digits: 2), as: UTF8.self))
      try producer.flush(timeoutMs: 10_000)
      try reader.read { records in
        records.contains { change in
          let json = try? DaemonBench.json(change)["model"] as? [String: Any]
          return json?["generation"] as? Int == next.model.generation
        }
      }
      daemon.stop()
      #expect(daemon.failure == nil)
      let newest = try ModelTopic(bench.options, notices: Notices()).newest().record
      #expect(newest.model.generation >= next.model.generation, "the trainer does not go back to its own")
      #expect(Set(newest.model.segments.map(\.number)).isSubset(of: Set(1...newest.model.lastSegmentNumber)))
    }
  }
}
