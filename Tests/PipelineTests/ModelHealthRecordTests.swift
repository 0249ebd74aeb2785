import Testing

@testable import Pipeline
@testable import Segmentation

/// A shop that was trained, with its trainer: every partition has completed walks in the model's generation.
private func trained(seed: UInt64) throws -> (shop: TrainedShop, stream: StreamTrainer) {
  var settings = SegmentationSettings()
  settings.k = 3
  let shop = TrainedShop(settings: settings, seed: seed)
  var stream = StreamTrainer(settings: settings, partitions: 4)
  for _ in 0..<40 {
    shop.nextDay()
    for record in shop.records() { stream.take(try TrainingRecord(key: record.key, value: record.value)) }
    if let news = stream.closeEpoch() { shop.segmenter.adopt(news.record.model) }
  }
  for _ in 0..<2 { shop.nextDay() }
  for record in shop.records() { stream.take(try TrainingRecord(key: record.key, value: record.value)) }
  return (shop, stream)
}

private func anyHealth() -> ModelHealth {
  ModelHealth(
    generation: 2, version: 118, sweep: 40, walks: [40, 41], customers: 1_000, clockMs: 1_780_000_000_000,
    fittedMs: 1_780_000_000_000 - 5 * 86_400_000, versionMs: 1_780_000_000_000 - 7_200_000,
    features: [
      ModelHealth.FeatureDrift(feature: .recency, stability: 0.3125, outside: 62),
      ModelHealth.FeatureDrift(feature: .frequency, stability: 0.015625, outside: 3),
      ModelHealth.FeatureDrift(feature: .averageOrder, stability: nil, outside: 0),
    ], inertia: 0.625, fittedInertia: 0.5, streak: 1, founded: 3,
    segments: [
      ModelHealth.Occupancy(id: "s1", name: "Loyal", customers: 600, nearest: 580),
      ModelHealth.Occupancy(id: "s4", name: "At risk", customers: 400, nearest: 420),
    ], margins: ModelHealth.Margins(low: 0.0625, median: 0.4, high: 0.8), held: [17, 2, 1], promotions: 3,
    changes: [10, 20, 0, 0, 12, 1])
}

@Suite("Records of a model's health")
struct ModelHealthRecordTests {
  @Test("Counts of a walk and a model's health read back as they were, and damaged ones are refused or can be used")
  func roundTrips() throws {
    let (shop, stream) = try trained(seed: 3)
    let features = try #require(shop.segmenter.model).features
    let watch = try #require(shop.segmenter.watch(of: 2))
    let record = WatchRecord(partition: 2, features: features, watch: watch)
    let bytes = record.bytes()
    #expect(try WatchRecord(bytes) == record)
    for count in 0..<bytes.count {
      #expect(throws: TrainingRecordError.self) { try WatchRecord(Array(bytes.prefix(count))) }
    }
    for health in [anyHealth(), try #require(stream.health())] {
      #expect(try ModelHealth(record: health.bytes()) == health)
    }
    #expect(anyHealth().key == "health-2-40" && ModelHealth.isKey(Array(anyHealth().key.utf8)))
    #expect(!ModelHealth.isKey(Array("2-118".utf8)))
    var random = RandomSource(seed: 4)
    for _ in 0..<1_000 {
      var damaged = bytes
      damaged[random.below(bytes.count)] = UInt8(random.below(256))
      var stream = stream
      if let read = try? WatchRecord(damaged) { stream.take(.watch(read)) }
      _ = stream.health()
    }
  }

