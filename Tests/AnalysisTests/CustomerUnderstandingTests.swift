import Segmentation
import Testing

@testable import Analysis

@Suite struct CustomerUnderstandingTests {
  private static let day: Int64 = 86_400_000

  /// Purchases as (customer, day, amount in minor units); below zero is a refund.
  private static func log(_ purchases: [(customer: Int, day: Int, minor: Int)]) -> PurchaseLog {
    let count = (purchases.map(\.customer).max() ?? -1) + 1
    return PurchaseLog(
      customerIDs: (0..<count).map { "c\($0)" },
      entries: purchases.map {
        .init(
          customer: Int32($0.customer), isRefund: $0.minor < 0, timeMs: Int64($0.day) * day,
          amountMinor: Int64($0.minor.magnitude))
      }, currencyCode: "EUR")
  }

  /// A hundred customers over a year and a half: `n` buys every `n + 3` days from day `n` on.
  private static let shop = log(
    (0..<100).flatMap { n in stride(from: n, through: 540, by: n + 3).map { (n, 15_000 + $0, 100 * (n % 7 + 1)) } })

  private static func data(_ log: PurchaseLog) -> AnalysisData {
    let rows = log.customerCount
    let orders = (0..<rows).map { Double(log.entries(of: $0).count) }
    let table = Table(columns: [TableColumn("Orders", .number, .numbers(orders))], rowCount: rows)
    let matrix = table.matrix(["Orders"])
    return AnalysisData(
      customerIDs: log.customerIDs, table: table, features: matrix, scaled: matrix, described: matrix, log: log, seed: 1
    )
  }

