import CRdKafka

/// In whose name a member of a group commits offsets: the group, the member, its name and its generation.
///
/// It is captured when partitions are assigned and never asked for later: a member that has been thrown out and
/// has joined again would then commit what it had read before. Immutable, so every thread may use it.
package final class GroupMetadata: @unchecked Sendable {
  // librdkafka only reads what is behind the handle once it is made.
  let handle: OpaquePointer
  /// The id that the coordinator has given the member.
  package let memberID: String

  init?(of client: OpaquePointer) {
    guard let handle = rd_kafka_consumer_group_metadata(client) else { return nil }
    self.handle = handle
    guard let id = rd_kafka_memberid(client) else {
      memberID = ""
      return
    }
    memberID = String(cString: id)
    rd_kafka_mem_free(client, id)
  }

  deinit {
    rd_kafka_consumer_group_metadata_destroy(handle)
  }
}

/// What a group has given a member or takes from it.
package enum Rebalance: Sendable, Equatable {
  /// These partitions are ours from now on. None is read before `Consumer.assign`.
  case assigned([Int32])
  /// These partitions, all that were ours, are no longer. `isLost` means that others may have them already, so
  /// nothing of them can be committed: the member was thrown out.
  case revoked([Int32], isLost: Bool)
}

/// What a group has committed for a partition.
package struct CommittedOffset: Sendable, Equatable {
  /// The partition.
  package var partition: Int32
  /// The offset of the next record to read; `nil` where nothing is committed.
  package var offset: Int64?
  /// The words that were committed with it; empty where there are none.
  package var metadata: String

  /// Makes one.
  package init(partition: Int32, offset: Int64?, metadata: String = "") {
    self.partition = partition
    self.offset = offset
    self.metadata = metadata
  }

  init(_ entry: rd_kafka_topic_partition_t) {
    partition = entry.partition
    offset = entry.offset >= 0 ? entry.offset : nil
    metadata =
      entry.metadata.map { metadata in
        String(decoding: UnsafeRawBufferPointer(start: metadata, count: entry.metadata_size), as: UTF8.self)
      } ?? ""
  }
}
