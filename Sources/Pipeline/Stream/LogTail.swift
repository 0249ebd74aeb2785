import Kafka
import Segmentation

/// Reads how the state log of partitions ends. All calls are made on one thread.
final class LogTail {
  private let context: StreamContext
  private let committed: Consumer
  private let uncommitted: Consumer

  /// So many offsets are read first: the last record, and the markers of its transaction.
  private static let firstStep: Int64 = 8

  init(_ context: StreamContext) throws(KafkaError) {
    self.context = context
    let topic = context.options.stateTopic
    committed = try Consumer(
      configuration: context.eager, topic: topic, isolation: .committed, batchCountMax: 64)
    uncommitted = try Consumer(
      configuration: context.configuration, topic: topic, isolation: .uncommitted, batchCountMax: 1)
  }

  /// The first offset of each partition's log and the one behind its last, those of open transactions included.
  func ends(_ partitions: [Int32]) throws(KafkaError) -> [(low: Int64, high: Int64)] {
    try uncommitted.watermarks(partitions: partitions, timeoutMs: StreamContext.callTimeoutMs)
  }

  /// The first offset of each input partition and the one behind its last.
  func inputRanges(_ topic: String, _ partitions: [Int32]) throws(KafkaError) -> [(low: Int64, high: Int64)] {
    try uncommitted.watermarks(of: topic, partitions: partitions, timeoutMs: StreamContext.callTimeoutMs)
  }

  /// The sequence of the last committed record of each partition's log; 0 where there is none.
  ///
  /// It reads up to the ends as of the call, so it waits until no transaction is open before them.
  func lastSequences(_ partitions: [Int32]) throws(KafkaError) -> [Int32: Int64] {
    var found: [Int32: Int64] = [:]
    var open = Array(zip(partitions, try ends(partitions)))
    var step = LogTail.firstStep
    while !open.isEmpty {
      let starts = open.map { (partition: $0.0, from: max($0.1.low, $0.1.high - step), end: $0.1.high) }
      let read = try readLast(starts)
      open.removeAll { partition, range in
        guard let sequence = read[partition] else {
          if range.high - step > range.low { return false }
          found[partition] = 0
          return true
        }
        found[partition] = sequence
        return true
      }
      step *= 8
    }
    return found
  }

  private func readLast(
    _ starts: [(partition: Int32, from: Int64, end: Int64)]
  ) throws(KafkaError) -> [Int32: Int64] {
    var last: [Int32: Int64] = [:]
    var ends: [Int32: Int64] = [:]
    for start in starts where start.end > start.from { ends[start.partition] = start.end }
    if ends.isEmpty { return [:] }
    try committed.assign(starts.compactMap { ends[$0.partition] == nil ? nil : ($0.partition, .offset($0.from)) })
    let deadlineMs = monotonicMs() + 3 * Int64(StreamContext.transactionTimeoutMs)
    while !ends.isEmpty {
      context.pulse.beat()
      if context.isStopped() { throw .timedOut("reading `\(context.options.stateTopic)` when asked to stop") }
      let batch = try committed.consumeBatch(timeoutMs: 10)
      defer { committed.releaseBatch() }
      for message in batch.messages {
        guard let value = message.value else { continue }
        let bytes = UnsafeRawBufferPointer(start: value, count: message.valueCount)
        guard let header = try? StateRecordHeader(bytes) else { continue }
        // Without its last part a commit is as good as absent, and is sent again.
        last[message.partition] = header.part == header.parts - 1 ? header.sequence : header.sequence - 1
      }
      for end in batch.ends where end.offset >= ends[end.partition] ?? .max { ends[end.partition] = nil }
      if let error = batch.errors.first(where: { !$0.isRetriable && $0.kind != .unreachable }) { throw error }
      if monotonicMs() > deadlineMs {
        throw .timedOut("waiting for an open transaction on `\(context.options.stateTopic)` to end")
      }
    }
    try committed.assign([])
    return last
  }
}
