/// A partition's part of the sample for a fit, as it is published: at most 900 kB.
///
///     u8 format version = 1 · varint partition · f64 half-life in days · u8 digits of the currency
///     u8 features, each: u8 byte count, its name
///     u8 1 and zigzag clock ms, zigzag ms where it began; or u8 0 before the first purchase
///     varint limit · three histograms (minutes of recency, orders, net in minor units):
///       varint bins that hold something, each: varint bin minus the one before minus 1, varint count
///     varint entries, by hash, each: u64 hash, varint recency ms, zigzag orders, zigzag net, f64 a feature
///
/// `varint` is unsigned LEB128, `zigzag` signed; fixed integers are little endian.
package struct SampleRecord: Sendable {
  /// The input partition whose customers these are.
  package let partition: Int32
  /// The customers; features are raw, at the partition's clock.
  package let sample: CustomerSample
  /// The partition's clock, ms since 1970; `nil` before its first purchase.
  package let clockMs: Int64?
  /// Where that clock began, ms since 1970; `nil` before its first purchase.
  package let startMs: Int64?
  /// The features that entries hold, in their order.
  package let features: [Feature]
  /// The half-life that the features were computed with, in days.
  package let halfLifeDays: Double
  /// The digits of the currency that money is in.
  package let digits: Int

  static let version: UInt8 = 1
  /// More customers than any partition can have: sums of what records say cannot overflow.
  static let customersMax: UInt64 = 1 << 40
  /// The largest time or span in ms, 285 thousand years: differences of what records say cannot overflow.
  static let msMax: Int64 = 1 << 53

  /// No raw feature is larger: all are shares or logarithms.
  static let featureMax = 1024.0

  /// Makes a record of a partition's sample.
  package init(
    partition: Int32, sample: CustomerSample, clockMs: Int64?, startMs: Int64?, settings: SegmentationSettings
  ) {
    var sample = sample
    sample.trim()
    self.partition = partition
    self.sample = sample
    self.clockMs = clockMs
    self.startMs = startMs
    features = settings.features.map(\.feature)
    halfLifeDays = settings.halfLifeDays
    digits = settings.currency.digits
  }

  /// The key of the record of a partition, `3-sample`.
  package static func key(of partition: Int32) -> String { "\(partition)-sample" }

  /// Whether a trainer with these settings can use it.
  package func fits(_ settings: SegmentationSettings) -> Bool {
    features == settings.features.map(\.feature) && halfLifeDays == settings.halfLifeDays
      && digits == settings.currency.digits
  }

  /// What its publisher keeps of it.
  package var mark: SampleMark { SampleMark(customers: sample.customers, clockMs: clockMs, startMs: startMs) }

  // MARK: Writing

  /// The value of the record.
  package func bytes() -> [UInt8] {
    var out = SampleWriter()
    out.bytes.append(Self.version)
    out.varint(UInt64(partition))
    out.fixed(halfLifeDays.bitPattern)
    out.bytes.append(UInt8(digits))
    out.bytes.append(UInt8(features.count))
    for feature in features {
      out.bytes.append(UInt8(feature.rawValue.utf8.count))
      out.bytes.append(contentsOf: feature.rawValue.utf8)
    }
    if let clockMs, let startMs {
      out.bytes.append(1)
      out.zigzag(clockMs)
      out.zigzag(startMs)
    } else {
      out.bytes.append(0)
    }
    out.varint(UInt64(sample.limit))
    for histogram in [sample.recencyMinutes, sample.orders, sample.netMinor] { out.append(histogram) }
    out.varint(UInt64(sample.entries.count))
    for entry in sample.entries {
      out.fixed(entry.hash)
      out.varint(UInt64(entry.recencyMs))
      out.zigzag(Int64(entry.orders))
      out.zigzag(entry.netMinor)
      for index in features.indices { out.fixed(entry.features[index].bitPattern) }
    }
    return out.bytes
  }

  // MARK: Reading

  /// Reads the value of a record.
  package init(_ bytes: [UInt8]) throws(TrainingRecordError) {
    var input = SampleReader(bytes: bytes)
    let version = try input.byte()
    guard version == Self.version else {
      throw TrainingRecordError("a sample of format `\(version)`; this program reads format \(Self.version)")
    }
    partition = Int32(try input.varint(max: UInt64(Int32.max), "the partition"))
    halfLifeDays = Double(bitPattern: try input.fixed())
    guard halfLifeDays > 0 && halfLifeDays.isFinite else { throw input.wrong("the half-life") }
    digits = Int(try input.byte())
    features = try Self.features(&input)
    let hasClock = try input.byte()
    guard hasClock <= 1 else { throw input.wrong("the mark of the clock") }
    clockMs = hasClock == 1 ? try input.time() : nil
    startMs = hasClock == 1 ? try input.time() : nil
    sample = try Self.sample(&input, features: features.count)
    guard input.isAtEnd else { throw input.wrong("what follows the last entry") }
    let isInTime = if let clockMs, let startMs { startMs <= clockMs } else { sample.customers == 0 }
    guard isInTime else { throw TrainingRecordError("a sample whose clock is before its start") }
  }

  private static func features(_ input: inout SampleReader) throws(TrainingRecordError) -> [Feature] {
    let count = Int(try input.byte())
    var features: [Feature] = []
    guard 1...FeatureVector.countMax ~= count else { throw input.wrong("the number of features") }
    for _ in 0..<count {
      let name = String(decoding: try input.take(Int(try input.byte())), as: UTF8.self)
      guard let feature = Feature(rawValue: name), !features.contains(feature) else {
        throw TrainingRecordError("a sample with the feature `\(name)`, unknown or twice")
      }
      features.append(feature)
    }
    return features
  }

  private static func sample(_ input: inout SampleReader, features: Int) throws(TrainingRecordError) -> CustomerSample {
    let limit = Int(try input.varint(max: UInt64(CustomerSample.defaultLimit), "the limit of the sample"))
    let recencyMinutes = try input.histogram()
    let orders = try input.histogram()
    let netMinor = try input.histogram()
    guard limit > 0, recencyMinutes.total == orders.total, netMinor.total == orders.total else {
      throw input.wrong("a histogram")
    }
    let count = Int(try input.varint(max: UInt64(limit), "the number of entries"))
    guard count == min(limit, Int(orders.total)) else { throw input.wrong("the number of entries") }
    var entries: [CustomerSample.Entry] = []
    entries.reserveCapacity(count)
    for _ in 0..<count {
      var entry = CustomerSample.Entry(
        hash: try input.fixed(), features: FeatureVector(),
        recencyMs: Int64(try input.varint(max: UInt64(msMax), "a recency")),
        orders: try input.orders(), netMinor: try input.zigzag())
      for index in 0..<features {
        entry.features[index] = Double(bitPattern: try input.fixed())
        guard entry.features[index].magnitude <= featureMax else { throw input.wrong("a feature") }
      }
      if let last = entries.last, entry.hash < last.hash { throw input.wrong("the order of entries") }
      entries.append(entry)
    }
    return CustomerSample(
      limit: limit, entries: entries, recencyMinutes: recencyMinutes, orders: orders, netMinor: netMinor)
  }
}

