import Foundation

/// BG/NBD as fitted to customers.
public struct BetaGeometricFit: Equatable, Sendable {
  /// The parameters.
  public let model: BetaGeometricModel
  /// The logarithm of the histories' likelihood.
  public let logLikelihood: Double
  /// How well the maximum was found.
  public let convergence: Convergence

  /// Who must have bought on a second day before four parameters mean something.
  public static let repeatCountMin = 20

  /// Fits customers by maximum likelihood; fails where too few of them bought again.
  public init(_ histories: [PurchaseHistory]) throws(AnalysisError) {
    let repeatCount = histories.count { $0.frequency > 0 }
    guard repeatCount >= Self.repeatCountMin else {
      throw AnalysisError(
        .unusableInput,
        "`\(repeatCount)` of \(histories.count) customers bought on a second day: a forecast of purchases needs "
          + "\(Self.repeatCountMin); take a longer log")
    }
    let likelihood = BetaGeometricLikelihood(histories)
    let scale = 1 / Double(likelihood.count)
    let search = MaximumLikelihood { logarithms in
      let (value, gradient) = likelihood.value(logarithms)
      return (value * scale, gradient.map { $0 * scale })
    }
    let age = max(likelihood.meanAge, 1e-3)
    let starts: [[Double]] = [
      [1, age, 1, 1], [0.3, age / 5, 0.5, 2], [3, 3 * age, 1, 5], [0.1, age / 20, 0.2, 0.5],
    ]
    let found = search.maximum(starts: starts.map { $0.map { log($0) } })
    let parameters = found.logarithms.map { exp($0) }
    model = BetaGeometricModel(r: parameters[0], alpha: parameters[1], a: parameters[2], b: parameters[3])
    logLikelihood = likelihood.value(found.logarithms).value
    convergence = found.convergence
  }
}

/// Gamma-Gamma as fitted to customers.
public struct GammaGammaFit: Equatable, Sendable {
  /// The parameters.
  public let model: GammaGammaModel
  /// The logarithm of the histories' likelihood.
  public let logLikelihood: Double
  /// How well the maximum was found.
  public let convergence: Convergence
  /// Those who bought again and spent something, which it was fitted to.
  public let customerCount: Int

  /// Fits those customers who bought again and spent something; fails where they are too few, or spend all the same.
  public init(_ histories: [PurchaseHistory]) throws(AnalysisError) {
    let likelihood = GammaGammaLikelihood(histories)
    guard likelihood.count >= BetaGeometricFit.repeatCountMin else {
      throw AnalysisError(
        .unusableInput,
        "`\(likelihood.count)` customers spent something on a second day: a forecast of value needs "
          + "\(BetaGeometricFit.repeatCountMin); take a longer log")
    }
    guard !likelihood.isConstant else {
      throw AnalysisError(
        .unusableInput,
        "all customers who bought again spend `\(likelihood.mean)` at once: value then needs no model, multiply the "
          + "expected purchases by it")
    }
    // In units of the mean the starts suit every currency.
    let unit = likelihood.mean
    let inUnits = GammaGammaLikelihood(
      histories.map {
        PurchaseHistory(
          frequency: $0.frequency, recency: $0.recency, age: $0.age, averageValue: $0.averageValue / unit)
      })
    let scale = 1 / Double(inUnits.count)
    let search = MaximumLikelihood { logarithms in
      let (value, gradient) = inUnits.value(logarithms)
      return (value * scale, gradient.map { $0 * scale })
    }
    let starts: [[Double]] = [[2, 3, 1], [6, 4, 0.5], [1, 1.5, 0.5], [0.5, 6, 10]]
    let found = search.maximum(starts: starts.map { $0.map { log($0) } })
    let parameters = found.logarithms.map { exp($0) }
    model = GammaGammaModel(p: parameters[0], q: parameters[1], v: parameters[2] * unit)
    logLikelihood = model.logLikelihood(histories)
    convergence = found.convergence
    customerCount = likelihood.count
  }
}
