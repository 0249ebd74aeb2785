import CRdKafka

extension Consumer {
  /// Asks the broker for the first offset of a partition and the one behind its last; with isolation `committed` that
  /// is the last stable offset, which may lie before a transaction that has just been committed.
  ///
  /// Without a `topic` it is the one that is read.
  package func watermarks(
    of topic: String? = nil, partition: Int32, timeoutMs: Int = 5_000
  ) throws(KafkaError) -> (low: Int64, high: Int64) {
    // Not by `rd_kafka_query_watermark_offsets`: in librdkafka 2.0.2 it waits for a dead leader beyond its timeout.
    let found = try watermarks(of: topic, partitions: [partition], timeoutMs: timeoutMs)
    return found[0]
  }

  /// The watermarks of several partitions, in their order, by two requests a broker.
  package func watermarks(
    of topic: String? = nil, partitions: [Int32], timeoutMs: Int = 5_000
  ) throws(KafkaError) -> [(low: Int64, high: Int64)] {
    try watermarkOffsets(
      client, context, topic: topic ?? self.topic, partitions: partitions, timeoutMs: timeoutMs)
  }

  /// The end of a partition as of the latest fetch, without asking; `nil` before the first.
  package func latestEnd(partition: Int32) -> Int64? {
    var low: Int64 = 0
    var high: Int64 = 0
    let code = rd_kafka_get_watermark_offsets(client, topic, partition, &low, &high)
    return code == RD_KAFKA_RESP_ERR_NO_ERROR && high >= 0 ? high : nil
  }

  /// How many offsets `position` (the offset of the next record) is behind the latest fetch's end; `nil` before it.
  package func lag(partition: Int32, position: Int64) -> Int64? {
    latestEnd(partition: partition).map { max(0, $0 - position) }
  }
}

/// The first offset of each partition and the one behind its last, under the isolation of the client.
func watermarkOffsets(
  _ client: OpaquePointer, _ context: ClientContext, topic: String, partitions: [Int32], timeoutMs: Int
) throws(KafkaError) -> [(low: Int64, high: Int64)] {
  // A "time" of beginning or end is looked up as the offset it stands for.
  func offsets(at time: Int32) throws(KafkaError) -> [Int64] {
    let list = PartitionList(topic, partitions: partitions, offset: Int64(time))
    let code = rd_kafka_offsets_for_times(client, list.handle, Int32(timeoutMs))
    guard code == RD_KAFKA_RESP_ERR_NO_ERROR else {
      learnLeaders(client, of: topic)
      throw context.explain(KafkaError(code)).during("asking for the offsets of `\(topic)`")
    }
    for entry in list.entries where entry.err != RD_KAFKA_RESP_ERR_NO_ERROR {
      learnLeaders(client, of: topic)
      throw KafkaError(entry.err).during("asking for the offsets of `\(topic)`, partition \(entry.partition)")
    }
    return list.entries.map(\.offset)
  }
  let lows = try offsets(at: RD_KAFKA_OFFSET_BEGINNING)
  let highs = try offsets(at: RD_KAFKA_OFFSET_END)
  return zip(lows, highs).map { (low: $0, high: $1) }
}

/// Asks who leads a topic's partitions, after a question to a leader has failed: librdkafka asks once when a broker
/// goes away, when no other leads yet, and then not for five minutes, so that every question would go to the dead one.
private func learnLeaders(_ client: OpaquePointer, of topic: String) {
  guard let handle = rd_kafka_topic_new(client, topic, nil) else { return }
  defer { rd_kafka_topic_destroy(handle) }
  var metadata: UnsafePointer<rd_kafka_metadata>?
  if rd_kafka_metadata(client, 0, handle, &metadata, learnTimeoutMs) == RD_KAFKA_RESP_ERR_NO_ERROR {
    rd_kafka_metadata_destroy(metadata)
  }
}

/// How long learning who leads may take, in ms; the question that failed is asked again anyway.
private let learnTimeoutMs: Int32 = 1_000
