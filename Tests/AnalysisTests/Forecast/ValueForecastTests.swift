import Foundation
import Segmentation
import Testing

@testable import Analysis

@Suite struct ValueForecastTests {
  private let customers = simulatedCustomers(600, seed: 3) { 5 + Double($0 % 17) }

  private func forecast(
    _ histories: [PurchaseHistory?], labels: [Int]? = nil, names: [String] = ["all"], weeks: Double = 10
  ) throws -> ValueForecast {
    try ValueForecast(
      histories: histories, labels: labels ?? histories.map { _ in 0 }, names: names, horizonWeeks: weeks)
  }

  @Test("A fit is a maximum: the likelihood falls in every direction")
  func maximum() throws {
    let fit = try BetaGeometricFit(customers)
    let likelihood = BetaGeometricLikelihood(customers)
    let point = [fit.model.r, fit.model.alpha, fit.model.a, fit.model.b].map { log($0) }
    #expect(fit.convergence.isReached)
    for index in point.indices {
      for step in [-0.01, 0.01] {
        var beside = point
        beside[index] += step
        #expect(likelihood.value(beside).value < fit.logLikelihood)
      }
    }
  }

  @Test("Gradients are those of the likelihoods")
  func gradients() {
    let purchasing = BetaGeometricLikelihood(customers)
    let spending = GammaGammaLikelihood(customers)
    for (value, point) in [
      (purchasing.value, [-0.7, 1.2, 0.3, 0.9]), (spending.value, [0.8, 1.1, 2.0]),
    ] {
      let gradient = value(point).gradient
      for index in point.indices {
        var (low, high) = (point, point)
        low[index] -= 1e-5
        high[index] += 1e-5
        let slope = (value(high).value - value(low).value) / 2e-5
        #expect(abs(gradient[index] - slope) < 1e-5 * max(1, abs(slope)))
      }
    }
  }

  @Test("The order of the customers changes no parameter")
  func order() throws {
    #expect(try BetaGeometricFit(customers) == BetaGeometricFit(customers.reversed()))
    #expect(try GammaGammaFit(customers).model == GammaGammaFit(customers.reversed()).model)
  }

  @Test("Another currency scales v and the value, and nothing else")
  func currency() throws {
    let small = try forecast(customers)
    let large = try forecast(
      customers.map {
        PurchaseHistory(
          frequency: $0.frequency, recency: $0.recency, age: $0.age, averageValue: $0.averageValue * 1e6)
      })
    let (one, other) = (try #require(small.spending?.model), try #require(large.spending?.model))
    #expect(abs(other.v / one.v / 1e6 - 1) < 1e-6 && abs(other.p / one.p - 1) < 1e-6)
    let values = [small, large].map { $0.segments[0].expectedValue ?? 0 }
    #expect(abs(values[1] / values[0] / 1e6 - 1) < 1e-6)
  }

  @Test("Nobody who bought again is said, not a trap")
  func nobody() {
    let once = (0..<50).map { PurchaseHistory(frequency: 0, recency: 0, age: Double($0), averageValue: 0) }
    for histories in [[], once] {
      let error = #expect(throws: AnalysisError.self) { try forecast(histories) }
      #expect(error?.description.hasPrefix("`0` of \(histories.count) customers bought on a second day") == true)
    }
  }

  @Test("Customers who all spend the same have no model of value, and that is said")
  func constant() throws {
    let found = try forecast(simulatedCustomers(300, seed: 4) { _ in 10 })
    #expect(found.spending == nil && found.correlation == nil)
    #expect(found.notes.contains { $0.contains("all customers who bought again spend `10.0` at once") })
    #expect(found.customers.allSatisfy { $0?.expectedValue == nil })
  }

  @Test("Customers who are all alike give a forecast of numbers")
  func alike() throws {
    let same = PurchaseHistory(frequency: 5, recency: 20, age: 22, averageValue: 0)
    let found = try forecast([PurchaseHistory](repeating: same, count: 60))
    #expect(found.customers.allSatisfy { ($0?.expectedPurchases ?? -1) >= 0 && ($0?.aliveProbability ?? 2) <= 1 })
  }

  @Test("Segments add up to all customers; who has not bought, or is in no segment, is in none")
  func segments() throws {
    let labels = customers.indices.map { $0 % 4 - 1 } + [0, 1]
    let found = try forecast(customers + [nil, nil], labels: labels, names: ["a", "b", "c", "nobody"])
    let inSegment = zip(found.customers, labels).compactMap { $1 >= 0 ? $0 : nil }
    #expect(found.segments.map(\.customerCount) == [150, 150, 150, 0])
    let purchases = inSegment.reduce(0) { $0 + $1.expectedPurchases }
    #expect(abs(found.segments.reduce(0) { $0 + $1.expectedPurchases } - purchases) < 1e-9)
    #expect(found.customers.suffix(2).allSatisfy { $0 == nil })
    #expect(found.segments.reduce(0) { $0 + $1.share } < 1)
  }

  @Test("A warning stands where value and frequency correlate, and only there")
  func correlation() throws {
    let related = customers.map {
      PurchaseHistory(
        frequency: $0.frequency, recency: $0.recency, age: $0.age,
        averageValue: Double($0.frequency) * 10 + $0.averageValue)
    }
    #expect(try forecast(related).notes.contains { $0.hasPrefix("Value and frequency correlate") })
    #expect(try !forecast(customers).notes.contains { $0.hasPrefix("Value and frequency correlate") })
  }

  @Test("A section can be made of every forecast, and of none")
  func section() throws {
    let ids = customers.indices.map { "c\($0)" }
    let found = ReportSection.futureValue(.success(try forecast(customers)), customerIDs: ids, currency: "EUR")
    #expect(found.blocks.count { if case .chart = $0 { true } else { false } } == 2)
    let none = ReportSection.futureValue(.failure(AnalysisError(.unusableInput, "no log")), customerIDs: [])
    #expect(none.blocks == [.paragraph("There is no forecast: no log.")])
  }
}
