import Testing

@testable import Segmentation

private func fourSegments() -> SegmentationSettings {
  var settings = SegmentationSettings()
  settings.k = 4
  return settings
}

/// What customers contribute at a clock, computed one by one from their scaled features.
private func recomputed(_ segmenter: Segmenter, _ model: Model, clockMs: Int64) -> PartitionStatistics {
  var total = PartitionStatistics(
    generation: model.generation, k: model.segments.count, features: model.features.count)
  for partition in segmenter.partitions {
    segmenter.forEachCustomer(of: partition, clockMs: clockMs) { customer in
      guard let scaled = customer.purchases?.scaled else { return }
      let z = model.features.indices.map { scaled[$0] }
      let distances = model.distances(z)
      let nearest = distances.indices.min { distances[$0] < distances[$1] } ?? 0
      total.counts[nearest] += 1
      total.customers += 1
      for (index, value) in z.enumerated() {
        let fixed = Int64((value * 1_048_576).rounded(.toNearestOrEven))
        total.sums[nearest * z.count + index] += fixed
        total.squares[nearest] += fixed * fixed / 1_048_576
      }
    }
  }
  return total
}

@Suite("Learner")
struct LearnerTests {
  @Test("After a full sweep the sums are exactly those of every customer's features then", arguments: [1, 2, 3])
  func fullSweep(seed: UInt64) throws {
    var days = Days(seed: seed, customers: 200, settings: fourSegments(), partitions: 3)
    for day in 0..<60 {
      _ = days.applyDay()
      _ = days.sweepDay()
      if let model = days.segmenter.model, day % 10 == 9 {
        let expected = recomputed(days.segmenter, model, clockMs: days.traffic.clockMs)
        let statistics = try #require(days.segmenter.statistics())
        #expect(statistics == expected, "seed \(seed), day \(day)")
      }
      if day > 5 { days.train(fits: day == 12 || day == 40) }
    }
    #expect(days.models.count > 5)
  }

  @Test("Between sweeps, records and erasures the sums are those of the rows' contributions", arguments: [1, 2, 3])
  func mixed(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let settings = fourSegments()
    var core = Core(
      settings: settings, changes: ChangeSettings(shape: .binary, source: "/t", causeTopic: "t"), partitions: [0])
    var trainer = Trainer(settings: settings)
    var traffic = Traffic(seed: seed, customers: 120)
    var letters: [DeadLetter] = []
    for day in 0..<60 {
      for var record in traffic.nextDay() {
        if random.chance(0.03) { record.kind = .erasure }
        record.withRecord { decoded in
          withUnsafePointer(to: decoded) { pointer in
            core.apply(UnsafeBufferPointer(start: pointer, count: 1), origin: .live, deadLetters: &letters)
          }
        }
        core.sweep(
          0, rows: random.int(0...5), clockMs: traffic.clockMs, mode: SweepMode(learns: true, publishes: true),
          origin: .live)
      }
      expectSumsOfRows(core, "seed \(seed), day \(day)")
      if day == 12 || day == 35 {
        var sample = CustomerSample()
        core.collect(into: &sample, clockMs: traffic.clockMs)
        core.adopt(trainer.fit(sample, clockMs: traffic.clockMs))
      }
      core.changes.removeAll()
    }
    #expect(core.counters.erased > 0 && letters.isEmpty)
  }

  private func expectSumsOfRows(_ core: borrowing Core, _ comment: String) {
    guard let model = core.tables?.pointee.model else { return }
    let count = model.features.count
    var expected = PartitionStatistics(generation: model.generation, k: model.segments.count, features: count)
    let partition = core.partitions
    for number in 0..<partition.pointee.table.rowCount {
      let row = partition.pointee.table.row(number)
      let cluster = Int(row.pointee.evaluated.tag) - 1
      guard row.pointee.isInUse, cluster >= 0, Int(row.pointee.birth.tag) == model.generation else { continue }
      expected.counts[cluster] += 1
      for index in 0..<count {
        let value = Int64(core.layout.contribution(row)[index])
        expected.sums[cluster * count + index] += value
        expected.squares[cluster] += value * value / 1_048_576
      }
    }
    var sums = PartitionStatistics(generation: model.generation, k: model.segments.count, features: count)
    partition.pointee.sums.add(to: &sums)
    #expect(sums == expected, "\(comment)")
  }

  @Test("Fixed-point values are rounded half to even")
  func fixedPointRounding() {
    var random = SplitMix64(seed: 9)
    for step in Int64(-20)...20 {
      #expect(fixedPoint(Double(step) / 2 / 1_048_576) == Int32((Double(step) / 2).rounded(.toNearestOrEven)))
    }
    for _ in 0..<10_000 {
      let value = (random.uniform() - 0.5) * 128
      #expect(fixedPoint(value) == Int32((value * 1_048_576).rounded(.toNearestOrEven)))
    }
  }
}
