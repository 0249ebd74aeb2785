import Kafka
import Segmentation

/// How a group and its state are, read from the topics and the group's coordinator by anybody who may.
package struct GroupState: Sendable {
  /// One input partition.
  package struct Partition: Sendable {
    /// Its number.
    package var number: Int32
    /// The member that owns it now; `nil` while nobody does.
    package var owner: Owner?
    /// The offset that the group has committed; `nil` where there is none.
    package var committed: Int64?
    /// Whether what is committed says that a reset has not ended.
    package var isBeingReset: Bool
    /// The input's end.
    package var end: Int64
    /// What the log's last record says; `nil` where the log is empty.
    package var log: Log?
    /// What its owner has told last; `nil` before.
    package var told: Told?

    /// Records that wait; `nil` before the first commit.
    package var lag: Int64? { committed.map { max(0, end - $0) } }
  }

  /// The state log of a partition.
  package struct Log: Sendable {
    /// The input offset up to which the state is true.
    package var inputOffset: Int64
    /// The number of the last commit.
    package var sequence: Int64
    /// Complete walks.
    package var walk: Int
    /// The offsets that the log holds.
    package var offsets: Int64
    /// Rows of the table: a customer each, but for those whose customer was erased.
    package var tableRows: Int
    /// Rows in the whole log, if all of it is as its last records are.
    package var rowsEstimate: Int64
    /// Bytes in the whole log before compression, likewise.
    package var bytesEstimate: Int64
    /// The clock, ms since 1970; `nil` before the first purchase.
    package var clockMs: Int64?
    /// When it was written, ms since 1970.
    package var writtenMs: Int64
    /// Whether it was kept under the settings that are given; else `run` refuses it.
    package var isOfSettings: Bool

    /// How many times the table the log states.
    package var tables: Double? {
      tableRows > 0 ? Double(rowsEstimate) / Double(tableRows) : nil
    }
  }

  /// A member that owns a partition.
  package struct Owner: Sendable, Equatable {
    /// Its `group.instance.id`, or its id.
    package var name: String
    /// The address it connects from.
    package var host: String
  }

  /// What a partition's owner has told in the statistics topic.
  package struct Told: Sendable, Equatable {
    /// The owner's name then.
    package var member: String
    /// Customers with a purchase.
    package var buyers: Int
    /// Whether every row has been seen in the model's generation.
    package var isWarm: Bool
  }

  /// The newest model.
  package struct ModelState: Sendable, Equatable {
    /// Its generation.
    package var generation: Int
    /// Its version.
    package var version: Int
    /// When it was published, ms since 1970.
    package var publishedMs: Int64
    /// The names of its segments.
    package var segments: [String]
    /// What its segments are.
    package var kind: SegmentKind
  }

  /// The group.
  package var group: String
  /// The input topic.
  package var input: String
  /// As Kafka calls it: `Stable`, `Empty`, …
  package var state: String
  /// The members' names.
  package var members: [String]
  /// The partitions, ascending.
  package var partitions: [Partition]
  /// The newest model; `nil` before the first.
  package var model: ModelState?
  /// What is lacking for the first model; `nil` with a model, or where nothing is.
  package var lack: InsufficientData?
  /// How the model was in the last sweep that is told; `nil` before the first.
  package var health: ModelHealth?
  /// When it was looked, ms since 1970.
  package var nowMs: Int64

  /// Whoever owns partition 0 makes the models.
  package var trainer: String? { partitions.first?.owner?.name }
}

extension GroupState {
  /// So many records at the end of each log are read.
  private static let tailCount: Int64 = 64

  /// Looks. Throws `StreamError`: 66 where the group has never run.
  package init(_ options: DaemonOptions, notices: Notices) throws(StreamError) {
    let reader = try GroupReader(options, notices: notices)
    let (admin, count, timeoutMs) = (reader.plan.admin, reader.partitionCount, reader.plan.timeoutMs)
    let (description, committed, ends) = try streaming { () throws(KafkaError) in
      (
        try admin.describeGroup(options.group, timeoutMs: timeoutMs),
        try admin.committedOffsets(of: options.group, topic: options.inputTopic, timeoutMs: timeoutMs),
        try admin.watermarks(
          of: options.inputTopic, partitions: (0..<count).map { Int32($0) }, timeoutMs: timeoutMs)
      )
    }
    let logs = try GroupState.logs(reader)
    var samples: [Int32: CustomerSample] = [:]
    let told = try GroupState.told(reader, samples: &samples)
    partitions = (0..<count).map { index in
      let offset = committed.first { Int($0.partition) == index }
      let owner = description.members.first { $0.partitions[options.inputTopic]?.contains(Int32(index)) == true }
      return Partition(
        number: Int32(index), owner: owner.map { Owner(name: $0.instance ?? $0.id, host: $0.address) },
        committed: offset?.offset, isBeingReset: offset.map { ResetMark($0.metadata) != nil } ?? false,
        end: ends[index].high, log: logs[index], told: told[Int32(index)])
    }
    let newest = try reader.newestModel()
    health = newest?.health
    model = newest.map { newest, publishedMs, _ in
      ModelState(
        generation: newest.model.generation, version: newest.model.version, publishedMs: publishedMs,
        segments: newest.model.segments.map(\.name), kind: newest.model.kind)
    }
    if model == nil { lack = GroupState.lack(options.settings, told, samples) }
    group = options.group
    input = options.inputTopic
    state = description.state
    members = description.members.map { $0.instance ?? $0.id }
    nowMs = wallClockMs()
    if !partitions.contains(where: { $0.log != nil || $0.committed != nil }) && members.isEmpty {
      throw StreamError(
        .noInput, "the group `\(group)` has no state and no members: `segmenter run` begins it")
    }
  }

