/// The values of a customer that a purchase log gives.
public struct PurchaseFeatures: Equatable, Sendable {
  /// The name of the days since the last purchase.
  public static let recency = "Recency (days)"
  /// The name of the number of orders.
  public static let orders = "Orders"
  /// The name of purchases less refunds, in units of money.
  public static let net = "Net spend"
  /// The name of the net spend an order.
  public static let averageOrder = "Average order"
  /// The name of the mean days from order to order.
  public static let gap = "Days between orders"
  /// The name of the number of different items bought.
  public static let breadth = "Different products"
  /// The name of the share of gross spend that was given back.
  public static let refundShare = "Share refunded"
  /// The name of the days since the first purchase.
  public static let tenure = "Tenure (days)"

  /// Days from the last purchase to the newest entry of the log.
  public var recencyDays = 0.0
  /// Distinct orders with a purchase, less those whose refunds under the same id take all of it back; without an order
  /// id each purchase is an order.
  public var orders = 0
  /// Purchases, in minor units.
  public var grossMinor: Int64 = 0
  /// Refunds, in minor units, as a positive number.
  public var refundedMinor: Int64 = 0
  /// Mean days from order to order; for who ordered once the days since then, the least that it can be.
  public var gapDays = 0.0
  /// Different items bought.
  public var breadth = 0
  /// Days from the first purchase to the newest entry of the log.
  public var tenureDays = 0.0

  /// Purchases less refunds, in minor units.
  public var netMinor: Int64 { grossMinor.subtractingReportingOverflow(refundedMinor).partialValue }
  /// The net spend an order, in minor units; 0 without an order that stands.
  public var averageOrderMinor: Double { orders > 0 ? Double(netMinor) / Double(orders) : 0 }
  /// The share of gross spend that was given back, 0 to 1.
  public var refundShare: Double {
    grossMinor > 0 ? min(1, Double(refundedMinor) / Double(grossMinor)) : refundedMinor > 0 ? 1 : 0
  }

  /// The values of a customer from its entries by time. Sums that overflow stay at the greatest number.
  public init(_ entries: ArraySlice<PurchaseLog.Entry>, asOfMs: Int64) {
    struct Order {
      var bought: Int64 = 0
      var refunded: Int64 = 0
      var hasPurchase = false
    }
    var byOrder: [Int32: Order] = [:]
    var items = Set<Int32>()
    var times = Set<Int64>()
    var single = 0
    var (first, last): (Int64?, Int64?)
    func sum(_ left: Int64, _ right: Int64) -> Int64 {
      let (sum, overflow) = left.addingReportingOverflow(right)
      return overflow ? .max : sum
    }
    for entry in entries {
      var order = byOrder[entry.order] ?? Order()
      if entry.isRefund {
        refundedMinor = sum(refundedMinor, entry.amountMinor)
        order.refunded = sum(order.refunded, entry.amountMinor)
      } else {
        grossMinor = sum(grossMinor, entry.amountMinor)
        order.bought = sum(order.bought, entry.amountMinor)
        order.hasPurchase = true
        if entry.order < 0 { single += 1 }
        if entry.item >= 0 { items.insert(entry.item) }
        first = first ?? entry.timeMs
        last = entry.timeMs
        times.insert(entry.timeMs / 86_400_000)
      }
      byOrder[entry.order] = order
    }
    let standing = byOrder.count { key, order in
      key >= 0 && order.hasPurchase && !(order.refunded > 0 && order.refunded >= order.bought)
    }
    orders = standing + single
    breadth = items.count
    let day = 86_400_000.0
    recencyDays = Double(asOfMs - (last ?? asOfMs)) / day
    tenureDays = Double(asOfMs - (first ?? asOfMs)) / day
    gapDays = times.count > 1 ? (tenureDays - recencyDays) / Double(times.count - 1) : recencyDays
  }

  /// The features of all customers of a log, as columns: money in units, not minor ones.
  public static func table(_ log: PurchaseLog) -> Table {
    let all = (0..<log.customerCount).map { PurchaseFeatures(log.entries(of: $0), asOfMs: log.asOfMs) }
    func column(_ name: String, _ value: (PurchaseFeatures) -> Double) -> TableColumn {
      TableColumn(name, .number, .numbers(all.map(value)))
    }
    var columns = [
      column(recency) { $0.recencyDays }, column(orders) { Double($0.orders) },
      column(averageOrder) { $0.averageOrderMinor / log.minorPerUnit },
      column(net) { Double($0.netMinor) / log.minorPerUnit }, column(gap) { $0.gapDays },
      column(tenure) { $0.tenureDays }, column(refundShare) { $0.refundShare },
    ]
    if !log.itemNames.isEmpty { columns.append(column(breadth) { Double($0.breadth) }) }
    return Table(columns: columns, rowCount: log.customerCount)
  }
}
