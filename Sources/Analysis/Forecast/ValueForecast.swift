import Foundation

/// What customers will buy and spend within a horizon, by BG/NBD and Gamma-Gamma.
public struct ValueForecast: Sendable {
  /// How far it looks ahead, weeks.
  public let horizonWeeks: Double
  /// How customers buy and leave.
  public let purchasing: BetaGeometricFit
  /// What an average purchase is worth; `nil` where `notes` says why there is none.
  public let spending: GammaGammaFit?
  /// Customers who bought, and those of them who bought on a second day.
  public let customerCount: Int, repeatCount: Int
  /// How value and frequency correlate (Pearson) among who bought again: Gamma-Gamma takes them for independent.
  public let correlation: Double?
  /// One for each customer, in the order given; `nil` for who has not bought.
  public let customers: [CustomerForecast?]
  /// All segments, in the order given.
  public let segments: [SegmentForecast]
  /// What a reader must know before using the numbers: sentences.
  public let notes: [String]

  /// From this size on a correlation of value and frequency is warned of; that of CDNOW is 0.11.
  public static let correlationMax = 0.2

  /// Forecasts each customer and each segment; fails where too few customers bought again.
  ///
  /// `histories` has `nil` for who has not bought; `labels` are numbers of `names`, others are of no segment.
  public init(
    histories: [PurchaseHistory?], labels: [Int], names: [String], horizonWeeks: Double
  ) throws(AnalysisError) {
    precondition(labels.count == histories.count, "each customer has a label")
    guard horizonWeeks > 0, horizonWeeks <= 5200 else {
      throw AnalysisError(.usage, "a horizon of `\(horizonWeeks)` weeks: give one above 0, up to 5200")
    }
    let bought = histories.compactMap { $0 }
    let purchasing = try BetaGeometricFit(bought)
    var notes = Self.notes(on: purchasing)
    let (spending, why) = Self.spending(bought)
    if let why { notes.append(why) }
    let correlation = Self.correlation(bought)
    if let spending {
      if !spending.convergence.isReached {
        notes.append("The fit of Gamma-Gamma did not converge: use the values with care.")
      }
      if spending.model.q <= 1 {
        notes.append("Spending differs so much between customers that who bought once has no finite expected value.")
      }
      if let correlation, abs(correlation) >= Self.correlationMax {
        notes.append(
          "Value and frequency correlate (\(String(format: "%.2f", correlation))): Gamma-Gamma takes them for "
            + "independent, so the values of frequent buyers are \(correlation > 0 ? "too low" : "too high").")
      }
    }
    let customers = histories.map { history in
      history.map { CustomerForecast($0, purchasing.model, spending?.model, horizonWeeks: horizonWeeks) }
    }
    self.horizonWeeks = horizonWeeks
    self.purchasing = purchasing
    self.spending = spending
    self.correlation = correlation
    self.notes = notes
    self.customers = customers
    customerCount = bought.count
    repeatCount = bought.count { $0.frequency > 0 }
    segments = SegmentForecast.all(customers, labels: labels, names: names, hasValue: spending != nil)
  }

  private static func notes(on fit: BetaGeometricFit) -> [String] {
    if fit.convergence.isReached { return [] }
    let edge = [fit.model.r, fit.model.alpha, fit.model.a, fit.model.b].contains { abs(log($0)) > 13 }
    return [
      edge
        ? "The fit of BG/NBD ran to the edge of its parameters: these customers do not differ in how often they buy, "
          + "or in how they leave; the forecast stands, the parameters mean little."
        : "The fit of BG/NBD did not converge: use the forecast with care."
    ]
  }

  private static func spending(_ histories: [PurchaseHistory]) -> (GammaGammaFit?, String?) {
    do throws(AnalysisError) {
      return (try GammaGammaFit(histories), nil)
    } catch {
      return (nil, "There is no forecast of value: \(error).")
    }
  }

