import Glibc
import Kafka
import Segmentation

/// Segments a Kafka topic: purchase records in, changes and dead letters out, until it is asked to stop.
///
/// One thread turns it; nothing of it may be used from another. It commits no offsets yet: each start reads the input
/// from its beginning.
///
///     consume ─► decode ─► apply ─► sweep ─► (once a second: learn) ─► produce ─► release
package final class Daemon {
  private let options: DaemonOptions
  private let notices: Notices
  private let consumer: Consumer
  private let sink: TopicSink
  private let segmenter: Segmenter
  private var trainer: DaemonTrainer
  private var decoder: RecordDecoder
  private var positions: [InputPosition]
  /// Where each partition's input is to end; empty without `stopsAtEnd`.
  private var ends: [Int64] = []
  private let raw: UnsafeMutablePointer<RawRecord>
  private let records: UnsafeMutablePointer<PurchaseRecord>
  private var letters: [DeadLetter] = []
  private var counts: [Int]
  private let isStopped: () -> Bool
  private var lastSweepMs: Int64
  private var lastEpochMs: Int64
  private var lastStatusMs: Int64
  private var lastStatusRecords = 0
  /// What has been done so far.
  package private(set) var status = DaemonStatus()

  /// The most records of a batch: few enough that a batch takes some ms, so that a stop is soon noticed.
  private static let batchCountMax = 8_192
  /// How long a call waits for records, in ms: it waits this long whenever a batch does not fill.
  private static let consumeTimeoutMs = 10
  /// How long what is written may take to be delivered at the end, in ms.
  private static let drainMsMax = 9_000
  /// The time between two epochs, in ms.
  private static let epochMs: Int64 = 1_000

  /// Checks the topics, makes those that are outputs, and connects.
  ///
  /// `isStopped` is asked between batches. Throws `StreamError`.
  package init(
    _ options: DaemonOptions, notices: Notices, isStopped: @escaping () -> Bool
  ) throws(StreamError) {
    self.options = options
    self.notices = notices
    self.isStopped = isStopped
    var properties = options.kafka
    if properties["group.id"] == nil { properties["group.id"] = options.group }
    // A broker that is away makes the daemon wait; it must not make it lose what is written.
    if properties["message.timeout.ms"] == nil { properties["message.timeout.ms"] = "0" }
    let configuration = KafkaConfiguration(properties, events: notices.clientEvents)
    do {
      decoder = try RecordDecoder(
        map: options.map, currency: options.settings.currency, limits: options.limits, keyPolicy: options.keyPolicy)
    } catch {
      throw StreamError(.configuration, "the map of the input cannot be used: \(error)")
    }
    let plan = try TopicPlan(
      configuration: configuration, timeoutMs: options.connectTimeoutMs, isStopped: isStopped)
    let partitionCount = try plan.input(options.inputTopic)
    var outputs = [TopicPlan.Output.changes(options.changesTopic)]
    if options.badRecords == .deadLetter { outputs.append(.deadLetters(options.deadLettersTopic)) }
    for output in outputs where try plan.output(output, partitionCount: partitionCount) {
      notices(.info, "made the topic `\(output.name)` for \(output.purpose), \(partitionCount) partitions")
    }
    let partitions = (0..<partitionCount).map { Int32($0) }
    let topic = options.inputTopic
    consumer = try streaming { () throws(KafkaError) in
      try Consumer(configuration: configuration, topic: topic, batchCountMax: Daemon.batchCountMax)
    }
    let patience = DrainPatience(isStopped: isStopped, ms: Int64(Daemon.drainMsMax))
    let source = options.source
    sink = try streaming { () throws(KafkaError) in
      try TopicSink(configuration: configuration, source: source, isStopped: { patience.isOver })
    }
    segmenter = Segmenter(
      settings: options.settings,
      changes: ChangeSettings(shape: .binary, source: source, causeTopic: topic), partitions: partitions)
    trainer = DaemonTrainer(settings: options.settings)
    positions = partitions.map(InputPosition.init(partition:))
    counts = Array(repeating: 0, count: partitionCount)
    raw = .allocate(capacity: Daemon.batchCountMax)
    records = .allocate(capacity: Daemon.batchCountMax)
    lastSweepMs = wallClockMs()
    lastEpochMs = lastSweepMs
    lastStatusMs = lastSweepMs
    status.partitions = partitionCount
  }

  deinit {
    raw.deallocate()
    records.deallocate()
  }

  /// Runs until asked to stop, or to the end of the input with `stopsAtEnd`; then drains.
  ///
  /// Throws `StreamError`: of Kafka, or of the first record that cannot be used with the policy `fail`.
  package func run() throws(StreamError) {
    notices(.info, "reading `\(options.inputTopic)` (\(positions.count) partitions) again from its start")
    let starts = positions.map { (partition: $0.partition, start: StartOffset.beginning) }
    try streaming { () throws(KafkaError) in
      if options.stopsAtEnd {
        for position in positions { ends.append(try consumer.watermarks(partition: position.partition).high) }
      }
      try consumer.assign(starts)
    }
    while !isStopped() && !hasReachedEnds { try turn() }
    if hasReachedEnds { try closeInput() }
    notices(.info, "stopping: writing out what is left")
    do {
      try sink.flush(timeoutMs: Daemon.drainMsMax)
    } catch {
      throw StreamError(error.kind == .unreachable ? .unreachable : .cannotWrite, "\(error)")
    }
    report(nowMs: wallClockMs())
  }

  private var hasReachedEnds: Bool {
    options.stopsAtEnd && zip(positions, ends).allSatisfy { $0.next >= $1 }
  }

  /// Lets everybody who was read have a segment, if there are enough for a model.
  private func closeInput() throws(StreamError) {
    if segmenter.model == nil { closeEpoch(nowMs: wallClockMs()) }
    for position in positions {
      let clockMs = segmenter.clockMs(of: position.partition)
      guard clockMs != .min else { continue }
      segmenter.sweep(
        position.partition, rows: segmenter.rowCount(of: position.partition), clockMs: clockMs,
        origin: position.isLive ? .live : .backlog)
    }
    try publishChanges()
  }

  /// One batch.
  private func turn() throws(StreamError) {
    let batch = try streaming { () throws(KafkaError) in
      try consumer.consumeBatch(timeoutMs: Daemon.consumeTimeoutMs)
    }
    defer { consumer.releaseBatch() }
    let nowMs = wallClockMs()
    for error in batch.errors { try judge(error) }
    take(batch.messages)
    letters.removeAll(keepingCapacity: true)
    for position in positions where position.isLive {
      segmenter.advanceClock(of: position.partition, toWallClockMs: nowMs)
    }
    apply(count: batch.messages.count)
    for end in batch.ends { positions[Int(end.partition)].reach(end: end.offset, nowMs: nowMs) }
    sweep(nowMs: nowMs)
    if nowMs - lastEpochMs >= Daemon.epochMs { closeEpoch(nowMs: nowMs) }
    try publish(batch)
    if nowMs - lastStatusMs >= options.statusIntervalMs { report(nowMs: nowMs) }
  }

  /// Hands the messages over as raw records and notes how far they come.
  private func take(_ messages: UnsafeBufferPointer<Message>) {
    // Everything that the loop touches is local: a property of a class costs a check at each access.
    let raw = raw
    var bytes = 0
    counts.withUnsafeMutableBufferPointer { counts in
      positions.withUnsafeMutableBufferPointer { positions in
        counts.update(repeating: 0)
        for index in 0..<messages.count {
          let message = messages[index]
          raw[index] = RawRecord(
            value: message.value, valueCount: message.valueCount, key: message.key, keyCount: message.keyCount,
            timestampMs: message.timestampMs, offset: message.offset, partition: message.partition)
          counts[Int(message.partition)] += 1
          positions[Int(message.partition)].take(offset: message.offset)
          bytes += message.valueCount
        }
      }
    }
    status.records += messages.count
    status.bytes += bytes
  }

  /// Decodes and applies the raw records, in runs of the same origin.
  private func apply(count: Int) {
    let decoded = decoder.decode(
      UnsafeBufferPointer(start: raw, count: count), into: records, deadLetters: &letters)
    segmenter.setClocks(UnsafeMutableBufferPointer(start: records, count: decoded))
    let (records, positions) = (records, positions)
    var start = 0
    while start < decoded {
      let isLive = positions[Int(records[start].partition)].isLive
      var end = start + 1
      while end < decoded && positions[Int(records[end].partition)].isLive == isLive { end += 1 }
      segmenter.apply(
        UnsafeBufferPointer(start: records + start, count: end - start), origin: isLive ? .live : .backlog,
        deadLetters: &letters)
      start = end
    }
  }

  /// Sweeps what is due by time, and at least one row per input record.
  private func sweep(nowMs: Int64) {
    let elapsedMs = Double(max(0, nowMs - lastSweepMs))
    lastSweepMs = nowMs
    guard segmenter.model != nil else { return }
    let periodMs = Double(options.sweepPeriodMs ?? Daemon.sweepPeriodMs(customers: segmenter.customers))
    for index in positions.indices {
      let partition = positions[index].partition
      let clockMs = segmenter.clockMs(of: partition)
      guard clockMs != .min else { continue }
      let rowCount = segmenter.rowCount(of: partition)
      let due = positions[index].rowsDue + Double(rowCount) * elapsedMs / periodMs
      let rows = min(max(counts[index], Int(due)), rowCount)
      positions[index].rowsDue = max(0, due - Double(rows))
      guard rows > 0 else { continue }
      segmenter.sweep(
        partition, rows: rows, clockMs: clockMs, origin: positions[index].isLive ? .live : .backlog)
    }
  }

  /// 5,000 customers a second, a minute to six hours, in ms.
  static func sweepPeriodMs(customers: Int) -> Int {
    min(max(customers / 5, 60_000), 6 * 3_600_000)
  }

  /// Compares positions with the ends, and lets the trainer learn.
  private func closeEpoch(nowMs: Int64) {
    lastEpochMs = nowMs
    for index in positions.indices {
      positions[index].compare(latestEnd: consumer.latestEnd(partition: positions[index].partition), nowMs: nowMs)
    }
    guard let clockMs = positions.map({ segmenter.clockMs(of: $0.partition) }).max(), clockMs != .min else { return }
    guard let news = trainer.closeEpoch(segmenter, clockMs: clockMs) else { return }
    if news.isFit {
      let names = news.model.segments.map(\.name).joined(separator: "; ")
      notices(.info, "fitted model \(news.model.generation)-\(news.model.version) in \(news.ms) ms: \(names)")
      status.fitMs = max(status.fitMs, news.ms)
    }
  }

  private func publishChanges() throws(StreamError) {
    try streaming { () throws(KafkaError) in
      for index in 0..<segmenter.changeCount { try sink.write(segmenter.change(index), to: options.changesTopic) }
    }
    status.changes += segmenter.changeCount
    segmenter.removeChanges()
  }

  private func publish(_ batch: ConsumedBatch) throws(StreamError) {
    try publishChanges()
    for letter in letters {
      let record = raw[letter.index]
      status.deadLetters[letter.code, default: 0] += 1
      switch options.badRecords {
      case .skip: break
      case .fail:
        throw StreamError(
          .badInput,
          "topic `\(options.inputTopic)`, partition \(record.partition), offset \(record.offset): "
            + "\(letter.code.rawValue): \(letter.message)")
      case .deadLetter:
        try streaming { () throws(KafkaError) in
          try sink.write(
            letter, of: record, headers: consumer.headers(of: batch.messages[letter.index]),
            inputTopic: options.inputTopic, to: options.deadLettersTopic)
        }
      }
    }
    try streaming { () throws(KafkaError) in try sink.poll() }
  }

  /// Ends the run for what will not pass by itself.
  private func judge(_ error: KafkaError) throws(StreamError) {
    switch error.kind {
    case .authorisation, .credentials, .missingTopic, .offsetOutOfRange, .fenced, .staleMember:
      throw StreamError(error)
    case .unreachable: notices(.debug, "\(error)")
    case .configuration, .other: notices(.warning, "\(error)")
    }
  }

  private func report(nowMs: Int64) {
    let seconds = Double(max(1, nowMs - lastStatusMs)) / 1_000
    status.recordsPerSecond = Double(status.records - lastStatusRecords) / seconds
    status.lag = positions.reduce(0) { lag, position in
      lag + (consumer.lag(partition: position.partition, position: max(0, position.next)) ?? 0)
    }
    status.livePartitions = positions.count { $0.isLive }
    status.customers = segmenter.customers
    status.counters = segmenter.counters
    status.model = segmenter.model.map { ($0.generation, $0.version) }
    lastStatusMs = nowMs
    lastStatusRecords = status.records
    notices(.info, status.line)
  }
}

/// The wall clock, in ms since 1970.
func wallClockMs() -> Int64 {
  var now = timespec()
  clock_gettime(CLOCK_REALTIME, &now)
  return Int64(now.tv_sec) * 1_000 + Int64(now.tv_nsec) / 1_000_000
}
