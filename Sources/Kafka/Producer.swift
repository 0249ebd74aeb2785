import CRdKafka

/// Headers of one record to be produced, built in C memory.
package struct ProducerHeaders: ~Copyable {
  /// `nil` once librdkafka has taken them.
  fileprivate var handle: OpaquePointer?

  /// Makes an empty list with room for `capacity` headers.
  package init(capacity: Int) {
    handle = rd_kafka_headers_new(capacity)
  }

  deinit {
    if let handle { rd_kafka_headers_destroy(handle) }
  }

  /// Adds a header; the bytes are copied.
  package mutating func append(_ name: StaticString, _ value: UnsafeRawBufferPointer) {
    guard let handle else { preconditionFailure("headers are built before they are produced") }
    rd_kafka_header_add(
      handle, UnsafeRawPointer(name.utf8Start).assumingMemoryBound(to: CChar.self), name.utf8CodeUnitCount,
      value.baseAddress, value.count)
  }

  /// Adds a header of text.
  package mutating func append(_ name: StaticString, _ text: String) {
    var text = text
    text.withUTF8 { append(name, UnsafeRawBufferPointer($0)) }
  }

  /// Adds a header with any name.
  package mutating func append(_ header: MessageHeader) {
    guard let handle else { preconditionFailure("headers are built before they are produced") }
    // A null value and an empty one differ; an empty array has no address, so it borrows one.
    guard let value = header.value else {
      rd_kafka_header_add(handle, header.name, header.name.utf8.count, nil, 0)
      return
    }
    if value.isEmpty {
      rd_kafka_header_add(handle, header.name, header.name.utf8.count, "", 0)
    } else {
      value.withUnsafeBytes { bytes in
        _ = rd_kafka_header_add(handle, header.name, header.name.utf8.count, bytes.baseAddress, bytes.count)
      }
    }
  }
}

