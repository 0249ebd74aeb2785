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
    let found = log([(5.25, 900, false), (5.5, 100, false), (12, 300, false), (19.75, 500, false)])
    let columns: [(String, [Double])] = [
      ("first_purchase", [5.25, 40]), ("last_purchase", [19.75, 40]), ("recency_days", [20.25, 0]),
      ("purchase_days", [3, 1]), ("first_day_spend", [10, 1]), ("gross", [18, 1]),
    ]
    let table = Table(columns: columns.map { TableColumn($0, .number, .numbers($1)) }, rowCount: 2)
    #expect(PurchaseHistory.all(table) == PurchaseHistory.all(found))
    // Days may also have been read as whole days.
    let dates = columns.map { ($0, $0.hasSuffix("_purchase") ? $1.map { $0.rounded(.down) } : $1) }
    let whole = Table(columns: dates.map { TableColumn($0, .date, .numbers($1)) }, rowCount: 2)
    #expect(PurchaseHistory.all(whole) == PurchaseHistory.all(found))
  }

  @Test("A table without the stream's columns has no histories")
  func otherTable() {
    let table = Table(columns: [TableColumn("income", .number, .numbers([1, 2]))], rowCount: 2)
    #expect(PurchaseHistory.all(table) == nil)
  }

  @Test("What cannot be is brought to what can")
  func impossible() {
    let history = PurchaseHistory(frequency: -3, recency: 9, age: -1, averageValue: .nan)
    #expect(history == PurchaseHistory(frequency: 0, recency: 0, age: 0, averageValue: 0))
    #expect(PurchaseHistory(frequency: 1, recency: 9, age: 4, averageValue: 1).recency == 4)
  }
}