  @Test("A stream's health is that of all partitions together, in any order, once each has completed a walk")
  func allPartitions() throws {
    let (shop, stream) = try trained(seed: 5)
    let health = try #require(stream.health())
    let parts = shop.segmenter.partitions.compactMap(shop.segmenter.watch(of:))
    #expect(health.customers == parts.reduce(0) { $0 + Int($1.customers) } && health.customers > 300)
    #expect(health.segments.map(\.nearest).reduce(0, +) == health.customers)
    #expect(health.walks == shop.segmenter.partitions.map(shop.segmenter.sweeps(of:)))
    #expect(health.features.allSatisfy { $0.stability != nil } && health.fittedInertia != nil)
    #expect(health.versionMs ?? 0 >= health.fittedMs ?? .max)
    let last = try #require(stream.record)
    for missing in [nil, "1-watch", "3-watch"] {
      var again = StreamTrainer(settings: SegmentationSettings.three, partitions: 4, from: last)
      for record in shop.records() where String(decoding: record.key, as: UTF8.self) != missing {
        again.take(try TrainingRecord(key: record.key, value: record.value))
      }
      #expect(again.health() == (missing == nil ? health : nil))
    }
  }

  @Test("A sweep is told when every partition has walked again, numbered behind the last that is known")
  func sweeps() throws {
    var health = anyHealth()
    var watch = HealthWatch(last: nil)
    #expect(watch.next(health)?.sweep == 40 && watch.next(health) == nil)
    health.walks = [41, 41]
    #expect(watch.next(health) == nil, "the second partition is still in its walk")
    health.walks = [43, 42]
    #expect(watch.next(health)?.sweep == 41)
    var restarted = HealthWatch(last: anyHealth())
    #expect(restarted.next(anyHealth()) == nil && restarted.next(health)?.sweep == 41)
    health.walks = [43, 43, 1]
    #expect(restarted.next(health) == nil)
    health.walks = [44, 0, 1]
    #expect(restarted.next(health)?.sweep == 42, "a partition without customers is not waited for")
    health.generation = 3
    #expect(restarted.next(health)?.sweep == 43, "a new generation is told at once")
  }

  @Test("A feature that has shifted, and a stale scaler, are warned of once until they are well again")
  func warnings() {
    var watch = HealthWatch(last: nil)
    var health = anyHealth()
    let warnings = watch.warnings(health)
    #expect(warnings.count == 2 && warnings.allSatisfy { $0.contains("`recency`") })
    #expect(warnings.first?.contains("PSI `0.313`") == true && warnings.last?.contains("`6.2` %") == true)
    #expect(watch.warnings(health).isEmpty)
    health.features[0].stability = 0.1
    #expect(watch.warnings(health).isEmpty)
    health.features[0].stability = 0.25
    #expect(watch.warnings(health).count == 1)
  }

  @Test("Health in words: what is stable, has moved or shifted, how old the model is, who is held back")
  func words() {
    #expect(
      anyHealth().lines == [
        "health in sweep 40 of model 2-118: 1000 customers, fitted 5 d before the clock, moved 2 h before it",
        "  recency: shifted since the fit (PSI 0.312); 6.2 % outside its bounds: the scaler is stale",
        "  frequency: stable since the fit (PSI 0.016); 0.3 % outside its bounds",
        "  average_order: the model does not say what it was fitted to; 0 % outside its bounds",
        "  inertia 0.625 a customer, 1.25 times that of the fit",
        "  challengers: 3 have founded a generation; one has won 1 of the 2 sweeps that it takes",
        "  margin to the next segment: median 40 %, a tenth of the customers below 6.2 %",
        "  held back though another segment is nearer: 17 by the margin, 2 from going back, 1 by the dwell",
        "  since the sweep before: 43 changes (first_seen 10, purchase 20, elapsed 12, model_changed 1), 3 of them "
          + "after a dwell",
        "  id  segment  customers  share  nearest", "  s1  Loyal          600   60 %      580",
        "  s4  At risk        400   40 %      420",
      ])
    #expect(
      anyHealth().line == "sweep 40, model 2-118: 1000 customers, drift recency 0.312 (6.2 % outside), "
        + "frequency 0.016 (0.3 % outside), average_order - (0 % outside), inertia 0.625 (1.25 of the fit's), "
        + "held back 17 by the margin, 2 from going back, 1 by the dwell, "
        + "43 changes (first_seen 10, purchase 20, elapsed 12, model_changed 1), s1 600, s4 400")
  }
}

extension SegmentationSettings {
  fileprivate static var three: SegmentationSettings {
    var settings = SegmentationSettings()
    settings.k = 3
    return settings
  }
}
