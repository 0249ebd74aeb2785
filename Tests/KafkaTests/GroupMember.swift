import Foundation
import Testing

@testable import Kafka

/// A member of a group under test: its consumer, and what its handler was told.
final class GroupMember {
  let consumer: Consumer
  private(set) var events: [Rebalance] = []
  private(set) var offsets: [Int64] = []

  init(_ topic: String, group: String, instance: String? = nil, _ properties: [String: String] = [:]) throws {
    // Heartbeats tell of a rebalance: often, so that no test waits for one.
    let configuration = try TestKafka.configuration(
      ["heartbeat.interval.ms": "100"].merging(properties) { _, given in given })
    consumer = try Consumer(
      configuration: configuration, topic: topic,
      membership: Consumer.Membership(group: group, instance: instance), batchCountMax: 100)
    try consumer.subscribe { [unowned self] event in events.append(event) }
  }

  /// Reads once, shortly.
  func poll() throws {
    let batch = try consumer.consumeBatch(timeoutMs: 10)
    offsets += batch.messages.map(\.offset)
    consumer.releaseBatch()
  }

  /// Polls all the given members until `isDone`; half a minute at most.
  static func poll(_ members: [GroupMember], until isDone: () -> Bool) throws {
    let deadline = ContinuousClock.now + .seconds(30)
    while !isDone() {
      try #require(ContinuousClock.now < deadline, "30 s were not enough: \(members.map(\.events))")
      for member in members { try member.poll() }
    }
  }

  /// A group's name of its own.
  static func newGroup() -> String { "group-\(UUID().uuidString.prefix(8).lowercased())" }
}
