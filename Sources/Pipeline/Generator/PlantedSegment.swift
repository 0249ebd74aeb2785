/// A kind of customer that the generator plants, for the segmentation to find again.
struct PlantedSegment {
  /// The name in the truth file.
  let name: StaticString
  /// Its share of the customers who do not fall silent.
  let share: Double
  /// Orders a day, before all rates are scaled to the number of events; customers vary around it.
  let ordersPerDay: Double
  /// The mean value of an order, in EUR; customers vary around it.
  let basketMean: Double
  /// The spread of a line's logarithm.
  let sigma: Double
  /// The chance that an order has one more line.
  let nextLineChance: Double

  /// The most lines of an order.
  static let linesMax = 20

  /// Who buys often, little at a time; takes customer 1, so that somebody always buys.
  static let frequentSmall = 0
  /// Who buys once.
  static let oneOff = 3
  /// Who falls silent.
  static let fading = 6

  /// All, as customers are told apart by rate, basket and silence.
  static let all = [
    PlantedSegment(
      name: "frequent-small", share: 0.18, ordersPerDay: 0.4, basketMean: 15, sigma: 0.5, nextLineChance: 0.1),
    PlantedSegment(
      name: "frequent-large", share: 0.10, ordersPerDay: 0.3, basketMean: 110, sigma: 0.5, nextLineChance: 0.3),
    PlantedSegment(
      name: "occasional", share: 0.34, ordersPerDay: 0.06, basketMean: 45, sigma: 0.6, nextLineChance: 0.2),
    PlantedSegment(name: "one-off", share: 0.18, ordersPerDay: 0, basketMean: 35, sigma: 0.6, nextLineChance: 0.1),
    PlantedSegment(
      name: "big-ticket", share: 0.06, ordersPerDay: 0.03, basketMean: 700, sigma: 0.4, nextLineChance: 0),
    PlantedSegment(
      name: "weekly-basket", share: 0.14, ordersPerDay: 0.14, basketMean: 70, sigma: 0.4, nextLineChance: 0.8),
    PlantedSegment(
      name: "fading", share: 0, ordersPerDay: 0.25, basketMean: 50, sigma: 0.5, nextLineChance: 0.2),
  ]

  /// The mean number of lines of an order: 1 + q + q² + … up to the most lines.
  var linesMean: Double {
    var sum = 0.0
    var power = 1.0
    for _ in 0..<Self.linesMax {
      sum += power
      power *= nextLineChance
    }
    return sum
  }
}
