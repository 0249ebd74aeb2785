import Foundation
import Testing

@testable import Kafka

extension RealKafka {
  @Suite(.serialized, .enabled(if: TestKafka.isAvailable, TestKafka.skipped)) struct Groups {
    func filledTopic(partitionCount: Int, records: Int = 10) throws -> String {
      let topic = try TestKafka.makeTopic("group", partitionCount: partitionCount)
      let producer = try Producer(configuration: TestKafka.configuration())
      for number in 0..<records {
        for partition in 0..<partitionCount {
          try producer.produce(topic, key: nil, value: "\(number)", partition: Int32(partition))
        }
      }
      try producer.flush(timeoutMs: 10_000)
      return topic
    }

    @Test("Nothing assigned is read before `assign`, then from the given offset")
    func assignLater() throws {
      let topic = try filledTopic(partitionCount: 2)
      let member = try GroupMember(topic, group: GroupMember.newGroup())
      try GroupMember.poll([member]) { !member.events.isEmpty }
      for _ in 0..<20 { try member.poll() }
      #expect(member.offsets.isEmpty)
      try member.consumer.assign([(1, .offset(6))])
      try GroupMember.poll([member]) { member.offsets.count >= 4 }
      #expect(member.offsets == [6, 7, 8, 9])
      try member.consumer.assign([(0, .offset(8)), (1, .offset(10))])
      try GroupMember.poll([member]) { member.offsets.count >= 6 }
      #expect(member.offsets == [6, 7, 8, 9, 8, 9])
      #expect(!member.consumer.isAssignmentLost)
    }

    @Test("A member that joins takes partitions over, one that leaves gives them back, each told on both sides")
    func movedPartitions() throws {
      let topic = try filledTopic(partitionCount: 4)
      let group = GroupMember.newGroup()
      let one = try GroupMember(topic, group: group)
      try GroupMember.poll([one]) { one.consumer.ownedPartitions == [0, 1, 2, 3] }
      // Only part of what is owned is read yet: all of it must be revoked all the same.
      try one.consumer.assign([(2, .beginning)])
      let two = try GroupMember(topic, group: group)
      try GroupMember.poll([one, two]) {
        one.consumer.ownedPartitions.count == 2 && two.consumer.ownedPartitions.count == 2
      }
      #expect(Set(one.consumer.ownedPartitions + two.consumer.ownedPartitions) == [0, 1, 2, 3])
      let told: [Rebalance] = [
        .assigned([0, 1, 2, 3]), .revoked([0, 1, 2, 3], isLost: false), .assigned(one.consumer.ownedPartitions),
      ]
      #expect(one.events == told)
      let left = two.consumer.ownedPartitions
      two.consumer.close()
      #expect(two.events.last == .revoked(left, isLost: false))
      try GroupMember.poll([one]) { one.consumer.ownedPartitions == [0, 1, 2, 3] }
    }

    @Test("A member that reads nothing of its partitions yet is told when they go")
    func movedBeforeReading() throws {
      let topic = try filledTopic(partitionCount: 2)
      let group = GroupMember.newGroup()
      let one = try GroupMember(topic, group: group)
      try GroupMember.poll([one]) { one.consumer.ownedPartitions == [0, 1] }
      let two = try GroupMember(topic, group: group)
      try GroupMember.poll([one, two]) {
        one.consumer.ownedPartitions.count == 1 && two.consumer.ownedPartitions.count == 1
      }
      #expect(
        one.events == [
          .assigned([0, 1]), .revoked([0, 1], isLost: false), .assigned(one.consumer.ownedPartitions),
        ])
    }

    @Test("A named member that ends and comes back keeps its partitions, and nobody else is told")
    func staticMember() throws {
      let topic = try filledTopic(partitionCount: 4)
      let group = GroupMember.newGroup()
      let stays = try GroupMember(topic, group: group, instance: "a")
      var goes: GroupMember? = try GroupMember(topic, group: group, instance: "b")
      try GroupMember.poll([stays, goes].compactMap { $0 }) {
        stays.consumer.ownedPartitions.count == 2 && goes?.consumer.ownedPartitions.count == 2
      }
      let owned = goes?.consumer.ownedPartitions
      let told = stays.events.count
      goes = nil
      let back = try GroupMember(topic, group: group, instance: "b")
      try GroupMember.poll([stays, back]) { !back.consumer.ownedPartitions.isEmpty }
      #expect(back.consumer.ownedPartitions == owned)
      #expect(stays.events.count == told)
    }

