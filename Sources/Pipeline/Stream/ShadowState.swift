import Kafka
import Segmentation

/// The customers of a group in memory, as its state log has them, or read anew from the input.
struct ShadowState {
  /// Where they come from.
  enum Source: String, Sendable {
    /// The state log: with the segments that were published.
    case state
    /// The input from its start: the state log was kept under other settings.
    case input
  }

  /// One for each of the settings that were asked for, with the same rows.
  let segmenters: [Segmenter]
  /// The next input offset by partition.
  let offsets: [Int64]
  let source: Source
  /// The number of each customer's published segment where the rows do not have it: by id, from the changes topic.
  let published: [String: Int]

  /// How often a log is read anew that was shortened while it was read.
  private static let attemptsMax = 5

  /// Reads the state log; where it is of other settings, the input. `settings` differ in what state does not depend on.
  init(
    _ reader: GroupReader, settings: [SegmentationSettings], isStopped: () -> Bool
  ) throws(StreamError) {
    var attempt = 1
    while true {
      let segmenters = settings.map { Self.segmenter(reader, $0) }
      do throws(StreamError) {
        if let offsets = try Self.restore(reader, segmenters) {
          self.init(segmenters: segmenters, offsets: offsets, source: .state, published: [:])
        } else {
          try self.init(rebuilding: reader, settings: settings, isStopped: isStopped)
        }
        return
      } catch {
        // The log's cleaner has overtaken the reading.
        guard error.kind == .inputLost, attempt < Self.attemptsMax else { throw error }
        attempt += 1
      }
    }
  }

  private init(segmenters: [Segmenter], offsets: [Int64], source: Source, published: [String: Int]) {
    (self.segmenters, self.offsets, self.source, self.published) = (segmenters, offsets, source, published)
  }

  private init(
    rebuilding reader: GroupReader, settings: [SegmentationSettings], isStopped: () -> Bool
  ) throws(StreamError) {
    let segmenters = settings.map { Self.segmenter(reader, $0) }
    reader.context.notices(
      .info, "the state was kept under other settings: the input is read from its start instead")
    let intake = try ShadowIntake(reader)
    var saidMs = monotonicMs()
    try intake.readToEnds(into: segmenters, isStopped: isStopped) { records in
      guard monotonicMs() - saidMs >= 2_000 else { return }
      saidMs = monotonicMs()
      reader.context.notices(.info, "\(records) records read")
    }
    let nowMs = wallClockMs()
    for segmenter in segmenters {
      for partition in segmenter.partitions { segmenter.advanceClock(of: partition, toWallClockMs: nowMs) }
    }
    self.init(
      segmenters: segmenters, offsets: intake.positions.map { max(0, $0.next) }, source: .input,
      published: try Self.published(reader))
  }

  private static func segmenter(_ reader: GroupReader, _ settings: SegmentationSettings) -> Segmenter {
    Segmenter(
      settings: settings,
      changes: ChangeSettings(shape: .binary, source: reader.options.source, causeTopic: reader.options.inputTopic),
      partitions: (0..<reader.partitionCount).map { Int32($0) })
  }

  /// The offsets that the state goes on from; `nil` where it was kept under other settings.
  private static func restore(_ reader: GroupReader, _ segmenters: [Segmenter]) throws(StreamError) -> [Int64]? {
    let topic = reader.options.stateTopic
    let fingerprint = StateFingerprint(reader.options).value
    var isOther = false
    func judge(_ error: StateLogError, _ place: String) throws(StreamError) {
      if case .settings = error {
        isOther = true
        return
      }
      throw StreamError(.disagree, "topic `\(topic)`, \(place): \(error)")
    }
    let log = try RangeReader(reader.context, topic: topic)
    try log.read(try log.ranges(partitionCount: reader.partitionCount)) { message throws(StreamError) in
      guard let value = message.value, !isOther else { return }
      do throws(StateLogError) {
        let record = UnsafeRawBufferPointer(start: value, count: message.valueCount)
        let header = try StateRecordHeader(record)
        if header.fingerprint != fingerprint {
          throw StateLogError.settings(found: header.fingerprint, expected: fingerprint)
        }
        for segmenter in segmenters {
          try segmenter.restore(message.partition, record: record, fingerprint: fingerprint)
        }
      } catch {
        try judge(error, "partition \(message.partition), offset \(message.offset)")
      }
    }
    if isOther { return nil }
    var offsets = Array(repeating: Int64(0), count: reader.partitionCount)
    for partition in offsets.indices {
      do throws(StateLogError) {
        for segmenter in segmenters {
          offsets[partition] = try segmenter.finishRestore(Int32(partition))?.inputOffset ?? 0
        }
      } catch {
        try judge(error, "partition \(partition)")
      }
    }
    return offsets
  }

  /// The segment that each customer was last published in, by id.
  private static func published(_ reader: GroupReader) throws(StreamError) -> [String: Int] {
    let topic = reader.options.changesTopic
    guard let count = try reader.partitions(of: topic) else { return [:] }
    var segments: [String: Int] = [:]
    let changes = try RangeReader(reader.context, topic: topic)
    try changes.read(try changes.ranges(partitionCount: count)) { message in
      let change = SubscribedChange(message, headers: [])
      segments[change.customerID] = change.details.flatMap { Int($0.to.id.dropFirst()) }
    }
    return segments
  }
}
