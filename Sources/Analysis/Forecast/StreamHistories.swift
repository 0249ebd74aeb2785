import Foundation

/// The histories that the stream keeps, read from the file of customers that `replay --customers` writes.
///
/// A daemon's state holds of a customer what BG/NBD and Gamma-Gamma need: the first and the last purchase, the days
/// with one, what was spent on the first of them and on all. The clock is the last purchase and the days since.
public struct StreamHistories: Sendable {
  /// The columns that are read; a file that lacks one of them is another kind of file.
  public static let columns = [
    "customer_id", "first_purchase", "last_purchase", "recency_days", "purchase_days", "first_day_spend", "gross",
  ]
  private static let dayMs = 86_400_000.0

  /// By the customer's id.
  private let histories: [String: PurchaseHistory]

  /// Reads a file; `nil` where it lacks a column. Throws where it is no table.
  public init?(_ bytes: [UInt8], name: String) throws(AnalysisError) {
    let header = String(decoding: bytes.prefix { $0 != 0x0A }, as: UTF8.self)
    guard Self.columns.allSatisfy(header.contains) else { return nil }
    var options = PreparationOptions()
    options.hasHeader = true
    var reader = TableReader(name: name)
    let table = try reader.read(bytes, options)
    let places = Self.columns.compactMap { table.names.firstIndex(of: $0) }
    guard places.count == Self.columns.count else { return nil }
    let rows = (0..<table.rowCount).compactMap { Kept(table, row: $0, places) }
    // Days since the last purchase have nine decimals, a tenth of a millisecond.
    let clockMs = rows.map { $0.lastMs + ($0.recencyDays * Self.dayMs).rounded() }.max() ?? 0
    let endDay = PurchaseHistory.day(Int64(clockMs))
    histories = Dictionary(
      rows.map { row in
        let history = PurchaseHistory(
          firstDay: PurchaseHistory.day(Int64(row.firstMs)), lastDay: PurchaseHistory.day(Int64(row.lastMs)),
          endDay: endDay, purchaseDays: row.purchaseDays, laterSpend: row.gross - row.firstDaySpend)
        return (row.id, history)
      }
    ) { first, _ in first }
  }

  /// The histories of some customers; `nil` for who has not bought, or is not in the file.
  public func all(_ ids: [String]) -> [PurchaseHistory?] { ids.map { histories[$0] } }

  /// What a line tells of a customer who has bought.
  private struct Kept {
    let id: String
    let firstMs: Double, lastMs: Double, recencyDays: Double
    let purchaseDays: Int
    let firstDaySpend: Double, gross: Double

    /// `nil` for who has not bought, and for a line that is not as `replay` writes it.
    init?(_ table: RawTable, row: Int, _ places: [Int]) {
      func number(_ column: Int) -> Double? { table.withCell(row, places[column]) { CellText.number($0) } }
      func time(_ column: Int) -> Double? { table.withCell(row, places[column], Self.ms) }
      guard let firstMs = time(1), let lastMs = time(2), let recencyDays = number(3), let days = number(4),
        let firstDaySpend = number(5), let gross = number(6), (1...1e9).contains(days), abs(recencyDays) < 1e6
      else { return nil }
      id = table.text(row, places[0])
      (self.firstMs, self.lastMs, self.recencyDays) = (firstMs, lastMs, recencyDays)
      (purchaseDays, self.firstDaySpend, self.gross) = (Int(days), firstDaySpend, gross)
    }

    /// Milliseconds since 1970 of `1997-09-30T12:34:56.789Z`, or of a day alone.
    private static func ms(_ cell: UnsafeBufferPointer<UInt8>) -> Double? {
      guard let day = DateParts(cell)?.days(dayFirst: true) else { return nil }
      let parts = String(decoding: cell.dropFirst(11), as: UTF8.self).filter { $0 != "Z" }.split(separator: ":")
      let numbers = parts.compactMap { Double($0) }
      guard numbers.count == parts.count, parts.isEmpty || parts.count == 3 else { return nil }
      let seconds = parts.isEmpty ? 0 : (numbers[0] * 60 + numbers[1]) * 60 + numbers[2]
      return Double(day) * dayMs + (seconds * 1000).rounded()
    }
  }
}
