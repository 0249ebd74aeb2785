/// The cut tables of the scores: a score is 1 plus the number of cuts that a value exceeds (recency: 5 minus it).
///
/// Equal values always get equal scores.
public struct ScoreCuts: Sendable, Equatable {
  /// Four ascending cuts of recency, in days.
  public var recency: [Double]
  /// Four ascending cuts of the number of orders; the first is 1, so that a single order has its own bin.
  public var frequency: [Int64]
  /// Four ascending cuts of the net monetary value, in minor units.
  public var monetary: [Int64]

  /// Makes cuts; four of each, ascending.
  package init(recency: [Double], frequency: [Int64], monetary: [Int64]) {
    self.recency = recency
    self.frequency = frequency
    self.monetary = monetary
  }

  /// The scores of a customer with `recencyMs` since the last purchase, `orders` and `netMinor`.
  package func scores(recencyMs: Int64, orders: Int32, netMinor: Int64) -> Scores {
    let days = Double(recencyMs) / Double(msPerDay)
    var scores = Scores(r: 5, f: 1, m: 1)
    for index in 0..<4 {
      if days > recency[index] { scores.r -= 1 }
      if Int64(orders) > frequency[index] { scores.f += 1 }
      if netMinor > monetary[index] { scores.m += 1 }
    }
    return scores
  }
}

/// R, F and M, 1 (worst) to 5 (best) each.
package struct Scores: Equatable, Sendable {
  /// Of recency.
  package var r: Int
  /// Of frequency.
  package var f: Int
  /// Of monetary value.
  package var m: Int

  /// Makes scores, 1 to 5 each.
  package init(r: Int, f: Int, m: Int) {
    self.r = r
    self.f = f
    self.m = m
  }

  /// The scores that there are.
  static let count = 5

  /// The place of the cell, 0 to 124.
  var index: Int { (r - 1) * 25 + (f - 1) * 5 + (m - 1) }

  /// The named cell.
  var cell: Cell { Cell.table[index] }
}

/// The eleven names of the 125 cells of R, F and M.
enum Cell: String, CaseIterable {
  case champions = "Champions"
  case loyal = "Loyal"
  case potentialLoyalist = "Potential loyalist"
  case new = "New"
  case promising = "Promising"
  case needAttention = "Need attention"
  case aboutToSleep = "About to sleep"
  case atRisk = "At risk"
  case cannotLoseThem = "Cannot lose them"
  case hibernating = "Hibernating"
  case lost = "Lost"

  /// By (r − 1) · 25 + (f − 1) · 5 + (m − 1).
  static let table: [Cell] = (0..<125).map { index in
    named(r: index / 25 + 1, f: index / 5 % 5 + 1, m: index % 5 + 1)
  }

  /// The cell by recency and by the mean of F and M, rounded up.
  private static func named(r: Int, f: Int, m: Int) -> Cell {
    let value = (f + m + 1) / 2
    return switch (r, value) {
    case (5, 1): .new
    case (4, 1), (3, 1): .promising
    case (5, 2), (5, 3), (4, 2), (4, 3): .potentialLoyalist
    case (5, _), (4, 5): .champions
    case (4, _), (3, 4), (3, 5): .loyal
    case (3, _): .needAttention
    case (2, 1), (2, 2): .aboutToSleep
    case (2, _), (1, 3): .atRisk
    case (1, 1): .lost
    case (1, 2): .hibernating
    default: .cannotLoseThem
    }
  }
}

/// An integer histogram with 32 bins an octave: a value's bin is a function of the value alone.
package struct Histogram: Sendable, Equatable {
  private(set) var counts: [Int64] = Array(repeating: 0, count: binCount)
  private(set) var total: Int64 = 0

  static let binCount = 64 * 32

  private static func bin(_ value: Int64) -> Int {
    if value < 64 { return Int(max(0, value)) }
    let octave = 63 - value.leadingZeroBitCount
    return (octave - 4) * 32 + Int(value >> Int64(octave - 5)) - 32
  }

  /// The largest value that falls into a bin.
  private static func upperEdge(_ bin: Int) -> Int64 {
    if bin < 64 { return Int64(bin) }
    let octave = bin / 32 + 4
    // Of the last bin it wraps to the largest value.
    return (Int64(bin % 32 + 33) << Int64(octave - 5)) &- 1
  }

  /// The least and the greatest value of the only bin that holds something; `nil` where there are several, or none.
  var onlyBin: (least: Int64, most: Int64)? {
    guard let first = counts.firstIndex(where: { $0 > 0 }), counts[first] == total else { return nil }
    return (first == 0 ? 0 : Self.upperEdge(first - 1) + 1, Self.upperEdge(first))
  }

  /// The share of the values in bins up to that of `value`; 0 where there are none.
  func share(upTo value: Int64) -> Double {
    if total == 0 || value < 0 { return 0 }
    return Double(counts[...Self.bin(value)].reduce(0, +)) / Double(total)
  }

  /// Makes one without values.
  package init() {}

  /// Counts a value; one below zero counts as zero.
  package mutating func add(_ value: Int64) {
    counts[Self.bin(value)] += 1
    total += 1
  }

  /// Sets the count of a bin that was empty.
  mutating func setBin(_ bin: Int, _ count: Int64) {
    counts[bin] = count
    total += count
  }

  mutating func add(_ other: Histogram) {
    for index in counts.indices { counts[index] += other.counts[index] }
    total += other.total
  }

  /// The upper edge of the bin in which the share `quantile` of the values is reached.
  package func cut(_ quantile: Double) -> Int64 {
    let wanted = Int64((Double(total) * quantile).rounded(.up))
    var seen: Int64 = 0
    for index in counts.indices {
      seen += counts[index]
      if seen >= wanted { return Self.upperEdge(index) }
    }
    return 0
  }
}
