import Glibc
import Kafka
import Segmentation
import Synchronization

/// Turns the core on the partitions that the group gives it: one plain thread, with a committer beside it.
///
///     consume ─► decode ─► apply ─► sweep ─► (once a second: statistics, model) ─► cut ─► committer
///        ▲ rebalance: revoke (commit, wait) · assign (restore, then join)
final class Worker {
  let context: StreamContext
  let consumer: Consumer
  let segmenter: Segmenter
  let committer: Committer
  let restorer: Restorer
  let models: ModelFeed
  let fingerprint: UInt64
  var trainer: TrainerSeat?
  var partitions: [OwnedPartition]
  /// The commit that is being filled, and the one that the committer has or had.
  var filling = CommitBatch()
  var sent = CommitBatch()
  var commits = CommitState()
  /// What a rebalance callback could not throw.
  var failure: StreamError?
  var status = DaemonStatus()
  /// What other threads see.
  let figures: WorkerFigures
  private var decoder: RecordDecoder
  private let raw: UnsafeMutablePointer<RawRecord>
  /// The message that a raw record is of.
  private let sources: UnsafeMutablePointer<Int32>
  private let records: UnsafeMutablePointer<PurchaseRecord>
  private var counts: [Int]
  private var letters: [DeadLetter] = []
  private var lastSweepMs: Int64
  private var lastEpochMs: Int64
  private var lastModelMs: Int64 = 0
  private var lastRecords = 0

  /// The most records of a batch: few enough that a batch takes some ms, so that a stop is soon noticed.
  private static let batchCountMax = 8_192
  /// How long a call waits for records, in ms: it waits this long whenever a batch does not fill.
  private static let consumeTimeoutMs = 10
  /// The same after an epoch without a record, in ms.
  private static let idleTimeoutMs = 25
  /// The time between two epochs, and between two looks for a model, in ms.
  private static let epochMs: Int64 = 1_000
  private static let modelMs: Int64 = 100

  /// Reads the model and takes over its name; `run` joins the group.
  init(_ context: StreamContext, partitionCount: Int, figures: WorkerFigures) throws(StreamError) {
    self.context = context
    self.figures = figures
    let options = context.options
    decoder = try options.decoder()
    let numbers = (0..<partitionCount).map { Int32($0) }
    let segmenter = Segmenter(
      settings: options.settings,
      changes: ChangeSettings(shape: .binary, source: options.source, causeTopic: options.inputTopic),
      partitions: numbers, keepsLog: options.isExactlyOnce)
    self.segmenter = segmenter
    let fingerprint = StateFingerprint(options).value
    self.fingerprint = fingerprint
    models = try Worker.patiently(context) { () throws(KafkaError) in
      let models = try ModelFeed(context)
      try Failpoint.startModelRead.pass()
      return models
    }
    restorer = try streaming { () throws(KafkaError) in
      try Restorer(context, segmenter: segmenter, fingerprint: fingerprint)
    }
    consumer = try streaming { () throws(KafkaError) in
      try Consumer(
        configuration: context.configuration, topic: options.inputTopic,
        membership: Consumer.Membership(group: options.group, instance: context.member),
        batchCountMax: Worker.batchCountMax)
    }
    // The name is taken over last, just before the group is joined: an older instance of it that is fenced by the one
    // and does not yet find us in the other would take us for dead, and go on.
    committer = try streaming { () throws(KafkaError) in try Committer(context) }
    partitions = numbers.map(OwnedPartition.init)
    counts = Array(repeating: 0, count: partitionCount)
    raw = .allocate(capacity: Worker.batchCountMax)
    sources = .allocate(capacity: Worker.batchCountMax)
    records = .allocate(capacity: Worker.batchCountMax)
    lastSweepMs = wallClockMs()
    lastEpochMs = monotonicMs()
    if let model = models.newest?.model { segmenter.adopt(model) }
  }

  deinit {
    raw.deallocate()
    sources.deallocate()
    records.deallocate()
  }

  /// Runs until asked to stop, or to the end of the input with `stopsAtEnd`; then commits what is left.
  func run() throws(StreamError) {
    defer {
      committer.stop()
      // After an error nobody waits for the group; after a stop it is closed already.
      consumer.abandon(timeoutMs: context.stop.leftMs(of: StopDeadline.closeMs, atMost: Consumer.closeTimeoutMs))
    }
    let (consumer, join) = (self.consumer, { [unowned self] in rebalance($0) })
    try streaming { () throws(KafkaError) in try consumer.subscribe(onRebalance: join) }
    while !context.isStopped() && !hasReachedEnds { try turn() }
    if hasReachedEnds { try closeInput() }
    try commitLast()
    publishStatus()
    consumer.close(timeoutMs: context.stop.leftMs(of: StopDeadline.closeMs, atMost: Consumer.closeTimeoutMs))
  }