    @Test("Of two members of one name the older is fenced")
    func twins() throws {
      let topic = try filledTopic(partitionCount: 2)
      let group = GroupMember.newGroup()
      let older = try GroupMember(topic, group: group, instance: "twin")
      try GroupMember.poll([older]) { older.consumer.ownedPartitions == [0, 1] }
      try older.consumer.assign([(0, .beginning), (1, .beginning)])
      let newer = try GroupMember(topic, group: group, instance: "twin")
      try GroupMember.poll([newer]) { newer.consumer.ownedPartitions == [0, 1] }
      let error = #expect(throws: KafkaError.self) {
        try GroupMember.poll([older, newer]) { false }
      }
      #expect(error?.kind == .fenced && error?.isFatal == true)
      #expect(error?.name == "FENCED_INSTANCE_ID")
      let start = ContinuousClock.now
      older.consumer.close()
      #expect(ContinuousClock.now - start < .seconds(6))
      for _ in 0..<20 { try newer.poll() }
      #expect(newer.consumer.ownedPartitions == [0, 1])
    }

    @Test("A member that stays away too long is told that its partitions are lost, and can commit nothing of them")
    func lost() throws {
      let topic = try filledTopic(partitionCount: 2)
      let group = GroupMember.newGroup()
      let member = try GroupMember(
        topic, group: group, ["session.timeout.ms": "6000", "max.poll.interval.ms": "6000"])
      try GroupMember.poll([member]) { !member.events.isEmpty }
      try member.consumer.assign([(0, .beginning), (1, .beginning)])
      try GroupMember.poll([member]) { member.offsets.count == 20 }
      let stale = try #require(member.consumer.groupMetadata)
      let producer = try Producer(configuration: TestKafka.configuration(), transactionalID: group)
      try producer.initTransactions(timeoutMs: 10_000)
      let deadline = ContinuousClock.now + .seconds(20)
      while !member.consumer.isAssignmentLost {
        try #require(ContinuousClock.now < deadline, "nobody misses a member that does not poll")
        _ = try member.consumer.watermarks(partition: 0)
      }
      try producer.begin()
      let error = #expect(throws: KafkaError.self) {
        try producer.sendOffsets([(0, 1, "")], of: topic, group: stale, timeoutMs: 10_000)
      }
      #expect(error?.kind == .staleMember)
      try producer.abort(timeoutMs: 10_000)
      try GroupMember.poll([member]) { member.events.count >= 3 }
      #expect(member.events == [.assigned([0, 1]), .revoked([0, 1], isLost: true), .assigned([0, 1])])
      #expect(!member.consumer.isAssignmentLost)
    }

    @Test("A group is described with its members, their names and partitions; one that is not there is dead")
    func described() throws {
      let topic = try filledTopic(partitionCount: 3)
      let group = GroupMember.newGroup()
      let admin = try Admin(configuration: TestKafka.configuration())
      #expect(try admin.describeGroup(group, timeoutMs: 10_000) == GroupDescription(state: "Dead", members: []))
      #expect(try !admin.deleteGroup(group, timeoutMs: 10_000))
      let one = try GroupMember(topic, group: group, instance: "one")
      let two = try GroupMember(topic, group: group)
      try GroupMember.poll([one, two]) {
        one.consumer.ownedPartitions.count + two.consumer.ownedPartitions.count == 3
          && !two.consumer.ownedPartitions.isEmpty && !one.consumer.ownedPartitions.isEmpty
      }
      let found = try admin.describeGroup(group, timeoutMs: 10_000)
      #expect(found.state == "Stable" && found.members.count == 2)
      let named = try #require(found.members.first { $0.instance == "one" })
      #expect(named.partitions == [topic: one.consumer.ownedPartitions])
      #expect(named.clientID == "segmenter" && named.host.contains("127.0.0.1"))
      let other = try #require(found.members.first { $0.instance == nil })
      #expect(other.partitions == [topic: two.consumer.ownedPartitions])
      #expect(other.id == two.consumer.groupMetadata?.memberID)
      let refusal = #expect(throws: KafkaError.self) { try admin.deleteGroup(group, timeoutMs: 10_000) }
      #expect(refusal?.name == "NON_EMPTY_GROUP")
    }

    @Test("A group that its last member has left is deleted with its offsets")
    func deleted() throws {
      let topic = try filledTopic(partitionCount: 1)
      let group = GroupMember.newGroup()
      let member = try GroupMember(topic, group: group)
      try GroupMember.poll([member]) { member.consumer.ownedPartitions == [0] }
      let producer = try Producer(configuration: TestKafka.configuration(), transactionalID: group)
      try producer.initTransactions(timeoutMs: 10_000)
      try producer.begin()
      try producer.sendOffsets(
        [(0, 3, "")], of: topic, group: #require(member.consumer.groupMetadata), timeoutMs: 10_000)
      try producer.commit(timeoutMs: 10_000)
      member.consumer.close()
      let admin = try Admin(configuration: TestKafka.configuration())
      #expect(try admin.committedOffsets(of: group, topic: topic, timeoutMs: 10_000).map(\.offset) == [3])
      #expect(try admin.deleteGroup(group, timeoutMs: 10_000))
      #expect(try admin.committedOffsets(of: group, topic: topic, timeoutMs: 10_000).isEmpty)
    }
  }
}
