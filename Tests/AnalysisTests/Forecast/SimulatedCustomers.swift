import Segmentation

@testable import Analysis

/// Customers who buy at their own rate and leave at random: frequent and rare ones, loyal and fleeting ones.
func simulatedCustomers(_ count: Int, seed: UInt64, value: (Int) -> Double) -> [PurchaseHistory] {
  var random = SplitMix64(seed: seed)
  return (0..<count).map { index in
    let rate = 0.02 + 0.5 * random.uniform() * random.uniform()
    let leave = 0.05 + 0.5 * random.uniform()
    let age = 20 + 30 * random.uniform()
    var (frequency, last, week) = (0, 0.0, 0.0)
    while week < age {
      week += 1
      guard random.uniform() < rate, week < age else { continue }
      (frequency, last) = (frequency + 1, week)
      if random.uniform() < leave { break }
    }
    return PurchaseHistory(frequency: frequency, recency: last, age: age, averageValue: value(index))
  }
}
