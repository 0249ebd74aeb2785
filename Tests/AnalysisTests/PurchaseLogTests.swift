import Testing

@testable import Analysis

@Suite struct PurchaseLogTests {
  private let day: Int64 = 86_400_000

  private func log() -> (log: PurchaseLog, counts: PurchaseLogBuilder.Counts) {
    var builder = PurchaseLogBuilder()
    builder.add(customerID: "b", timeMs: 9 * day, amountMinor: 500, isRefund: false, orderHash: 5, item: "tea")
    builder.add(customerID: "a", timeMs: 4 * day, amountMinor: 100, isRefund: false, orderHash: 1, item: "tea")
    builder.add(customerID: "a", timeMs: 4 * day, amountMinor: 200, isRefund: false, orderHash: 1, item: "cup")
    builder.add(customerID: "a", timeMs: 2 * day, amountMinor: 900, isRefund: false, orderHash: 7, item: "pot")
    builder.add(customerID: "a", timeMs: 3 * day, amountMinor: 900, isRefund: true, orderHash: 7)
    builder.add(customerID: "c", timeMs: 8 * day, amountMinor: 100, isRefund: true)
    builder.add(
      customerID: "b", timeMs: 1 * day, amountMinor: 500, isRefund: false, orderHash: 6, transactionHash: 3)
    builder.add(
      customerID: "b", timeMs: 1 * day, amountMinor: 500, isRefund: false, orderHash: 6, transactionHash: 3)
    return builder.build(currencyCode: "EUR", currencyDigits: 2)
  }

  @Test("A log is by customer and time, without repeats and without who never bought")
  func built() {
    let (log, counts) = log()
    #expect(log.customerIDs == ["a", "b"] && counts.repeated == 1 && counts.customersWithoutPurchase == 1)
    #expect(log.entries(of: 0).map(\.timeMs) == [2 * day, 3 * day, 4 * day, 4 * day])
    #expect(log.entries(of: 1).map(\.timeMs) == [1 * day, 9 * day] && log.asOfMs == 9 * day)
  }

  @Test("An order that was taken back whole counts neither as an order nor as spend")
  func features() {
    let log = log().log
    let first = PurchaseFeatures(log.entries(of: 0), asOfMs: log.asOfMs)
    #expect(first.orders == 1 && first.netMinor == 300 && first.breadth == 3 && first.recencyDays == 5)
    #expect(first.refundShare == 0.75 && first.averageOrderMinor == 300 && first.gapDays == 2)
    let second = PurchaseFeatures(log.entries(of: 1), asOfMs: log.asOfMs)
    #expect(second.orders == 2 && second.gapDays == 8 && second.tenureDays == 8 && second.refundShare == 0)
  }

  @Test("Some of the customers keep their own entries")
  func chosen() {
    let log = log().log.customers([1])
    #expect(log.customerIDs == ["b"] && log.entries.map(\.customer) == [0, 0])
  }
}

@Suite struct ExplorationTests {
  @Test("Every value falls into one bin", arguments: [[1.0], [2, 2, 2], [0, 1, 2, 3, 100], [0.1, 0.25, 0.9, 1e9]])
  func bins(_ values: [Double]) {
    let bins = HistogramBins(values)
    #expect(bins.counts.reduce(0, +) == values.count && bins.edges.count == bins.counts.count + 1)
    #expect(zip(bins.edges, bins.edges.dropFirst()).allSatisfy { $0 < $1 })
  }

  @Test("A quantile lies straight between its neighbours")
  func quantile() {
    #expect(ColumnStatistics.quantile([1, 2, 4], 0.75) == 3 && ColumnStatistics.quantile([5], 0.3) == 5)
    #expect(ColumnStatistics.quantile([], 0.5).isNaN)
  }

  @Test("Rows that do not differ have no components")
  func noComponents() {
    #expect(PrincipalComponents(FeatureMatrix(names: ["a", "b"], values: [1, 2, 1, 2, 1, 2])) == nil)
    #expect(PrincipalComponents(FeatureMatrix(names: ["a"], values: [1, 2]))?.shares == [1])
  }
}
