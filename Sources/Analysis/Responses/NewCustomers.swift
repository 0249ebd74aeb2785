/// What is known of a customer who has just come: what a classifier may learn a segment from.
public struct NewCustomers: Sendable {
  /// The columns.
  public let predictors: [Predictor]
  /// A row for each customer of the analysis, in natural units.
  public let features: FeatureMatrix
  /// The columns as a table.
  public let table: Table
  /// What was taken, in a sentence.
  public let note: String

  /// Takes from a log what customers did on the first day they bought, from a table who they are (demographic columns),
  /// or all columns where it has none of these.
  ///
  /// The response and what is the same for all are left out.
  public init(_ data: AnalysisData) throws(AnalysisError) {
    var columns: [TableColumn]
    if let log = data.log {
      columns = Self.firstDays(log)
      note = "Learnt from the first day on which a customer bought: what a newcomer shows at once."
    } else {
      let known = data.table.columns.filter { $0.name != data.responseColumn }
      columns = known.filter { $0.group == .demographic }
      if columns.isEmpty {
        columns = known
        note = "The table has no demographic columns, so all are learnt from, those too that segments were made of."
      } else {
        note =
          "Learnt from who customers are (demographic columns), not from what they did: a newcomer has done nothing."
      }
    }
    columns.removeAll { column in column.numbers.map { $0.allSatisfy { $0 == column.numbers?.first } } ?? false }
    let table = Table(columns: columns, rowCount: data.customerCount)
    predictors = Predictor.all(in: table)
    features = try Predictor.matrix(predictors, of: table)
    self.table = table
  }

  /// Of the first day (UTC) with a purchase: money spent, lines, different items, the hour and the weekday (Monday 0).
  private static func firstDays(_ log: PurchaseLog) -> [TableColumn] {
    let names = ["first_day_spend", "first_day_lines", "first_day_items", "first_hour", "first_weekday"]
    var values = [[Double]](repeating: [], count: names.count)
    for customer in 0..<log.customerCount {
      let bought = log.entries(of: customer).filter { !$0.isRefund }
      let firstMs = bought.first?.timeMs ?? 0
      let day = PurchaseHistory.day(firstMs)
      let first = bought.prefix { PurchaseHistory.day($0.timeMs) == day }
      // 1970 began on a Thursday.
      let weekday = ((day + 3) % 7 + 7) % 7
      let hour = (firstMs - day * 86_400_000) / 3_600_000
      let items = Set(first.map(\.item)).subtracting([-1]).count
      let spent = first.reduce(0.0) { $0 + Double($1.amountMinor) } / log.minorPerUnit
      for (index, value) in [spent, Double(first.count), Double(items), Double(hour), Double(weekday)].enumerated() {
        values[index].append(value)
      }
    }
    return zip(names, values).map { TableColumn($0, .number, .numbers($1), group: .behavioural) }
  }
}
