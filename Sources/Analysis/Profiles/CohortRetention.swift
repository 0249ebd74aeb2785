import Segmentation

/// Customers by when they first bought, and which share of them bought again in each later period.
public struct CohortRetention: Equatable, Sendable {
  /// How long a period is: calendar periods in UTC; weeks begin on Monday.
  public enum Period: String, Sendable {
    case week, month, quarter, year
  }

  /// Who first bought in one period.
  public struct Cohort: Equatable, Sendable {
    /// The period, as `2011-03`.
    public let name: String
    /// How many there are.
    public let size: Int
    /// The share of them that bought in the period of their first purchase (1), the next, …, the last that was seen.
    public let retained: [Double]
  }

  /// How long a period is.
  public let period: Period
  /// The cohorts, the earliest first; periods in which nobody came are left out.
  public let cohorts: [Cohort]
  /// The share that buys in the first, second, … period after the one of the first purchase, over all cohorts that were
  /// seen so long.
  public let overall: [Double]

  /// Periods at most; more of one kind take the next longer one.
  static let periodsMax = 30

  /// Follows the customers of a log; `nil` where all entries fall into one period.
  public init?(_ log: PurchaseLog) {
    let times = log.entries.lazy.filter { !$0.isRefund }.map(\.timeMs)
    guard let first = times.min(), let last = times.max() else { return nil }
    let period =
      last - first < 63 * Self.dayMs
      ? .week
      : [Period.month, .quarter].first { Self.index(last, $0) - Self.index(first, $0) < Self.periodsMax } ?? .year
    let (start, end) = (Self.index(first, period), Self.index(last, period))
    guard end > start, end - start < 4_000 else { return nil }
    let count = end - start + 1
    var sizes = [Int](repeating: 0, count: count)
    var bought = (0..<count).map { [Int](repeating: 0, count: count - $0) }
    for customer in 0..<log.customerCount {
      let periods = log.entries(of: customer).lazy.filter { !$0.isRefund }.map { Self.index($0.timeMs, period) - start }
      guard let cohort = periods.first else { continue }
      sizes[cohort] += 1
      var before = -1
      for place in periods where place != before {
        bought[cohort][place - cohort] += 1
        before = place
      }
    }
    self.period = period
    cohorts = sizes.indices.filter { sizes[$0] > 0 }.map { cohort in
      Cohort(
        name: Self.name(cohort + start, period), size: sizes[cohort],
        retained: bought[cohort].map { Double($0) / Double(sizes[cohort]) })
    }
    overall = (1..<count).map { age in
      let seen = 0..<(count - age)
      let customers = seen.reduce(0) { $0 + sizes[$1] }
      return customers > 0 ? Double(seen.reduce(0) { $0 + bought[$1][age] }) / Double(customers) : .nan
    }
  }

  private static let dayMs: Int64 = 86_400_000

  /// The number of the period that a time lies in.
  static func index(_ timeMs: Int64, _ period: Period) -> Int {
    let days = Int((Double(timeMs) / Double(dayMs)).rounded(.down))
    // 1970-01-01 was a Thursday.
    if period == .week { return Int((Double(days + 3) / 7).rounded(.down)) }
    let date = CivilDate(days: days)
    switch period {
    case .year: return date.year
    case .quarter: return date.year * 4 + (date.month - 1) / 3
    default: return date.year * 12 + date.month - 1
    }
  }

  /// A period in words: `2011-03`, `2011 Q1`, `2011`, the Monday of a week.
  static func name(_ index: Int, _ period: Period) -> String {
    switch period {
    case .week: CivilDate(days: index * 7 - 3).text
    case .month: String(CivilDate(year: index / 12, month: index % 12 + 1, day: 1).text.dropLast(3))
    case .quarter: "\(index / 4) Q\(index % 4 + 1)"
    case .year: String(index)
    }
  }
}

/// A day of the proleptic Gregorian calendar.
struct CivilDate: Equatable {
  let year: Int
  let month: Int
  let day: Int

  init(year: Int, month: Int, day: Int) {
    (self.year, self.month, self.day) = (year, month, day)
  }

  /// The day so many days after 1970-01-01.
  init(days: Int) {
    let date = civilDate(Int64(days))
    (year, month, day) = (Int(date.year), date.month, date.day)
  }

  /// The day of a time in ms since 1970, UTC.
  init(timeMs: Int64) { self.init(days: Int((Double(timeMs) / 86_400_000).rounded(.down))) }

  /// `2011-03-01`.
  var text: String {
    func padded(_ number: Int, _ width: Int) -> String {
      let digits = String(number)
      return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
    return "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))"
  }
}
