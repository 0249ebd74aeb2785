import Testing

@testable import Segmentation

@Suite("Scores")
struct ScoresTests {
  @Test("A histogram's cut is the quantile of the sorted values, rounded up to the end of a bin 1/32 of it wide")
  func cuts() {
    for seed in UInt64(1)...150 {
      var random = SplitMix64(seed: seed)
      var histogram = Histogram()
      let shift = UInt64(random.int(1...63))
      let values = (0..<random.int(1...400)).map { _ in Int64(random.next() >> shift) }
      for value in values { histogram.add(value) }
      let sorted = values.sorted()
      for share in [0.001, 0.2, 0.25, 0.4, 0.5, 0.6, 0.75, 0.8, 1] {
        let exact = sorted[max(0, Int((Double(values.count) * share).rounded(.up)) - 1)]
        let cut = histogram.cut(share)
        #expect(cut >= exact, "seed \(seed), \(share)")
        #expect(exact < 64 ? cut == exact : Double(cut) <= Double(exact) * (1 + 1.0 / 32), "seed \(seed), \(share)")
      }
    }
  }

  @Test(
    "The largest amounts have a bin with an end",
    arguments: [63 << 57 - 1, 63 << 57, 1 << 62, .max - 1, .max] as [Int64])
  func largestValues(value: Int64) {
    var histogram = Histogram()
    histogram.add(value)
    #expect(histogram.cut(0.5) >= value)
  }

  /// Customers with random R, F and M, and the cut tables that their histograms give.
  private func scored(_ seed: UInt64) -> (values: [(ms: Int64, orders: Int32, net: Int64)], cuts: ScoreCuts) {
    var random = SplitMix64(seed: seed)
    var sample = CustomerSample()
    var values: [(ms: Int64, orders: Int32, net: Int64)] = []
    for _ in 0..<random.int(1...200) {
      let ms = Int64(random.next(below: 400)) * (msPerDay / 7)
      let orders = Int32(random.int(1...random.int(1...40)))
      let net = Int64(random.int(-500...100_000))
      values.append((ms, orders, net))
      _ = sample.count(recencyMs: ms, orders: orders, netMinor: net, hash: 0)
    }
    return (values, sample.cuts())
  }

  @Test("A single order has its own score F, equal values have equal scores, a better value never a lower one")
  func scoring() {
    for seed in UInt64(1)...60 {
      let (values, cuts) = scored(seed)
      #expect(cuts.recency == cuts.recency.sorted() && cuts.frequency == cuts.frequency.sorted(), "seed \(seed)")
      #expect(cuts.monetary == cuts.monetary.sorted() && cuts.frequency[0] == 1, "seed \(seed)")
      let scores = values.map { cuts.scores(recencyMs: $0.ms, orders: $0.orders, netMinor: $0.net) }
      for (value, score) in zip(values, scores) {
        #expect((score.f == 1) == (value.orders == 1), "seed \(seed)")
        for number in [score.r, score.f, score.m] { #expect((1...5).contains(number), "seed \(seed)") }
      }
      // In the order of each value the scores fall or rise and are equal where values are.
      func isMonotone<Value: Comparable>(_ pairs: [(Value, Int)]) -> Bool {
        let sorted = pairs.sorted { ($0.0, $0.1) < ($1.0, $1.1) }
        return zip(sorted, sorted.dropFirst()).allSatisfy { a, b in a.0 == b.0 ? a.1 == b.1 : a.1 <= b.1 }
      }
      #expect(isMonotone(zip(values, scores).map { (-$0.ms, $1.r) }), "seed \(seed)")
      #expect(isMonotone(zip(values, scores).map { ($0.orders, $1.f) }), "seed \(seed)")
      #expect(isMonotone(zip(values, scores).map { ($0.net, $1.m) }), "seed \(seed)")
    }
  }

  @Test("Quintiles of many different values hold about a fifth each")
  func quintiles() {
    var random = SplitMix64(seed: 77)
    var sample = CustomerSample()
    let values = (0..<20_000).map { _ in
      (Int64(random.next(below: 500 * Int(msPerDay))), Int64(random.next(below: 10_000_000)))
    }
    for (ms, net) in values { _ = sample.count(recencyMs: ms, orders: 1, netMinor: net, hash: 0) }
    let cuts = sample.cuts()
    var (r, m) = (Array(repeating: 0, count: 6), Array(repeating: 0, count: 6))
    for (ms, net) in values {
      let scores = cuts.scores(recencyMs: ms, orders: 1, netMinor: net)
      r[scores.r] += 1
      m[scores.m] += 1
    }
    // A cut lies up to 1/32 of its value too high: of 80 % of the values, 2.5 % of all.
    #expect((r.dropFirst() + m.dropFirst()).allSatisfy { (3400...4600).contains($0) }, "\(r), \(m)")
  }

  @Test("Each of the 125 cells has one of the eleven names, and each name has a cell")
  func cells() {
    let names = [
      "Champions", "Loyal", "Potential loyalist", "New", "Promising", "Need attention", "About to sleep", "At risk",
      "Cannot lose them", "Hibernating", "Lost",
    ]
    var seen: Set<String> = []
    for r in 1...5 {
      for f in 1...5 {
        for m in 1...5 { seen.insert(Scores(r: r, f: f, m: m).cell.rawValue) }
      }
    }
    #expect(Cell.table.count == 125 && seen == Set(names))
    #expect(Scores(r: 5, f: 5, m: 5).cell == .champions && Scores(r: 1, f: 1, m: 1).cell == .lost)
  }
}
