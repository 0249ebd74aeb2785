import Kafka
import Segmentation

/// How a worker's commits stand.
struct CommitState {
  /// When the last was cut, in ms of the monotonic clock.
  var cutMs: Int64 = 0
  /// The input records taken until then.
  var cutRecords = 0
  /// Whether nobody wants to know the outcome of the one in flight any more: its partitions are gone.
  var isDropped = false
  /// Where a commit waits to learn whether a twin has fenced it.
  var suspension: Suspension?
}

/// How long a commit has waited for the heartbeats that tell whether the group still knows us.
///
/// Only time counts in which the core turns: a process that was stopped meanwhile has heard no heartbeat, and begins
/// anew.
struct Suspension {
  private var waitedMs: Int64 = 0
  private var lookedMs: Int64

  /// A longer time between two looks is one in which the process may have been stopped, in ms.
  private static let gapMsMax: Int64 = 1_000

  init(nowMs: Int64) { lookedMs = nowMs }

  /// Looks at the clock; whether two heartbeats have passed.
  mutating func isOver(nowMs: Int64) -> Bool {
    let elapsedMs = nowMs - lookedMs
    waitedMs = elapsedMs > Suspension.gapMsMax ? 0 : waitedMs + elapsedMs
    lookedMs = nowMs
    return waitedMs >= StreamContext.twoHeartbeatsMs
  }
}

extension Worker {
  /// The time between two commits, in ms: behind, and without input, where the walk over all customers goes on and an
  /// idle daemon is to cost next to nothing; live it is a setting.
  private static let behindMs: Int64 = 1_000
  private static let idleMs: Int64 = 2_000
  /// A commit is made when the rows touched come to so many bytes.
  private static let touchedBytesMax = 64 << 20
  /// The core waits for the commit in flight when what is uncommitted comes to so many bytes.
  private static let uncommittedBytesMax = 128 << 20
  /// How long one wait for a commit is, in ms.
  private static let waitMs = 100

  /// Takes the outcome of the commit in flight, and makes the next when it is due.
  func commitIfDue() throws(StreamError) {
    try settle(timeoutMs: 0)
    while !committer.isIdle && uncommittedBytes > Worker.uncommittedBytesMax && !context.isStopped() {
      context.pulse.beat()
      try settle(timeoutMs: Worker.waitMs)
    }
    let nowMs = monotonicMs()
    if commits.suspension != nil {
      guard commits.suspension?.isOver(nowMs: nowMs) == true, committer.isIdle else { return }
      // The group still knows us after two heartbeats: no twin has come.
      commits.suspension = nil
      committer.resolve(sent)
    }
    guard committer.isIdle, isDue(nowMs) else { return }
    try cut()
  }

  private var uncommittedBytes: Int { segmenter.touchedBytes + segmenter.changeBytes + filling.letterBytes }

  private func isDue(_ nowMs: Int64) -> Bool {
    if uncommittedBytes >= Worker.touchedBytesMax { return true }
    let hasInput = status.records > commits.cutRecords
    let isBehind = partitions.contains { $0.isRunning && !$0.position.isLive }
    let periodMs = !hasInput ? Worker.idleMs : isBehind ? Worker.behindMs : Int64(context.options.commitIntervalMs)
    return nowMs - commits.cutMs >= periodMs
  }

  /// Encodes what has happened since the last cut and hands it to the committer; nothing, where nothing has.
  private func cut() throws(StreamError) {
    commits.cutMs = monotonicMs()
    commits.cutRecords = status.records
    for index in partitions.indices where partitions[index].isRunning { cut(index) }
    if filling.parts.isEmpty { return }
    segmenter.takeChanges(into: &filling.changes)
    if let trainer, filling.parts.contains(where: { $0.partition == 0 }) {
      filling.health = trainer.takeHealth()
      filling.model = trainer.takePending()
      if filling.model != nil { try streaming { () throws(KafkaError) in try Failpoint.commitModelTaken.pass() } }
    }
    filling.group = consumer.groupMetadata
    swap(&filling, &sent)
    try streaming { () throws(KafkaError) in try Failpoint.commitCut.pass() }
    committer.submit(sent)
  }

  private func cut(_ index: Int) {
    let partition = partitions[index]
    let (number, offset) = (partition.number, partition.position.next)
    let hasModel = trainer?.hasNews == true && number == 0
    let hasNews = segmenter.hasNews(number) || offset != partition.cutOffset
    guard offset >= 0, hasNews || hasModel || partition.owesStatistics && partition.hasUntold else { return }
    let sequence = partition.sequence + 1
    let records =
      context.options.isExactlyOnce
      ? segmenter.cut(
        number, inputOffset: offset, sequence: sequence, fingerprint: fingerprint, into: &filling.state) : []
    filling.parts.append(
      CommitBatch.Part(
        partition: number, sequence: sequence, inputOffset: offset, walk: segmenter.sweeps(of: number),
        records: records))
    partitions[index].sequence = sequence
    partitions[index].cutOffset = offset
    partitions[index].hasUntold = hasNews
    if partition.owesStatistics { tell(index) }
  }

