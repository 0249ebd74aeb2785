/// Cuts that the configuration fixes; what is `nil` follows the customers.
public struct FixedCuts: Sendable, Equatable {
  /// Four ascending cuts of recency, in days.
  public var recency: [Double]?
  /// Four ascending cuts of the number of orders.
  public var frequency: [Int64]?
  /// Four ascending cuts of the net monetary value, in major units.
  public var monetary: [Double]?

  /// No cut is fixed.
  public init() {}

  /// Whether all cuts are fixed, so that scores need no other customers.
  public var areComplete: Bool { recency != nil && frequency != nil && monetary != nil }

  /// Whether each list has four ascending numbers.
  var areValid: Bool {
    func isValid<Value: Comparable>(_ cuts: [Value]?) -> Bool {
      guard let cuts else { return true }
      return cuts.count == 4 && zip(cuts, cuts.dropFirst()).allSatisfy(<)
    }
    return isValid(recency) && isValid(frequency) && isValid(monetary)
  }

  /// Puts what is fixed in the place of what was found; money in a currency of `digits` digits.
  func apply(to cuts: inout ScoreCuts, digits: Int) {
    if let recency { cuts.recency = recency }
    if let frequency { cuts.frequency = frequency }
    let minorPerMajor = [1.0, 10, 100, 1000][digits]
    if let monetary { cuts.monetary = monetary.map { Int64(($0 * minorPerMajor).rounded()) } }
  }
}

/// R, F and M of customers as histograms, from which cuts are taken. They add up exactly, in any order.
package struct ScoreHistograms: Sendable, Equatable {
  var recencyMinutes = Histogram()
  var orders = Histogram()
  var netMinor = Histogram()

  /// Histograms of nobody.
  package init() {}

  /// In the order of records.
  var all: [Histogram] { [recencyMinutes, orders, netMinor] }

  /// Customers.
  var customers: Int { Int(orders.total) }

  /// Adds a customer.
  @inline(__always)
  package mutating func add(recencyMs: Int64, orders orderCount: Int32, netMinor net: Int64) {
    recencyMinutes.add(recencyMs / 60_000)
    orders.add(Int64(orderCount))
    netMinor.add(net)
  }

  /// Adds another's customers.
  package mutating func add(_ other: ScoreHistograms) {
    recencyMinutes.add(other.recencyMinutes)
    orders.add(other.orders)
    netMinor.add(other.netMinor)
  }

  /// Quintiles of recency and net.
  private static let quintiles = [0.2, 0.4, 0.6, 0.8]
  /// Quartiles of the orders of those with two or more.
  private static let quartiles = [0.25, 0.5, 0.75]

  /// The cut tables: quintiles of recency and net, quartiles of the orders of those with two or more.
  ///
  /// Where all values fall into one bin all score 3. With fewer than five different values cuts can be equal: then
  /// some scores are nobody's, and equal values still have equal scores.
  package func cuts() -> ScoreCuts {
    let repeaters = repeaters
    let frequency: [Int64] = repeaters.total == 0 ? [2, 3, 4] : Self.quartiles.map(repeaters.cut)
    var cuts = ScoreCuts(
      recency: Self.quintiles.map { Double(recencyMinutes.cut($0) + 1) / 1440 }, frequency: [1] + frequency,
      monetary: Self.quintiles.map(netMinor.cut))
    if let (least, most) = recencyMinutes.onlyBin {
      let (low, high) = ((Double(least) - 0.5) / 1440, Double(most + 1) / 1440)
      cuts.recency = [low, low, high, high]
    }
    if let (least, most) = netMinor.onlyBin { cuts.monetary = [least - 1, least - 1, most, most] }
    return cuts
  }

  private var repeaters: Histogram {
    var repeaters = Histogram()
    for (value, count) in orders.counts.enumerated() where value > 1 && count > 0 { repeaters.setBin(value, count) }
    return repeaters
  }

  /// A cut gives way only where the share of customers up to it comes nearer to its quantile by more than this.
  static let gainMin = 0.01

  /// `old`, with the tables renewed of which a cut has come to lie too far from its quantile.
  ///
  /// A cut that moved with every sweep would relabel customers of whom nothing has changed.
  func renewed(_ old: ScoreCuts) -> ScoreCuts {
    let new = cuts()
    let repeaters = repeaters
    func edge(_ days: Double) -> Int64 { Int64((min(max(days, 0), 1e9) * 1440).rounded()) - 1 }
    let recency = Self.gains(recencyMinutes, old.recency.map(edge), new.recency.map(edge), Self.quintiles)
    let frequency = Self.gains(
      repeaters, Array(old.frequency.dropFirst()), Array(new.frequency.dropFirst()), Self.quartiles)
    let monetary = Self.gains(netMinor, old.monetary, new.monetary, Self.quintiles)
    // Fixed cuts need not leave single orders alone; found ones do.
    let leavesSingles = old.frequency.first == 1
    return ScoreCuts(
      recency: recency ? new.recency : old.recency,
      frequency: frequency || !leavesSingles ? new.frequency : old.frequency,
      monetary: monetary ? new.monetary : old.monetary)
  }

  private static func gains(_ values: Histogram, _ old: [Int64], _ new: [Int64], _ quantiles: [Double]) -> Bool {
    if values.total == 0 { return false }
    return quantiles.indices.contains { index in
      let (before, after) = (values.share(upTo: old[index]), values.share(upTo: new[index]))
      return abs(before - quantiles[index]) - abs(after - quantiles[index]) > gainMin
    }
  }
}

extension Core {
  /// Adds the scored values of all customers with a purchase, at a clock or at each partition's own.
  func count(into histograms: inout ScoreHistograms, clockMs: Int64?) {
    for index in 0..<partitionCount {
      let partition = partitions + index
      let clockMs = clockMs ?? partition.pointee.clock.nowMs
      for number in 0..<partition.pointee.table.rowCount {
        let row = partition.pointee.table.row(number)
        guard row.pointee.isInUse && row.pointee.hasPurchase else { continue }
        histograms.add(
          recencyMs: max(0, clockMs - row.pointee.lastPurchaseMs), orders: row.pointee.orders,
          netMinor: row.pointee.netMinor)
      }
    }
  }
}

extension Segmenter {
  /// Adds the scored values of its customers, at a clock.
  package func count(into histograms: inout ScoreHistograms, clockMs: Int64) {
    core.count(into: &histograms, clockMs: clockMs)
  }
}
