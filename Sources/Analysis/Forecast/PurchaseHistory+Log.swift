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

  /// The columns of `replay --customers` that hold what the stream keeps of a customer for a forecast.
  public static let streamColumns = [
    "first_purchase", "last_purchase", "recency_days", "purchase_days", "first_day_spend", "gross",
  ]

  /// The histories of a table that `replay --customers` wrote; `nil` for a customer who has not bought, and instead of
  /// all of them where the table lacks one of `streamColumns`.
  ///
  /// All rows were written at the same clock, which is not in the file: it is the last purchase and the days since.
  public static func all(_ table: Table) -> [PurchaseHistory?]? {
    let columns = streamColumns.compactMap { table[$0]?.numbers }
    guard columns.count == streamColumns.count else { return nil }
    let (first, last, since) = (columns[0], columns[1], columns[2])
    let (days, firstSpend, gross) = (columns[3], columns[4], columns[5])
    func isWhole(_ row: Int) -> Bool {
      columns.allSatisfy { $0[row].isFinite && abs($0[row]) < 1e12 } && days[row] >= 1
    }
    let rows = (0..<table.rowCount).filter(isWhole)
    // Days since carry nine decimals, less than a tenth of a second: what is nearer to midnight is midnight.
    let clock = rows.map { last[$0] + since[$0] }.max() ?? 0
    let end = Int64((clock + 1e-6).rounded(.down))
    var histories = [PurchaseHistory?](repeating: nil, count: table.rowCount)
    for row in rows {
      histories[row] = PurchaseHistory(
        firstDay: Int64(first[row].rounded(.down)), lastDay: Int64(last[row].rounded(.down)), endDay: end,
        purchaseDays: Int(days[row]), laterSpend: gross[row] - firstSpend[row])
    }
    return histories
  }
}
