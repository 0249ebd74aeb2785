/// What a customer had done up to a date.
public struct CustomerActivity: Equatable, Sendable {
  /// The first purchase, ms since 1970.
  public let firstMs: Int64
  /// The last purchase, ms since 1970.
  public let lastMs: Int64
  /// Orders; one that was wholly refunded is none, as in the stream's state.
  public let orders: Int
  /// Purchases less refunds, in minor units.
  public let netMinor: Int64

  /// What customers had done up to and with a time; `nil` for who had not bought yet.
  public static func of(_ log: PurchaseLog, untilMs: Int64) -> [CustomerActivity?] {
    (0..<log.customerCount).map { customer in of(log.entries(of: customer), untilMs: untilMs) }
  }

  private static func of(_ entries: ArraySlice<PurchaseLog.Entry>, untilMs: Int64) -> CustomerActivity? {
    var (first, last): (Int64?, Int64) = (nil, 0)
    var (single, net): (Int, Int64) = (0, 0)
    var ordered: [Int32: (gross: Int64, refunded: Int64)] = [:]
    for entry in entries where entry.timeMs <= untilMs {
      net &+= entry.isRefund ? -entry.amountMinor : entry.amountMinor
      if entry.isRefund {
        ordered[entry.order]?.refunded += entry.amountMinor
        continue
      }
      if first == nil { first = entry.timeMs }
      last = entry.timeMs
      if entry.order < 0 {
        single += 1
      } else {
        ordered[entry.order, default: (0, 0)].gross += entry.amountMinor
      }
    }
    guard let first else { return nil }
    let whole = ordered.values.count { !($0.refunded > 0 && $0.refunded >= $0.gross) }
    return CustomerActivity(firstMs: first, lastMs: last, orders: single + whole, netMinor: net)
  }
}

/// What customers are worth, in major units of money.
public struct CustomerValues: Sendable {
  /// What the value is, as `net spend` or the column's name.
  public let name: String
  /// The currency's code; empty where it is not known.
  public let currency: String
  /// One a customer, in the order of the analysis; not below zero, missing ones count as none.
  public let values: [Double]

  /// The values of an analysis: net spend of a log, the column of value of a table; `nil` where there is neither.
  public init?(_ data: AnalysisData) {
    if let log = data.log {
      var net = [Int64](repeating: 0, count: log.customerCount)
      for entry in log.entries { net[Int(entry.customer)] &+= entry.isRefund ? -entry.amountMinor : entry.amountMinor }
      self.init(
        name: "net spend", currency: log.currencyCode ?? "", values: net.map { Double($0) / log.minorPerUnit })
    } else if let name = data.valueColumn, let numbers = data.table[name]?.numbers {
      self.init(name: name, values: numbers)
    } else {
      return nil
    }
  }

  /// Values by customer.
  public init(name: String, currency: String = "", values: [Double]) {
    self.name = name
    self.currency = currency
    self.values = values.map { $0.isFinite ? min(max($0, 0), 1e15) : 0 }
  }

  /// What all are worth together.
  public var total: Double { values.reduce(0, +) }

  /// An amount for people, with its currency.
  public func text(_ amount: Double) -> String {
    let number = NumberText.fixed(amount, abs(amount) >= 1000 || amount == amount.rounded() ? 0 : 2)
    return currency.isEmpty ? number : "\(currency) \(number)"
  }
}
