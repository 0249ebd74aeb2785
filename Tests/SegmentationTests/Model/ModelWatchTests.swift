import Glibc
import Testing

@testable import Segmentation

private func testSettings(dwellMs: Int64 = 0) -> SegmentationSettings {
  var settings = SegmentationSettings()
  settings.k = 4
  settings.dwellMs = dwellMs
  settings.features = [.recency, .frequency, .averageOrder, .tenure, .refundShare].map { WeightedFeature($0) }
  return settings
}

/// The counts of all partitions together; `nil` where one has none.
private func merged(_ segmenter: Segmenter, order: [Int32]? = nil) -> ModelWatch? {
  var total: ModelWatch?
  for partition in order ?? segmenter.partitions {
    guard let watch = segmenter.watch(of: partition) else { return nil }
    if total == nil { total = watch } else { total?.add(watch) }
  }
  return total
}

/// What a walk over all customers should count, one by one, from their features and the model.
private func recounted(_ segmenter: Segmenter, clockMs: Int64) -> ModelWatch? {
  guard let tables = segmenter.core.tables else { return nil }
  let model = tables.pointee.model
  let count = model.features.count
  var watch = ModelWatch(
    generation: model.generation, sweep: segmenter.sweeps(of: 0), k: model.segments.count, features: count)
  for index in 0..<segmenter.core.partitionCount {
    let partition = segmenter.core.partitions + index
    for number in 0..<partition.pointee.table.rowCount {
      let row = partition.pointee.table.row(number)
      guard row.pointee.isInUse && row.pointee.hasPurchase else { continue }
      let raw = segmenter.core.features.raw(row, clockMs: clockMs)
      let z = model.scaler.scaled(raw, count: count)
      for feature in 0..<count {
        let bin = 64 + Int(((z[feature] * 1_048_576).rounded(.toNearestOrEven) / 131_072).rounded(.down))
        watch.bins[feature * 128 + min(bin, 127)] += 1
        if raw[feature] < model.scaler.lower[feature] || raw[feature] > model.scaler.upper[feature] {
          watch.outside[feature] += 1
        }
      }
      let distances = model.distances(z)
      let nearest = distances.indices.min { distances[$0] < distances[$1] } ?? 0
      let second = distances.indices.filter { $0 != nearest }.map { distances[$0] }.min() ?? 0
      watch.nearest[nearest] += 1
      watch.inertia += Int64((distances[nearest] * distances[nearest] * 1_048_576).rounded())
      watch.margins[min(49, Int((1 - distances[nearest] / second) * 50))] += 1
      let segment = Int(row.pointee.since.tag)
      guard let current = model.segments.firstIndex(where: { $0.number == segment }) else { continue }
      watch.published[current] += 1
      if current == nearest { continue }
      let isWaiting = segmenter.core.layout.hasCandidate && segmenter.core.layout.candidate(row).pointee.tag != 0
      let margin = 1 - distances[nearest] / distances[current]
      watch.held[isWaiting ? 2 : margin >= segmenter.core.settings.margin ? 1 : 0] += 1
    }
  }
  return watch
}

@Suite("Watching the model")
struct ModelWatchTests {
  @Test(
    "A walk counts every customer as a slow count does, and the changes since the walk before",
    arguments: [1, 2, 3], [0, 3 * msPerDay])
  func likeSlowCount(seed: UInt64, dwellMs: Int64) throws {
    var days = Days(seed: seed, customers: 300, settings: testSettings(dwellMs: dwellMs), partitions: 3)
    var (compared, held, promotions) = (0, [Int64](repeating: 0, count: 3), Int64(0))
    for day in 0..<90 {
      let changes = days.applyDay().changes + days.sweepDay()
      if let watch = merged(days.segmenter) {
        let expected = try #require(recounted(days.segmenter, clockMs: days.traffic.clockMs))
        let comment: Comment = "seed \(seed), day \(day)"
        #expect(watch.bins == expected.bins && watch.outside == expected.outside, comment)
        #expect(watch.nearest == expected.nearest && watch.published == expected.published, comment)
        #expect(watch.held == expected.held, comment)
        #expect(zip(watch.margins, expected.margins).allSatisfy { abs($0 - $1) <= 1 }, comment)
        #expect(watch.margins.reduce(0, +) == watch.customers && watch.customers == Int64(days.segmenter.buyers))
        #expect(abs(watch.inertia - expected.inertia) <= watch.customers, comment)
        let reasons = ChangeReason.allCases.map { reason in changes.count { $0.reason == reason.rawValue } }
        #expect(watch.changes == reasons.map { Int64($0) }, comment)
        #expect(days.segmenter.watchNow(clockMs: days.traffic.clockMs)?.bins == watch.bins, comment)
        for index in held.indices { held[index] += watch.held[index] }
        promotions += watch.promotions
        compared += 1
      }
      if day > 5 { days.train(fits: day == 12 || day == 40) }
    }
    #expect(compared > 60 && held[0] > 0)
    #expect(dwellMs == 0 ? promotions == 0 && held[2] == 0 : promotions > 0 && held[2] > 0)
  }

