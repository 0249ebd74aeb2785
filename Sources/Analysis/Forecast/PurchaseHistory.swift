/// What BG/NBD and Gamma-Gamma need to know of a customer who has bought: purchases of one UTC day count as one.
///
/// Time is in weeks, money in major units. Refunds are not purchases and lessen no value, as in the stream's state.
public struct PurchaseHistory: Equatable, Sendable {
  /// Days with a purchase after the first such day: x of Fader, Hardie and Lee (2005).
  public var frequency: Int
  /// From the first day with a purchase to the last, weeks: t_x; 0 without a second one.
  public var recency: Double
  /// From the first day with a purchase to the last day seen, weeks: T.
  public var age: Double
  /// What was spent on an average day after the first: m_x of Fader and Hardie (2013); 0 without a second one.
  public var averageValue: Double

  /// A history; what cannot be is brought to the nearest that can: 0 ≤ recency ≤ age, no recency without frequency.
  public init(frequency: Int, recency: Double, age: Double, averageValue: Double) {
    let age = age.isFinite ? max(age, 0) : 0
    let isRepeat = frequency > 0 && recency.isFinite
    self.frequency = isRepeat ? frequency : 0
    self.recency = isRepeat ? min(max(recency, 0), age) : 0
    self.age = age
    self.averageValue = isRepeat && averageValue.isFinite ? max(averageValue, 0) : 0
  }
}