  /// How each log ends, and how large it seems.
  private static func logs(_ reader: GroupReader) throws(StreamError) -> [Log?] {
    let topic = reader.options.stateTopic
    let records = try RangeReader(reader.context, topic: topic)
    let whole = try records.ranges(partitionCount: reader.partitionCount)
    let tails = whole.map { max($0.lowerBound, $0.upperBound - tailCount)..<$0.upperBound }
    let found = try scan(tails, reader, records)
    // A commit of many records may be longer than a tail: then its log is read from further back.
    var logs: [Log?] = []
    for index in whole.indices {
      var (tail, scanned) = (tails[index], found[index])
      while scanned.scan.summary == nil && tail.lowerBound > whole[index].lowerBound {
        tail = max(whole[index].lowerBound, tail.upperBound - 8 * Int64(tail.count))..<tail.upperBound
        var ranges = whole.map { $0.upperBound..<$0.upperBound }
        ranges[index] = tail
        scanned = try scan(ranges, reader, records)[index]
      }
      logs.append(Log(scanned, tail: tail, whole: whole[index]))
    }
    return logs
  }

  private static func scan(
    _ ranges: [Range<Int64>], _ reader: GroupReader, _ records: RangeReader
  ) throws(StreamError) -> [Tail] {
    let fingerprint = StateFingerprint(reader.options).value
    var tails = ranges.map { _ in Tail(reader.options.settings, fingerprint: fingerprint) }
    try records.read(ranges) { message throws(StreamError) in
      guard let value = message.value else { return }
      let bytes = UnsafeRawBufferPointer(start: value, count: message.valueCount)
      do throws(StateLogError) {
        try tails[Int(message.partition)].take(bytes, timestampMs: message.timestampMs)
      } catch {
        throw StreamError(
          .disagree,
          "topic `\(reader.options.stateTopic)`, partition \(message.partition), offset \(message.offset): \(error)")
      }
    }
    return tails
  }

  /// What the owners have told, by partition.
  private static func told(
    _ reader: GroupReader, samples: inout [Int32: CustomerSample]
  ) throws(StreamError) -> [Int32: Told] {
    let topic = reader.options.statisticsTopic
    guard try reader.partitions(of: topic) != nil else { return [:] }
    var told: [Int32: Told] = [:]
    try streaming { () throws(KafkaError) in
      try RecordFeed(reader.context, topic: topic).readAll { record in
        guard let read = try? TrainingRecord(key: record.key, value: record.value) else { return }
        if case .sample(let record) = read { samples[record.partition] = record.sample }
        guard case .statistics(let record) = read else { return }
        told[record.partition] = Told(
          member: record.member, buyers: record.statistics.customers, isWarm: record.statistics.isWarm)
      }
    }
    return told
  }

  /// What is lacking for a first model of what partitions have told.
  private static func lack(
    _ settings: SegmentationSettings, _ told: [Int32: Told], _ samples: [Int32: CustomerSample]
  ) -> InsufficientData? {
    let buyers = told.values.reduce(0) { $0 + $1.buyers }
    if buyers < settings.firstFitCustomers { return .customers(buyers, needed: settings.firstFitCustomers) }
    var merged = CustomerSample()
    for (_, sample) in samples.sorted(by: { $0.key < $1.key }) { merged.merge(sample) }
    merged.trim()
    return settings.lack(of: merged)
  }
}

/// The end of a partition's log while it is read.
private struct Tail {
  let scan: StateLogScan
  let fingerprint: UInt64
  var rows = 0
  var bytes = 0
  var writtenMs: Int64 = 0

  init(_ settings: SegmentationSettings, fingerprint: UInt64) {
    self.fingerprint = fingerprint
    scan = StateLogScan(settings: settings, id: [], isWhole: false)
  }

  mutating func take(_ record: UnsafeRawBufferPointer, timestampMs: Int64) throws(StateLogError) {
    do throws(StateLogError) {
      rows += try scan.read(record).rows
    } catch {
      // Under smaller windows what is whole looks damaged.
      let header = try StateRecordHeader(record)
      guard header.fingerprint != fingerprint else { throw error }
      throw .settings(found: header.fingerprint, expected: fingerprint)
    }
    bytes += record.count
    writtenMs = timestampMs
  }
}

extension GroupState.Log {
  fileprivate init?(_ tail: Tail, tail range: Range<Int64>, whole: Range<Int64>) {
    guard let header = tail.scan.last, let summary = tail.scan.summary else { return nil }
    let share = Double(whole.count) / Double(max(1, range.count))
    inputOffset = header.inputOffset
    sequence = header.sequence
    walk = header.walk
    offsets = Int64(whole.count)
    tableRows = summary.rows
    rowsEstimate = Int64(Double(tail.rows) * share)
    bytesEstimate = Int64(Double(tail.bytes) * share)
    clockMs = summary.clockMs
    writtenMs = tail.writtenMs
    isOfSettings = header.fingerprint == tail.fingerprint
  }
}
