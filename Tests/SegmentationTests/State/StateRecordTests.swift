import Testing

@testable import Segmentation

private func makeSegmenter(_ settings: SegmentationSettings = SegmentationSettings(), keepsLog: Bool = true)
  -> Segmenter
{
  Segmenter(
    settings: settings, changes: ChangeSettings(shape: .binary, source: "/test", causeTopic: "transactions"),
    partitions: [0], keepsLog: keepsLog)
}

/// A model that any settings of three features can use.
private let model = Model.plain(
  [.recency, .frequency, .averageOrder], [(1, "Near", [0, 0, 0]), (2, "Far", [1, 2, 3])])

/// A segmenter that has met customers, refunds, erasures and a model; nothing of it has been cut.
private func makeTraffic(days: Int = 30, customers: Int = 60, seed: UInt64 = 5) -> Segmenter {
  var settings = SegmentationSettings()
  settings.dwellMs = msPerDay
  let segmenter = makeSegmenter(settings)
  var traffic = Traffic(seed: seed, customers: customers)
  segmenter.adopt(model)
  for _ in 0..<days {
    segmenter.apply(traffic.nextDay())
    segmenter.sweep(0, rows: 25, clockMs: traffic.clockMs, origin: .live)
  }
  segmenter.apply([.erasure("customer-3", at: traffic.clockMs)])
  segmenter.removeChanges()
  return segmenter
}

private func cut(_ segmenter: Segmenter, sequence: Int64 = 1) -> [[UInt8]] {
  var buffer = ByteBuffer()
  let ranges = segmenter.cut(
    0, inputOffset: 1 << 40, sequence: sequence, fingerprint: testFingerprint, into: &buffer)
  return ranges.map { Array(buffer.bytes[$0]) }
}

/// Restores records into a segmenter; the error, or none.
private func restore(
  _ records: [[UInt8]], into segmenter: Segmenter, fingerprint: UInt64 = testFingerprint
) -> StateLogError? {
  do {
    for record in records {
      _ = try record.withUnsafeBytes { bytes throws(StateLogError) in
        try segmenter.restore(0, record: bytes, fingerprint: fingerprint)
      }
    }
    try segmenter.finishRestore(0)
    return nil
  } catch let error as StateLogError {
    return error
  } catch {
    Issue.record("another error: \(error)")
    return nil
  }
}

private var dwelling: SegmentationSettings {
  var settings = SegmentationSettings()
  settings.dwellMs = msPerDay
  return settings
}

@Suite("State records")
struct StateRecordTests {
  @Test("Numbers of any size come back as they were written")
  func numbers() {
    var random = SplitMix64(seed: 1)
    var values: [UInt64] = [0, 1, 127, 128, 16_383, 16_384, 1 << 55, 1 << 56 - 1, 1 << 56, 1 << 63, .max]
    for bits in 0..<64 { for _ in 0..<20 { values.append(random.next() >> UInt64(bits)) } }
    for value in values {
      var buffer = ByteBuffer(capacity: 64)
      var writer = PackedWriter(buffer.base)
      writer.varint(value)
      writer.zigzag(Int64(bitPattern: value))
      writer.low(value, count: 6)
      buffer.advance(to: writer.next)
      let length = max(1, (64 - value.leadingZeroBitCount + 6) / 7)
      for padding in [0, 8] {
        let bytes = buffer.bytes + Array(repeating: 0xff, count: padding)
        bytes.withUnsafeBytes { bytes in
          var reader = PackedReader(bytes)
          #expect(reader.varint() == value && bytes.count - reader.left == length)
          #expect(reader.zigzag() == Int64(bitPattern: value) && reader.fixed(6) == value & 0xffff_ffff_ffff)
          #expect(reader.left == padding && !reader.isDamaged)
        }
      }
    }
  }

  @Test(
    "A damaged or truncated record is refused or read, and a refused one leaves the partition empty", arguments: 1...4)
  func damage(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let segmenter = makeTraffic(seed: seed)
    let record = cut(segmenter)[0]
    #expect(record.count > 3000 && restore([record], into: makeSegmenter(dwelling)) == nil)
    let victim = makeSegmenter(dwelling)
    victim.adopt(model)
    var refused = 0
    for length in stride(from: 0, to: record.count, by: 1 + record.count / 500) {
      #expect(restore([Array(record[..<length])], into: victim) != nil, "length \(length)")
      #expect(victim.customers == 0 && victim.rowCount(of: 0) == 0)
    }
    for _ in 0..<3000 {
      var damaged = record
      for _ in 0..<random.int(1...4) {
        // The head and the tail hold what sizes depend on.
        let place = random.pick([
          random.int(0...60), record.count - 1 - random.int(0...120), random.int(0...record.count - 1),
        ])
        damaged[place] ^= 1 << UInt8(random.int(0...7))
      }
      if restore([damaged], into: victim) != nil {
        refused += 1
        #expect(victim.customers == 0)
      } else {
        // What was read can be used.
        victim.sweep(0, rows: .max, clockMs: Traffic.startMs + 40 * msPerDay, origin: .live)
        victim.removeChanges()
      }
    }
    #expect(refused > 300, "seed \(seed): \(refused)")
  }

  @Test("A record of another version or of other settings is refused by name")
  func refusals() {
    let record = cut(makeTraffic())[0]
    var newer = record
    newer[0] = 2
    let segmenter = makeSegmenter(dwelling)
    #expect(restore([newer], into: segmenter) == .version(2))
    #expect(restore([record], into: segmenter, fingerprint: 7) == .settings(found: testFingerprint, expected: 7))
    #expect("\(StateLogError.settings(found: 255, expected: 7))".contains("`ff`"))
    #expect(restore([], into: segmenter) == nil && segmenter.customers == 0)
    #expect(restore([[]], into: segmenter) == .damaged("it ends too early", at: 0))
  }

