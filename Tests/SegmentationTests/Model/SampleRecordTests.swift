import Testing

@testable import Segmentation

private let partitions: [Int32] = [0, 1, 2, 3, 4]

/// Customers of 40 days of traffic in five partitions whose clocks all stand at the end of the days.
private func makeSegmenter(_ settings: SegmentationSettings, seed: UInt64, customers: Int = 400) -> Segmenter {
  let changes = ChangeSettings(shape: .binary, source: "/t", causeTopic: "t")
  let segmenter = Segmenter(settings: settings, changes: changes, partitions: partitions)
  var traffic = Traffic(seed: seed, customers: customers, partitions: Int32(partitions.count))
  for _ in 0..<40 { segmenter.apply(traffic.nextDay()) }
  for partition in partitions {
    for customer in 0..<3 {
      var purchase = TestRecord.purchase(1, by: "clock-\(customer)", at: traffic.clockMs)
      purchase.partition = partition
      purchase.withRecord { record in
        var record = record
        withUnsafeMutablePointer(to: &record) {
          segmenter.setClocks(UnsafeMutableBufferPointer(start: $0, count: 1))
        }
      }
    }
  }
  return segmenter
}

/// Random settings: features in any number and order.
private func randomSettings(_ random: inout SplitMix64) -> SegmentationSettings {
  var settings = SegmentationSettings()
  settings.features = random.shuffled(Feature.allCases).prefix(random.int(1...7)).map { WeightedFeature($0) }
  settings.halfLifeDays = 1 + 200 * random.uniform()
  return settings
}

private func bytes(of sample: CustomerSample, _ settings: SegmentationSettings) -> [UInt8] {
  SampleRecord(partition: 0, sample: sample, clockMs: 1, startMs: 0, settings: settings).bytes()
}

@Suite("Sample records")
struct SampleRecordTests {
  @Test("The merged parts of all partitions are, bit for bit, the sample of all their customers")
  func mergedParts() throws {
    for seed in UInt64(1)...6 {
      var random = SplitMix64(seed: seed)
      let settings = randomSettings(&random)
      let segmenter = makeSegmenter(settings, seed: seed)
      let limit = random.chance(0.3) ? CustomerSample.defaultLimit : random.int(1...200)
      var whole = CustomerSample(limit: limit)
      segmenter.collect(into: &whole, clockMs: segmenter.clockMs(of: 0))
      var merged = CustomerSample(limit: limit)
      for partition in random.shuffled(partitions) {
        var part = CustomerSample(limit: limit)
        segmenter.collect(partition, into: &part)
        let record = SampleRecord(
          partition: partition, sample: part, clockMs: segmenter.clockMs(of: partition),
          startMs: segmenter.clockStartMs(of: partition), settings: settings)
        merged.merge(try SampleRecord(record.bytes()).sample)
      }
      #expect(merged.customers == segmenter.buyers && merged.customers > 100, "seed \(seed)")
      #expect(bytes(of: merged, settings) == bytes(of: whole, settings), "seed \(seed)")
    }
  }

  @Test("A record reads back as it was, of a partition with customers and of one without")
  func roundTrip() throws {
    for seed in UInt64(1)...10 {
      var random = SplitMix64(seed: seed)
      let settings = randomSettings(&random)
      let segmenter = makeSegmenter(settings, seed: seed, customers: random.int(1...60))
      for partition in partitions {
        let record = segmenter.sampleRecord(of: partition)
        let read = try SampleRecord(record.bytes())
        #expect(read.bytes() == record.bytes() && read.partition == partition && read.mark == record.mark)
        #expect(read.clockMs == segmenter.clockMs(of: partition) && read.fits(settings), "seed \(seed)")
        #expect(read.sample.histograms == record.sample.histograms, "seed \(seed)")
      }
    }
    let changes = ChangeSettings(shape: .binary, source: "/t", causeTopic: "t")
    let empty = Segmenter(settings: SegmentationSettings(), changes: changes, partitions: [7]).sampleRecord(of: 7)
    let read = try SampleRecord(empty.bytes())
    #expect(read.clockMs == nil && read.startMs == nil && read.sample.customers == 0 && read.partition == 7)
  }

