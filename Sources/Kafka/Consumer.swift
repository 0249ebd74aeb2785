import CRdKafka

/// Reads assigned partitions of one topic in batches. All calls are made on one thread.
package final class Consumer {
  /// The topic that is read.
  package let topic: String
  /// The most records a batch holds.
  package let batchCountMax: Int

  private let context: ClientContext
  private let client: OpaquePointer
  private let queue: OpaquePointer
  private let handles: UnsafeMutablePointer<UnsafeMutablePointer<rd_kafka_message_t>?>
  private let messages: UnsafeMutablePointer<Message>
  private var handleCount = 0

  /// Makes a consumer of `topic`; connects in the background.
  ///
  /// `batchCountMax` bounds the memory of a batch's handles: 64 bytes each.
  package init(
    configuration: KafkaConfiguration, topic: String, batchCountMax: Int = 8_192
  ) throws(KafkaError) {
    precondition(batchCountMax > 0, "a batch holds at least one record")
    self.topic = topic
    self.batchCountMax = batchCountMax
    context = ClientContext(events: configuration.events)
    client = try makeClient(
      RD_KAFKA_CONSUMER, configuration, defaults: KafkaConfiguration.consumerDefaults, context: context)
    // Events of the client come through the consumer's queue: one call serves both.
    rd_kafka_poll_set_consumer(client)
    queue = rd_kafka_queue_get_consumer(client)
    handles = .allocate(capacity: batchCountMax)
    messages = .allocate(capacity: batchCountMax)
  }

  deinit {
    releaseBatch()
    rd_kafka_queue_destroy(queue)
    rd_kafka_consumer_close(client)
    rd_kafka_destroy(client)
    handles.deallocate()
    messages.deallocate()
  }

  /// Reads exactly these partitions from now on, each from its start.
  package func assign(_ starts: [(partition: Int32, start: StartOffset)]) throws(KafkaError) {
    guard let list = rd_kafka_topic_partition_list_new(Int32(starts.count)) else {
      preconditionFailure("librdkafka makes a list or aborts")
    }
    defer { rd_kafka_topic_partition_list_destroy(list) }
    for (partition, start) in starts {
      let entry = rd_kafka_topic_partition_list_add(list, topic, partition)
      entry?.pointee.offset =
        switch start {
        case .beginning: Int64(RD_KAFKA_OFFSET_BEGINNING)
        case .end: Int64(RD_KAFKA_OFFSET_END)
        case .offset(let offset): offset
        }
    }
    let code = rd_kafka_assign(client, list)
    if code != RD_KAFKA_RESP_ERR_NO_ERROR { throw KafkaError(code).during("assigning partitions of `\(topic)`") }
  }

  /// Waits for up to `batchCountMax` records, at most `timeoutMs`: the whole of it unless the batch fills.
  ///
  /// The batch is borrowed: call `releaseBatch()` before the next. Throws what ends the client; what concerns one
  /// partition or passes by itself is in the batch's `errors`.
  package func consumeBatch(timeoutMs: Int) throws(KafkaError) -> ConsumedBatch {
    precondition(handleCount == 0, "the last batch has been released")
    let count = rd_kafka_consume_batch_queue(queue, Int32(timeoutMs), handles, batchCountMax)
    guard count >= 0 else { throw KafkaError(rd_kafka_last_error()).during("reading `\(topic)`") }
    handleCount = count
    var messageCount = 0
    var ends: [PartitionEnd] = []
    var errors: [KafkaError] = []
    for index in 0..<count {
      guard let handle = handles[index] else { continue }
      if handle.pointee.err == RD_KAFKA_RESP_ERR_NO_ERROR {
        messages[messageCount] = Message(
          value: handle.pointee.payload, valueCount: handle.pointee.len, key: handle.pointee.key,
          keyCount: handle.pointee.key_len, partition: handle.pointee.partition, index: Int32(index),
          offset: handle.pointee.offset, timestampMs: rd_kafka_message_timestamp(handle, nil))
        messageCount += 1
      } else if handle.pointee.err == RD_KAFKA_RESP_ERR__PARTITION_EOF {
        ends.append(PartitionEnd(partition: handle.pointee.partition, offset: handle.pointee.offset))
      } else {
        errors.append(failure(of: handle))
      }
    }
    if let fatal = errors.first(where: \.isFatal) { throw fatal }
    return ConsumedBatch(
      messages: UnsafeBufferPointer(start: messages, count: messageCount), ends: ends, errors: errors)
  }

  /// Gives the last batch back; every pointer into it dies.
  package func releaseBatch() {
    for index in 0..<handleCount { rd_kafka_message_destroy(handles[index]) }
    handleCount = 0
  }

  /// The headers of a record of the present batch, in their order.
  package func headers(of message: Message) -> [MessageHeader] {
    var list: OpaquePointer?
    guard rd_kafka_message_headers(handles[Int(message.index)], &list) == RD_KAFKA_RESP_ERR_NO_ERROR, let list
    else { return [] }
    var headers: [MessageHeader] = []
    var name: UnsafePointer<CChar>?
    var value: UnsafeRawPointer?
    var count = 0
    while rd_kafka_header_get_all(list, headers.count, &name, &value, &count) == RD_KAFKA_RESP_ERR_NO_ERROR {
      guard let name else { break }
      let bytes = value.map { [UInt8](UnsafeRawBufferPointer(start: $0, count: count)) }
      headers.append(MessageHeader(name: String(cString: name), value: bytes))
    }
    return headers
  }

  /// Asks the broker for the first offset of a partition and the one behind its last; with `read_committed` that
  /// is the last stable offset, which may lie before a transaction that has just been committed.
  package func watermarks(
    partition: Int32, timeoutMs: Int = 5_000
  ) throws(KafkaError) -> (low: Int64, high: Int64) {
    var low: Int64 = 0
    var high: Int64 = 0
    let code = rd_kafka_query_watermark_offsets(client, topic, partition, &low, &high, Int32(timeoutMs))
    guard code == RD_KAFKA_RESP_ERR_NO_ERROR else {
      throw context.explain(KafkaError(code)).during("asking for the offsets of `\(topic)`, partition \(partition)")
    }
    return (low, high)
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

  private func failure(of handle: UnsafeMutablePointer<rd_kafka_message_t>) -> KafkaError {
    let reason = rd_kafka_message_errstr(handle).map { String(cString: $0) }
    let place = handle.pointee.partition >= 0 ? ", partition \(handle.pointee.partition)" : ""
    let isFatal = rd_kafka_fatal_error(client, nil, 0) != RD_KAFKA_RESP_ERR_NO_ERROR
    return KafkaError(handle.pointee.err, reason, isFatal: isFatal).during("reading `\(topic)`\(place)")
  }
}
