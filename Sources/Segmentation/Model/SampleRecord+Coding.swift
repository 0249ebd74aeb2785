extension SampleRecord {
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
    out.varint(UInt64(walk))
    if let clockMs, let startMs {
      out.bytes.append(1)
      out.zigzag(clockMs)
      out.zigzag(startMs)
    } else {
      out.bytes.append(0)
    }
    out.varint(UInt64(sample.limit))
    for histogram in sample.histograms.all { out.append(histogram) }
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

  static func readFeatures(_ input: inout SampleReader) throws(TrainingRecordError) -> [Feature] {
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

  static func readSample(_ input: inout SampleReader, features: Int) throws(TrainingRecordError) -> CustomerSample {
    let limit = Int(try input.varint(max: UInt64(CustomerSample.defaultLimit), "the limit of the sample"))
    var histograms = ScoreHistograms()
    histograms.recencyMinutes = try input.histogram()
    histograms.orders = try input.histogram()
    histograms.netMinor = try input.histogram()
    guard limit > 0, histograms.all.allSatisfy({ $0.total == histograms.orders.total }) else {
      throw input.wrong("a histogram")
    }
    let count = Int(try input.varint(max: UInt64(limit), "the number of entries"))
    guard count == min(limit, histograms.customers) else { throw input.wrong("the number of entries") }
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
    return CustomerSample(limit: limit, entries: entries, histograms: histograms)
  }
}

/// Writes the numbers of a sample record.
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

/// Reads the numbers of a sample record; what it refuses it says with its place.
struct SampleReader {
  private let bytes: [UInt8]
  private var position = 0

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
