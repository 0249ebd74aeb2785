import Testing

@testable import Pipeline
@testable import Segmentation

private func testSettings() -> SegmentationSettings {
  var settings = SegmentationSettings()
  settings.k = 3
  settings.halfLifeDays = 20
  return settings
}

extension StreamTrainer {
  fileprivate mutating func take(_ records: [(key: [UInt8], value: [UInt8])]) throws {
    for record in records { take(try TrainingRecord(key: record.key, value: record.value)) }
  }
}

/// Holds the contest that is due once every partition has walked again; a model where one comes of it.
private func contest(_ trainer: inout Trainer, _ shop: TrainedShop) -> Model? {
  let walk = shop.segmenter.partitions.map(shop.segmenter.sweeps).min() ?? 0
  guard let model = trainer.model, walk != trainer.memory.contest else { return nil }
  var sample = CustomerSample()
  shop.segmenter.collect(into: &sample)
  var next = trainer
  _ = next.contest(sample, clockMs: shop.clockMs, number: walk)
  if next.model?.generation == model.generation { return trainer.takeContests(of: next.memory) }
  trainer = next
  return next.model
}

@Suite("Trainer of a stream")
struct StreamTrainerTests {
  @Test("From records it makes the very models that a trainer makes from the segmenter itself", arguments: [1, 2])
  func likeTrainer(seed: UInt64) throws {
    let settings = testSettings()
    let shop = TrainedShop(settings: settings, seed: seed)
    var stream = StreamTrainer(settings: settings, partitions: 4)
    var trainer = Trainer(settings: settings)
    var (fits, versions) = (0, 0)
    for _ in 0..<90 {
      shop.nextDay()
      try stream.take(shop.records())
      let news = stream.closeEpoch()
      let segmenter = shop.segmenter
      var expected: Model?
      if trainer.needsFit(customers: segmenter.buyers, clockMs: shop.clockMs, startMs: segmenter.clockStartMs) {
        var sample = CustomerSample()
        segmenter.collect(into: &sample)
        expected = trainer.fit(sample, clockMs: shop.clockMs)
        fits += 1
      } else if let outcome = contest(&trainer, shop) {
        expected = outcome
      } else if let statistics = segmenter.statistics() {
        var probe = trainer
        if probe.update(statistics) != nil {
          var sample = CustomerSample()
          segmenter.collect(into: &sample)
          trainer.renewCuts(sample.histograms)
        }
        expected = trainer.update(statistics)
        versions += expected == nil ? 0 : 1
      }
      #expect(news?.record.model == expected)
      if trainer.model == nil { continue }
      #expect(stream.record?.memory.fittedSpanMs == trainer.memory.fittedSpanMs)
      if let expected { segmenter.adopt(expected) }
    }
    #expect(fits > 1 && versions > 1)
  }

  @Test("One that is made anew every day from its last record, its input in another order, writes the same bytes")
  func restarts() throws {
    let settings = testSettings()
    let shop = TrainedShop(settings: settings, seed: 5)
    var stream = StreamTrainer(settings: settings, partitions: 4)
    var last: [UInt8]?
    var fits = 0
    for day in 0..<90 {
      shop.nextDay()
      try stream.take(shop.records())
      let record = try last.map { bytes throws(TrainingRecordError) in try ModelRecord(bytes) }
      var anew = StreamTrainer(settings: settings, partitions: 4, from: record)
      try anew.take(shop.records())
      let (one, two) = (stream.closeEpoch(), anew.closeEpoch())
      #expect(one?.record.bytes(digits: 2) == two?.record.bytes(digits: 2), "day \(day)")
      guard let one else { continue }
      last = one.record.bytes(digits: 2)
      fits += one.isFit ? 1 : 0
      shop.segmenter.adopt(one.record.model)
    }
    #expect(fits > 1)
  }

  @Test("A partition not heard of, or not warm, holds versions back; one without customers does not")
  func waiting() throws {
    let settings = testSettings()
    let shop = TrainedShop(settings: settings, seed: 2)
    var stream = StreamTrainer(settings: settings, partitions: 5)
    for _ in 0..<20 { shop.nextDay() }
    try stream.take(shop.records())
    let fitted = stream.closeEpoch()
    let first = try #require(fitted)
    #expect(first.isFit && first.record.customers == nil)
    shop.segmenter.adopt(first.record.model)
    try stream.take(shop.records())
    let cold = stream.update()
    #expect(cold == nil, "nothing has been swept in the generation")
    // The first walk ends the present one; the second reaches where the generation began.
    for _ in 0..<2 { shop.nextDay() }
    try stream.take(shop.records())
    let unheard = stream.update()
    #expect(unheard == nil, "partition 4 was not heard of")
    let changes = ChangeSettings(shape: .binary, source: "/t", causeTopic: "t")
    let empty = Segmenter(settings: settings, changes: changes, partitions: [4])
    stream.take(
      statistics: StatisticsRecord(of: 4, from: empty, sequence: 1, member: "b", offset: 0, lag: 0))
    let updated = stream.update()
    let second = try #require(updated)
    #expect(second.record.model.version == 2 && !second.isFit)
    #expect(second.record.customers?.reduce(0, +) == shop.segmenter.buyers)
  }

  @Test("After a change of the settings it waits for all partitions' new samples and leaves the old")
  func otherSettings() throws {
    let settings = testSettings()
    let shop = TrainedShop(settings: settings, seed: 4)
    for _ in 0..<20 { shop.nextDay() }
    var before = StreamTrainer(settings: settings, partitions: 4)
    try before.take(shop.records())
    let fitted = before.closeEpoch()
    let record = try #require(fitted).record
    var other = settings
    other.features = [WeightedFeature(.orders), WeightedFeature(.recency)]
    let changed = TrainedShop(settings: other, seed: 4)
    for _ in 0..<20 { changed.nextDay() }
    changed.segmenter.adopt(record.model)
    var stream = StreamTrainer(settings: other, partitions: 4, from: record)
    try stream.take(shop.records())
    #expect(stream.dueFit() == nil, "samples of other features are of no use")
    for partition in 0..<Int32(4) {
      let early = stream.closeEpoch()
      #expect(early == nil)
      stream.take(sample: changed.segmenter.sampleRecord(of: partition))
    }
    let refitted = stream.closeEpoch()
    let news = try #require(refitted)
    #expect(news.isFit && news.record.model.generation == 2 && news.record.model.features == [.orders, .recency])
    changed.segmenter.adopt(news.record.model)
    #expect(changed.segmenter.model?.generation == 2)
  }

  @Test("A fit that ran on another thread while versions were made comes after them, and only once")
  func fitElsewhere() throws {
    let settings = testSettings()
    let shop = TrainedShop(settings: settings, seed: 6)
    for _ in 0..<12 { shop.nextDay() }
    var stream = StreamTrainer(settings: settings, partitions: 4)
    try stream.take(shop.records())
    let first = stream.closeEpoch()
    shop.segmenter.adopt(try #require(first).record.model)
    for _ in 0..<30 { shop.nextDay() }
    try stream.take(shop.records())
    let due = stream.dueFit()
    let fit = try #require(due)
    let updated = stream.update()
    let version = try #require(updated).record.model.version
    let finished = fit.run()
    let (once, twice) = (stream.finish(finished), stream.finish(finished))
    let news = try #require(once)
    #expect(news.record.model.version == version + 1 && news.record.model.generation == 2)
    #expect(twice == nil && stream.record?.model == news.record.model)
  }
}
