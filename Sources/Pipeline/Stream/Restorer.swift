import Kafka
import Segmentation

/// Brings the state of assigned partitions back from the state log, a slice at a time, while the core goes on.
///
///     begin ─► offsets (committed, stable) ─► ends (of the log) ─► reading ─► compared ─► ready
///                 ▲                                                  │ truncated meanwhile
///                 └──────────────────────────────────────────────────┘
final class Restorer {
  /// A partition whose state is here.
  struct Ready {
    let partition: Int32
    /// Where its input goes on; `nil` at the very first start: at the input's beginning.
    let offset: Int64?
    /// The sequence of its last commit; 0 before the first.
    let sequence: Int64
    /// The walk that it is in, and where that began in the log.
    let walk: LogCleaner.Walk?
  }

  /// What memory still holds of a partition that was owned before, as of its last commit.
  struct Kept {
    let offset: Int64
    let sequence: Int64
  }

  private struct Entry {
    let partition: Int32
    var kept: Kept?
    var committed: CommittedOffset
    var low: Int64 = 0
    var end: Int64 = 0
    var position: Int64 = 0
    var walk: LogCleaner.Walk?
    var isRead = false
    /// What the input holds of it, asked once its log is read.
    var input: (low: Int64, high: Int64) = (0, .max)
  }

  private enum Step {
    case offsets, ends, reading
  }

  private let context: StreamContext
  private let segmenter: Segmenter
  private let fingerprint: UInt64
  private let reader: Consumer
  private let tail: LogTail
  private var entries: [Entry] = []
  private var step = Step.offsets
  private var rows = 0
  /// The partitions that it began with.
  private var count = 0
  private var beganMs: Int64 = 0
  private var saidMs: Int64 = 0
  private var progressedMs: Int64 = 0
  /// A record that is not one of our log.
  private var damage: StreamError?

  /// How long one call may keep the core from its other work, in ms.
  private static let sliceMs: Int64 = 50
  /// The time between two lines of progress, in ms.
  private static let progressMs: Int64 = 2_000
  /// An open transaction stands in the way when nothing came for so long: three times what one may live, in ms.
  private static let standstillMs = 3 * Int64(StreamContext.transactionTimeoutMs)

  init(_ context: StreamContext, segmenter: Segmenter, fingerprint: UInt64) throws(KafkaError) {
    self.context = context
    self.segmenter = segmenter
    self.fingerprint = fingerprint
    reader = try Consumer(
      configuration: context.eager, topic: context.options.stateTopic, isolation: .committed, batchCountMax: 64)
    tail = try LogTail(context)
  }

  /// Whether there is nothing to restore.
  var isIdle: Bool { entries.isEmpty }

  /// Restores these partitions from now on, and no others; what `kept` says of them need not be read again if the
  /// log agrees.
  func begin(_ partitions: [Int32], kept: [Int32: Kept]) {
    for entry in entries where !partitions.contains(entry.partition) { segmenter.clear(entry.partition) }
    entries = partitions.map {
      Entry(partition: $0, kept: kept[$0], committed: CommittedOffset(partition: $0, offset: nil))
    }
    step = .offsets
    rows = 0
    count = partitions.count
    beganMs = monotonicMs()
    (saidMs, progressedMs) = (beganMs, beganMs)
  }

  /// Does a slice of the work; returns the partitions that have become ready.
  ///
  /// `group` is asked for its offsets. Throws what cannot be mended by waiting.
  func advance(_ group: Consumer) throws(StreamError) -> [Ready] {
    let read: [Int32]
    do throws(KafkaError) {
      read = try advanceStep(group)
      try askInput(read)
    } catch {
      try startAgain(after: error)
      return []
    }
    if let damage { throw damage }
    return try compare(read)
  }

  /// Returns the partitions whose log need be read no further.
  private func advanceStep(_ group: Consumer) throws(KafkaError) -> [Int32] {
    switch step {
    case .offsets:
      try readOffsets(group)
      try Failpoint.restoreOffsetsKnown.pass()
      step = .ends
      return []
    case .ends:
      let unread = try readEnds()
      try Failpoint.restoreEndsKnown.pass()
      step = .reading
      return unread
    case .reading:
      let read = try readSlice()
      sayProgress()
      return read
    }
  }