  @Test("The counts of three partitions, in any order, come to those of one", arguments: [4, 5])
  func addUp(seed: UInt64) throws {
    var (one, three) = (
      Days(seed: seed, customers: 300, settings: testSettings()),
      Days(seed: seed, customers: 300, settings: testSettings(), partitions: 3)
    )
    for day in 0..<50 {
      _ = (one.applyDay(), three.applyDay(), one.sweepDay(), three.sweepDay())
      if day > 5 {
        one.train(fits: day == 12)
        three.train(fits: day == 12)
      }
    }
    let whole = try #require(merged(one.segmenter))
    #expect(whole.customers > 200)
    for order in [[0, 1, 2], [2, 1, 0], [1, 2, 0]] as [[Int32]] {
      #expect(merged(three.segmenter, order: order) == whole)
    }
  }

  @Test("A walk that a new generation has cut is not counted; the next is")
  func cutWalk() throws {
    var days = Days(seed: 6, customers: 100, settings: testSettings())
    for day in 0..<20 {
      _ = (days.applyDay(), days.sweepDay())
      if day == 10 { days.train(fits: true) }
    }
    let segmenter = days.segmenter
    #expect(segmenter.watch(of: 0)?.generation == segmenter.model?.generation)
    segmenter.sweep(0, rows: 40, clockMs: days.traffic.clockMs, origin: .live)
    days.train(fits: true)
    #expect(segmenter.watch(of: 0) == nil)
    segmenter.sweep(0, rows: segmenter.rowCount(of: 0) - 40, clockMs: days.traffic.clockMs, origin: .live)
    #expect(segmenter.watch(of: 0) == nil, "its first forty rows were seen in the generation before")
    segmenter.sweep(0, rows: .max, clockMs: days.traffic.clockMs, origin: .live)
    let watch = try #require(segmenter.watch(of: 0))
    #expect(watch.generation == segmenter.model?.generation && watch.customers == Int64(segmenter.buyers))
  }

  @Test("In a large table every 2ⁿth margin counts 2ⁿ times; all else is counted of every customer")
  func largeTable() throws {
    var days = Days(seed: 7, customers: 12_000, settings: testSettings())
    for _ in 0..<4 { _ = days.applyDay() }
    days.train(fits: true)
    for _ in 0..<2 { _ = days.sweepDay() }
    let watch = try #require(days.segmenter.watch(of: 0))
    let buyers = Int64(days.segmenter.buyers)
    #expect(buyers > 2_048 && watch.customers == buyers)
    let weight: Int64 = buyers >= 4_096 ? 4 : 2
    #expect(watch.margins.allSatisfy { $0 % weight == 0 } && abs(watch.margins.reduce(0, +) - buyers) < buyers / 10)
  }
}

