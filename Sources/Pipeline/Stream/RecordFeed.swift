import Kafka

/// Follows the one partition of a topic that instances talk to each other by. All calls are made on one thread.
final class RecordFeed {
  /// A record, copied.
  struct Record {
    let key: [UInt8]
    let value: [UInt8]
    let timestampMs: Int64
  }

  private let context: StreamContext
  private let consumer: Consumer
  private let ends: Consumer
  private let topic: String
  /// The offset up to which the topic has been read.
  private var position: Int64 = 0

  init(_ context: StreamContext, topic: String) throws(KafkaError) {
    self.context = context
    self.topic = topic
    consumer = try Consumer(
      configuration: context.patient, topic: topic, isolation: .committed, batchCountMax: 256)
    ends = try Consumer(
      configuration: context.configuration, topic: topic, isolation: .uncommitted, batchCountMax: 1)
  }

  /// Reads all that the topic holds and is committed by now, and then follows it.
  func readAll(_ take: (Record) -> Void) throws(KafkaError) {
    let range = try range()
    try begin(at: range.low)
    try read(to: range.high, take)
  }

  /// Reads backwards in growing steps until `isEnough` of what lies between a step's start and the end, and then
  /// follows the topic.
  func readLast(_ take: (Record) -> Void, isEnough: () -> Bool) throws(KafkaError) {
    let range = try range()
    var step: Int64 = 16
    while true {
      let start = max(range.low, range.high - step)
      try begin(at: start)
      try read(to: range.high, take)
      if isEnough() || start == range.low { return }
      step *= 8
    }
  }

  /// Takes all that is committed by now.
  func catchUp(_ take: (Record) -> Void) throws(KafkaError) { try read(to: try range().high, take) }

  /// Takes what has come since the last call, without waiting.
  func poll(_ take: (Record) -> Void) throws(KafkaError) { try readBatch(timeoutMs: 0, take) }

  /// The first offset and the one behind the last, those of open transactions included.
  private func range() throws(KafkaError) -> (low: Int64, high: Int64) {
    try ends.watermarks(partition: 0, timeoutMs: StreamContext.callTimeoutMs)
  }

  /// Reads up to an offset; a process that is to stop reads no further and needs no more.
  private func read(to end: Int64, _ take: (Record) -> Void) throws(KafkaError) {
    let deadlineMs = monotonicMs() + 3 * Int64(StreamContext.transactionTimeoutMs)
    while position < end {
      context.pulse.beat()
      try readBatch(timeoutMs: 10, take)
      if context.isStopped() { return }
      if monotonicMs() > deadlineMs {
        throw .timedOut("reading `\(topic)` up to offset \(end), where a transaction may be open")
      }
    }
  }

  private func readBatch(timeoutMs: Int, _ take: (Record) -> Void) throws(KafkaError) {
    let batch = try consumer.consumeBatch(timeoutMs: timeoutMs)
    defer { consumer.releaseBatch() }
    for message in batch.messages {
      position = message.offset + 1
      guard let value = message.value else { continue }
      take(
        Record(
          key: [UInt8](UnsafeRawBufferPointer(start: message.key, count: message.keyCount)),
          value: [UInt8](UnsafeRawBufferPointer(start: value, count: message.valueCount)),
          timestampMs: message.timestampMs))
    }
    if let error = batch.errors.first(where: { !$0.isRetriable && $0.kind != .unreachable }) {
      // Retention has overtaken the reading: what is left is read from its start.
      guard error.kind == .offsetOutOfRange else { throw error }
      try begin(at: try range().low)
    }
    for end in batch.ends { position = end.offset }
  }

  private func begin(at offset: Int64) throws(KafkaError) {
    position = offset
    try consumer.assign([(0, .offset(offset))])
  }
}
