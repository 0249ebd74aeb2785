import CRdKafka

extension Consumer {
  /// Whether others may already own what this member still does: it was thrown out of the group, and the
  /// revocation has not been delivered yet.
  package var isAssignmentLost: Bool { rd_kafka_assignment_lost(client) != 0 }

  /// What the group has committed for partitions of the topic, in their order.
  ///
  /// With isolation `committed` it waits until no transaction with offsets of them is open. Serves a handle that
  /// has not joined, too.
  package func committedOffsets(
    partitions: [Int32], timeoutMs: Int
  ) throws(KafkaError) -> [CommittedOffset] {
    let action = "asking for the committed offsets of `\(topic)`"
    let list = PartitionList(topic, partitions: partitions, offset: Int64(RD_KAFKA_OFFSET_INVALID))
    let code = rd_kafka_committed(client, list.handle, Int32(timeoutMs))
    guard code == RD_KAFKA_RESP_ERR_NO_ERROR else { throw context.explain(KafkaError(code)).during(action) }
    for entry in list.entries where entry.err != RD_KAFKA_RESP_ERR_NO_ERROR {
      throw KafkaError(entry.err).during("\(action), partition \(entry.partition)")
    }
    return list.entries.map(CommittedOffset.init)
  }

  /// What librdkafka tells of the group, on the thread that reads.
  func rebalance(
    _ code: rd_kafka_resp_err_t, _ list: rd_kafka_topic_partition_list_t, _ handler: (Rebalance) -> Void
  ) {
    // Its list names only what is read; what is owned is ours to know. An assignment without a revocation before it
    // would mean that others may have the old one.
    let isAssigned = code == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS
    let isLost = isAssignmentLost || isAssigned
    if !ownedPartitions.isEmpty {
      let revoked = ownedPartitions
      handler(.revoked(revoked, isLost: isLost))
      ownedPartitions = []
    }
    guard isAssigned else {
      // librdkafka joins again as soon as it is answered.
      if !isLeaving { rd_kafka_assign(client, nil) }
      return
    }
    let partitions = list.entries.map(\.partition).sorted()
    groupMetadata = GroupMetadata(of: client)
    let nothing = PartitionList(topic, [])
    rd_kafka_assign(client, nothing.handle)
    ownedPartitions = partitions
    handler(.assigned(partitions))
  }
}
