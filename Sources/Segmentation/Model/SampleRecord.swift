/// A partition's part of the sample for a fit, as it is published: at most 900 kB.
///
///     u8 format version = 1 · varint partition · f64 half-life in days · u8 digits of the currency
///     u8 features, each: u8 byte count, its name
///     varint complete walks of the partition
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
  /// Complete walks of the partition when it was taken.
  package let walk: Int
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
    partition: Int32, sample: CustomerSample, clockMs: Int64?, startMs: Int64?, walk: Int = 0,
    settings: SegmentationSettings
  ) {
    var sample = sample
    sample.trim()
    self.partition = partition
    self.sample = sample
    self.clockMs = clockMs
    self.startMs = startMs
    self.walk = walk
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
    features = try Self.readFeatures(&input)
    walk = Int(try input.varint(max: Self.customersMax, "the walk"))
    let hasClock = try input.byte()
    guard hasClock <= 1 else { throw input.wrong("the mark of the clock") }
    clockMs = hasClock == 1 ? try input.time() : nil
    startMs = hasClock == 1 ? try input.time() : nil
    sample = try Self.readSample(&input, features: features.count)
    guard input.isAtEnd else { throw input.wrong("what follows the last entry") }
    let isInTime = if let clockMs, let startMs { startMs <= clockMs } else { sample.customers == 0 }
    guard isInTime else { throw TrainingRecordError("a sample whose clock is before its start") }
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