  /// One batch.
  func turn() throws(StreamError) {
    context.pulse.beat()
    let consumer = self.consumer
    let isIdle = status.records == lastRecords && status.recordsPerSecond == 0
    let timeoutMs = !restorer.isIdle ? 0 : isIdle ? Worker.idleTimeoutMs : Worker.consumeTimeoutMs
    let batch = try streaming { () throws(KafkaError) in try consumer.consumeBatch(timeoutMs: timeoutMs) }
    defer { consumer.releaseBatch() }
    if let failure { throw failure }
    let nowMs = wallClockMs()
    for error in batch.errors { try judge(error) }
    let count = take(batch.messages)
    let isStream = !context.options.stopsAtEnd
    for partition in partitions where isStream && partition.isRunning && partition.position.isLive {
      segmenter.advanceClock(of: partition.number, toWallClockMs: nowMs)
    }
    apply(count: count)
    for end in batch.ends where partitions[Int(end.partition)].isRunning {
      partitions[Int(end.partition)].position.reach(end: end.offset, nowMs: nowMs)
    }
    sweep(nowMs: nowMs)
    try keepLetters(batch)
    let tickMs = monotonicMs()
    if tickMs - lastModelMs >= Worker.modelMs { try adoptNewest() }
    if tickMs - lastEpochMs >= Worker.epochMs { try closeEpoch(nowMs: nowMs) }
    try commitIfDue()
    if !restorer.isIdle { try restore() }
  }

  // MARK: Records

  /// Hands the messages of running partitions over as raw records and notes how far they come.
  private func take(_ messages: UnsafeBufferPointer<Message>) -> Int {
    // Everything that the loop touches is local: a property of a class costs a check at each access.
    let (raw, sources) = (raw, sources)
    var (taken, bytes, dropped) = (0, 0, 0)
    counts.withUnsafeMutableBufferPointer { counts in
      partitions.withUnsafeMutableBufferPointer { partitions in
        counts.update(repeating: 0)
        for index in 0..<messages.count {
          let message = messages[index]
          let number = Int(message.partition)
          // One call may bring records of before a rebalance that ran inside it.
          guard number < partitions.count, partitions[number].isRunning,
            message.offset >= partitions[number].position.next
          else {
            dropped += 1
            continue
          }
          raw[taken] = RawRecord(
            value: message.value, valueCount: message.valueCount, key: message.key, keyCount: message.keyCount,
            timestampMs: message.timestampMs, offset: message.offset, partition: message.partition)
          sources[taken] = Int32(truncatingIfNeeded: index)
          counts[number] += 1
          partitions[number].position.take(offset: message.offset)
          bytes += message.valueCount
          taken += 1
        }
      }
    }
    status.records += taken
    status.bytes += bytes
    status.dropped += dropped
    return taken
  }

  /// Decodes and applies the raw records, in runs of the same origin.
  private func apply(count: Int) {
    letters.removeAll(keepingCapacity: true)
    if count == 0 { return }
    let decoded = decoder.decode(
      UnsafeBufferPointer(start: raw, count: count), into: records, deadLetters: &letters)
    segmenter.setClocks(UnsafeMutableBufferPointer(start: records, count: decoded))
    let (records, partitions) = (records, partitions)
    var start = 0
    while start < decoded {
      let isLive = partitions[Int(records[start].partition)].position.isLive
      var end = start + 1
      while end < decoded && partitions[Int(records[end].partition)].position.isLive == isLive { end += 1 }
      segmenter.apply(
        UnsafeBufferPointer(start: records + start, count: end - start), origin: isLive ? .live : .backlog,
        deadLetters: &letters)
      start = end
    }
    for number in counts.indices where counts[number] > 0 {
      segmenter.note(partition: Int32(number), records: counts[number])
    }
  }