  /// Pearson's correlation of frequency and average value among who bought again and spent something.
  private static func correlation(_ histories: [PurchaseHistory]) -> Double? {
    let pairs = histories.filter { $0.frequency > 0 && $0.averageValue > 0 }
      .map { (Double($0.frequency), $0.averageValue) }
    let count = Double(pairs.count)
    let (meanX, meanY) = (pairs.reduce(0) { $0 + $1.0 } / count, pairs.reduce(0) { $0 + $1.1 } / count)
    var (xx, yy, xy) = (0.0, 0.0, 0.0)
    for (x, y) in pairs {
      xx += (x - meanX) * (x - meanX)
      yy += (y - meanY) * (y - meanY)
      xy += (x - meanX) * (y - meanY)
    }
    let correlation = xy / (xx * yy).squareRoot()
    return correlation.isFinite ? correlation : nil
  }
}

/// What is expected of a customer.
public struct CustomerForecast: Equatable, Sendable {
  /// The probability that the customer still buys at all, at the end of what was seen.
  public let aliveProbability: Double
  /// Days with a purchase within the horizon.
  public let expectedPurchases: Double
  /// What such a day is worth, money; `nil` without a model of spending, or where it has no finite mean.
  public let expectedAverageValue: Double?
  /// What the customer spends within the horizon, money, not discounted; `nil` where a day has no expected value.
  public let expectedValue: Double?

  init(
    _ history: PurchaseHistory, _ purchasing: BetaGeometricModel, _ spending: GammaGammaModel?, horizonWeeks: Double
  ) {
    aliveProbability = purchasing.aliveProbability(history)
    let purchases = purchasing.expectedPurchases(history, weeks: horizonWeeks)
    expectedPurchases = purchases
    expectedAverageValue = spending?.expectedAverageValue(history)
    expectedValue = expectedAverageValue.map { $0 * purchases }
  }
}

/// What is expected of a segment: sums and means over its customers who bought.
public struct SegmentForecast: Equatable, Sendable {
  /// Its name.
  public let name: String
  /// Customers who bought.
  public let customerCount: Int
  /// The mean of their probabilities to be alive; 0 without customers.
  public let meanAliveProbability: Double
  /// Purchases of all within the horizon.
  public let expectedPurchases: Double
  /// Money of all within the horizon; `nil` without a model of spending.
  public let expectedValue: Double?
  /// Its share of the money (of the purchases, without a model of spending) of all customers, 0 to 1.
  public let share: Double

  static func all(
    _ customers: [CustomerForecast?], labels: [Int], names: [String], hasValue: Bool
  ) -> [SegmentForecast] {
    var sums = [(count: Int, alive: Double, purchases: Double, value: Double)](
      repeating: (0, 0, 0, 0), count: names.count)
    var total = 0.0
    for (customer, label) in zip(customers, labels) {
      guard let customer else { continue }
      total += hasValue ? customer.expectedValue ?? 0 : customer.expectedPurchases
      guard names.indices.contains(label) else { continue }
      sums[label].count += 1
      sums[label].alive += customer.aliveProbability
      sums[label].purchases += customer.expectedPurchases
      sums[label].value += customer.expectedValue ?? 0
    }
    return zip(names, sums).map { name, sum in
      SegmentForecast(
        name: name, customerCount: sum.count, meanAliveProbability: sum.alive / Double(max(1, sum.count)),
        expectedPurchases: sum.purchases, expectedValue: hasValue ? sum.value : nil,
        share: total > 0 ? (hasValue ? sum.value : sum.purchases) / total : 0)
    }
  }
}

/// How well a maximum of likelihood was found.
public struct Convergence: Equatable, Sendable {
  /// Whether the gradient is as good as zero at the maximum, and it lies within the bounds.
  public let isReached: Bool
  /// The largest part of the mean log-likelihood's gradient in logarithms of the parameters.
  public let gradient: Double
  /// How many starts were made, and how many of them ended at the same maximum (1e-6 of the log-likelihood).
  public let startCount: Int, agreeingCount: Int
  /// Evaluations of the likelihood, over all starts.
  public let evaluationCount: Int
}
