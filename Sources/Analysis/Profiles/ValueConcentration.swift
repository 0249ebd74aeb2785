/// How much of the value the best customers bring.
public struct ValueConcentration: Equatable, Sendable {
  /// A step of the Lorenz curve: the share of customers, from the least, and the share of the value they bring.
  public struct Step: Equatable, Sendable {
    /// Of the customers, 0 to 1.
    public let customers: Double
    /// Of the value, 0 to 1.
    public let value: Double
  }

  /// All customers.
  public let customerCount: Int
  /// The customers of the top decile: a tenth, rounded up.
  public let topCount: Int
  /// What the top decile brings of the value, 0 to 1.
  public let topShare: Double
  /// The least value in the top decile, in major units.
  public let topThreshold: Double
  /// Gini's coefficient, 0 (all alike) to nearly 1.
  public let gini: Double
  /// The Lorenz curve in steps of a twentieth.
  public let lorenz: [Step]
  /// Rows of the top decile, the best first; of equals the earlier.
  public let top: [Int]

  /// Measures values that are not below zero; `nil` without customers or without any value.
  public init?(_ values: [Double]) {
    let total = values.reduce(0, +)
    guard !values.isEmpty, total > 0, total.isFinite else { return nil }
    let order = values.indices.sorted { (values[$1], $0) < (values[$0], $1) }
    let count = values.count
    customerCount = count
    topCount = (count + 9) / 10
    top = Array(order.prefix(topCount))
    topShare = top.reduce(0) { $0 + values[$1] } / total
    topThreshold = values[order[topCount - 1]]
    var sums = [0.0]
    sums.reserveCapacity(count + 1)
    for row in order.reversed() { sums.append(sums[sums.count - 1] + values[row]) }
    // Twice the area between the curve and the diagonal, by trapezoids.
    let area = zip(sums, sums.dropFirst()).reduce(0) { $0 + ($1.0 + $1.1) / 2 } / total / Double(count)
    gini = max(0, 1 - 2 * area)
    lorenz = (0...20).map { step in
      let place = Double(step) / 20 * Double(count)
      let whole = min(Int(place), count - 1)
      let value = sums[whole] + (sums[whole + 1] - sums[whole]) * (place - Double(whole))
      return Step(customers: Double(step) / 20, value: min(1, value / total))
    }
  }
}
