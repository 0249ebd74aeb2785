import CRdKafka

/// Which records a consumer sees of transactions.
package enum Isolation: String, Sendable {
  /// Only those of finished, committed transactions; a partition's end is its last stable offset.
  case committed = "read_committed"
  /// All; a partition's end is its high watermark.
  case uncommitted = "read_uncommitted"
}

/// Reads assigned partitions of a topic in batches, alone or as a member of a group. All calls are made on one
/// thread.
package final class Consumer {
  /// How a member of a group is called.
  package struct Membership: Sendable {
    /// The group.
    package var group: String
    /// The member's own name (`group.instance.id`): back within the session timeout it keeps its partitions.
    /// `nil` is a member that leaves the group as it ends.
    package var instance: String?

    /// Makes a membership.
    package init(group: String, instance: String? = nil) {
      self.group = group
      self.instance = instance
    }
  }

  /// The topic that is read.
  package private(set) var topic: String
  /// The most records a batch holds.
  package let batchCountMax: Int

  /// In whose name to commit what the group has assigned last; `nil` before.
  package internal(set) var groupMetadata: GroupMetadata?
  /// What the group has assigned and not revoked, ascending.
  package internal(set) var ownedPartitions: [Int32] = []

  let context: ClientContext
  let client: OpaquePointer
  private let queue: OpaquePointer
  private let handles: UnsafeMutablePointer<UnsafeMutablePointer<rd_kafka_message_t>?>
  private let messages: UnsafeMutablePointer<Message>
  private var handleCount = 0

  /// Set by the handler of a revocation: the group is not joined again.
  package var isLeaving = false

  private let isMember: Bool
  private var isOpen = true

  /// Makes a consumer of `topic`; connects in the background.
  ///
  /// With a `membership` it can `subscribe`; without, it can ask for the offsets of the properties' `group.id`, but
  /// never joins. `isolation` is over the properties; without it a member reads what is committed, others what the
  /// properties say. `batchCountMax` bounds the memory of a batch's handles: 64 bytes each.
  package init(
    configuration: KafkaConfiguration, topic: String, membership: Membership? = nil, isolation: Isolation? = nil,
    batchCountMax: Int = 8_192
  ) throws(KafkaError) {
    precondition(batchCountMax > 0, "a batch holds at least one record")
    self.topic = topic
    self.batchCountMax = batchCountMax
    isMember = membership != nil
    context = ClientContext(events: configuration.events)
    var fixed = KafkaConfiguration.consumerFixed
    if let membership {
      fixed["group.id"] = membership.group
      fixed["group.instance.id"] = membership.instance
      fixed["partition.assignment.strategy"] = "range"
      fixed["isolation.level"] = Isolation.committed.rawValue
    }
    if let isolation { fixed["isolation.level"] = isolation.rawValue }
    let defaults = isMember ? KafkaConfiguration.memberDefaults : KafkaConfiguration.consumerDefaults
    client = try makeClient(
      RD_KAFKA_CONSUMER, configuration, defaults: defaults, fixed: fixed, context: context, isMember: isMember)
    // Events of the client come through the consumer's queue: one call serves both.
    rd_kafka_poll_set_consumer(client)
    queue = rd_kafka_queue_get_consumer(client)
    handles = .allocate(capacity: batchCountMax)
    messages = .allocate(capacity: batchCountMax)
  }

  deinit {
    abandon(timeoutMs: Consumer.closeTimeoutMs)
    handles.deallocate()
    messages.deallocate()
  }

  /// Joins the group; partitions come and go within `consumeBatch`, which calls `onRebalance`.
  ///
  /// Nothing that is assigned is read before `assign`. Whatever was assigned before is revoked first. The handler
  /// may use every call of this consumer but `consumeBatch`, `releaseBatch` and `close`.
  package func subscribe(onRebalance: @escaping (Rebalance) -> Void) throws(KafkaError) {
    precondition(isMember, "a member of a group subscribes")
    context.onRebalance = { [unowned self] code, list in rebalance(code, list, onRebalance) }
    let list = PartitionList(topic, [(Int32(RD_KAFKA_PARTITION_UA), 0)])
    let code = rd_kafka_subscribe(client, list.handle)
    if code != RD_KAFKA_RESP_ERR_NO_ERROR { throw KafkaError(code).during("subscribing to `\(topic)`") }
  }

  /// Reads exactly these partitions from now on, each from its start; with another `topic`, of that one.
  ///
  /// It is a new assignment of the whole: librdkafka throws away what it has fetched and not yet delivered, and goes
  /// on at the given starts, so partitions that are read already are given with their next offsets.
  package func assign(
    _ starts: [(partition: Int32, start: StartOffset)], of topic: String? = nil
  ) throws(KafkaError) {
    if let topic { self.topic = topic }
    let list = PartitionList(self.topic, starts.map { ($0.partition, $0.start.number) })
    let code = rd_kafka_assign(client, list.handle)
    if code != RD_KAFKA_RESP_ERR_NO_ERROR {
      throw KafkaError(code).during("assigning partitions of `\(self.topic)`")
    }
  }

  /// Waits for up to `batchCountMax` records, at most `timeoutMs`: the whole of it unless the batch fills.
  ///
  /// The batch is borrowed: call `releaseBatch()` before the next. Throws what ends the client; what concerns one
  /// partition or passes by itself is in the batch's `errors`.
  package func consumeBatch(timeoutMs: Int) throws(KafkaError) -> ConsumedBatch {
    precondition(isOpen && handleCount == 0, "the consumer is open and the last batch has been released")
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
    if let fatal = KafkaError(fatalOf: client) {
      releaseBatch()
      throw fatal.during("reading `\(topic)`")
    }
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

  /// Leaves the group, revoking what is owned, and ends the client, within about `timeoutMs`. Ends the present batch.
  ///
  /// A member with a name of its own does not leave: it is expected back within its session timeout.
  package func close(timeoutMs: Int = closeTimeoutMs) {
    guard isOpen else { return }
    isOpen = false
    releaseBatch()
    rd_kafka_queue_destroy(queue)
    let closing: OpaquePointer = rd_kafka_queue_new(client)
    let isClosing = KafkaError(consuming: rd_kafka_consumer_close_queue(client, closing), doing: "closing") == nil
    // The answer to a revocation that was held back: who is closing does not join again.
    if isLeaving { rd_kafka_assign(client, nil) }
    let deadline = ContinuousClock.now + .milliseconds(timeoutMs)
    var message: UnsafeMutablePointer<rd_kafka_message_t>?
    while isClosing, rd_kafka_consumer_closed(client) == 0, ContinuousClock.now < deadline {
      // Serves the rebalance callback; what is left of the records is dropped.
      if rd_kafka_consume_batch_queue(closing, Consumer.closeSliceMs, &message, 1) == 1 {
        rd_kafka_message_destroy(message)
      }
    }
    rd_kafka_queue_destroy(closing)
    context.onRebalance = nil
    // What could not be ended in time is not waited for again.
    rd_kafka_destroy_flags(client, Int32(RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE))
  }

  /// The same without telling of what is revoked by it.
  package func abandon(timeoutMs: Int) {
    context.onRebalance = nil
    close(timeoutMs: timeoutMs)
  }

  /// How long leaving a group may take when nobody says, in ms.
  package static let closeTimeoutMs = 5_000
  private static let closeSliceMs: Int32 = 20

  private func failure(of handle: UnsafeMutablePointer<rd_kafka_message_t>) -> KafkaError {
    let reason = rd_kafka_message_errstr(handle).map { String(cString: $0) }
    let place = handle.pointee.partition >= 0 ? ", partition \(handle.pointee.partition)" : ""
    return KafkaError(handle.pointee.err, reason).during("reading `\(topic)`\(place)")
  }
}

extension StartOffset {
  fileprivate var number: Int64 {
    switch self {
    case .beginning: Int64(RD_KAFKA_OFFSET_BEGINNING)
    case .end: Int64(RD_KAFKA_OFFSET_END)
    case .offset(let offset): offset
    }
  }
}
