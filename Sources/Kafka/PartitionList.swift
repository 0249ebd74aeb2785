import CRdKafka

/// A list of librdkafka's partitions of one topic, each with an offset; freed with this value.
struct PartitionList: ~Copyable {
  let handle: UnsafeMutablePointer<rd_kafka_topic_partition_list_t>

  init(_ topic: String, _ entries: [(partition: Int32, offset: Int64)]) {
    guard let handle = rd_kafka_topic_partition_list_new(Int32(entries.count)) else {
      preconditionFailure("librdkafka makes a list or aborts")
    }
    for (partition, offset) in entries {
      rd_kafka_topic_partition_list_add(handle, topic, partition)?.pointee.offset = offset
    }
    self.handle = handle
  }

  init(_ topic: String, partitions: [Int32], offset: Int64) {
    self.init(topic, partitions.map { ($0, offset) })
  }

  deinit {
    rd_kafka_topic_partition_list_destroy(handle)
  }

  /// The entries; do not outlive the list.
  var entries: UnsafeBufferPointer<rd_kafka_topic_partition_t> { handle.pointee.entries }
}

extension rd_kafka_topic_partition_list_t {
  /// The entries; do not outlive the list.
  var entries: UnsafeBufferPointer<rd_kafka_topic_partition_t> {
    UnsafeBufferPointer(start: elems, count: Int(cnt))
  }
}
