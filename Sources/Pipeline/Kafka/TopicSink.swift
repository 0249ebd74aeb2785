import Kafka
import Segmentation

/// Writes changes, dead letters and generated records to Kafka. All calls are made on one thread.
package final class TopicSink {
  private let producer: Producer
  private let source: String
  private var topics: [String: Producer.Topic] = [:]

  /// Makes a sink. `source` is the CloudEvents source of changes.
  ///
  /// `isStopped` ends the waiting for a broker that takes no more.
  package init(
    configuration: KafkaConfiguration, source: String, isStopped: @escaping () -> Bool = { false }
  ) throws(KafkaError) {
    producer = try Producer(configuration: configuration, isStopped: isStopped)
    self.source = source
  }

  /// Makes a sink of a producer, e.g. one with transactions.
  init(producer: Producer, source: String) {
    self.producer = producer
    self.source = source
  }

  /// Writes a change or an erasure in CloudEvents binary mode to the partition of its input.
  ///
  /// `change` must have been written in binary shape. Throws also when an earlier record could not be delivered.
  package func write(_ change: PublishedChange, to topic: String, partition: Int32? = nil) throws(KafkaError) {
    var headers = ProducerHeaders(capacity: 7)
    headers.append("ce_specversion", staticBytes("1.0"))
    headers.append("ce_id", UnsafeRawBufferPointer(change.id))
    headers.append("ce_source", source)
    headers.append("ce_subject", UnsafeRawBufferPointer(change.key))
    headers.append("ce_time", UnsafeRawBufferPointer(change.time))
    headers.append("ce_type", staticBytes(change.type))
    headers.append("content-type", staticBytes("application/json"))
    try producer.produce(
      to: target(topic), partition: partition ?? change.partition, key: UnsafeRawBufferPointer(change.key),
      value: change.value.map { UnsafeRawBufferPointer($0) }, headers: headers)
  }

  /// The most of a dead letter's value that is kept: with 1 MiB of it and headers the broker refuses the record. A key
  /// or headers of more than that are left out: the three together stay below what a producer sends, 2 MiB, and one
  /// record that nobody can write would otherwise stop everything behind it.
  package static let deadLetterBytesMax = 512 << 10

  /// Writes a dead letter with its original key, headers and what was kept of its value, and why.
  func write(_ kept: KeptLetter, inputTopic: String, to topic: String) throws(KafkaError) {
    var headers = ProducerHeaders(capacity: kept.headers.count + 6)
    for header in kept.headers { headers.append(header) }
    headers.append("segmenter.error.code", kept.letter.code.rawValue)
    headers.append("segmenter.error.message", kept.letter.message)
    headers.append("segmenter.error.topic", inputTopic)
    headers.append("segmenter.error.partition", String(kept.partition))
    headers.append("segmenter.error.offset", String(kept.offset))
    headers.append("segmenter.error.timestamp", String(kept.timestampMs))
    try producer.produce(
      to: try target(topic), partition: kept.partition, keyBytes: kept.key, valueBytes: kept.value, headers: headers)
  }

  /// Writes one plain record, e.g. of the generator. A timestamp of 0 is now.
  package func write(
    key: UnsafeRawBufferPointer?, value: UnsafeRawBufferPointer?, to topic: String, partition: Int32,
    timestampMs: Int64 = 0
  ) throws(KafkaError) {
    try producer.produce(to: target(topic), partition: partition, key: key, value: value, timestampMs: timestampMs)
  }

  /// Serves the producer without waiting; throws when a record could not be delivered.
  package func poll() throws(KafkaError) { try producer.poll() }

  /// Waits until everything is delivered, at most `timeoutMs`; throws when it is not.
  package func flush(timeoutMs: Int) throws(KafkaError) { try producer.flush(timeoutMs: timeoutMs) }

  private func target(_ name: String) throws(KafkaError) -> Producer.Topic {
    if let topic = topics[name] { return topic }
    let topic = try producer.topic(name)
    topics[name] = topic
    return topic
  }

  private func staticBytes(_ text: StaticString) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
  }
}
