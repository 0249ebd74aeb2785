import Testing

@testable import Segmentation

private let startMs = Traffic.startMs

private func lineSettings(k: Int = 2) -> SegmentationSettings {
  var settings = SegmentationSettings()
  settings.k = k
  settings.features = [WeightedFeature(.refundShare)]
  return settings
}

/// 300 customers with refund shares from 0 to 1, in two partitions of 150 rows.
private func makeSegmenter(_ settings: SegmentationSettings) -> Segmenter {
  let segmenter = Segmenter(
    settings: settings, changes: ChangeSettings(shape: .binary, source: "/t", causeTopic: "t"), partitions: [0, 1])
  var records: [TestRecord] = []
  for index in 0..<300 {
    var record = TestRecord.purchase(1000, by: "c\(index)", at: startMs)
    record.partition = Int32(index % 2)
    records.append(record)
    (record.kind, record.minor) = (.refund, Int64(index % 3 == 0 ? index : 1000 - index))
    records.append(record)
  }
  segmenter.apply(records)
  return segmenter
}

private func sample(_ segmenter: Segmenter, limit: Int = CustomerSample.defaultLimit) -> CustomerSample {
  var sample = CustomerSample(limit: limit)
  segmenter.collect(into: &sample, clockMs: startMs)
  return sample
}

@Suite("Trainer")
struct TrainerTests {
  @Test("Centroids stand until every partition has swept once in the generation, then they are the means")
  func warmUp() throws {
    let segmenter = makeSegmenter(lineSettings())
    var trainer = Trainer(settings: lineSettings())
    let part = sample(segmenter, limit: 20)
    segmenter.adopt(trainer.fit(part, clockMs: startMs))
    // The cursors stand somewhere within the walk when the next generation begins.
    segmenter.sweep(0, rows: 70, clockMs: startMs, origin: .live)
    segmenter.sweep(1, rows: 150, clockMs: startMs, origin: .live)
    let fitted = trainer.fit(part, clockMs: startMs)
    segmenter.adopt(fitted)
    for (partition, rows) in [(0, 100), (1, 149), (0, 49), (0, 1)] as [(Int32, Int)] {
      segmenter.sweep(partition, rows: rows, clockMs: startMs, origin: .live)
      let statistics = try #require(segmenter.statistics())
      let none = trainer.update(statistics, force: true)
      #expect(none == nil && trainer.model == fitted)
    }
    // Walking without learning does not warm.
    segmenter.sweep(1, rows: 150, clockMs: startMs, learning: false, origin: .live)
    #expect(segmenter.statistics()?.isWarm == false)
    segmenter.sweep(1, rows: 1, clockMs: startMs, origin: .live)
    let statistics = try #require(segmenter.statistics())
    #expect(statistics.isWarm && statistics.counts.reduce(0, +) == 300)
    let newer = trainer.update(statistics, force: true)
    let moved = try #require(newer)
    #expect(moved.version == fitted.version + 1 && moved.generation == fitted.generation)
    for cluster in 0..<2 {
      let mean = Double(statistics.sums[cluster]) / Double(statistics.counts[cluster]) / 1_048_576
      #expect(abs(moved.segments[cluster].centroid[0] - mean) < 1e-12)
    }
  }

  @Test("A new version is made only when a centroid has moved by 0.01, counted from the published one")
  func versions() {
    var trainer = Trainer(settings: lineSettings())
    let model = trainer.fit(sample(makeSegmenter(lineSettings())), clockMs: startMs)
    var statistics = PartitionStatistics(generation: 1, k: 2, features: 1)
    func place(_ cluster: Int, by shift: Double) {
      statistics.counts[cluster] = 1000
      let at = model.segments[cluster].centroid[0] + shift
      statistics.sums[cluster] = Int64((at * 1000 * 1_048_576).rounded())
    }
    place(0, by: 0)
    place(1, by: 0.0099)
    let near = trainer.update(statistics)
    #expect(near == nil && trainer.model == model)
    place(1, by: 0.0101)
    let moved = trainer.update(statistics)
    #expect(moved?.version == model.version + 1)
    // Steps that are small add up.
    place(1, by: 0.0101 + 0.006)
    let half = trainer.update(statistics)
    place(1, by: 0.0101 + 0.012)
    let whole = trainer.update(statistics)
    #expect(half == nil && whole?.version == model.version + 2)
    // A segment without customers keeps its centroid; statistics of another generation are of no use.
    statistics.counts[0] = 0
    statistics.sums[0] = 0
    place(1, by: 1)
    let last = trainer.update(statistics)
    #expect(last?.segments[0].centroid == whole?.segments[0].centroid && last != nil)
    statistics.generation = 2
    let other = trainer.update(statistics, force: true)
    #expect(other == nil)
  }

