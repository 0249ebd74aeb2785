/// How many of some customers responded.
public struct ResponseRate: Equatable, Sendable {
  /// Customers who were contacted.
  public let contactCount: Int
  /// Those of them who responded.
  public let responseCount: Int

  /// Responses / contacts; 0 without contacts.
  public var rate: Double { contactCount == 0 ? 0 : Double(responseCount) / Double(contactCount) }

  /// Where the true rate lies with 95 % confidence (Wilson, Probable Inference, 1927): within 0 and 1 whatever the
  /// counts; all of it without contacts.
  public var interval: ClosedRange<Double> {
    guard contactCount > 0 else { return 0...1 }
    let n = Double(contactCount)
    let square = Self.normal95 * Self.normal95
    let centre = (rate + square / (2 * n)) / (1 + square / n)
    let spread = (rate * (1 - rate) / n + square / (4 * n * n)).squareRoot()
    let half = Self.normal95 / (1 + square / n) * spread
    // Where none or all responded the bound is 0 or 1 itself, not a rounding away.
    let low = responseCount == 0 ? 0 : max(0, centre - half)
    let high = responseCount == contactCount ? 1 : min(1, centre + half)
    return low...max(low, high)
  }

  /// The 97.5 % quantile of the normal distribution.
  static let normal95 = 1.959963984540054
}
