import Kafka
import Segmentation

/// Sends commits: one Kafka transaction each. All calls are made on one thread.
final class Transport {
  private let context: StreamContext
  private let producer: Producer
  private let sink: TopicSink
  private let state: Producer.Topic
  private let statistics: Producer.Topic
  private let model: Producer.Topic

  /// Whether the last `send` failed after it had asked for the commit: only then may it have happened.
  private(set) var hasAskedToCommit = false
  /// Whether the last `send` had begun a transaction when it failed: a request to commit the one before that comes late
  /// can end it, so that the log has to be looked into.
  private(set) var hasBegun = false

  /// Makes a producer, which can send once it has taken over.
  init(_ context: StreamContext) throws(KafkaError) {
    self.context = context
    let options = context.options
    var properties = context.configuration
    // What is written is kept until it is certain; a record may not time out while its transaction lives.
    if properties.properties["message.timeout.ms"] == nil {
      properties.properties["message.timeout.ms"] = String(StreamContext.transactionTimeoutMs)
    }
    producer = try Producer(
      configuration: properties, transactionalID: options.isExactlyOnce ? context.transactionalID : nil,
      transactionTimeoutMs: StreamContext.transactionTimeoutMs)
    sink = TopicSink(producer: producer, source: options.source)
    state = try producer.topic(options.stateTopic, compression: "lz4")
    statistics = try producer.topic(options.statisticsTopic)
    model = try producer.topic(options.modelTopic)
    try Failpoint.startProducerMade.pass()
  }

  /// Takes the transactional id over, which ends what an earlier life left open, and fences whoever bears our name.
  ///
  /// A coordinator that does not answer is waited for as long as a transaction may last, or until `isStopped`.
  func takeOver(isStopped: () -> Bool) throws(KafkaError) {
    guard context.options.isExactlyOnce else { return }
    let deadlineMs = monotonicMs() + Int64(StreamContext.transactionTimeoutMs)
    while true {
      context.pulse.beat()
      do throws(KafkaError) {
        return try producer.initTransactions(timeoutMs: Transport.takeOverSliceMs)
      } catch {
        if !error.isRetriable || isStopped() || monotonicMs() >= deadlineMs { throw error }
      }
    }
  }

  /// One wait for the coordinator, in ms: so soon a stop is noticed.
  private static let takeOverSliceMs = 1_000

  /// Sends what of a batch is not known to be committed, as one transaction, and commits it.
  ///
  /// When it throws, nothing of it is visible unless `hasAskedToCommit`, or `hasBegun` and a late request ended it.
  func send(_ batch: CommitBatch) throws(KafkaError) {
    hasAskedToCommit = false
    guard context.options.isExactlyOnce else {
      try writeOutput(batch)
      return try writeState(batch)
    }
    guard let group = batch.group else { preconditionFailure("a commit is made in a group's name") }
    try producer.begin()
    hasBegun = true
    try Failpoint.commitBegun.pass()
    try writeOutput(batch)
    try Failpoint.commitOutputWritten.pass()
    try writeState(batch)
    try Failpoint.commitStateWritten.pass()
    let offsets = batch.parts.filter { !$0.isCommitted }.map {
      (partition: $0.partition, offset: $0.inputOffset, metadata: StateOffset.metadata($0.sequence))
    }
    try producer.sendOffsets(
      offsets, of: context.options.inputTopic, group: group, timeoutMs: StreamContext.transactionTimeoutMs)
    try Failpoint.commitOffsetsSent.pass()
    hasAskedToCommit = true
    try commit()
    try Failpoint.commitCommitted.pass()
    (hasAskedToCommit, hasBegun) = (false, false)
  }

  /// Drops the open transaction. After it returns nothing of it is visible.
  func abort() throws(KafkaError) { try producer.abort(timeoutMs: StreamContext.callTimeoutMs) }

  /// Changes and dead letters, delivered before anything says that they are.
  private func writeOutput(_ batch: CommitBatch) throws(KafkaError) {
    let options = context.options
    context.pulse.beat()
    for index in 0..<batch.changes.count {
      let change = batch.changes[index]
      if batch.isOpen(change.partition) { try sink.write(change, to: options.changesTopic) }
    }
    for letter in batch.letters where batch.isOpen(letter.partition) {
      try sink.write(letter, inputTopic: options.inputTopic, to: options.deadLettersTopic)
    }
    if batch.changes.count > 0 || !batch.letters.isEmpty { try flush() }
  }

  private func writeState(_ batch: CommitBatch) throws(KafkaError) {
    for part in batch.parts where !part.isCommitted {
      for (index, range) in part.records.enumerated() {
        let bytes = UnsafeRawBufferPointer(start: batch.state.base + range.lowerBound, count: range.count)
        try producer.produce(to: state, partition: part.partition, key: nil, value: bytes)
        if index + 1 < part.records.count { try Failpoint.commitPartWritten.pass() }
      }
    }
    for record in batch.statistics where batch.isOpen(record.partition) { try write(record, to: statistics) }
    if let record = batch.model, batch.isOpen(record.partition) {
      try write(record, to: model)
      try Failpoint.commitModelWritten.pass()
    }
    if let record = batch.health, batch.isOpen(record.partition) { try write(record, to: model) }
    try flush()
  }

  private func write(_ record: CommitBatch.KeyedRecord, to topic: Producer.Topic) throws(KafkaError) {
    try producer.produce(to: topic, partition: 0, keyBytes: Array(record.key.utf8), valueBytes: record.value)
  }

  private func flush() throws(KafkaError) {
    context.pulse.beat()
    try producer.flush(timeoutMs: StreamContext.transactionTimeoutMs)
    context.pulse.beat()
  }

  /// Asks again while the answer is only late; the broker ends the transaction when its time is up.
  private func commit() throws(KafkaError) {
    let deadlineMs = monotonicMs() + Int64(StreamContext.transactionTimeoutMs)
    while true {
      context.pulse.beat()
      do throws(KafkaError) {
        return try producer.commit(timeoutMs: StreamContext.callTimeoutMs)
      } catch {
        if !error.isRetriable || error.needsAbort || monotonicMs() >= deadlineMs { throw error }
      }
    }
  }
}

/// What is committed as the metadata of an offset: that it is ours, and the sequence of the state log with it.
enum StateOffset {
  private static let prefix = "segmenter:"

  static func metadata(_ sequence: Int64) -> String { prefix + String(sequence) }

  /// The sequence in our metadata; `nil` where somebody else has written the offset.
  static func sequence(_ metadata: String) -> Int64? {
    metadata.hasPrefix(prefix) ? Int64(metadata.dropFirst(prefix.count)) : nil
  }
}
