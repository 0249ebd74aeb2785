import Segmentation

/// Customers by recency, frequency and monetary value: scores, their cuts, and the named cells.
public struct RFMAnalysis: Sendable {
  /// Where a customer stands.
  public struct Customer: Equatable, Sendable {
    /// Scores, 1 (worst) to 5 (best).
    public let r: Int, f: Int, m: Int
    /// The name of their cell.
    public let cell: String
    /// Days since the last purchase, orders, and net value in major units.
    public let recencyDays: Double, orders: Int, value: Double
  }

  /// The customers of one name.
  public struct NamedCell: Equatable, Sendable {
    /// The name.
    public let name: String
    /// The scores that bear it, `554`.
    public let scores: [String]
    /// Its customers, and of all customers, 0 to 1.
    public let size: Int, share: Double
    /// Their value together, in major units, and of the value of all, 0 to 1 (0 where there is none).
    public let value: Double, valueShare: Double
  }

  /// One a customer, in the order of the analysis.
  public let customers: [Customer]
  /// The cut tables; money in minor units.
  public let cuts: ScoreCuts
  /// The names in the order of the rule table, those of nobody too.
  public let cells: [NamedCell]
  /// The digits of the currency's minor unit, and its code; empty where it is not known.
  public let digits: Int, currency: String
  /// The names of cells.
  public let table: RuleTable

  /// Scores the customers of a log at its newest entry, by cuts that its own customers make.
  public init(_ log: PurchaseLog, table: RuleTable = .standard) {
    // A log's customers have all bought.
    let activities = CustomerActivity.of(log, untilMs: log.asOfMs).map {
      $0 ?? CustomerActivity(firstMs: log.asOfMs, lastMs: log.asOfMs, orders: 0, netMinor: 0)
    }
    self.init(
      activities.map { (log.asOfMs - $0.lastMs, $0.orders, $0.netMinor) }, digits: log.currencyDigits,
      currency: log.currencyCode ?? "", table: table)
  }

  /// Scores the rows of a table that tells the days since the last purchase, the orders and the money of each.
  public init(recencyDays: [Double], orders: [Double], values: [Double], table: RuleTable = .standard) {
    func bounded(_ value: Double, _ most: Double) -> Int64 {
      value.isFinite ? Int64(max(-most, min(most, value)).rounded()) : 0
    }
    let rows = zip(zip(recencyDays, orders), values).map { pair, value in
      (max(0, bounded(pair.0 * 86_400_000, 1e15)), Int(max(0, bounded(pair.1, 1e9))), bounded(value * 100, 1e15))
    }
    self.init(rows, digits: 2, currency: "", table: table)
  }

  private init(
    _ rows: [(recencyMs: Int64, orders: Int, netMinor: Int64)], digits: Int, currency: String, table: RuleTable
  ) {
    var histograms = ScoreHistograms()
    for row in rows {
      histograms.add(recencyMs: row.recencyMs, orders: Int32(clamping: row.orders), netMinor: row.netMinor)
    }
    let cuts = histograms.cuts()
    let minorPerUnit = [1.0, 10, 100, 1000][max(0, min(3, digits))]
    let customers = rows.map { row in
      let scores = cuts.scores(
        recencyMs: row.recencyMs, orders: Int32(clamping: row.orders), netMinor: row.netMinor)
      return Customer(
        r: scores.r, f: scores.f, m: scores.m, cell: table.name(scores),
        recencyDays: Double(row.recencyMs) / 86_400_000, orders: row.orders,
        value: Double(row.netMinor) / minorPerUnit)
    }
    let total = customers.reduce(0) { $0 + max(0, $1.value) }
    var members: [String: (size: Int, value: Double)] = [:]
    for customer in customers {
      let held = members[customer.cell] ?? (0, 0)
      members[customer.cell] = (held.size + 1, held.value + max(0, customer.value))
    }
    self.customers = customers
    self.cuts = cuts
    self.digits = digits
    self.currency = currency
    self.table = table
    cells = table.cells.map { name, scores in
      let held = members[name] ?? (0, 0)
      return NamedCell(
        name: name, scores: scores, size: held.size, share: Double(held.size) / Double(max(1, customers.count)),
        value: held.value, valueShare: total > 0 ? held.value / total : 0)
    }
  }

