import Testing

@testable import Segmentation

private let partitions: [Int32] = [0, 1, 2]

private func makeSettings(seed: UInt64) -> SegmentationSettings {
  var settings = SegmentationSettings()
  settings.k = 3
  settings.seed = seed
  settings.dwellMs = seed % 2 == 0 ? 0 : 2 * msPerDay
  if seed % 3 == 0 { settings.transactionWindow = 0 }
  if seed % 3 == 1 { settings.orderWindow = 5 }
  if seed % 5 == 0 { settings.orderWindow = 0 }
  return settings
}

private func makeSegmenter(_ settings: SegmentationSettings) -> Segmenter {
  Segmenter(
    settings: settings, changes: ChangeSettings(shape: .structured, source: "/test", causeTopic: "transactions"),
    partitions: partitions, keepsLog: true)
}

/// A segmenter that never stops beside one that is thrown away at random cuts and restored from its log.
private struct Restarted {
  let steady: Segmenter
  var broken: Segmenter
  let settings: SegmentationSettings
  var trainer: Trainer
  var logs = Dictionary(uniqueKeysWithValues: partitions.map { ($0, PartitionLog()) })
  var random: SplitMix64
  var restarts = 0
  var reused = 0

  init(seed: UInt64) {
    settings = makeSettings(seed: seed)
    steady = makeSegmenter(settings)
    broken = makeSegmenter(settings)
    trainer = Trainer(settings: settings)
    random = SplitMix64(seed: seed &+ 100)
  }

  /// Applies records to both and expects the same changes.
  mutating func apply(_ records: [TestRecord]) {
    let letters = (steady.apply(records, origin: .live), broken.apply(records, origin: .live))
    #expect(letters.0.count == letters.1.count)
    for partition in partitions {
      let mine = records.filter { $0.partition == partition }
      for record in mine where record.kind == .purchase {
        for segmenter in [steady, broken] {
          segmenter.core.partitions[segmenter.core.local(partition)].clock.observe(
            customerHash: record.withRecord { $0.customerHash }, timestampMs: record.ms)
        }
      }
      for segmenter in [steady, broken] { segmenter.note(partition: partition, records: mine.count, ignored: 1) }
    }
  }

  mutating func sweep(clockMs: Int64) {
    for partition in partitions {
      let rows = random.int(0...max(1, steady.rowCount(of: partition)))
      for segmenter in [steady, broken] {
        segmenter.sweep(partition, rows: rows, clockMs: clockMs, origin: .live)
      }
    }
  }

  func expectSameChanges(_ day: Int) {
    let changes = (steady.takeChanges(.structured), broken.takeChanges(.structured))
    let isSame = changes.0.map(\.value) == changes.1.map(\.value)
    #expect(isSame, "day \(day)")
  }

  mutating func train(clockMs: Int64, fits: Bool) {
    var model: Model?
    if steady.buyers >= 30 && (fits || trainer.model == nil) {
      var sample = CustomerSample()
      steady.collect(into: &sample, clockMs: clockMs)
      model = trainer.fit(sample, clockMs: clockMs)
    } else if let statistics = steady.statistics() {
      #expect(statistics == broken.statistics())
      model = trainer.update(statistics)
    }
    guard let model else { return }
    steady.adopt(model)
    broken.adopt(model)
  }

  /// Cuts both, and sometimes starts the second one again: all partitions, or one that is taken away and comes back.
  mutating func cut(offset: Int64) throws {
    for partition in partitions where random.chance(0.7) && broken.hasNews(partition) {
      logs[partition]?.cut(broken, partition, inputOffset: offset)
      var ignored = PartitionLog()
      ignored.cut(steady, partition, inputOffset: offset)
      #expect(!broken.hasNews(partition))
    }
    guard random.chance(0.3), partitions.allSatisfy({ !broken.hasNews($0) }) else { return }
    restarts += 1
    let model = broken.model
    var again = partitions
    let isSurvivor = random.chance(0.3)
    if isSurvivor {
      again = [random.pick(partitions)]
      broken.clear(again[0])
      #expect(broken.rowCount(of: again[0]) == 0)
    } else {
      broken = makeSegmenter(settings)
      if let model, random.chance(0.5) { broken.adopt(model) }
    }
    for partition in again {
      guard let log = logs[partition] else { continue }
      try log.restore(from: random.pick(log.starts), into: broken, partition)
    }
    if let model { broken.adopt(model) }
    for partition in partitions {
      let states = (broken.description(of: partition), steady.description(of: partition))
      let first = zip(states.0, states.1).first { $0 != $1 }
      #expect(first == nil && states.0.count == states.1.count, "restart \(restarts)")
    }
  }
}

@Suite("State log")
struct StateLogTests {
  @Test("A segmenter restored from its log goes on as one that never stopped", arguments: 1...12)
  func restarts(seed: UInt64) throws {
    var run = Restarted(seed: seed)
    var traffic = Traffic(seed: seed, customers: 90, partitions: 3)
    for day in 0..<60 {
      var records = traffic.nextDay()
      for index in records.indices where run.random.chance(0.4) {
        records[index].transaction = "t\(run.random.int(0...400))"
      }
      for _ in 0..<run.random.int(0...4) where !records.isEmpty {
        let place = run.random.int(0...records.count - 1)
        var erasure = TestRecord.erasure("", at: records[place].ms)
        (erasure.customer, erasure.partition) = (records[place].customer, records[place].partition)
        (erasure.offset, erasure.clockMs) = (records[place].offset + 1, records[place].clockMs)
        records.insert(erasure, at: place + 1)
      }
      let middle = run.random.int(0...records.count)
      run.apply(Array(records[..<middle]))
      run.expectSameChanges(day)
      try run.cut(offset: Int64(day * 2000))
      run.apply(Array(records[middle...]))
      run.sweep(clockMs: traffic.clockMs)
      run.expectSameChanges(day)
      try run.cut(offset: Int64(day * 2000 + 1000))
      run.train(clockMs: traffic.clockMs, fits: day % 17 == 16)
    }
    #expect(run.restarts > 5, "seed \(seed)")
    #expect(run.steady.counters.erased > 20 && run.steady.counters.changes.reduce(0, +) > 100, "seed \(seed)")
  }
}