  @Test("A fit is due at max(200, 50·k) customers and at doublings, until the clock has spanned four half-lives")
  func fitsAreDue() {
    #expect(SegmentationSettings().firstFitCustomers == 300 && lineSettings().firstFitCustomers == 200)
    var settings = lineSettings(k: 5)
    settings.halfLifeDays = 10
    var trainer = Trainer(settings: settings)
    let all = sample(makeSegmenter(settings))
    func isDue(_ customers: Int, days: Double) -> Bool {
      trainer.needsFit(customers: customers, clockMs: startMs + Int64(days * Double(msPerDay)))
    }
    #expect([isDue(249, days: 0), isDue(250, days: 0), isDue(250, days: 3)] == [false, true, true])
    let first = trainer.fit(all, clockMs: startMs + 3 * msPerDay)
    #expect(first.generation == 1)
    // The sample had 300 customers, the clock has spanned 3 days.
    #expect([isDue(599, days: 3), isDue(600, days: 3)] == [false, true])
    #expect([isDue(300, days: 5.999), isDue(300, days: 6)] == [false, true])
    let second = trainer.fit(all, clockMs: startMs + 41 * msPerDay)
    #expect(second.generation == 2 && second.version == 2)
    #expect([isDue(10_000, days: 500)] == [false])
  }

  @Test("A frozen trainer never fits, never moves a centroid and keeps its cuts")
  func frozen() throws {
    let segmenter = makeSegmenter(lineSettings())
    var learning = Trainer(settings: lineSettings())
    let fitted = learning.fit(sample(segmenter, limit: 20), clockMs: startMs)
    var settings = lineSettings(k: 3)
    settings.isFrozen = true
    var trainer = Trainer(settings: settings, model: fitted, memory: learning.memory)
    segmenter.adopt(fitted)
    for partition in [Int32(0), 1] { segmenter.sweep(partition, rows: 150, clockMs: startMs, origin: .live) }
    let isDue = trainer.needsFit(customers: 1_000_000, clockMs: startMs * 2)
    let moved = trainer.update(try #require(segmenter.statistics()), force: true)
    trainer.renewCuts(CustomerSample().histograms, exactly: true)
    trainer.renewCuts(sample(segmenter).histograms, exactly: true)
    #expect(!isDue && moved == nil && trainer.model == fitted)
    let free = learning.update(try #require(segmenter.statistics()), force: true)
    #expect(free != nil && free != fitted, "one that learns would have moved")
  }

  @Test("Segments keep number and name over refits, names are unique, and numbers are never used again")
  func identity() {
    var settings = SegmentationSettings()
    settings.k = 4
    var days = Days(seed: 3, customers: 200, settings: settings)
    var names: [Int: String] = [:]
    var retired: Set<Int> = []
    var kept = 0
    for day in 0..<100 {
      _ = days.applyDay()
      _ = days.sweepDay()
      let before = Set(days.segmenter.model?.segments.map(\.number) ?? [])
      if day > 5 { days.train(fits: day % 12 == 0) }
      guard let model = days.segmenter.model else { continue }
      let numbers = model.segments.map(\.number)
      #expect(Set(model.segments.map(\.name)).count == 4 && numbers == numbers.sorted())
      #expect(retired.isDisjoint(with: numbers), "day \(day)")
      for segment in model.segments {
        #expect(names[segment.number] == nil || names[segment.number] == segment.name, "day \(day), \(segment)")
        names[segment.number] = segment.name
      }
      retired.formUnion(before.subtracting(numbers))
      #expect(Set(model.retired.map(\.number)) == retired && model.retired.count == retired.count, "day \(day)")
      #expect(model.retired.allSatisfy { $0.name == names[$0.number] }, "day \(day)")
      kept += day % 12 == 0 ? before.intersection(numbers).count : 0
      #expect(model.lastSegmentNumber == names.keys.max())
    }
    #expect(kept > 0, "some segments outlive a refit")
  }
}