  /// Sweeps what is due by time, and at least one row per input record.
  private func sweep(nowMs: Int64) {
    let elapsedMs = Double(max(0, nowMs - lastSweepMs))
    lastSweepMs = nowMs
    let periodMs = Double(context.options.sweepPeriodMs ?? Worker.sweepPeriodMs(customers: segmenter.customers))
    for index in partitions.indices where partitions[index].isRunning {
      let number = partitions[index].number
      let clockMs = segmenter.clockMs(of: number)
      guard clockMs != .min else { continue }
      let rowCount = segmenter.rowCount(of: number)
      let due = partitions[index].position.rowsDue + Double(rowCount) * elapsedMs / periodMs
      let rows = min(max(counts[index], Int(due)), rowCount)
      partitions[index].position.rowsDue = max(0, due - Double(rows))
      if rows > 0 {
        segmenter.sweep(
          number, rows: rows, clockMs: clockMs, origin: partitions[index].position.isLive ? .live : .backlog)
      }
    }
  }

  /// 5,000 customers a second, a minute to six hours, in ms.
  static func sweepPeriodMs(customers: Int) -> Int {
    min(max(customers / 5, 60_000), 6 * 3_600_000)
  }

  /// Keeps what could not be used for the next commit, as the policy says.
  private func keepLetters(_ batch: ConsumedBatch) throws(StreamError) {
    for letter in letters {
      let record = raw[letter.index]
      status.deadLetters[letter.code, default: 0] += 1
      switch context.options.badRecords {
      case .skip: segmenter.note(partition: record.partition, records: 0, ignored: 1)
      case .fail:
        throw StreamError(
          .badInput,
          "topic `\(context.options.inputTopic)`, partition \(record.partition), offset \(record.offset): "
            + "\(letter.code.rawValue): \(letter.message)")
      case .deadLetter:
        segmenter.note(partition: record.partition, records: 0, deadLetters: 1)
        let message = batch.messages[Int(sources[letter.index])]
        filling.add(KeptLetter(letter, of: record, headers: consumer.headers(of: message)))
      }
    }
  }

  /// Ends the run for what will not pass by itself.
  private func judge(_ error: KafkaError) throws(StreamError) {
    switch error.kind {
    case .authorisation, .credentials, .missingTopic, .offsetOutOfRange, .fenced: throw StreamError(error)
    case .unreachable, .staleMember: context.notices(.debug, "\(error)")
    case .configuration, .other: context.notices(.warning, "\(error)")
    }
  }

  // MARK: Epochs

  /// Takes over what the trainer has published, read back committed.
  func adoptNewest() throws(StreamError) {
    lastModelMs = monotonicMs()
    let models = models
    try streaming { () throws(KafkaError) in try models.poll() }
    if let newest = models.newest {
      segmenter.adopt(newest.model)
      figures.model.withLock { $0 = newest }
    }
  }

  /// Compares positions with the ends, owes statistics, and lets the trainer learn.
  private func closeEpoch(nowMs: Int64) throws(StreamError) {
    let tickMs = monotonicMs()
    status.recordsPerSecond = Double(status.records - lastRecords) / Double(max(1, tickMs - lastEpochMs)) * 1_000
    lastRecords = status.records
    lastEpochMs = tickMs
    for index in partitions.indices where partitions[index].isRunning {
      partitions[index].position.compare(
        latestEnd: consumer.latestEnd(partition: partitions[index].number), nowMs: nowMs)
      partitions[index].owesStatistics = true
    }
    try train()
    publishStatus()
  }

  /// Lets the trainer make a model where it sits here.
  func train() throws(StreamError) {
    guard let trainer else { return }
    let models = models
    try streaming { () throws(KafkaError) in try trainer.closeEpoch(models) }
  }

  func publishStatus() {
    let running = partitions.filter(\.isRunning)
    status.lag = running.reduce(0) { lag, partition in
      lag + (consumer.lag(partition: partition.number, position: max(0, partition.position.next)) ?? 0)
    }
    status.partitions = running.count
    status.livePartitions = running.count { $0.position.isLive }
    status.inputs = partitions.filter { $0.isRunning || $0.isRestoring }.map { partition in
      let offset = partition.position.next
      return DaemonStatus.Input(
        number: partition.number, isRestoring: partition.isRestoring, isLive: partition.position.isLive,
        offset: offset < 0 ? nil : offset,
        lag: partition.isRunning ? consumer.lag(partition: partition.number, position: max(0, offset)) : nil)
    }
    status.customers = segmenter.customers
    status.tableBytes = segmenter.stateBytes + segmenter.idBytes
    status.counters = segmenter.counters
    status.model = segmenter.model.map { ($0.generation, $0.version) }
    let status = status
    figures.status.withLock { $0 = status }
  }
}

/// The wall clock, in ms since 1970.
func wallClockMs() -> Int64 {
  var now = timespec()
  clock_gettime(CLOCK_REALTIME, &now)
  return Int64(now.tv_sec) * 1_000 + Int64(now.tv_nsec) / 1_000_000
}