/// What the publisher of a partition's sample keeps of the last one, to know when the next is due.
package struct SampleMark: Sendable, Equatable {
  /// Customers with a purchase.
  package let customers: Int
  /// The partition's clock, ms since 1970; `nil` before its first purchase.
  package let clockMs: Int64?
  /// Where that clock began.
  package let startMs: Int64?

  /// Before the first model samples are exact up to so many customers, because the first fit waits for their number.
  static let exactCustomersMax = 4096

  /// Whether a newer sample is due: the customers or the span of the clock have doubled, or, before the first model,
  /// few customers have become others. The end of a sweep is another occasion, and a start without a mark.
  package func isOutdated(customers now: Int, clockMs nowMs: Int64, hasModel: Bool) -> Bool {
    if now == 0 || customers == 0 || !hasModel && now <= Self.exactCustomersMax { return now != customers }
    guard let clockMs, let startMs else { return true }
    return now >= 2 * customers || nowMs - startMs >= 2 * max(clockMs - startMs, Trainer.spanMsMin)
  }
}

/// Why bytes are not a model, statistics or a sample, as one sentence.
package struct TrainingRecordError: Error, Sendable, Equatable, CustomStringConvertible {
  /// What is wrong with which part.
  package let description: String

  /// Makes an error of a sentence.
  package init(_ description: String) { self.description = description }
}

