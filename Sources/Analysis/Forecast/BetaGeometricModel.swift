import Foundation

/// BG/NBD: customers buy at random while they are alive, and may leave after each purchase (Fader, Hardie and Lee,
/// "Counting Your Customers" the Easy Way, Marketing Science 24, 2005).
///
/// Purchase rates vary between customers by a gamma distribution (shape r, rate α in weeks), the probabilities to
/// leave by a beta distribution (a, b).
public struct BetaGeometricModel: Equatable, Sendable {
  /// The shape and the rate (weeks) of the gamma distribution of purchase rates.
  public let r: Double, alpha: Double
  /// The beta distribution of the probability to leave after a purchase.
  public let a: Double, b: Double

  /// Takes parameters above 0.
  public init(r: Double, alpha: Double, a: Double, b: Double) {
    precondition(min(r, alpha, a, b) > 0 && max(r, alpha, a, b) < .infinity, "the parameters are positive numbers")
    self.r = r
    self.alpha = alpha
    self.a = a
    self.b = b
  }

  /// The log-likelihood of customers' histories (equation 6 of the paper).
  public func logLikelihood(_ histories: [PurchaseHistory]) -> Double {
    BetaGeometricLikelihood(histories).value([r, alpha, a, b].map { log($0) }).value
  }

  /// The probability that a customer still buys (Fader, Hardie and Lee 2008, note on P(alive)): who bought once only
  /// has had no purchase to leave after.
  public func aliveProbability(_ history: PurchaseHistory) -> Double {
    1 / (1 + deadOdds(history))
  }

  /// Days with a purchase that are expected within some weeks from the end of what was seen (equation 10).
  ///
  /// Euler's transformation of the paper's ₂F₁ with z = t / (α + T + t) and c = a + b + x − 1 gives
  ///
  ///     c · (1 − (1−z)^(a−1)) / (a−1)  −  (1−z)^(a−1) · Σ (a)ₙ₋₁ (a+b−1−r)ₙ / ((c+1)ₙ₋₁ n!) · zⁿ, n = 1, 2, …
  ///
  /// which has no pole at a = 1 or c = 0, no large powers, and terms that shrink faster than zⁿ.
  public func expectedPurchases(_ history: PurchaseHistory, weeks: Double) -> Double {
    guard weeks > 0 else { return 0 }
    let z = weeks / (alpha + history.age + weeks)
    let c = a + b + Double(history.frequency) - 1
    let logarithm = (a - 1) * log1p(-z)
    let first = abs(logarithm) < 1e-300 ? -log1p(-z) : -expm1(logarithm) / (a - 1)
    let upper = a + b - 1 - r
    var term = upper * z
    var sum = term
    var n = 1.0
    while abs(term) > 1e-17 * abs(sum), n < Self.termMax {
      term *= (a + n - 1) * (upper + n) / ((c + n) * (n + 1)) * z
      sum += term
      n += 1
    }
    let expected = (c * first - exp(logarithm) * sum) / (1 + deadOdds(history))
    return expected.isFinite ? max(expected, 0) : 0
  }

  /// The odds of having left.
  private func deadOdds(_ history: PurchaseHistory) -> Double {
    guard history.frequency > 0 else { return 0 }
    let x = Double(history.frequency)
    return a / (b + x - 1) * exp((r + x) * log((alpha + history.age) / (alpha + history.recency)))
  }

  /// Terms of the series at most: with z = 0.9999, a horizon ten thousand times what was seen, 400,000 are enough.
  private static let termMax = 400_000.0
}