  @Test("A gap, a repetition or a missing part of the log is refused")
  func order() {
    let segmenter = makeTraffic()
    let records = (1...4).map { sequence in
      segmenter.apply([.purchase(100, by: "c\(sequence)", at: Traffic.startMs)])
      return cut(segmenter, sequence: Int64(sequence))[0]
    }
    let target = makeSegmenter(dwelling)
    #expect(restore(records, into: target) == nil && target.customers == segmenter.customers)
    for wrong in [[0, 2], [0, 0], [1, 0], [0, 1, 3]] {
      guard case .order = restore(wrong.map { records[$0] }, into: target) else {
        Issue.record("\(wrong) was not refused")
        continue
      }
      #expect(target.customers == 0)
    }
  }

  @Test("A large cut is parted, no record is above its limit, and a part alone is not enough")
  func parts() {
    let segmenter = makeSegmenter()
    let id = String(repeating: "x", count: 300)
    let customers = (0..<8000).map { TestRecord.purchase(100, by: "\(id)\($0)", at: Traffic.startMs + Int64($0)) }
    segmenter.apply(customers)
    #expect(segmenter.hasNews(0) && segmenter.touchedBytes == 8000 * StateRecord.rowBytesTypical)
    let first = cut(segmenter)
    #expect(first.count > 2 && first.allSatisfy { $0.count <= StateRecord.bytesMax && $0.count > 50_000 })
    #expect(!segmenter.hasNews(0) && segmenter.touchedBytes == 0)
    segmenter.apply(customers.dropFirst(10).map { .erasure(String(decoding: $0.customer, as: UTF8.self), at: $0.ms) })
    segmenter.apply([.purchase(5, by: "again", at: Traffic.startMs)])
    let second = cut(segmenter, sequence: 2)
    let target = makeSegmenter()
    #expect(restore(first + second, into: target) == nil)
    #expect(target.description(of: 0) == segmenter.description(of: 0))
    #expect(target.customers == 11 && target.rowCount(of: 0) == 8000)
    for alone in first {
      guard case .order = restore([alone], into: target) else {
        Issue.record("a part of a commit was accepted")
        continue
      }
    }
  }

  @Test("Contributions of another number of features are dropped, and the rest is kept")
  func features() throws {
    let segmenter = makeTraffic()
    segmenter.sweep(0, rows: .max, clockMs: Traffic.startMs + 40 * msPerDay, origin: .live)
    segmenter.removeChanges()
    var settings = dwelling
    settings.features = Array(settings.features.prefix(2))
    let target = makeSegmenter(settings)
    #expect(restore(cut(segmenter), into: target) == nil && target.customers == segmenter.customers)
    target.adopt(.plain([.recency, .frequency], [(1, "Near", [0, 0]), (2, "Far", [1, 2])]))
    let statistics = try #require(target.statistics())
    #expect(statistics.counts == [0, 0] && !statistics.isWarm)
    target.sweep(0, rows: .max, clockMs: Traffic.startMs + 40 * msPerDay, origin: .live)
    target.sweep(0, rows: .max, clockMs: Traffic.startMs + 40 * msPerDay, origin: .live)
    let swept = try #require(target.statistics())
    #expect(swept.counts.reduce(0, +) == Int64(target.buyers) && swept.isWarm)
  }

  @Test("Sums of another generation than the model's are begun anew, whichever is the newer", arguments: [1, 3])
  func generations(generation: Int) throws {
    let segmenter = makeTraffic()
    var second = model
    (second.generation, second.version) = (2, 2)
    segmenter.adopt(second)
    segmenter.sweep(0, rows: 20, clockMs: Traffic.startMs + 40 * msPerDay, origin: .live)
    segmenter.removeChanges()
    let target = makeSegmenter(dwelling)
    #expect(restore(cut(segmenter), into: target) == nil)
    var other = model
    (other.generation, other.version) = (generation, generation)
    target.adopt(other)
    #expect(target.statistics()?.counts == [0, 0])
    for _ in 0..<2 { target.sweep(0, rows: .max, clockMs: Traffic.startMs + 41 * msPerDay, origin: .live) }
    let fresh = makeSegmenter(dwelling)
    #expect(restore(cut(target, sequence: 1), into: fresh) == nil)
    let statistics = try #require(target.statistics())
    #expect(statistics.counts.reduce(0, +) == Int64(target.buyers) && statistics.counts.allSatisfy { $0 >= 0 })
  }

  @Test("A segmenter that keeps no log notes nothing, and one that does walks before there is a model")
  func noting() {
    for keepsLog in [false, true] {
      let segmenter = makeSegmenter(keepsLog: keepsLog)
      segmenter.apply((0..<10).map { .purchase(100, by: "c\($0)", at: Traffic.startMs) })
      #expect(segmenter.touchedBytes == (keepsLog ? 10 * StateRecord.rowBytesTypical : 0))
      segmenter.sweep(0, rows: 10, clockMs: Traffic.startMs, origin: .live)
      #expect(segmenter.sweeps(of: 0) == (keepsLog ? 1 : 0))
      segmenter.note(partition: 0, records: 13, deadLetters: 2, ignored: 1)
      let counters = segmenter.partitionCounters(of: 0)
      #expect((counters.records, counters.applied, counters.deadLetters, counters.ignored) == (13, 10, 2, 1))
      segmenter.clear(0)
      #expect(segmenter.customers == 0 && segmenter.touchedBytes == 0 && !segmenter.hasNews(0))
    }
  }
}
