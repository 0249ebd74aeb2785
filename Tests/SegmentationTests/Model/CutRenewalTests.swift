import Testing

@testable import Segmentation

private func histograms(_ values: [(days: Double, orders: Int32, net: Int64)]) -> ScoreHistograms {
  var histograms = ScoreHistograms()
  for value in values {
    histograms.add(recencyMs: Int64(value.days * Double(msPerDay)), orders: value.orders, netMinor: value.net)
  }
  return histograms
}

extension SplitMix64 {
  /// Customers around a typical recency and value.
  fileprivate mutating func customers(
    _ count: Int, days: Double = 60, net: Double = 5000
  ) -> [(days: Double, orders: Int32, net: Int64)] {
    (0..<count).map { _ in
      (uniform() * days * 2, Int32(int(1...int(1...12))), Int64(uniform() * uniform() * net * 4))
    }
  }
}

@Suite("Renewal of cuts")
struct CutRenewalTests {
  @Test("A table stays while each of its cuts is within a hundredth of the customers as near to its quantile as can be")
  func steady() {
    for seed in UInt64(1)...80 {
      var random = SplitMix64(seed: seed)
      let old = histograms(random.customers(2000)).cuts()
      let values = random.customers(2000, days: 60 * (1 + 0.15 * random.uniform()), net: 5000 * (1 + random.uniform()))
      let now = histograms(values)
      let (renewed, exact) = (now.renewed(old), now.cuts())
      /// The distances to the quantiles, counted one by one.
      func errors(_ isUpTo: (Int, (days: Double, orders: Int32, net: Int64)) -> Bool) -> [Double] {
        (0..<4).map { index in
          abs(Double(values.count { isUpTo(index, $0) }) / Double(values.count) - 0.2 * Double(index + 1))
        }
      }
      let money = { (cuts: ScoreCuts) in errors { index, value in value.net <= cuts.monetary[index] } }
      let gain = zip(money(old), money(exact)).map { $0 - $1 }.max() ?? 0
      // A bin's end is not always a cut's, so the gain is known to about a bin of these customers.
      if gain > 0.02 { #expect(renewed.monetary == exact.monetary, "seed \(seed)") }
      if gain < 0.0 { #expect(renewed.monetary == old.monetary, "seed \(seed)") }
      #expect(renewed.monetary == old.monetary || renewed.monetary == exact.monetary, "seed \(seed)")
      #expect(renewed.recency == old.recency || renewed.recency == exact.recency, "seed \(seed)")
      #expect(renewed.frequency == old.frequency || renewed.frequency == exact.frequency, "seed \(seed)")
      let worst = zip(money(renewed), money(exact)).map { $0 - $1 }.max() ?? 0
      #expect(worst <= 0.01 + 1e-12, "seed \(seed)")
      #expect(now.renewed(renewed) == renewed, "seed \(seed): the same customers move nothing a second time")
    }
  }

  @Test("Histograms of parts add up to the histogram of all, so any division gives the same cuts")
  func merging() {
    var random = SplitMix64(seed: 3)
    let values = random.customers(500)
    var parts = (0..<4).map { _ in ScoreHistograms() }
    for value in values {
      parts[random.int(0...3)].add(
        recencyMs: Int64(value.days * Double(msPerDay)), orders: value.orders, netMinor: value.net)
    }
    var sum = ScoreHistograms()
    for part in random.shuffled(parts) { sum.add(part) }
    #expect(sum == histograms(values))
  }

  @Test("Where all customers have one value all score 3, not best or worst")
  func oneValue() {
    for (days, net) in [(0, 0), (0.0001, 1), (12, 999), (400, 12_345_678)] as [(Double, Int64)] {
      let cuts = histograms(Array(repeating: (days, 1, net), count: 20)).cuts()
      let scores = cuts.scores(recencyMs: Int64(days * Double(msPerDay)), orders: 1, netMinor: net)
      #expect(scores == Scores(r: 3, f: 1, m: 3), "\(days) days, \(net)")
      #expect(cuts.recency == cuts.recency.sorted() && cuts.monetary == cuts.monetary.sorted())
    }
  }

  @Test("With two to four different values cuts are equal, and scores follow the order of the values")
  func fewValues() {
    for count in 2...4 {
      var values: [(days: Double, orders: Int32, net: Int64)] = []
      for place in 0..<count { values.append((Double(place * 40), Int32(place + 1), Int64(1000 * (place + 1)))) }
      let cuts = histograms(values).cuts()
      let scores: [Scores] = values.map { value in
        cuts.scores(recencyMs: Int64(value.days) * msPerDay, orders: value.orders, netMinor: value.net)
      }
      for (worse, better) in zip(scores, scores.dropFirst()) {
        #expect(worse.m < better.m && worse.r > better.r, "each value has its own score, in the order of values")
      }
    }
  }

  @Test("The flat cuts of the hot path score as the cut tables do")
  func flat() {
    var random = SplitMix64(seed: 9)
    for _ in 0..<200 {
      let cuts = histograms(random.customers(random.int(1...50))).cuts()
      var row = CustomerRow()
      row.lastPurchaseMs = Int64(random.int(0...9_000_000_000))
      row.orders = Int32(random.int(0...20))
      row.grossMinor = random.pick([cuts.monetary[random.int(0...3)], Int64(random.int(-100...30_000))])
      let ms = random.pick([
        Int64(cuts.recency[random.int(0...3)] * Double(msPerDay)), Int64(random.int(0...9_000_000_000)),
      ])
      let clockMs = row.lastPurchaseMs + ms
      #expect(
        FlatCuts(cuts).scores(&row, clockMs: clockMs)
          == cuts.scores(recencyMs: ms, orders: row.orders, netMinor: row.netMinor))
    }
  }

  @Test("Fixed cuts stand in the place of found ones, money in minor units of the currency")
  func fixed() {
    var settings = SegmentationSettings()
    settings.kind = .rules
    settings.currency = Currency(code: "EUR")
    settings.cuts.monetary = [10, 20.5, 99.99, 1000]
    #expect(settings.problem == nil && settings.firstFitCustomers == 250 && settings.leastFitCustomers == 10)
    var random = SplitMix64(seed: 5)
    let all = histograms(random.customers(300))
    let cuts = settings.cuts(of: all, after: nil)
    #expect(cuts.monetary == [1000, 2050, 9999, 100_000])
    #expect(cuts.recency == all.cuts().recency && cuts.frequency == all.cuts().frequency)
    settings.cuts.recency = [30, 90, 180, 365]
    settings.cuts.frequency = [1, 2, 4, 8]
    #expect(settings.firstFitCustomers == 1 && settings.leastFitCustomers == 1)
    #expect(
      settings.cuts(of: all, after: cuts)
        == ScoreCuts(
          recency: [30, 90, 180, 365], frequency: [1, 2, 4, 8], monetary: [1000, 2050, 9999, 100_000]))
    settings.cuts.recency = [30, 90, 90, 365]
    #expect(settings.problem != nil)
  }
}
