import Segmentation

/// What the owner of an input partition tells of it once an epoch: the sums of its customers, and how it is.
package struct StatisticsRecord: Sendable, Equatable {
  /// The input partition.
  package var partition: Int32
  /// The sums; of generation 0 and without clusters before the first model.
  package var statistics: PartitionStatistics
  /// The features of the sums' coordinates, in their order; none before the first model, and with rules.
  package var features: [Feature]
  /// Complete walks of the partition.
  package var sweeps: Int
  /// The partition's clock, ms since 1970; `nil` before its first purchase.
  package var clockMs: Int64?
  /// Where that clock began, ms since 1970; `nil` before its first purchase.
  package var clockStartMs: Int64?
  /// The number of the partition's commit that this is of, from 1.
  package var sequence: Int
  /// The name of the group member that owns the partition.
  package var member: String
  /// The next input offset to read.
  package var offset: Int64
  /// Records that are waiting behind it; `nil` where that is not known.
  package var lag: Int64?

  /// Takes the statistics of one of a segmenter's partitions.
  package init(
    of partition: Int32, from segmenter: Segmenter, sequence: Int, member: String, offset: Int64, lag: Int64?
  ) {
    let clockMs = segmenter.clockMs(of: partition)
    self.partition = partition
    statistics = segmenter.statistics(of: partition)
    features = segmenter.model?.features ?? []
    sweeps = segmenter.sweeps(of: partition)
    self.clockMs = clockMs == .min ? nil : clockMs
    clockStartMs = segmenter.clockStartMs(of: partition)
    self.sequence = sequence
    self.member = member
    self.offset = offset
    self.lag = lag
  }

  /// The key of the record of a partition, `3`.
  package static func key(of partition: Int32) -> String { "\(partition)" }

  // MARK: Writing

  /// The record's value, a JSON object.
  package func bytes() -> [UInt8] {
    var out = ByteBuffer(capacity: 2048)
    out.append("{\"partition\":")
    out.append(integer: Int64(partition))
    out.append(",\"generation\":")
    out.append(integer: Int64(statistics.generation))
    out.append(statistics.isWarm ? ",\"warm\":true" : ",\"warm\":false")
    out.append(",\"customers\":")
    out.append(integer: Int64(statistics.customers))
    out.append(",\"k\":")
    out.append(integer: Int64(statistics.counts.count))
    out.append(",\"features\":[")
    for (index, feature) in features.enumerated() {
      if index > 0 { out.append(",") }
      out.append(jsonString: feature.rawValue)
    }
    out.append("],\"counts\":")
    Self.append(statistics.counts, to: &out)
    out.append(",\"sums\":")
    Self.append(statistics.sums, to: &out)
    out.append(",\"squares\":")
    Self.append(statistics.squares, to: &out)
    out.append(",\"sweeps\":")
    out.append(integer: Int64(sweeps))
    out.append(",\"clock_ms\":")
    Self.append(clockMs, to: &out)
    out.append(",\"clock_start_ms\":")
    Self.append(clockStartMs, to: &out)
    out.append(",\"sequence\":")
    out.append(integer: Int64(sequence))
    out.append(",\"member\":")
    out.append(jsonString: member)
    out.append(",\"offset\":")
    out.append(integer: offset)
    out.append(",\"lag\":")
    Self.append(lag, to: &out)
    out.append("}")
    return out.bytes
  }

  private static func append(_ values: [Int64], to out: inout ByteBuffer) {
    out.append("[")
    for (index, value) in values.enumerated() {
      if index > 0 { out.append(",") }
      out.append(integer: value)
    }
    out.append("]")
  }

  private static func append(_ value: Int64?, to out: inout ByteBuffer) {
    if let value { out.append(integer: value) } else { out.append("null") }
  }

  // MARK: Reading

  /// Reads a record's value.
  package init(_ bytes: [UInt8]) throws(TrainingRecordError) {
    guard let json = JSONValue(bytes) else { throw TrainingRecordError("statistics that are no JSON") }
    let members = RecordMembers(json, of: "statistics")
    let count = 0...RecordMembers.customersMax
    let position = 0...(Int(Int64.max))
    partition = Int32(try members.integer("partition", 0...Int(Int32.max)))
    features = try members.features("features")
    let generation = try members.integer("generation", count)
    let k = try members.integer("k", 0...RecordMembers.kMax)
    // Rules learn no sums.
    guard k == 0 ? features.isEmpty : generation > 0 && k >= 2 && !features.isEmpty else { throw members.wrong("k") }
    statistics = PartitionStatistics(generation: generation, k: k, features: features.count)
    statistics.isWarm = try members.bool("warm")
    statistics.customers = try members.integer("customers", count)
    statistics.counts = try members.integers("counts", count: k)
    statistics.sums = try members.integers("sums", count: k * features.count)
    statistics.squares = try members.integers("squares", count: k)
    sweeps = try members.integer("sweeps", count)
    clockMs = try members.integerOrNull("clock_ms", RecordMembers.ms).map { Int64($0) }
    clockStartMs = try members.integerOrNull("clock_start_ms", RecordMembers.ms).map { Int64($0) }
    sequence = try members.integer("sequence", position)
    member = try members.text("member")
    offset = Int64(try members.integer("offset", position))
    lag = try members.integerOrNull("lag", position).map { Int64($0) }
    guard statistics.counts.allSatisfy({ 0...Int64(RecordMembers.customersMax) ~= $0 }) else {
      throw members.wrong("counts")
    }
  }
}

/// A record of the statistics topic.
package enum TrainingRecord: Sendable {
  /// The sums of a partition, key `3`.
  case statistics(StatisticsRecord)
  /// A partition's part of the sample, key `3-sample`.
  case sample(SampleRecord)
  /// What a partition's last complete walk counted, key `3-watch`.
  case watch(WatchRecord)

  /// Reads a record; its key must be of the partition that its value is of.
  package init(key: [UInt8], value: [UInt8]) throws(TrainingRecordError) {
    let key = String(decoding: key, as: UTF8.self)
    let expected: String
    if key.hasSuffix("-sample") {
      let record = try SampleRecord(value)
      expected = SampleRecord.key(of: record.partition)
      self = .sample(record)
    } else if key.hasSuffix("-watch") {
      let record = try WatchRecord(value)
      expected = WatchRecord.key(of: record.partition)
      self = .watch(record)
    } else {
      let record = try StatisticsRecord(value)
      expected = StatisticsRecord.key(of: record.partition)
      self = .statistics(record)
    }
    guard key == expected else { throw TrainingRecordError("a record with the key `\(key)` instead of `\(expected)`") }
  }
}
