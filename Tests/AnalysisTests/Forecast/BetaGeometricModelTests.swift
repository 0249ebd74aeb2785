import Foundation
import Testing

@testable import Analysis

@Suite struct BetaGeometricModelTests {
  private let cdnow = BetaGeometricModel(r: 0.2426, alpha: 4.4135, a: 0.7929, b: 2.4258)

  @Test("Who bought once only is alive for sure, however long ago")
  func once() {
    for age in [0.0, 1, 1000] {
      let history = PurchaseHistory(frequency: 0, recency: 0, age: age, averageValue: 0)
      #expect(cdnow.aliveProbability(history) == 1)
    }
  }

  @Test("The longer a customer is silent, the less likely it is alive and the less it will buy")
  func silence() {
    let ages = [10.0, 11, 15, 30, 100, 1000]
    let histories = ages.map { PurchaseHistory(frequency: 4, recency: 10, age: $0, averageValue: 5) }
    let alive = histories.map { cdnow.aliveProbability($0) }
    let purchases = histories.map { cdnow.expectedPurchases($0, weeks: 26) }
    #expect(zip(alive, alive.dropFirst()).allSatisfy { $0 > $1 })
    #expect(zip(purchases, purchases.dropFirst()).allSatisfy { $0 > $1 })
    #expect(alive.allSatisfy { (0...1).contains($0) })
  }

  @Test("Nothing is bought in no time, and more in more time")
  func horizon() {
    let history = PurchaseHistory(frequency: 3, recency: 20, age: 30, averageValue: 5)
    let purchases = [0, 1e-6, 1, 10, 100, 10_000].map { cdnow.expectedPurchases(history, weeks: $0) }
    #expect(purchases[0] == 0)
    #expect(zip(purchases, purchases.dropFirst()).allSatisfy { $0 < $1 })
  }

  @Test("There is no jump where a is 1, nor where a + b is 1")
  func holes() {
    let history = PurchaseHistory(frequency: 0, recency: 0, age: 12, averageValue: 0)
    for (a, b) in [(1.0, 2.0), (0.4, 0.6)] {
      let near = [a - 1e-7, a, a + 1e-7].map {
        BetaGeometricModel(r: 0.7, alpha: 5, a: $0, b: b).expectedPurchases(history, weeks: 20)
      }
      #expect(abs(near[0] - near[1]) < 1e-6 && abs(near[2] - near[1]) < 1e-6)
      #expect(near[1] > 0)
    }
  }

  @Test("Extreme parameters and histories give numbers")
  func extremes() {
    for r in [1e-6, 1, 1e6] {
      for a in [1e-6, 1, 1e6] {
        let model = BetaGeometricModel(r: r, alpha: 10, a: a, b: 1 / a)
        for x in [0, 1, 1_000_000] {
          let history = PurchaseHistory(frequency: x, recency: 5, age: 500, averageValue: 1)
          #expect(model.expectedPurchases(history, weeks: 1000) >= 0)
          #expect((0...1).contains(model.aliveProbability(history)))
        }
      }
    }
  }

  @Test("Digamma is the slope of the logarithm of gamma")
  func slope() {
    for x in [0.01, 0.5, 1, 3.7, 10, 12.5, 300] {
      let width = 1e-5 * x
      let slope = (lnGamma(x + width) - lnGamma(x - width)) / (2 * width)
      #expect(abs(digamma(x) - slope) < 1e-6 * max(1, abs(slope)))
    }
  }
}
