import Testing

@testable import Analysis

@Suite struct PurchaseHistoryTests {
  private static let dayMs: Int64 = 86_400_000

  private func log(_ entries: [(day: Double, amount: Int64, isRefund: Bool)]) -> PurchaseLog {
    PurchaseLog(
      customerIDs: ["a", "b"],
      entries: entries.map {
        .init(customer: 0, isRefund: $0.isRefund, timeMs: Int64($0.day * Double(Self.dayMs)), amountMinor: $0.amount)
      } + [.init(customer: 1, timeMs: 40 * Self.dayMs, amountMinor: 100)])
  }

  @Test("Purchases of one day are one, refunds are none, and the first day's money does not count")
  func days() {
    let history = PurchaseHistory.all(
      log([
        (5.1, 900, false), (5.9, 100, false), (12, 300, false), (12.5, 100, false), (19.2, 200, false), (26, 50, true),
      ])
    )[0]
    #expect(history == PurchaseHistory(frequency: 2, recency: 2, age: 5, averageValue: 3))
  }

  @Test("What is later than the end is not seen, nor who came later")
  func end() {
    let histories = PurchaseHistory.all(log([(5, 900, false), (12, 300, false)]), endMs: 12 * Self.dayMs - 1)
    #expect(histories == [PurchaseHistory(frequency: 0, recency: 0, age: 6 / 7, averageValue: 0), nil])
  }

  @Test("Days before 1970 are days, too")
  func before() {
    #expect(PurchaseHistory.day(-1) == -1 && PurchaseHistory.day(-86_400_000) == -1 && PurchaseHistory.day(0) == 0)
  }

  @Test("What the stream keeps of a customer gives the same history as its log")
  func stream() throws {
    // The clock stands at five in the morning, earlier than any purchase of a day.
    let found = log([(5.25, 900, false), (5.5, 100, false), (12.75, 300, false), (19.75, 500, false)])
    let file = """
      customer_id,gross,first_purchase,last_purchase,recency_days,purchase_days,first_day_spend
      b,1.00,1970-02-10T08:00:00.000Z,1970-02-10T08:00:00.000Z,1.875000000,1,1.00
      never,0.00,,,,0,0.00
      a,18.00,1970-01-06T06:00:00.000Z,1970-01-20T18:00:00.000Z,22.458333333,3,10.00

      """
    let kept = try #require(try StreamHistories(Array(file.utf8), name: "customers.csv"))
    let endMs = 42 * Self.dayMs + 18_000_000
    #expect(kept.all(["a", "b"]) == PurchaseHistory.all(found, endMs: endMs))
    #expect(kept.all(["never", "unknown"]) == [nil, nil])
  }

  @Test("Another table has no histories")
  func otherTable() throws {
    #expect(try StreamHistories(Array("id,income\n1,2\n".utf8), name: "a.csv")?.all(["1"]) == nil)
  }

  @Test("What cannot be is brought to what can")
  func impossible() {
    let history = PurchaseHistory(frequency: -3, recency: 9, age: -1, averageValue: .nan)
    #expect(history == PurchaseHistory(frequency: 0, recency: 0, age: 0, averageValue: 0))
    #expect(PurchaseHistory(frequency: 1, recency: 9, age: 4, averageValue: 1).recency == 4)
  }
}
