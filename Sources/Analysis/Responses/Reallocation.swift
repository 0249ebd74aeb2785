/// The same number of contacts, dealt anew: to each segment in proportion to its responses.
///
/// A segment gets at most twice what it had, since rates hold only near where they were measured; one whose whole
/// interval lies below the rate at which a contact pays gets none.
struct Reallocation {
  /// Times the contacts that a segment had.
  static let factorMax = 2

  /// For each segment.
  private(set) var contacts: [Int]
  /// What it takes for granted, or why nothing is dealt anew.
  private(set) var notes: [String] = []

  init(_ rates: [ResponseRate], breakEvenRate: Double?) {
    contacts = rates.map(\.contactCount)
    guard rates.contains(where: { $0.responseCount > 0 }) else {
      notes = ["Nobody responded: there is nothing to deal contacts by."]
      return
    }
    let isOpen = rates.map { rate in
      rate.responseCount > 0 && (breakEvenRate.map { rate.interval.upperBound >= $0 } ?? true)
    }
    notes = [
      "The reallocation deals the same number of contacts at most, takes each segment's rate for what more contacts "
        + "bring, and gives no segment more than \(Self.factorMax) times what it had."
    ]
    let closed = zip(rates, isOpen).count { $0.contactCount > 0 && !$1 }
    if closed > 0, breakEvenRate != nil {
      notes.append("Segments whose rate is surely below what pays get no contacts: \(closed).")
    }
    contacts = Self.dealt(rates, isOpen: isOpen)
    if zip(rates, contacts).contains(where: { $1 > $0.contactCount }) {
      notes.append(
        "More contacts than a segment had go to others like its customers, or to the same once more; whether they "
          + "respond alike only a test can tell.")
    }
    let left = rates.reduce(0) { $0 + $1.contactCount } - contacts.reduce(0, +)
    if left > 0 { notes.append("\(left) contacts are better not made: no segment that pays can take them.") }
  }

  /// Deals by responses; what is over a segment's most goes to the others; whole contacts by the largest remainders.
  private static func dealt(_ rates: [ResponseRate], isOpen: [Bool]) -> [Int] {
    let total = rates.reduce(0) { $0 + $1.contactCount }
    var dealt = [Int](repeating: 0, count: rates.count)
    var open = rates.indices.filter { isOpen[$0] }
    var left = total
    while !open.isEmpty, left > 0 {
      let responses = open.reduce(0) { $0 + rates[$1].responseCount }
      // left · responses of the segment / responses of all, whole and over, exact.
      let shares = open.map { (left * rates[$0].responseCount).quotientAndRemainder(dividingBy: responses) }
      let over = zip(open, shares).filter { $1.quotient >= factorMax * rates[$0].contactCount }.map(\.0)
      if over.isEmpty {
        for (segment, share) in zip(open, shares) { dealt[segment] = share.quotient }
        let rest = left - shares.reduce(0) { $0 + $1.quotient }
        let order = open.indices.sorted { (shares[$1].remainder, $0) < (shares[$0].remainder, $1) }
        for place in order.prefix(rest) { dealt[open[place]] += 1 }
        return dealt
      }
      for segment in over {
        dealt[segment] = factorMax * rates[segment].contactCount
        left -= dealt[segment]
      }
      open.removeAll { over.contains($0) }
    }
    return dealt
  }
}
