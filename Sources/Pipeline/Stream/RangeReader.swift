import Kafka

/// Reads given stretches of a topic's partitions once, what is committed in them. All calls are made on one thread.
final class RangeReader {
  private let context: StreamContext
  private let topic: String
  private let consumer: Consumer
  private let all: Consumer

  /// What has been read so far.
  private(set) var count = 0

  init(_ context: StreamContext, topic: String) throws(StreamError) {
    self.context = context
    self.topic = topic
    (consumer, all) = try streaming { () throws(KafkaError) in
      (
        try Consumer(configuration: context.eager, topic: topic, isolation: .committed, batchCountMax: 1_024),
        try Consumer(configuration: context.configuration, topic: topic, isolation: .uncommitted, batchCountMax: 1)
      )
    }
  }

  /// The first offset of each of the partitions 0, 1, …, and the one behind its last, open transactions included.
  func ranges(partitionCount: Int) throws(StreamError) -> [Range<Int64>] {
    try streaming { () throws(KafkaError) in
      try all.watermarks(
        partitions: (0..<partitionCount).map { Int32($0) }, timeoutMs: StreamContext.callTimeoutMs
      ).map { $0.low..<max($0.low, $0.high) }
    }
  }

  /// Reads the stretches, one a partition, each in order; `take` borrows the message.
  ///
  /// An open transaction holds it up for three transaction timeouts at most. Throws `offsetOutOfRange` as
  /// `inputLost` where a stretch was deleted meanwhile.
  func read(_ ranges: [Range<Int64>], _ take: (Message) throws(StreamError) -> Void) throws(StreamError) {
    var open = Set(ranges.indices.filter { !ranges[$0].isEmpty })
    if open.isEmpty { return }
    let starts = open.sorted().map { (partition: Int32($0), start: StartOffset.offset(ranges[$0].lowerBound)) }
    try streaming { () throws(KafkaError) in try consumer.assign(starts) }
    var movedMs = monotonicMs()
    while !open.isEmpty {
      let batch = try streaming { () throws(KafkaError) in try consumer.consumeBatch(timeoutMs: 10) }
      defer { consumer.releaseBatch() }
      for message in batch.messages {
        let partition = Int(message.partition)
        if message.offset < ranges[partition].upperBound {
          try take(message)
          count += 1
        }
        if message.offset >= ranges[partition].upperBound - 1 { open.remove(partition) }
      }
      for end in batch.ends where end.offset >= ranges[Int(end.partition)].upperBound {
        open.remove(Int(end.partition))
      }
      if let error = batch.errors.first(where: { !$0.isRetriable && $0.kind != .unreachable }) {
        throw StreamError(error)
      }
      let nowMs = monotonicMs()
      if !batch.messages.isEmpty { movedMs = nowMs }
      if nowMs - movedMs > 3 * Int64(StreamContext.transactionTimeoutMs) {
        throw StreamError(
          .tryAgain, "`\(topic)` cannot be read up to its end: a transaction is open in it, or its broker is away")
      }
    }
    try streaming { () throws(KafkaError) in try consumer.assign([]) }
  }
}