  /// Learns what the input holds of partitions whose log is read.
  private func askInput(_ partitions: [Int32]) throws(KafkaError) {
    if partitions.isEmpty { return }
    let ranges = try tail.inputRanges(context.options.inputTopic, partitions)
    for (partition, range) in zip(partitions, ranges) {
      guard let index = entries.firstIndex(where: { $0.partition == partition }) else { continue }
      entries[index].input = range
    }
  }

  private func startAgain(after error: KafkaError) throws(StreamError) {
    if error.kind == .offsetOutOfRange {
      context.notices(.info, "the state log was shortened while it was read: reading it again")
    } else if error.isRetriable || error.kind == .unreachable {
      context.notices(.warning, "restoring: \(error); trying again")
    } else {
      throw StreamError(error)
    }
    let partitions = entries.map(\.partition)
    for partition in partitions { segmenter.clear(partition) }
    begin(partitions, kept: [:])
  }

  private func readOffsets(_ group: Consumer) throws(KafkaError) {
    let committed = try group.committedOffsets(
      partitions: entries.map(\.partition), timeoutMs: StreamContext.callTimeoutMs)
    for index in entries.indices { entries[index].committed = committed[index] }
  }

  /// Learns where each log ends; a log without a record, or one that memory still holds, need not be read.
  private func readEnds() throws(KafkaError) -> [Int32] {
    let partitions = entries.map(\.partition)
    let keepers = entries.filter { $0.kept != nil }.map(\.partition)
    let last = keepers.isEmpty ? [:] : try tail.lastSequences(keepers)
    for (index, end) in try tail.ends(partitions).enumerated() {
      (entries[index].low, entries[index].end) = (end.low, end.high)
      entries[index].position = end.low
      guard let kept = entries[index].kept else {
        entries[index].isRead = end.low == end.high
        continue
      }
      let partition = entries[index].partition
      if kept.sequence == last[partition] && kept.offset == entries[index].committed.offset {
        entries[index].isRead = true
      } else {
        entries[index].kept = nil
        segmenter.clear(partition)
      }
    }
    let rest = entries.filter { !$0.isRead }
    try reader.assign(rest.map { ($0.partition, .offset($0.low)) })
    return entries.filter(\.isRead).map(\.partition)
  }

  /// Reads for a while; returns the partitions whose log is read.
  private func readSlice() throws(KafkaError) -> [Int32] {
    let untilMs = monotonicMs() + Restorer.sliceMs
    var read: [Int32] = []
    repeat {
      let batch = try reader.consumeBatch(timeoutMs: 5)
      defer { reader.releaseBatch() }
      for message in batch.messages where damage == nil { try take(message) }
      if damage != nil { return [] }
      for end in batch.ends {
        guard let index = entries.firstIndex(where: { $0.partition == end.partition }) else { continue }
        entries[index].position = end.offset
        if end.offset >= entries[index].end && !entries[index].isRead {
          entries[index].isRead = true
          read.append(end.partition)
        }
      }
      if let error = batch.errors.first(where: { $0.kind != .unreachable }) { throw error }
      if !batch.messages.isEmpty { progressedMs = monotonicMs() }
    } while monotonicMs() < untilMs && entries.contains { !$0.isRead }
    return read
  }

  private func take(_ message: Message) throws(KafkaError) {
    guard let index = entries.firstIndex(where: { $0.partition == message.partition }), let value = message.value
    else { return }
    let bytes = UnsafeRawBufferPointer(start: value, count: message.valueCount)
    do throws(StateLogError) {
      let header = try segmenter.restore(message.partition, record: bytes, fingerprint: fingerprint)
      if entries[index].walk?.number != header.walk {
        let read = entries[index].walk?.bytesRead ?? 0
        entries[index].walk = LogCleaner.Walk(number: header.walk, start: message.offset, bytesRead: read)
      }
      entries[index].walk?.bytesRead += message.valueCount
      rows += header.rows
      entries[index].position = message.offset + 1
    } catch {
      damage = StreamError(.disagree, "\(place(message.partition, message.offset)): \(error)\(rebuild)")
      return
    }
    try Failpoint.restoreRecordRead.pass()
  }

