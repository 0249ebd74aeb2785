/// One consumed record. Its pointers are borrowed from the consumer until `releaseBatch()`.
package struct Message {
  /// The value; `nil` for a tombstone.
  package var value: UnsafeRawPointer?
  /// The number of bytes at `value`.
  package var valueCount: Int
  /// The key; `nil` where there is none.
  package var key: UnsafeRawPointer?
  /// The number of bytes at `key`.
  package var keyCount: Int
  /// The partition it was read from.
  package var partition: Int32
  /// Its index in the batch's handles, for `Consumer.headers(of:)`.
  package var index: Int32
  /// Its offset in the partition.
  package var offset: Int64
  /// Kafka's time of the record, in ms since 1970; −1 where the broker has none.
  package var timestampMs: Int64
}

/// A header of a record: a name and bytes, or none.
package struct MessageHeader: Sendable, Equatable {
  /// The name; need not be unique in a record.
  package var name: String
  /// The bytes; `nil` where the header has no value.
  package var value: [UInt8]?

  /// Makes a header.
  package init(name: String, value: [UInt8]?) {
    self.name = name
    self.value = value
  }

  /// The value as text; empty where there is none.
  package var text: String { value.map { String(decoding: $0, as: UTF8.self) } ?? "" }
}

/// Where a partition is read from.
package enum StartOffset: Sendable, Equatable {
  /// The oldest record there is. A new consumer may wait 0.5 s for librdkafka to look it up; the low watermark as an
  /// `offset` is read at once.
  case beginning
  /// Only what comes from now on.
  case end
  /// This very offset; an offset outside the partition is an error.
  case offset(Int64)
}

/// A partition has been read to its present end.
package struct PartitionEnd: Sendable, Equatable {
  /// The partition.
  package var partition: Int32
  /// The offset that the next record will have at least.
  package var offset: Int64
}

/// What one call brought.
package struct ConsumedBatch {
  /// The records, in the order of their offsets within a partition; borrowed until `releaseBatch()`.
  package let messages: UnsafeBufferPointer<Message>
  /// The partitions whose end was reached; librdkafka reports an end once.
  package let ends: [PartitionEnd]
  /// What went wrong with single partitions or the client.
  package let errors: [KafkaError]
}