  @Test("Activity counts orders once, leaves out wholly refunded ones, and ends at its date")
  func activity() {
    let log = PurchaseLog(
      customerIDs: ["a"],
      entries: [
        .init(customer: 0, order: 0, timeMs: 10, amountMinor: 5),
        .init(customer: 0, order: 0, timeMs: 10, amountMinor: 6),
        .init(customer: 0, order: 1, timeMs: 20, amountMinor: 7),
        .init(customer: 0, order: 1, isRefund: true, timeMs: 30, amountMinor: 7),
        .init(customer: 0, timeMs: 40, amountMinor: 1),
      ], orderCount: 2)
    #expect(
      CustomerActivity.of(log, untilMs: 40) == [CustomerActivity(firstMs: 10, lastMs: 40, orders: 2, netMinor: 12)])
    #expect(
      CustomerActivity.of(log, untilMs: 25) == [CustomerActivity(firstMs: 10, lastMs: 20, orders: 2, netMinor: 18)])
    #expect(CustomerActivity.of(log, untilMs: 9) == [nil])
  }

  @Test("Every customer is in one named cell; scores, cells and value add up")
  func cells() {
    let rfm = RFMAnalysis(Self.shop)
    #expect(rfm.cells.reduce(0) { $0 + $1.size } == 100 && abs(rfm.cells.reduce(0) { $0 + $1.valueShare } - 1) < 1e-12)
    #expect(rfm.cells.flatMap(\.scores).count == 125)
    for customer in rfm.customers {
      let cell = rfm.cells.first { $0.name == customer.cell }
      #expect(cell?.scores.contains("\(customer.r)\(customer.f)\(customer.m)") == true)
    }
  }

  @Test("A move is counted once; rows are the cells then, columns the cells now")
  func migration() throws {
    let rfm = RFMAnalysis(Self.shop)
    let migration = try #require(CellMigration(Self.shop, rfm))
    #expect(migration.counts.joined().reduce(0, +) == 100)
    for (column, name) in migration.to.enumerated() {
      #expect(migration.counts.reduce(0) { $0 + $1[column] } == rfm.customers.count { $0.cell == name })
    }
    let before = CustomerActivity.of(Self.shop, untilMs: migration.fromMs)
    #expect(migration.known == before.count { $0 != nil } && migration.stayed <= migration.known)
  }

  @Test("Cohorts hold who came in a month, and the share of them that bought in each later one")
  func cohorts() throws {
    // 2020-01-10, 2020-01-20 and 2020-02-10 are days 18271, 18281 and 18302.
    let log = Self.log([
      (0, 18_271, 1), (0, 18_302, 1), (0, 18_303, 1), (0, 18_390, 1), (1, 18_281, 1), (2, 18_302, 1), (2, 18_331, 1),
      (1, 18_340, -1),
    ])
    let retention = try #require(CohortRetention(log))
    #expect(retention.period == .month && retention.cohorts.map(\.name) == ["2020-01", "2020-02"])
    #expect(retention.cohorts.map(\.size) == [2, 1])
    #expect(retention.cohorts[0].retained == [1, 0.5, 0, 0, 0.5] && retention.cohorts[1].retained == [1, 1, 0, 0])
    #expect(abs(retention.overall[0] - 2.0 / 3) < 1e-12)
  }

  @Test("Periods have the names of the calendar, before 1970, too")
  func periods() {
    #expect(CohortRetention.name(CohortRetention.index(-1, .month), .month) == "1969-12")
    #expect(CohortRetention.name(CohortRetention.index(0, .quarter), .quarter) == "1970 Q1")
    // The first of January 1970 was a Thursday.
    #expect(CohortRetention.name(CohortRetention.index(0, .week), .week) == "1969-12-29")
    #expect(CohortRetention.index(4 * Self.day, .week) == CohortRetention.index(0, .week) + 1)
  }

  @Test("Equal customers have Gini 0, one who brings all has nearly 1, and 1 to 4 have 0.25")
  func gini() throws {
    #expect(try abs(#require(ValueConcentration([3, 3, 3, 3])).gini) < 1e-12)
    #expect(try abs(#require(ValueConcentration([0, 0, 0, 9])).gini - 0.75) < 1e-12)
    let rising = try #require(ValueConcentration([4, 2, 1, 3]))
    #expect(abs(rising.gini - 0.25) < 1e-12 && rising.topCount == 1 && rising.topShare == 0.4 && rising.top == [0])
    #expect(rising.lorenz.first?.value == 0 && rising.lorenz.last?.value == 1)
    #expect(zip(rising.lorenz, rising.lorenz.dropFirst()).allSatisfy { $0.value <= $1.value })
    #expect(ValueConcentration([]) == nil && ValueConcentration([0, 0]) == nil)
  }

  @Test("There are five sentences, each with a number, and an action with numbers for each segment")
  func sentencesAndActions() {
    let understanding = CustomerUnderstanding(Self.data(Self.shop), labels: (0..<100).map { $0 / 34 })
    let sentences = FiveSentences(understanding).sentences
    #expect(sentences.count == 5 && Set(sentences).count == 5)
    for sentence in sentences { #expect(sentence.contains(where: \.isNumber) && sentence.hasSuffix(".")) }
    let actions = understanding.actions()
    #expect(actions.map(\.segment) == understanding.names && Set(understanding.names).count == 3)
    for action in actions { #expect(action.why.contains(where: \.isNumber) && !action.action.isEmpty) }
  }

  @Test("A table without purchases has five sentences and actions of its own columns")
  func tableOnly() {
    let numbers = (0..<90).map { Double($0) }
    let table = Table(
      columns: [
        TableColumn("income", .number, .numbers(numbers)), TableColumn("score", .number, .numbers(numbers.reversed())),
      ], rowCount: 90)
    let matrix = table.matrix(["income", "score"])
    let data = AnalysisData(
      customerIDs: numbers.map { "\($0)" }, table: table, features: matrix, scaled: matrix, described: matrix, seed: 1)
    let understanding = CustomerUnderstanding(data, labels: (0..<90).map { $0 / 30 })
    #expect(understanding.rfm == nil && understanding.concentration == nil)
    #expect(FiveSentences(understanding).sentences.count == 5)
    #expect(Set(understanding.actions().map(\.action)).count == 3)
  }

  @Test(
    "One purchase, one customer, equal purchases and noise alone trap nothing",
    arguments: [
      [(0, 1, 5)], [(0, 1, 0), (1, 1, 0)], [(0, 1, 5), (1, 1, 5), (2, 1, 5)], [(0, 1, 5), (0, 900_000, 5)],
      [(0, -700_000, 5), (1, 2, 3), (0, 3, -5)],
    ])
  func edges(purchases: [(Int, Int, Int)]) {
    let log = Self.log(purchases.map { (customer: $0.0, day: $0.1, minor: $0.2) })
    for label in [-1, 0, 2] {
      let understanding = CustomerUnderstanding(Self.data(log), labels: log.customerIDs.map { _ in label })
      let sections = [
        FiveSentences(understanding).section(), understanding.profiles.section(), understanding.rfmSection(),
        understanding.actionsSection(),
      ]
      let page = HTMLReport(title: "t", sections: sections).html
      #expect(!page.contains("nan") && !page.contains(">inf"))
    }
  }
}