  private func place(_ partition: Int32, _ offset: Int64) -> String {
    "topic `\(context.options.stateTopic)`, partition \(partition), offset \(offset)"
  }

  // MARK: What the group and the log say

  /// Finishes partitions whose log is read: the log's offset and the group's must go together.
  private func compare(_ partitions: [Int32]) throws(StreamError) -> [Ready] {
    var ready: [Ready] = []
    for partition in partitions {
      guard let index = entries.firstIndex(where: { $0.partition == partition }) else { continue }
      let entry = entries[index]
      if let kept = entry.kept {
        ready.append(Ready(partition: partition, offset: kept.offset, sequence: kept.sequence, walk: nil))
      } else {
        ready.append(try finish(entry))
      }
    }
    entries.removeAll { entry in ready.contains { $0.partition == entry.partition } }
    try streaming { () throws(KafkaError) in
      if !ready.isEmpty { try Failpoint.restoreCompared.pass() }
    }
    if entries.isEmpty && !ready.isEmpty {
      try streaming { () throws(KafkaError) in try reader.assign([]) }
      let seconds = Double(monotonicMs() - beganMs) / 1_000
      context.notices(
        .info,
        "restored \(count == 1 ? "1 partition" : "\(count) partitions"), \(rows) rows read, "
          + "\((seconds * 10).rounded() / 10) s")
    }
    return ready
  }

  private func finish(_ entry: Entry) throws(StreamError) -> Ready {
    let header: StateRecordHeader?
    do throws(StateLogError) {
      header = try segmenter.finishRestore(entry.partition)
    } catch {
      throw StreamError(.disagree, "\(place(entry.partition, entry.end)): \(error)\(rebuild)")
    }
    try streaming { () throws(KafkaError) in try Failpoint.restoreLogRead.pass() }
    let offset = try StateAgreement(
      partition: entry.partition, input: context.options.inputTopic, state: context.options.stateTopic,
      group: context.options.group, rebuild: rebuild
    ).offset(committed: entry.committed, log: header)
    if let offset { try checkInput(entry, holds: offset) }
    return Ready(
      partition: entry.partition, offset: offset, sequence: header?.sequence ?? 0, walk: entry.walk)
  }

  private var rebuild: String { "; to rebuild the state from the input: segmenter reset --config FILE" }

  /// The input must still hold what the state goes on from.
  private func checkInput(_ entry: Entry, holds offset: Int64) throws(StreamError) {
    let (input, range) = (context.options.inputTopic, entry.input)
    guard offset < range.low || offset > range.high else { return }
    throw StreamError(
      .disagree,
      "the state of partition \(entry.partition) goes on at offset \(offset) of `\(input)`, which holds "
        + "\(range.low) to \(range.high): records were "
        + "\(offset < range.low ? "deleted before they were read" : "lost")\(rebuild)")
  }

  private func sayProgress() {
    let nowMs = monotonicMs()
    guard nowMs - saidMs >= Restorer.progressMs else { return }
    saidMs = nowMs
    let done = entries.reduce(0) { $0 + $1.position - $1.low }
    let all = entries.reduce(0) { $0 + $1.end - $1.low }
    if nowMs - progressedMs > Restorer.standstillMs, let stuck = entries.first(where: { !$0.isRead }) {
      context.notices(
        .warning,
        "`\(context.options.stateTopic)` partition \(stuck.partition) has an open transaction at offset "
          + "\(stuck.position); if it is nobody's: kafka-transactions.sh --bootstrap-server "
          + "\(context.configuration.bootstrap) abort --topic \(context.options.stateTopic) --partition "
          + "\(stuck.partition) --start-offset \(stuck.position)")
      return
    }
    let seconds = Double(nowMs - beganMs) / 1_000
    let left = done > 0 ? Double(all - done) * seconds / Double(done) : 0
    context.notices(
      .info, "restoring: \(rows) rows read, \(Int(Double(rows) / seconds))/s, about \(Int(left.rounded(.up))) s left")
  }
}