/// Writes records, idempotently, and in transactions where it has a transactional id. All calls are made on one
/// thread.
package final class Producer {
  /// A topic to write to; belongs to the producer that made it.
  package struct Topic {
    fileprivate let handle: OpaquePointer
    /// The topic's name.
    package let name: String
  }

  /// The name under which transactions are written; `nil` where there are none.
  package let transactionalID: String?

  let context: ClientContext
  let client: OpaquePointer
  private var topics: [String: OpaquePointer] = [:]
  private let isStopped: () -> Bool

  /// Makes a producer; connects in the background.
  ///
  /// With a `transactionalID` records go out in transactions only (see `initTransactions`), which the broker aborts
  /// when they are open for `transactionTimeoutMs`. `isStopped` ends the waiting of `produce` while librdkafka's
  /// queue is full.
  package init(
    configuration: KafkaConfiguration, transactionalID: String? = nil, transactionTimeoutMs: Int = 10_000,
    isStopped: @escaping () -> Bool = { false }
  ) throws(KafkaError) {
    self.transactionalID = transactionalID
    self.isStopped = isStopped
    context = ClientContext(events: configuration.events)
    var fixed: [String: String] = [:]
    if let transactionalID {
      fixed = [
        "transactional.id": transactionalID, "transaction.timeout.ms": String(transactionTimeoutMs),
        "enable.idempotence": "true",
      ]
    }
    client = try makeClient(
      RD_KAFKA_PRODUCER, configuration, defaults: KafkaConfiguration.producerDefaults, fixed: fixed, context: context)
  }

  deinit {
    // What `flush` has not brought out is lost by intent: a destroy would wait for it without bound.
    rd_kafka_purge(client, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT | RD_KAFKA_PURGE_F_NON_BLOCKING)
    for handle in topics.values { rd_kafka_topic_destroy(handle) }
    rd_kafka_destroy(client)
  }

  /// The topic of a name, to be kept for `produce`; `compression` (`none`, `lz4`, `zstd` …) is over the client's.
  ///
  /// The first call for a name decides its compression.
  package func topic(_ name: String, compression: String? = nil) throws(KafkaError) -> Topic {
    if let handle = topics[name] { return Topic(handle: handle, name: name) }
    var settings: OpaquePointer?
    if let compression {
      settings = rd_kafka_default_topic_conf_dup(client)
      let result = rd_kafka_topic_conf_set(settings, "compression.codec", compression, nil, 0)
      guard result == RD_KAFKA_CONF_OK else {
        rd_kafka_topic_conf_destroy(settings)
        throw KafkaError(
          RD_KAFKA_RESP_ERR__INVALID_ARG, "records of `\(name)` cannot be compressed by `\(compression)`",
          isRetriable: false, kind: .configuration)
      }
    }
    guard let handle = rd_kafka_topic_new(client, name, settings) else {
      throw KafkaError(rd_kafka_last_error()).during("using the topic `\(name)`")
    }
    topics[name] = handle
    return Topic(handle: handle, name: name)
  }

  /// Queues one record; key and value are copied. `partition` −1 lets librdkafka choose by the key's hash.
  ///
  /// A `nil` value is a tombstone; a timestamp of 0 is now. While the queue is full it waits, so a slow broker slows
  /// its caller. Throws also when an earlier record could not be delivered.
  package func produce(
    to topic: Topic, partition: Int32, key: UnsafeRawBufferPointer?, value: UnsafeRawBufferPointer?,
    timestampMs: Int64 = 0, headers: consuming ProducerHeaders? = nil
  ) throws(KafkaError) {
    try throwDeliveryFailure()
    var headers = headers.take()
    let handle = headers?.handle
    while true {
      // An empty key or value has no address of its own, but is not null.
      let code = segmenter_produce(
        client, topic.handle, partition, Producer.address(key), key?.count ?? 0, Producer.address(value),
        value?.count ?? 0, timestampMs, handle)
      switch code {
      case RD_KAFKA_RESP_ERR_NO_ERROR:
        headers?.handle = nil
        return
      case RD_KAFKA_RESP_ERR__QUEUE_FULL where !isStopped():
        rd_kafka_poll(client, Producer.queueFullWaitMs)
        try throwDeliveryFailure()
      default:
        throw explain(code).during("writing to `\(topic.name)`, partition \(partition)")
      }
    }
  }

  /// Queues one record of bytes in arrays.
  package func produce(
    to topic: Topic, partition: Int32, keyBytes: [UInt8]?, valueBytes: [UInt8]?,
    headers: consuming ProducerHeaders? = nil
  ) throws(KafkaError) {
    let (key, value) = (Producer.copy(keyBytes), Producer.copy(valueBytes))
    defer {
      key?.deallocate()
      value?.deallocate()
    }
    try produce(to: topic, partition: partition, key: key, value: value, headers: headers)
  }

  private static func copy(_ bytes: [UInt8]?) -> UnsafeRawBufferPointer? {
    guard let bytes else { return nil }
    let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 1)
    copy.copyBytes(from: bytes)
    return UnsafeRawBufferPointer(copy)
  }

  /// Serves callbacks without waiting; throws when a record could not be delivered.
  package func poll() throws(KafkaError) {
    rd_kafka_poll(client, 0)
    try throwDeliveryFailure()
  }

  /// Waits until every queued record is delivered, at most `timeoutMs`.
  ///
  /// Throws when time is up with records left, or when one could not be delivered.
  package func flush(timeoutMs: Int) throws(KafkaError) {
    let code = rd_kafka_flush(client, Int32(timeoutMs))
    try throwDeliveryFailure()
    guard code == RD_KAFKA_RESP_ERR_NO_ERROR else {
      throw explain(code).during("\(queuedCount) records were not written in \(timeoutMs) ms")
    }
  }

  /// Records queued or in flight.
  package var queuedCount: Int { Int(rd_kafka_outq_len(client)) }

  /// How long one look at a full queue waits, in ms.
  private static let queueFullWaitMs: Int32 = 5

  private static func address(_ bytes: UnsafeRawBufferPointer?) -> UnsafeRawPointer? {
    guard let bytes else { return nil }
    return bytes.baseAddress ?? UnsafeRawPointer(("" as StaticString).utf8Start)
  }

  /// Throws what the delivery callback has seen since the last call.
  func throwDeliveryFailure() throws(KafkaError) {
    guard let failure = context.deliveryFailure else { return }
    let count = context.deliveryFailureCount
    let topics = context.deliveryFailureTopics.map { "`\($0)`" }.joined(separator: ", ")
    forgetDeliveryFailures()
    if let refusal = transactionRefusal(of: failure, topics: topics) { throw refusal }
    // A record that is missing must not be committed around; after a fatal error nothing can be.
    let fatal = KafkaError(fatalOf: client)
    let error = failure.with(
      needsAbort: transactionalID != nil && fatal == nil, kind: fatal?.kind ?? failure.kind)
    throw count > 1 ? error.during("\(count) records were lost, the first") : error
  }

  /// Why a transaction's records were dropped unsent, where that is so: librdkafka tells it of the transaction alone.
  private func transactionRefusal(of failure: KafkaError, topics: String) -> KafkaError? {
    guard transactionalID != nil, failure.code == RD_KAFKA_RESP_ERR__PURGE_QUEUE.rawValue else { return nil }
    // Within a transaction beginning one does nothing, but says what has become of the one there is.
    let error = KafkaError(consuming: rd_kafka_begin_transaction(client), doing: "writing a transaction to \(topics)")
    return error.flatMap { $0.needsAbort ? $0 : nil }
  }

  /// Forgets records that were lost by intent.
  func forgetDeliveryFailures() {
    context.deliveryFailureTopics.removeAll()
    context.deliveryFailure = nil
    context.deliveryFailureCount = 0
  }

  /// A code as an error: by what ended the client, where something has, or by the latest refusal.
  private func explain(_ code: rd_kafka_resp_err_t) -> KafkaError {
    if let fatal = KafkaError(fatalOf: client) { return fatal }
    // A transaction that has failed takes no more records.
    if code == RD_KAFKA_RESP_ERR__STATE, transactionalID != nil {
      return KafkaError(
        code, "no transaction is open, or the open one has failed", isRetriable: false, needsAbort: true)
    }
    return context.explain(KafkaError(code))
  }
}