  /// Adds a partition's statistics, and its part of the sample where that is due.
  private func tell(_ index: Int) {
    let partition = partitions[index]
    let number = partition.number
    (partitions[index].owesStatistics, partitions[index].hasUntold) = (false, false)
    let record = StatisticsRecord(
      of: number, from: segmenter, sequence: Int(partition.sequence), member: context.member,
      offset: partition.position.next, lag: consumer.lag(partition: number, position: partition.position.next))
    filling.statistics.append(
      CommitBatch.KeyedRecord(partition: number, key: StatisticsRecord.key(of: number), value: record.bytes()))
    if let watch = segmenter.watch(of: number), watch.sweep > partition.watchedWalk, !record.features.isEmpty {
      partitions[index].watchedWalk = watch.sweep
      let record = WatchRecord(partition: number, features: record.features, watch: watch)
      filling.statistics.append(
        CommitBatch.KeyedRecord(partition: number, key: WatchRecord.key(of: number), value: record.bytes()))
    }
    let walk = segmenter.sweeps(of: number)
    let isDue =
      partition.sampled.map { mark in
        mark.isOutdated(
          customers: record.statistics.customers, clockMs: record.clockMs ?? 0, hasModel: segmenter.model != nil)
      } ?? true
    guard isDue || walk > partition.sampledWalk else { return }
    let sample = segmenter.sampleRecord(of: number)
    partitions[index].sampled = sample.mark
    partitions[index].sampledWalk = walk
    filling.statistics.append(
      CommitBatch.KeyedRecord(partition: number, key: SampleRecord.key(of: number), value: sample.bytes()))
  }

  // MARK: Outcomes

  /// Takes the outcome of the commit in flight, waiting at most so long; returns whether none is in flight.
  @discardableResult
  private func settle(timeoutMs: Int) throws(StreamError) -> Bool {
    guard let outcome = committer.outcome(timeoutMs: timeoutMs) else {
      return committer.isIdle && commits.suspension == nil
    }
    if commits.isDropped {
      commits.isDropped = false
      if case .fenced(let error) = outcome { throw StreamError(error) }
      return true
    }
    switch outcome {
    case .committed(let ms, let logBytes):
      status.logBytes = logBytes
      status.logBytesMax = max(status.logBytesMax, logBytes)
      status.changes += sent.changes.count
      status.commits += 1
      status.commitMsTotal += ms
      status.commitsByMs[min(ms, status.commitsByMs.count - 1)] += 1
      sent.removeAll()
      return true
    case .lost(let error):
      context.notices(.warning, "the group has moved on without us: what was not committed is dropped: \(error)")
      for index in partitions.indices where partitions[index].isRunning { drop(index) }
      dropCommit()
      return true
    case .fenced(let error): throw StreamError(error)
    case .overdue(let error):
      context.notices(
        .warning, "a commit took longer than a transaction lives: waiting to learn whether a twin took over: \(error)")
      commits.suspension = Suspension(nowMs: monotonicMs())
      return false
    case .failed(let error): throw error
    case .abandoned: throw Worker.uncertain
    }
  }

  /// Commits everything and waits until that is certain; whether memory and log are now the same.
  func commitAll(timeoutMs: Int) throws(StreamError) -> Bool {
    let deadlineMs = monotonicMs() + Int64(timeoutMs)
    for round in 0..<2 {
      while try !settle(timeoutMs: Worker.waitMs) {
        context.pulse.beat()
        // A commit that may have been fenced by a twin is not waited for: only the group's heartbeats can tell.
        if monotonicMs() > deadlineMs || context.stop.hasPassed(StopDeadline.commitMs) || commits.suspension != nil {
          return false
        }
      }
      if round == 0 { try cut() }
    }
    return true
  }

  /// Forgets what is not committed, together with the partitions that it is of.
  func dropCommit() {
    commits.isDropped = !committer.isIdle
    commits.suspension = nil
    filling.removeAll()
    segmenter.removeChanges()
    if commits.isDropped { sent = CommitBatch() } else { sent.removeAll() }
  }

  // MARK: The end

  /// Commits what is left, as the last thing.
  func commitLast() throws(StreamError) {
    if try !commitAll(timeoutMs: StopDeadline.commitMs) { throw Worker.uncertain }
  }

  private static let uncertain = StreamError.stopped("Kafka has not confirmed the last commit")

  /// Whether, with `stopsAtEnd`, all that is ours was read.
  var hasReachedEnds: Bool {
    guard context.options.stopsAtEnd, restorer.isIdle else { return false }
    let running = partitions.filter(\.isRunning)
    return !running.isEmpty && running.allSatisfy { $0.position.next >= $0.end ?? .max }
  }

  /// Lets everybody who was read have a segment, if there are enough for a model.
  func closeInput() throws(StreamError) {
    let deadlineMs = monotonicMs() + Int64(StopDeadline.commitMs)
    for index in partitions.indices { partitions[index].askForStatistics() }
    guard try commitAll(timeoutMs: StopDeadline.commitMs) else { return }
    let told = partitions.filter(\.isRunning)
    while let trainer, monotonicMs() < deadlineMs {
      try train()
      try adoptNewest()
      let hasHeard = told.allSatisfy { $0.cutOffset < 0 || trainer.hasHeard(of: $0.number, sequence: $0.sequence) }
      if hasHeard && !trainer.isBusy { break }
      guard try commitAll(timeoutMs: StopDeadline.commitMs) else { return }
    }
    for partition in partitions where partition.isRunning {
      let clockMs = segmenter.clockMs(of: partition.number)
      guard clockMs != .min else { continue }
      segmenter.sweep(
        partition.number, rows: segmenter.rowCount(of: partition.number), clockMs: clockMs,
        origin: partition.position.isLive ? .live : .backlog)
    }
  }
}
