import Kafka
import Segmentation

/// Reads the input for a shadow run, in no group, and applies it to segmenters that publish nothing.
final class ShadowIntake {
  private let reader: GroupReader
  private let consumer: Consumer
  private var decoder: RecordDecoder
  private let raw: UnsafeMutablePointer<RawRecord>
  private let records: UnsafeMutablePointer<PurchaseRecord>
  /// How far each partition has been read.
  private(set) var positions: [InputPosition]
  /// Records of the last turn by partition.
  private(set) var counts: [Int]
  /// All records so far.
  private(set) var recordCount = 0

  /// The most records of a batch.
  private static let batchCountMax = 8_192
  /// How long a call waits for records, in ms.
  private static let consumeTimeoutMs = 20

  /// Connects. Throws `StreamError`, also where the map cannot be used.
  init(_ reader: GroupReader) throws(StreamError) {
    self.reader = reader
    let options = reader.options
    decoder = try options.decoder()
    consumer = try streaming { () throws(KafkaError) in
      try Consumer(
        configuration: reader.context.configuration, topic: options.inputTopic, isolation: .committed,
        batchCountMax: Self.batchCountMax)
    }
    positions = (0..<reader.partitionCount).map { InputPosition(partition: Int32($0)) }
    counts = Array(repeating: 0, count: reader.partitionCount)
    raw = .allocate(capacity: Self.batchCountMax)
    records = .allocate(capacity: Self.batchCountMax)
  }

  deinit {
    raw.deallocate()
    records.deallocate()
  }

  /// What the input holds, by partition.
  func ranges() throws(StreamError) -> [Range<Int64>] {
    try streaming { () throws(KafkaError) in
      try consumer.watermarks(
        partitions: positions.map(\.partition), timeoutMs: StreamContext.callTimeoutMs
      ).map { $0.low..<max($0.low, $0.high) }
    }
  }

  /// Goes on at these offsets, one a partition.
  func begin(at offsets: [Int64]) throws(StreamError) {
    positions = offsets.enumerated().map { InputPosition(partition: Int32($0.offset), next: $0.element) }
    try streaming { () throws(KafkaError) in
      try consumer.assign(offsets.enumerated().map { (Int32($0.offset), .offset($0.element)) })
    }
  }

  /// Reads to the ends that the input has now.
  func readToEnds(
    into segmenters: [Segmenter], isStopped: () -> Bool, _ progress: (Int) -> Void
  ) throws(StreamError) {
    let ranges = try ranges()
    try begin(at: ranges.map(\.lowerBound))
    while !isStopped() {
      try turn(into: segmenters)
      if zip(positions, ranges).allSatisfy({ $0.isLive || $0.next >= $1.upperBound }) { return }
      progress(recordCount)
    }
  }

  /// Takes a batch: decodes it once and applies it to all.
  func turn(into segmenters: [Segmenter]) throws(StreamError) {
    let consumer = consumer
    let batch = try streaming { () throws(KafkaError) in
      try consumer.consumeBatch(timeoutMs: Self.consumeTimeoutMs)
    }
    defer { consumer.releaseBatch() }
    for error in batch.errors where !error.isRetriable && error.kind != .unreachable { throw StreamError(error) }
    let taken = take(batch.messages)
    let nowMs = wallClockMs()
    for segmenter in segmenters {
      for position in positions where position.isLive {
        segmenter.advanceClock(of: position.partition, toWallClockMs: nowMs)
      }
      apply(taken, to: segmenter)
    }
    for end in batch.ends { positions[Int(end.partition)].reach(end: end.offset, nowMs: nowMs) }
  }

  /// Compares the positions with the latest ends.
  func compareEnds() {
    for index in positions.indices {
      positions[index].compare(
        latestEnd: consumer.latestEnd(partition: positions[index].partition), nowMs: wallClockMs())
    }
  }

  private func take(_ messages: UnsafeBufferPointer<Message>) -> Int {
    for index in counts.indices { counts[index] = 0 }
    var taken = 0
    for message in messages {
      let number = Int(message.partition)
      guard number < positions.count, message.offset >= positions[number].next else { continue }
      raw[taken] = RawRecord(
        value: message.value, valueCount: message.valueCount, key: message.key, keyCount: message.keyCount,
        timestampMs: message.timestampMs, offset: message.offset, partition: message.partition)
      positions[number].take(offset: message.offset)
      counts[number] += 1
      taken += 1
    }
    recordCount += taken
    return taken
  }

  private func apply(_ count: Int, to segmenter: Segmenter) {
    if count == 0 { return }
    var letters: [DeadLetter] = []
    let decoded = decoder.decode(UnsafeBufferPointer(start: raw, count: count), into: records, deadLetters: &letters)
    segmenter.setClocks(UnsafeMutableBufferPointer(start: records, count: decoded))
    segmenter.apply(UnsafeBufferPointer(start: records, count: decoded), origin: .live, deadLetters: &letters)
    segmenter.removeChanges()
  }

  /// Sets how many rows of a partition's sweep are still due.
  func oweRows(_ partition: Int, _ rows: Double) { positions[partition].rowsDue = rows }
}
