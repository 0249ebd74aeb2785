/// Gathers purchases one by one, in any order, and makes a log of them.
public struct PurchaseLogBuilder {
  /// What was gathered and what was left out.
  public struct Counts: Equatable, Sendable {
    /// Purchases and refunds in the log.
    public var entries = 0
    /// How many of them are refunds.
    public var refunds = 0
    /// Records whose transaction id the customer had before.
    public var repeated = 0
    /// Customers who have refunds only, which have no recency and no segment.
    public var customersWithoutPurchase = 0
    /// Entries of such customers.
    public var entriesWithoutPurchase = 0
  }

  private struct OrderKey: Hashable {
    var customer: Int32
    var hash: UInt64
  }

  private var indexOfCustomer: [String: Int32] = [:]
  private var customerIDs: [String] = []
  private var hasPurchase: [Bool] = []
  private var indexOfItem: [String: Int32] = [:]
  private var itemNames: [String] = []
  private var indexOfOrder: [OrderKey: Int32] = [:]
  private var transactions = Set<OrderKey>()
  private var entries: [PurchaseLog.Entry] = []
  private var repeated = 0

  /// A builder that has gathered nothing.
  public init() {}

  /// Adds a purchase or a refund of `amountMinor` ≥ 0. A hash of 0 is no order, no transaction; an empty item is none.
  public mutating func add(
    customerID: String, timeMs: Int64, amountMinor: Int64, isRefund: Bool, orderHash: UInt64 = 0,
    transactionHash: UInt64 = 0, item: String = ""
  ) {
    let customer = index(ofCustomer: customerID)
    if transactionHash != 0, !transactions.insert(OrderKey(customer: customer, hash: transactionHash)).inserted {
      repeated += 1
      return
    }
    var order: Int32 = -1
    if orderHash != 0 {
      let key = OrderKey(customer: customer, hash: orderHash)
      let next = Int32(indexOfOrder.count)
      order = indexOfOrder[key] ?? next
      if order == next { indexOfOrder[key] = next }
    }
    if !isRefund { hasPurchase[Int(customer)] = true }
    entries.append(
      PurchaseLog.Entry(
        customer: customer, order: order, item: index(ofItem: item), isRefund: isRefund, timeMs: timeMs,
        amountMinor: amountMinor))
  }

  private mutating func index(ofCustomer id: String) -> Int32 {
    if let index = indexOfCustomer[id] { return index }
    let index = Int32(customerIDs.count)
    indexOfCustomer[id] = index
    customerIDs.append(id)
    hasPurchase.append(false)
    return index
  }

  private mutating func index(ofItem name: String) -> Int32 {
    if name.isEmpty { return -1 }
    if let index = indexOfItem[name] { return index }
    let index = Int32(itemNames.count)
    indexOfItem[name] = index
    itemNames.append(name)
    return index
  }

  /// The log of the customers who have bought, and what was counted.
  public func build(currencyCode: String?, currencyDigits: Int) -> (log: PurchaseLog, counts: Counts) {
    let kept = customerIDs.indices.filter { hasPurchase[$0] }
      .sorted { customerIDs[$0].utf8.lexicographicallyPrecedes(customerIDs[$1].utf8) }
    var place = [Int32](repeating: -1, count: customerIDs.count)
    for (index, customer) in kept.enumerated() { place[customer] = Int32(index) }
    var counts = Counts()
    counts.repeated = repeated
    counts.customersWithoutPurchase = customerIDs.count - kept.count
    var mapped: [PurchaseLog.Entry] = []
    mapped.reserveCapacity(entries.count)
    for var entry in entries where place[Int(entry.customer)] >= 0 {
      entry.customer = place[Int(entry.customer)]
      if entry.isRefund { counts.refunds += 1 }
      mapped.append(entry)
    }
    counts.entries = mapped.count
    counts.entriesWithoutPurchase = entries.count - mapped.count
    let log = PurchaseLog(
      customerIDs: kept.map { customerIDs[$0] }, entries: mapped, itemNames: itemNames,
      orderCount: indexOfOrder.count, currencyCode: currencyCode, currencyDigits: currencyDigits)
    return (log, counts)
  }
}
