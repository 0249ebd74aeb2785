import Kafka
import Segmentation

/// How a few real records of the input decode, to check a configuration.
package struct InputSample {
  /// How long the first records may take to come, in ms.
  private static let patienceMs = 10_000
  /// How long one call waits for records, in ms.
  private static let consumeTimeoutMs = 200

  /// The records that were looked at.
  package private(set) var records = 0
  /// Those that could not be used.
  package private(set) var dead = 0
  /// One line a record: where it is, and what it says or why it cannot be used.
  package private(set) var lines: [String] = []

  /// Reads up to `count` records from the beginnings of the input's partitions and decodes them as `run` does.
  ///
  /// Throws `StreamError`, also where there is no such topic or the map cannot be used.
  package init(_ options: DaemonOptions, count: Int, notices: Notices) throws(StreamError) {
    // A few records are enough: nothing is fetched ahead for long.
    let configuration = options.configuration(notices, also: ["queued.max.messages.kbytes": "4096"])
    let topic = options.inputTopic
    let partitions = try TopicPlan(configuration: configuration, timeoutMs: options.connectTimeoutMs).input(topic)
    var decoder = try options.decoder()
    let consumer = try streaming { () throws(KafkaError) in
      let consumer = try Consumer(configuration: configuration, topic: topic, batchCountMax: count)
      try consumer.assign((0..<partitions).map { (Int32($0), .beginning) })
      return consumer
    }
    var ended: Set<Int32> = []
    for _ in 0..<Self.patienceMs / Self.consumeTimeoutMs where records < count && ended.count < partitions {
      let batch = try streaming { () throws(KafkaError) in
        try consumer.consumeBatch(timeoutMs: Self.consumeTimeoutMs)
      }
      defer { consumer.releaseBatch() }
      for error in batch.errors where error.kind != .unreachable { throw StreamError(error) }
      for end in batch.ends { ended.insert(end.partition) }
      for message in batch.messages.prefix(count - records) { take(message, &decoder) }
    }
  }

  private mutating func take(_ message: Message, _ decoder: inout RecordDecoder) {
    let raw = RawRecord(
      value: message.value, valueCount: message.valueCount, key: message.key, keyCount: message.keyCount,
      timestampMs: message.timestampMs, offset: message.offset, partition: message.partition)
    var letters: [DeadLetter] = []
    let place = "partition \(message.partition), offset \(message.offset)"
    records += 1
    withUnsafeTemporaryAllocation(of: PurchaseRecord.self, capacity: 1) { room in
      let count = withUnsafePointer(to: raw) { raw in
        room.baseAddress.map {
          decoder.decode(UnsafeBufferPointer(start: raw, count: 1), into: $0, deadLetters: &letters)
        }
      }
      if count == 1 {
        lines.append("\(place): \(describe(room[0], decoder.currency))")
      } else {
        dead += 1
        lines.append("\(place): dead letter \(letters.map { "\($0.code.rawValue): \($0.message)" }.joined())")
      }
    }
  }

  private func describe(_ record: PurchaseRecord, _ currency: Currency) -> String {
    let id = UnsafeBufferPointer(start: record.customerID, count: Int(record.customerIDCount))
    let customer = "customer `\(String(decoding: id, as: UTF8.self))`"
    var text = ByteBuffer(capacity: 64)
    text.append(minor: record.amountMinor, digits: currency.digits)
    text.append(" \(currency.code ?? "")".utf8.map { $0 })
    text.append(" at ")
    text.append(timeMs: record.timestampMs)
    let value = String(decoding: text.bytes, as: UTF8.self)
    let ids =
      (record.transactionHash == 0 ? ", no transaction id" : "") + (record.orderHash == 0 ? ", no order id" : "")
    switch record.kind {
    case .purchase: return "purchase of \(value), \(customer)\(ids)"
    case .refund: return "refund of \(value), \(customer)\(ids)"
    case .erasure: return "erasure of \(customer)"
    }
  }
}
