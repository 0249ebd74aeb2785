extension PurchaseHistory {
  /// A week in days.
  static let weekDays = 7.0

  /// The day of a time (UTC), counted from 1970.
  static func day(_ timeMs: Int64) -> Int64 {
    let (days, rest) = timeMs.quotientAndRemainder(dividingBy: 86_400_000)
    return rest < 0 ? days - 1 : days
  }

  /// A history by days with a purchase: the first, the last and the day that what was seen ends on.
  ///
  /// `laterSpend` is what was spent after the first of `purchaseDays` days, money.
  public init(firstDay: Int64, lastDay: Int64, endDay: Int64, purchaseDays: Int, laterSpend: Double) {
    let frequency = max(0, purchaseDays - 1)
    self.init(
      frequency: frequency, recency: Double(lastDay - firstDay) / Self.weekDays,
      age: Double(endDay - firstDay) / Self.weekDays,
      averageValue: frequency > 0 ? laterSpend / Double(frequency) : 0)
  }

  /// The histories of a log's customers, up to a time (by default the newest); `nil` for who bought nothing by then.
  public static func all(_ log: PurchaseLog, endMs: Int64? = nil) -> [PurchaseHistory?] {
    let endMs = endMs ?? log.asOfMs
    return (0..<log.customerCount).map { customer in
      var (first, last, dayCount) = (Int64.min, Int64.min, 0)
      var laterMinor = 0.0
      for entry in log.entries(of: customer) where !entry.isRefund && entry.timeMs <= endMs {
        let day = day(entry.timeMs)
        if first == .min { first = day }
        if day != last { dayCount += 1 }
        last = day
        if day != first { laterMinor += Double(entry.amountMinor) }
      }
      guard dayCount > 0 else { return nil }
      return PurchaseHistory(
        firstDay: first, lastDay: last, endDay: Self.day(endMs), purchaseDays: dayCount,
        laterSpend: laterMinor / log.minorPerUnit)
    }
  }
}
