import Segmentation
import Testing

@testable import Analysis

@Suite struct BasketAnalysisTests {
  private func randomBaskets(seed: UInt64) -> [[Int]] {
    var random = SplitMix64(seed: seed)
    return (0..<200).map { _ in (0..<8).filter { _ in random.uniform() < 0.4 } }
  }

  /// Counts every subset by looking at every basket.
  private func slowItemsets(_ baskets: [[Int]], minimumCount: Int, length: Int) -> Set<Itemset> {
    var found = Set<Itemset>()
    for mask in 1..<256 where mask.nonzeroBitCount <= length {
      let items = (0..<8).filter { mask >> $0 & 1 == 1 }
      let count = baskets.count { basket in items.allSatisfy(basket.contains) }
      if count >= minimumCount { found.insert(Itemset(items: items.map { Int32($0) }, count: count)) }
    }
    return found
  }

  @Test("All itemsets are found and counted, as by looking at every basket", arguments: [1, 2, 3] as [UInt64])
  func itemsets(seed: UInt64) throws {
    let baskets = randomBaskets(seed: seed)
    let options = BasketOptions(minimumSupport: 0.05, minimumCount: 1, minimumConfidence: 0, maximumLength: 5)
    let found = try BasketAnalysis(BasketData(itemNames: (0..<8).map { "i\($0)" }, baskets: baskets), options: options)
    #expect(found.all.minimumCount == 10)
    #expect(Set(found.all.itemsets) == slowItemsets(baskets, minimumCount: 10, length: 5))
    #expect(found.all.itemsets.count == Set(found.all.itemsets).count)
  }

  @Test("A share becomes the least count that reaches it, exactly")
  func shares() {
    #expect(Apriori.minimumCount(support: 0.07, basketCount: 100) == 7)
    #expect(Apriori.minimumCount(support: 0.01, basketCount: 9835) == 99)
    #expect(Apriori.minimumCount(support: 1e-12, basketCount: 50) == 1)
    #expect(Apriori.minimumCount(support: 1, basketCount: 50) == 50)
    for basketCount in 1...300 {
      for percent in 1...100 {
        let exact = (percent * basketCount + 99) / 100
        #expect(Apriori.minimumCount(support: Double(percent) / 100, basketCount: basketCount) == exact)
      }
    }
  }

  @Test("An item twice in a basket counts once, and unknown ones not at all")
  func twice() {
    let data = BasketData(itemNames: ["a", "b"], baskets: [[1, 1, 0, 7, -1], []])
    #expect(data.baskets == [[0, 1], []])
  }

  @Test("A rule that never fails has an infinite conviction, and one of independent sides measures nothing")
  func measures() {
    func rule(_ both: Int, _ antecedent: Int, _ consequent: Int, of baskets: Int) -> AssociationRule {
      AssociationRule(
        antecedent: [0], consequent: [1], count: both, antecedentCount: antecedent, consequentCount: consequent,
        basketCount: baskets)
    }
    let sure = rule(20, 20, 40, of: 100)
    #expect(sure.conviction == .infinity && sure.confidence == 1 && sure.lift == 2.5 && sure.zhang == 0.75)
    let nothing = rule(10, 20, 50, of: 100)
    #expect(nothing.lift == 1 && nothing.leverage == 0 && nothing.zhang == 0 && nothing.conviction == 1)
    let always = rule(100, 100, 100, of: 100)
    #expect(always.zhang == 0 && always.lift == 1)
  }

  @Test("One item gives an itemset and no rule; no item at all is said")
  func one() throws {
    let found = try BasketAnalysis(BasketData(itemNames: ["a"], baskets: [[Int]](repeating: [0], count: 30)))
    #expect(found.all.itemsets == [Itemset(items: [0], count: 30)] && found.all.rules.isEmpty)
    #expect(throws: AnalysisError.self) { try BasketAnalysis(BasketData(itemNames: ["a"], baskets: [[], []])) }
  }

  @Test("Senseless limits are refused")
  func limits() {
    let data = BasketData(itemNames: ["a"], baskets: [[0]])
    for options in [BasketOptions(minimumSupport: 0), .init(minimumSupport: .nan), .init(minimumConfidence: 1.5)] {
      #expect(throws: AnalysisError.self) { try BasketAnalysis(data, options: options) }
    }
  }

  @Test("Too many itemsets end the search at a whole level, and that is said")
  func bounds() throws {
    let baskets = [[Int]](repeating: Array(0..<120), count: 12)
    let options = BasketOptions(minimumSupport: 1, minimumConfidence: 1, maximumLength: 3)
    let found = try BasketAnalysis(BasketData(itemNames: (0..<120).map { "\($0)" }, baskets: baskets), options: options)
    #expect(found.all.itemsets.count == 120 + 120 * 119 / 2)
    #expect(found.all.notes.contains { $0.hasPrefix("The search stopped before itemsets of 3 items") })
  }

  @Test("Each segment's baskets are searched by themselves")
  func segments() throws {
    let baskets = (0..<60).map { $0 % 2 == 0 ? [0, 1] : [1, 2] }
    let data = BasketData(itemNames: ["a", "b", "c"], baskets: baskets, segments: (0..<60).map { $0 % 2 })
    let found = try BasketAnalysis(data, segmentNames: ["even", "odd", "nobody"])
    #expect(found.segments.map(\.basketCount) == [30, 30, 0])
    #expect(found.segments[0].itemsets.last == Itemset(items: [0, 1], count: 30))
    #expect(found.segments[2].itemsets.isEmpty && !found.segments[2].notes.isEmpty)
  }

  @Test("A log's baskets are its orders, or days where lines name none; refunds are in none")
  func log() throws {
    func entry(_ customer: Int32, _ order: Int32, _ item: Int32, day: Int64, isRefund: Bool = false)
      -> PurchaseLog.Entry
    {
      .init(
        customer: customer, order: order, item: item, isRefund: isRefund, timeMs: day * 86_400_000, amountMinor: 1)
    }
    let log = PurchaseLog(
      customerIDs: ["a", "b"],
      entries: [
        entry(0, 0, 0, day: 1), entry(0, 0, 1, day: 1), entry(0, 1, 2, day: 1), entry(0, 1, 0, day: 2, isRefund: true),
        entry(1, -1, 2, day: 3), entry(1, -1, 1, day: 3), entry(1, -1, 1, day: 4), entry(1, -1, -1, day: 5),
      ], itemNames: ["x", "y", "z"], orderCount: 2)
    let data = try #require(BasketData(log, labels: [1, 0]))
    #expect(data.baskets == [[0, 1], [2], [1, 2], [1]])
    #expect(data.segments == [1, 1, 0, 0])
    #expect(BasketData(PurchaseLog(customerIDs: [], entries: [])) == nil)
  }
}
