import Testing

@testable import Segmentation

private func makeSegmenter(partitions: [Int32] = [0]) -> Segmenter {
  Segmenter(
    settings: SegmentationSettings(), changes: ChangeSettings(shape: .binary, source: "/test", causeTopic: "test"),
    partitions: partitions)
}

@Suite("Segmenter state")
struct SegmenterStateTests {
  @Test("A record whose sum does not fit is a dead letter amount_overflow with its index, and nothing changes")
  func overflow() {
    let segmenter = makeSegmenter()
    let letters = segmenter.apply([
      .purchase(.max - 1, by: "a", at: 1000), .purchase(1, by: "b", at: 1000), .purchase(2, by: "a", at: 1001),
      .purchase(1, by: "a", at: 1002),
    ])
    #expect(letters.map(\.code) == [.amountOverflow] && letters.map(\.index) == [2])
    #expect(letters.allSatisfy { $0.message.contains("`2`") })
    #expect(segmenter.counters.applied == 3 && segmenter.customers == 2 && segmenter.buyers == 2)
  }

  @Test("A customer of whom no record could be applied is not there")
  func overflowOfAStranger() {
    let segmenter = makeSegmenter()
    let letters = segmenter.apply([.purchase(.max, by: "a", at: 1000, order: "o")])
    #expect(letters.map(\.code) == [.amountOverflow])
    #expect(segmenter.customers == 0 && segmenter.counters.applied == 0)
  }

  @Test("A customer of whom only a refund of nothing was applied stays when the next record overflows")
  func overflowAfterARefundOfNothing() {
    let segmenter = makeSegmenter()
    let letters = segmenter.apply([.refund(0, by: "a", at: 1000), .purchase(.max, by: "a", at: 1000, order: "o")])
    #expect(letters.map(\.code) == [.amountOverflow])
    #expect(segmenter.customers == 1 && segmenter.counters.applied == 1)
  }

  @Test("Records of other partitions are passed over")
  func otherPartitions() {
    let segmenter = makeSegmenter(partitions: [2, 5])
    let records = (Int32(0)..<8).map { partition in
      var record = TestRecord.purchase(100, by: "c\(partition)", at: 1000)
      record.partition = partition
      return record
    }
    #expect(segmenter.apply(records).isEmpty)
    #expect(segmenter.customers == 2 && segmenter.counters.applied == 2)
  }

  @Test("A record's clock is that of its partition, moved on by purchases alone, and before the first its own time")
  func clocksOfRecords() {
    let segmenter = makeSegmenter(partitions: [0, 1])
    let times: [(customer: String, ms: Int64, partition: Int32, isRefund: Bool, clockMs: Int64)] = [
      ("a", 500, 0, true, 500), ("a", 1000, 0, false, 1000), ("b", 3000, 0, false, 1000), ("c", 90_000, 0, false, 1000),
      ("a", 4000, 0, false, 3000), ("d", 99_000, 0, true, 3000), ("b", 100, 0, false, 3000),
      ("x", 70, 1, false, 70), ("x", 60, 1, false, 70), ("d", 5000, 0, false, 4000), ("e", 1, 2, false, 1),
    ]
    for time in times {
      var record = TestRecord.purchase(100, by: time.customer, at: time.ms)
      if time.isRefund { record.kind = .refund }
      (record.partition, record.clockMs) = (time.partition, 1)
      let clockMs = record.withRecord { decoded in
        var decoded = decoded
        withUnsafeMutablePointer(to: &decoded) { segmenter.setClocks(UnsafeMutableBufferPointer(start: $0, count: 1)) }
        return decoded.clockMs
      }
      #expect(clockMs == time.clockMs, "\(time)")
    }
    #expect(segmenter.clockMs(of: 0) == 4000 && segmenter.clockMs(of: 1) == 70)
    segmenter.advanceClock(of: 0, toWallClockMs: 3500)
    segmenter.advanceClock(of: 1, toWallClockMs: 8000)
    #expect(segmenter.clockMs(of: 0) == 4000 && segmenter.clockMs(of: 1) == 8000)
  }

  @Test("A customer's values at a clock are those of its records, decayed to that clock")
  func valuesAtAClock() {
    for seed in UInt64(1)...50 {
      var random = SplitMix64(seed: seed)
      let segmenter = makeSegmenter()
      var references: [String: ReferenceCustomer] = [:]
      var ms: Int64 = 1_700_000_000_000
      for index in 0..<200 {
        ms += Int64(random.next(below: 40_000_000))
        let name = "c\(random.next(below: 12))"
        var record = TestRecord.purchase(Int64(random.int(0...90_000)), by: name, at: ms)
        if random.chance(0.2) { record.kind = .refund }
        if random.chance(0.3) { record.order = "o\(index)" }
        segmenter.apply([record])
        references[name, default: ReferenceCustomer(halfLifeMs: 90 * 86_400_000)].apply(record)
      }
      let clockMs = ms + 50 * msPerDay
      segmenter.forEachCustomer(of: 0, clockMs: clockMs) { customer in
        let name = String(decoding: customer.id, as: UTF8.self)
        guard let reference = references[name] else { return #expect(Bool(false), "`\(name)` is unknown") }
        #expect(customer.orders == reference.orders && customer.grossMinor == reference.grossMinor)
        #expect(customer.refundedMinor == reference.refundedMinor)
        #expect((customer.purchases == nil) == !reference.hasPurchase)
        guard let purchases = customer.purchases else { return }
        let weight = Decay(halfLifeMs: 90 * 86_400_000).weight(clockMs - reference.lastMs)
        let frequency = reference.decayedFrequency * weight
        #expect(abs(purchases.decayedFrequency - frequency) <= 1e-12 * max(1, frequency), "seed \(seed)")
        let monetary = reference.decayedMonetary * weight
        #expect(abs(Double(purchases.decayedMonetaryMinor) - monetary) <= 0.5 + 1e-6, "seed \(seed)")
        #expect(purchases.recencyMs == clockMs - reference.lastMs && purchases.firstMs == reference.firstMs)
        #expect(purchases.purchaseDays == reference.purchaseDays)
        #expect(purchases.firstDaySpendMinor == reference.firstDaySpendMinor)
        let net = Double(reference.grossMinor - reference.refundedMinor)
        let average = reference.orders == 0 ? 0 : (net / Double(reference.orders)).rounded(.toNearestOrEven)
        #expect(purchases.averageOrderMinor == Int64(average))
      }
      #expect(segmenter.customers == references.count)
    }
  }
}
