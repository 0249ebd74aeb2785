import Foundation

/// Gamma-Gamma: what a customer spends on average varies between customers, not with how often they buy (Fader and
/// Hardie, The Gamma-Gamma Model of Monetary Value, 2013).
public struct GammaGammaModel: Equatable, Sendable {
  /// The shape of what a customer spends at once.
  public let p: Double
  /// The shape and the scale (money) of how customers differ.
  public let q: Double, v: Double

  /// Takes parameters above 0.
  public init(p: Double, q: Double, v: Double) {
    precondition(min(p, q, v) > 0 && max(p, q, v) < .infinity, "the parameters are positive numbers")
    self.p = p
    self.q = q
    self.v = v
  }

  /// The log-likelihood of who bought again and spent something (equation 1a of the paper).
  public func logLikelihood(_ histories: [PurchaseHistory]) -> Double {
    GammaGammaLikelihood(histories).value([p, q, v].map { log($0) }).value
  }

  /// What a customer is expected to spend on a day with a purchase (equation 5): between its own mean and that of all.
  ///
  /// `nil` where customers differ so much that the mean is infinite: p·x + q ≤ 1.
  public func expectedAverageValue(_ history: PurchaseHistory) -> Double? {
    let x = history.averageValue > 0 ? Double(history.frequency) : 0
    let below = p * x + q - 1
    guard below > 0 else { return nil }
    let value = p * (v + x * history.averageValue) / below
    return value.isFinite ? value : nil
  }
}

/// The likelihood of Gamma-Gamma with its gradient.
struct GammaGammaLikelihood {
  private let histories: [(x: Double, mean: Double)]

  /// Takes those who bought again and spent something.
  init(_ histories: [PurchaseHistory]) {
    self.histories = histories.filter { $0.frequency > 0 && $0.averageValue > 0 }
      .map { (Double($0.frequency), $0.averageValue) }.sorted { $0 < $1 }
  }

  /// How many customers there are.
  var count: Int { histories.count }
  /// The mean of what they spend.
  var mean: Double { histories.reduce(0) { $0 + $1.mean } / Double(max(1, count)) }
  /// Whether all of them spend the same: then there is nothing to learn a distribution from.
  var isConstant: Bool { histories.allSatisfy { $0.mean == histories[0].mean } }

  /// The log-likelihood at the logarithms of p, q and v, and its gradient in them.
  func value(_ logarithms: [Double]) -> (value: Double, gradient: [Double]) {
    let (p, q, v) = (exp(logarithms[0]), exp(logarithms[1]), exp(logarithms[2]))
    var (value, dp, dq, dv) = (0.0, 0.0, 0.0, 0.0)
    let constant = q * logarithms[2] - lnGamma(q)
    let psiQ = digamma(q)
    var known = (x: -1.0, gammas: 0.0, psiBoth: 0.0, psiOne: 0.0)
    for (x, mean) in histories {
      if known.x != x {
        known = (x, lnGamma(p * x + q) - lnGamma(p * x), digamma(p * x + q), digamma(p * x))
      }
      let both = log(x * mean + v)
      value += known.gammas + constant + (p * x - 1) * log(mean) + p * x * log(x) - (p * x + q) * both
      dp += x * (known.psiBoth - known.psiOne + log(mean) + log(x) - both)
      dq += known.psiBoth - psiQ + logarithms[2] - both
      dv += q / v - (p * x + q) / (x * mean + v)
    }
    return (value, [dp * p, dq * q, dv * v])
  }
}
