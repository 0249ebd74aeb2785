import Foundation
import Segmentation
import Testing

@testable import Kafka
@testable import Pipeline

/// What a group has left in Kafka: its topics, their ends, and its offsets.
private struct Footprint: Equatable {
  var ends: [String: [Int64]] = [:]
  var committed: [Int64?]
  var topics: [String]

  init(_ bench: DaemonBench) throws {
    let admin = try Admin(configuration: bench.configuration)
    let options = bench.options
    for topic in options.outputs.map(\.name) + [options.inputTopic] {
      let count = try #require(try admin.partitionCount(of: topic, timeoutMs: 10_000))
      ends[topic] = try admin.watermarks(
        of: topic, partitions: (0..<count).map { Int32($0) }, timeoutMs: 10_000
      ).map(\.high)
    }
    committed = try admin.committedOffsets(of: options.group, topic: options.inputTopic, timeoutMs: 10_000).map(
      \.offset)
    // Other tests make topics of their own meanwhile; a group's bear its name.
    topics = try admin.topicNames(timeoutMs: 10_000).filter { $0.hasPrefix(options.group) }.sorted()
  }
}

extension DaemonBench {
  fileprivate func shadow(_ change: (inout DaemonOptions) -> Void = { _ in }) throws -> ShadowReport {
    var options = options
    change(&options)
    return try ShadowRun(options, notices: Notices(), isStopped: { false }).run(followMs: 0)
  }

  /// Follows the input until `isEnough`, which is asked again and again.
  fileprivate func shadow(followMs: Int64, until isEnough: @escaping () throws -> Bool) throws -> ShadowReport {
    var failure: (any Error)?
    let run = try ShadowRun(
      options, notices: Notices(),
      isStopped: {
        do {
          return try isEnough()
        } catch {
          failure = error
          return true
        }
      })
    let report = try run.run(followMs: followMs)
    if let failure { throw failure }
    return report
  }

  fileprivate func buy(_ customer: String, _ producer: Producer) throws {
    let record = Self.purchase(customer, amount: "12.50", time: "2026-06-30T23:00:00Z")
    try producer.produce(options.inputTopic, key: customer, value: record, partition: partition(of: customer))
  }

  /// A group of 300 customers that has run to the end of its input.
  fileprivate static func settled() throws -> DaemonBench {
    var bench = try DaemonBench.real(partitionCount: 2)
    bench.options.kafka["session.timeout.ms"] = "6000"
    try bench.fill(Producer(configuration: bench.configuration), customers: 300)
    try bench.runToEnd()
    return bench
  }
}