  /// The cell of the median scores of some customers; `nil` of nobody.
  func typicalScores(_ rows: [Int]) -> Scores? {
    guard !rows.isEmpty else { return nil }
    func median(_ score: (Customer) -> Int) -> Int { rows.map { score(customers[$0]) }.sorted()[rows.count / 2] }
    return Scores(r: median { $0.r }, f: median { $0.f }, m: median { $0.m })
  }

  /// The cell that a customer of such activity has at a time, by these cuts.
  func cell(_ activity: CustomerActivity, atMs: Int64) -> String {
    table.name(
      cuts.scores(
        recencyMs: max(0, atMs - activity.lastMs), orders: Int32(clamping: activity.orders),
        netMinor: activity.netMinor))
  }

  /// An amount in minor units for people, with its currency.
  func money(_ minor: Double) -> String {
    (currency.isEmpty ? "" : currency + " ") + NumberText.money(minor: minor, digits: digits)
  }
}

/// How customers moved between named cells from one date to another, by the same cuts.
public struct CellMigration: Equatable, Sendable {
  /// The two dates, ms since 1970.
  public let fromMs: Int64, toMs: Int64
  /// The cells at the first date; the last is for who had not bought yet.
  public let from: [String]
  /// The cells at the second date.
  public let to: [String]
  /// Customers, a row for each of `from`.
  public let counts: [[Int]]
  /// Of those who were customers at the first date: who stayed in their cell, and all.
  public let stayed: Int, known: Int

  /// The name of the row of those who came between the dates.
  public static let newcomers = "not yet a customer"
  /// How long before the newest entry the first date lies, in days; in shorter logs than two of it half of the log.
  static let defaultDays: Int64 = 90

  /// Follows the customers of a log from a date to its newest entry; `nil` where nobody had bought before it.
  public init?(_ log: PurchaseLog, _ rfm: RFMAnalysis, fromMs: Int64? = nil) {
    let first = log.entries.map(\.timeMs).min() ?? 0
    let span = log.asOfMs - first
    let fromMs = fromMs ?? log.asOfMs - min(Self.defaultDays * 86_400_000, span / 2)
    guard span > 0, fromMs < log.asOfMs, rfm.customers.count == log.customerCount else { return nil }
    let before = CustomerActivity.of(log, untilMs: fromMs)
    let names = rfm.table.names
    let place = Dictionary(uniqueKeysWithValues: names.enumerated().map { ($1, $0) })
    var counts = [[Int]](repeating: [Int](repeating: 0, count: names.count), count: names.count + 1)
    var (stayed, known) = (0, 0)
    for (customer, activity) in zip(rfm.customers, before) {
      let old = activity.map { rfm.cell($0, atMs: fromMs) }
      let row = old.flatMap { place[$0] } ?? names.count
      guard let column = place[customer.cell] else { continue }
      counts[row][column] += 1
      known += old == nil ? 0 : 1
      stayed += old == customer.cell ? 1 : 0
    }
    guard known > 0 else { return nil }
    let rows = counts.indices.filter { counts[$0].contains { $0 > 0 } }
    let columns = names.indices.filter { column in counts.contains { $0[column] > 0 } }
    self.fromMs = fromMs
    toMs = log.asOfMs
    from = rows.map { $0 < names.count ? names[$0] : Self.newcomers }
    to = columns.map { names[$0] }
    self.counts = rows.map { row in columns.map { counts[row][$0] } }
    self.stayed = stayed
    self.known = known
  }
}