private struct SampleWriter {
  var bytes: [UInt8] = []

  mutating func varint(_ value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }

  mutating func zigzag(_ value: Int64) { varint(UInt64(bitPattern: value << 1 ^ value >> 63)) }

  mutating func fixed(_ value: UInt64) { withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) } }

  mutating func append(_ histogram: Histogram) {
    let bins = histogram.counts.indices.filter { histogram.counts[$0] != 0 }
    varint(UInt64(bins.count))
    var before = -1
    for bin in bins {
      varint(UInt64(bin - before - 1))
      varint(UInt64(histogram.counts[bin]))
      before = bin
    }
  }
}

private struct SampleReader {
  let bytes: [UInt8]
  var position = 0

  init(bytes: [UInt8]) { self.bytes = bytes }

  var isAtEnd: Bool { position == bytes.count }

  func wrong(_ what: String) -> TrainingRecordError {
    TrainingRecordError("a sample in which \(what) is wrong, before byte `\(position)` of `\(bytes.count)`")
  }

  mutating func take(_ count: Int) throws(TrainingRecordError) -> ArraySlice<UInt8> {
    guard count <= bytes.count - position else { throw cutOff }
    position += count
    return bytes[position - count..<position]
  }

  mutating func byte() throws(TrainingRecordError) -> UInt8 {
    guard position < bytes.count else { throw cutOff }
    position += 1
    return bytes[position - 1]
  }

  private var cutOff: TrainingRecordError {
    TrainingRecordError("a sample that is cut off: it ends at byte `\(bytes.count)`")
  }

  mutating func fixed() throws(TrainingRecordError) -> UInt64 {
    try take(8).reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }

  mutating func varint(max: UInt64 = .max, _ what: String = "a number") throws(TrainingRecordError) -> UInt64 {
    var value: UInt64 = 0
    for shift in stride(from: UInt64(0), to: 64, by: 7) {
      let byte = try byte()
      if shift == 63 && byte > 1 { break }
      value |= UInt64(byte & 0x7f) << shift
      if byte < 0x80 {
        guard value <= max else { throw wrong(what) }
        return value
      }
    }
    throw wrong(what)
  }

  mutating func zigzag() throws(TrainingRecordError) -> Int64 {
    let value = try varint()
    return Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1)
  }

  mutating func orders() throws(TrainingRecordError) -> Int32 {
    guard let orders = Int32(exactly: try zigzag()) else { throw wrong("the orders") }
    return orders
  }

  mutating func time() throws(TrainingRecordError) -> Int64 {
    let ms = try zigzag()
    guard ms.magnitude <= UInt64(SampleRecord.msMax) else { throw wrong("a time") }
    return ms
  }

  mutating func histogram() throws(TrainingRecordError) -> Histogram {
    var histogram = Histogram()
    var bin = -1
    for _ in 0..<(try varint(max: UInt64(Histogram.binCount), "a histogram")) {
      bin += 1 + Int(try varint(max: UInt64(Histogram.binCount), "a histogram"))
      let count = try varint(max: SampleRecord.customersMax, "a histogram")
      guard bin < Histogram.binCount, count > 0 else { throw wrong("a histogram") }
      histogram.setBin(bin, Int64(count))
    }
    guard histogram.total <= SampleRecord.customersMax else { throw wrong("a histogram") }
    return histogram
  }
}