extension RealKafka {
  @Suite(.serialized, .enabled(if: TestKafka.isAvailable, TestKafka.skipped)) struct Shadows {
    @Test("The same configuration moves nobody; a shadow leaves topics, offsets and members as they were")
    func same() throws {
      let bench = try DaemonBench.settled()
      let before = try Footprint(bench)
      let model = try ModelTopic(bench.options, notices: Notices()).newest().record
      let report = try bench.shadow(followMs: 1_500) { false }
      #expect(report.moved == 0 && report.moves.isEmpty && report.customers == 300 && report.unpublished == 0)
      #expect(!report.isFitted && report.source == "state" && report.notes.isEmpty)
      #expect(report.presentModel == model.key && report.proposedModel == model.key)
      #expect(report.segments.allSatisfy { $0.before == $0.after })
      #expect(report.segments.reduce(0) { $0 + $1.before } == 300)
      #expect(report.nextDayBefore == report.nextDayAfter)
      #expect(report.followed?.records == 0 && report.followed?.published.reduce(0, +) == 0)
      for change in [
        { (options: inout DaemonOptions) in options.settings.k = 2 },
        { options in options.settings.halfLifeDays = 9 },
        { options in options.settings.dwellMs = 3_600_000 },
      ] { _ = try bench.shadow(change) }
      #expect(try Footprint(bench) == before)
      let members = try Admin(configuration: bench.configuration).describeGroup(
        bench.options.group, timeoutMs: 10_000
      ).members
      #expect(members.allSatisfy { $0.instance == bench.options.instance }, "nobody has joined")
    }

    @Test("Another k is fitted, keeps ids where segments are the same, and moves as many as its tables say")
    func otherK() throws {
      let bench = try DaemonBench.settled()
      let report = try bench.shadow { $0.settings.k = 2 }
      #expect(report.isFitted && report.notes.contains { $0.contains("`model.k` says 2") })
      #expect(report.moved > 0 && report.moves.reduce(0) { $0 + $1.customers } == report.moved)
      #expect(report.segments.filter { $0.after > 0 }.count == 2)
      #expect(report.segments.reduce(0) { $0 + $1.after } == 300)
      for segment in report.segments {
        let gone = report.moves.filter { $0.from == segment.id }.reduce(0) { $0 + $1.customers }
        let come = report.moves.filter { $0.to == segment.id }.reduce(0) { $0 + $1.customers }
        #expect(segment.before - gone + come == segment.after)
      }
    }

    @Test("What a shadow says of another model is what a run under it then does")
    func foretold() throws {
      var bench = try DaemonBench.settled()
      var other = try ModelTopic(bench.options, notices: Notices()).newest().record
      let centroids = other.model.segments.map(\.centroid)
      (other.model.segments[0].centroid, other.model.segments[1].centroid) = (centroids[1], centroids[0])
      bench.options.settings.isFrozen = true
      bench.options.model = try modelFile(other)
      let report = try bench.shadow()
      #expect(report.moved > 100 && report.due == 0 && !report.isFitted)
      let before = Set(try bench.changes().map { $0.header("ce_id") })
      try bench.runToEnd()
      let published = try bench.changes().filter { !before.contains($0.header("ce_id")) }
      #expect(published.count == report.moved && Set(published.map(\.keyText)).count == report.moved)
    }

    @Test("What state depends on cannot be changed on it: the input is read, and compared with what was published")
    func rebuilt() throws {
      let bench = try DaemonBench.settled()
      let report = try bench.shadow { $0.settings.halfLifeDays = 30 }
      #expect(report.source == "input" && report.customers == 300 && report.due == nil && report.isFitted)
      #expect(report.notes.contains { $0.contains("read from its start") })
      let published = Set(try bench.changes().map(\.keyText)).count
      #expect(report.customers - report.unpublished == published)
      #expect(report.segments.reduce(0) { $0 + $1.after } == 300)
    }

    @Test("While it follows it counts what was published and what would have been")
    func followed() throws {
      let bench = try DaemonBench.settled()
      let daemon = RunningDaemon(bench.options)
      defer { daemon.stop() }
      let producer = try Producer(configuration: bench.configuration)
      let reader = try ChangeReader(bench, makesTopic: false)
      let count = try bench.changes().count
      let newcomers = (0..<40).map { "new-\($0)" }
      // It asks whether to stop in each turn of following.
      var turnsLeft = 200
      var isWritten = false
      let report = try bench.shadow(followMs: 60_000) {
        if !isWritten {
          isWritten = true
          for name in newcomers { try bench.buy(name, producer) }
          try producer.flush(timeoutMs: 10_000)
          try reader.read { $0.count >= count + newcomers.count }
        }
        turnsLeft -= 1
        return turnsLeft < 0
      }
      let followed = try #require(report.followed)
      #expect(followed.records == newcomers.count)
      #expect(followed.proposed[0] == newcomers.count, "each has a first segment")
      #expect(followed.published[0] == newcomers.count, "as the daemon has published")
    }

    @Test("A group that has never run has nothing to compare with")
    func never() throws {
      let bench = try DaemonBench.real(partitionCount: 2)
      let error = #expect(throws: StreamError.self) { try bench.shadow() }
      #expect(error?.kind == .noInput)
    }
  }
}
