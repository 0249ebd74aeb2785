/// Purchases and refunds of customers who have bought at least once, by customer and then by time.
public struct PurchaseLog: Equatable, Sendable {
  /// A purchase or a refund: one line of an order, or a whole one.
  public struct Entry: Equatable, Sendable {
    /// The customer's index.
    public var customer: Int32
    /// The order's index; −1 where the line names none.
    public var order: Int32
    /// The item's index; −1 where the line names none.
    public var item: Int32
    /// Whether money was given back.
    public var isRefund: Bool
    /// When, in ms since 1970.
    public var timeMs: Int64
    /// How much, in minor units of the currency; never negative.
    public var amountMinor: Int64

    /// An entry.
    public init(
      customer: Int32, order: Int32 = -1, item: Int32 = -1, isRefund: Bool = false, timeMs: Int64, amountMinor: Int64
    ) {
      self.customer = customer
      self.order = order
      self.item = item
      self.isRefund = isRefund
      self.timeMs = timeMs
      self.amountMinor = amountMinor
    }
  }

  /// The customers' ids, ascending by their bytes.
  public let customerIDs: [String]
  /// The entries by customer, then by time, then as they came.
  public let entries: [Entry]
  /// Where each customer's entries begin, and the number of entries at the end.
  public let starts: [Int]
  /// The items' names; empty where the log has none.
  public let itemNames: [String]
  /// How many orders have an index.
  public let orderCount: Int
  /// The newest time of an entry, in ms since 1970: the "now" of the analysis.
  public let asOfMs: Int64
  /// The ISO 4217 code of the currency; `nil` where neither map nor file names one.
  public let currencyCode: String?
  /// The digits of the currency's minor unit.
  public let currencyDigits: Int

  /// How many customers there are.
  public var customerCount: Int { customerIDs.count }

  /// Takes entries in any order. Every customer must have a purchase; indices must be of customers and items there are.
  public init(
    customerIDs: [String], entries: [Entry], itemNames: [String] = [], orderCount: Int = 0,
    currencyCode: String? = nil, currencyDigits: Int = 2
  ) {
    var starts = [Int](repeating: 0, count: customerIDs.count + 1)
    for entry in entries { starts[Int(entry.customer) + 1] += 1 }
    for index in 1..<starts.count { starts[index] += starts[index - 1] }
    var places = starts
    var sorted = entries
    for entry in entries {
      sorted[places[Int(entry.customer)]] = entry
      places[Int(entry.customer)] += 1
    }
    for customer in 0..<customerIDs.count {
      let slice = sorted[starts[customer]..<starts[customer + 1]]
      if zip(slice, slice.dropFirst()).contains(where: { $0.timeMs > $1.timeMs }) {
        // Not every sort is stable by contract: the place decides between equal times.
        let ordered = slice.enumerated().sorted { ($0.element.timeMs, $0.offset) < ($1.element.timeMs, $1.offset) }
        sorted.replaceSubrange(slice.indices, with: ordered.map(\.element))
      }
    }
    self.customerIDs = customerIDs
    self.entries = sorted
    self.starts = starts
    self.itemNames = itemNames
    self.orderCount = orderCount
    self.currencyCode = currencyCode
    self.currencyDigits = currencyDigits
    asOfMs = entries.map(\.timeMs).max() ?? 0
  }

  /// The entries of a customer by time.
  public func entries(of customer: Int) -> ArraySlice<Entry> { entries[starts[customer]..<starts[customer + 1]] }

  /// What one unit of money is in minor units.
  public var minorPerUnit: Double { [1, 10, 100, 1000][min(3, max(0, currencyDigits))] }

  /// The log of some of the customers, in the order given; items and orders keep their indices.
  public func customers(_ chosen: [Int]) -> PurchaseLog {
    var kept: [Entry] = []
    for (index, customer) in chosen.enumerated() {
      kept += entries(of: customer).map { entry in
        var entry = entry
        entry.customer = Int32(index)
        return entry
      }
    }
    return PurchaseLog(
      customerIDs: chosen.map { customerIDs[$0] }, entries: kept, itemNames: itemNames, orderCount: orderCount,
      currencyCode: currencyCode, currencyDigits: currencyDigits)
  }
}