  @Test("The largest sample with the largest numbers takes less than 900 kB")
  func size() throws {
    var settings = SegmentationSettings()
    settings.features = Feature.allCases.map { WeightedFeature($0) }
    var random = SplitMix64(seed: 1)
    var sample = CustomerSample()
    for index in 0..<100_000 {
      var features = FeatureVector()
      for feature in Feature.allCases.indices { features[feature] = random.uniform() }
      let entry = CustomerSample.Entry(
        hash: random.next(), features: features, recencyMs: SampleRecord.msMax, orders: .max, netMinor: .min)
      // Every bin holds something.
      let value = Int64(bitPattern: random.next() >> UInt64(1 + index % 63))
      let orders = Int32(truncatingIfNeeded: value & 0x7fff_ffff)
      if sample.count(recencyMs: value, orders: orders, netMinor: value, hash: entry.hash) { sample.add(entry) }
    }
    sample.trim()
    let record = bytes(of: sample, settings)
    #expect(record.count < 900_000 - 8192 * 8, "there is room for an eighth feature")
    #expect(try SampleRecord(record).bytes() == record)
  }

  @Test("Cut-off and damaged records are refused or can be fitted to; none stops the program")
  func damage() throws {
    var random = SplitMix64(seed: 9)
    var settings = SegmentationSettings()
    settings.k = 2
    let segmenter = makeSegmenter(settings, seed: 9, customers: 40)
    let whole = segmenter.sampleRecord(of: 1).bytes()
    for count in 0..<whole.count {
      #expect(throws: TrainingRecordError.self) { try SampleRecord(Array(whole.prefix(count))) }
    }
    #expect(throws: TrainingRecordError.self) { try SampleRecord(whole + [0]) }
    var read = 0
    for attempt in 0..<20_000 {
      var bytes = whole
      for _ in 0..<random.int(1...3) { bytes[random.next(below: bytes.count)] = UInt8(random.next(below: 256)) }
      guard let record = try? SampleRecord(bytes) else { continue }
      read += 1
      if record.sample.customers < 2 || record.features.count != 3 || attempt % 20 > 0 { continue }
      var sample = CustomerSample()
      sample.merge(record.sample)
      var trainer = Trainer(settings: settings)
      _ = trainer.needsFit(customers: sample.customers, clockMs: record.clockMs ?? 0, startMs: record.startMs)
      let model = trainer.fit(sample, clockMs: record.clockMs ?? 0)
      #expect(model.segments.allSatisfy { $0.centroid.allSatisfy(\.isFinite) })
    }
    #expect(read > 0 && read < 20_000)
    for _ in 0..<20_000 {
      let noise = [1] + (0..<random.int(0...80)).map { _ in UInt8(random.next(below: 256)) }
      #expect(throws: TrainingRecordError.self) { try SampleRecord(noise) }
    }
  }

  @Test("A sample is renewed at doublings, and before the first model whenever few customers have become others")
  func renewal() {
    let hour: Int64 = 3_600_000
    let mark = SampleMark(customers: 100, clockMs: 10 * hour, startMs: 0)
    #expect(!mark.isOutdated(customers: 199, clockMs: 19 * hour, hasModel: true))
    #expect(mark.isOutdated(customers: 200, clockMs: 10 * hour, hasModel: true))
    #expect(mark.isOutdated(customers: 100, clockMs: 20 * hour, hasModel: true))
    #expect(mark.isOutdated(customers: 101, clockMs: 10 * hour, hasModel: false))
    #expect(!mark.isOutdated(customers: 100, clockMs: 99 * hour, hasModel: false))
    let large = SampleMark(customers: 5000, clockMs: 10 * hour, startMs: 0)
    #expect(!large.isOutdated(customers: 9999, clockMs: 10 * hour, hasModel: false))
    let empty = SampleMark(customers: 0, clockMs: nil, startMs: nil)
    #expect(!empty.isOutdated(customers: 0, clockMs: .min, hasModel: true))
    #expect(empty.isOutdated(customers: 1, clockMs: 0, hasModel: true))
  }
}