@Suite("Health of the model")
struct ModelHealthTests {
  /// The index over groups that are made by sorting: value by value, never within a bin.
  private func slowIndex(_ reference: [Int64], _ present: [Int64]) -> Double {
    let sorted = reference.enumerated().flatMap { bin, count in Array(repeating: bin, count: Int(count)) }
    var edges: [Int] = []
    for tenth in 1..<10 {
      // The bin in which this tenth of the customers is reached.
      let bin = sorted[(tenth * sorted.count + 9) / 10 - 1]
      if bin != sorted.last, !edges.contains(bin) { edges.append(bin) }
    }
    let groups = edges.count + 1
    func shares(_ counts: [Int64]) -> [Double] {
      var sums = [Double](repeating: 0.5, count: groups)
      for (bin, count) in counts.enumerated() { sums[edges.count { $0 < bin }] += Double(count) }
      let total = sums.reduce(0, +)
      return sums.map { $0 / total }
    }
    return zip(shares(reference), shares(present)).reduce(0) { sum, pair in
      sum + (pair.1 - pair.0) * log(pair.1 / pair.0)
    }
  }

  @Test("The stability index is the sum over tenths of the reference, whatever the histograms")
  func stability() throws {
    for seed in UInt64(1)...200 {
      var random = SplitMix64(seed: seed)
      func histogram() -> [Int64] {
        (0..<40).map { _ in random.chance(0.4) ? 0 : Int64(random.int(0...(random.chance(0.1) ? 400 : 20))) }
      }
      let (reference, present) = (histogram(), histogram())
      let index = try #require(populationStability(reference: reference[...], present: present[...]))
      #expect(abs(index - slowIndex(reference, present)) < 1e-9, "seed \(seed)")
      let same = try #require(populationStability(reference: reference[...], present: reference[...]))
      #expect(abs(same) < 1e-12 && index >= 0)
    }
    #expect(populationStability(reference: [0, 0], present: [1, 0]) == nil)
    #expect(populationStability(reference: [1, 0], present: [0, 0]) == nil)
  }

  @Test("Just after a fit nothing has drifted; when everybody falls silent the recency has, and the inertia grows")
  func plantedDrift() throws {
    var settings = testSettings()
    settings.features = WeightedFeature.defaults
    var days = Days(seed: 8, customers: 2_000, settings: settings)
    for _ in 0..<40 { _ = (days.applyDay(), days.sweepDay()) }
    var trainer = Trainer(settings: settings)
    var sample = CustomerSample()
    days.segmenter.collect(into: &sample, clockMs: days.traffic.clockMs)
    let model = trainer.fit(sample, clockMs: days.traffic.clockMs)
    days.segmenter.adopt(model)
    func health(daysLater: Int64) throws -> ModelHealth {
      let clockMs = days.traffic.clockMs + daysLater * msPerDay
      days.segmenter.sweep(0, rows: .max, clockMs: clockMs, origin: .live)
      return ModelHealth(
        try #require(days.segmenter.watch(of: 0)), sweep: 1, walks: [1], model: model, memory: trainer.memory,
        clockMs: clockMs)
    }
    let fresh = try health(daysLater: 0)
    #expect(fresh.features.allSatisfy { ($0.stability ?? 1) < 0.001 })
    #expect(fresh.features.allSatisfy { fresh.outsideShare($0) <= 0.012 })
    #expect(abs((fresh.inertiaRatio ?? 0) - 1) < 1e-4, "every customer was in the sample")
    let silent = try health(daysLater: 60)
    let recency = try #require(silent.features.first { $0.feature == .recency })
    #expect((recency.stability ?? 0) > 1 && silent.outsideShare(recency) > ModelHealth.outsideMax)
    #expect((silent.inertiaRatio ?? 0) > 1.5 && silent.ageMs(of: silent.fittedMs) == 60 * msPerDay)
  }

  @Test("Quantiles of margins lie where the histogram says, within a bin")
  func marginQuantiles() throws {
    #expect(ModelHealth.Margins(Array(repeating: 0, count: 50)) == nil)
    let even = try #require(ModelHealth.Margins(Array(repeating: 7, count: 50)))
    #expect(abs(even.low - 0.1) < 1e-12 && abs(even.median - 0.5) < 1e-12 && abs(even.high - 0.9) < 1e-12)
    var counts = [Int64](repeating: 0, count: 50)
    counts[10] = 3
    let one = try #require(ModelHealth.Margins(counts))
    #expect(0.2...0.22 ~= one.low && 0.2...0.22 ~= one.high)
  }
}
