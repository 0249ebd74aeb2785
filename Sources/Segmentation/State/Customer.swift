/// A customer at a clock, as plain values.
public struct Customer {
  /// The customer id's bytes, borrowed for the length of a call.
  public var id: UnsafeBufferPointer<UInt8>
  /// The number of the published segment; 0 for none.
  public var segment: Int
  /// The name of the published segment; `nil` for none.
  public var segmentName: String?
  /// Since when, ms; 0 without a segment.
  public var sinceMs: Int64
  /// The sequence of its last change.
  public var sequence: Int
  /// Distinct orders.
  public var orders: Int
  /// Purchases, minor units.
  public var grossMinor: Int64
  /// Refunds, minor units, positive.
  public var refundedMinor: Int64
  /// What needs a purchase; `nil` without one.
  public var purchases: Purchases?

  /// What a customer with a purchase has.
  public struct Purchases: Sendable {
    /// The first purchase, ms.
    public var firstMs: Int64
    /// The last purchase, ms.
    public var lastMs: Int64
    /// Ms since the last purchase, 0 or more.
    public var recencyMs: Int64
    /// At the clock.
    public var decayedFrequency: Double
    /// At the clock, minor units.
    public var decayedMonetaryMinor: Int64
    /// Net / orders, minor units.
    public var averageOrderMinor: Int64
    /// Distinct UTC days with a purchase.
    public var purchaseDays: Int
    /// Purchases on the first of them, minor units.
    public var firstDaySpendMinor: Int64
    /// R, F and M, 1 to 5, and the name of their cell; `nil` before the first model.
    public var scores: (r: Int, f: Int, m: Int, cell: String)?
    /// The features as the model sees them, as many as it has; zeros before the first model.
    public var scaled: InlineArray<8, Double>
  }
}

extension Core {
  func forEachCustomer(_ index: Int, clockMs: Int64, _ body: (borrowing Customer) -> Void) {
    let table = UnsafePointer(partitions + index)
    for number in 0..<table.pointee.table.rowCount {
      let row = table.pointee.table.row(number)
      if row.pointee.isInUse { body(customer(row, id: table.pointee.table.id(row), clockMs: clockMs)) }
    }
  }

  private func customer(
    _ row: UnsafePointer<CustomerRow>, id: UnsafeBufferPointer<UInt8>, clockMs: Int64
  ) -> Customer {
    let number = row.pointee.since.tag
    var customer = Customer(
      id: id, segment: Int(number), segmentName: nil, sinceMs: row.pointee.since.number,
      sequence: Int(row.pointee.sequence), orders: Int(row.pointee.orders), grossMinor: row.pointee.grossMinor,
      refundedMinor: row.pointee.refundedMinor, purchases: nil)
    if let tables {
      let cluster = tables.pointee.cluster(ofSegment: number)
      if cluster >= 0 { customer.segmentName = tables.pointee.segmentNames[cluster] }
    }
    guard row.pointee.hasPurchase else { return customer }
    let rfm = features.rfm(row, clockMs: clockMs)
    var purchases = Customer.Purchases(
      firstMs: row.pointee.firstPurchaseMs, lastMs: row.pointee.lastPurchaseMs, recencyMs: rfm.recencyMs,
      decayedFrequency: rfm.decayedFrequency, decayedMonetaryMinor: rfm.decayedMonetaryMinor,
      averageOrderMinor: rfm.averageOrderMinor, purchaseDays: Int(row.pointee.purchaseDays),
      firstDaySpendMinor: row.pointee.firstDaySpendMinor, scores: nil, scaled: .init(repeating: 0))
    if let tables {
      let scores = tables.pointee.cuts.scores(row, clockMs: clockMs)
      purchases.scores = (scores.r, scores.f, scores.m, tables.pointee.model.rules.name(scores))
      let z = tables.pointee.scaled(features.raw(row, clockMs: clockMs))
      for index in 0..<tables.pointee.featureCount { purchases.scaled[index] = z[index] }
    }
    customer.purchases = purchases
    return customer
  }
}

/// Where a customer is, in the order of its id's bytes; good until the next record.
package struct CustomerKey: Comparable {
  /// The caller's number of the segmenter.
  package let owner: Int
  let partition: Int32
  let row: Int32
  /// The first eight bytes, so that most comparisons need no other.
  private let prefix: UInt64
  private let id: UnsafeBufferPointer<UInt8>

  init(owner: Int, partition: Int32, row: Int32, id: UnsafeBufferPointer<UInt8>) {
    self.owner = owner
    self.partition = partition
    self.row = row
    self.id = id
    var prefix: UInt64 = 0
    for index in 0..<8 { prefix = prefix << 8 | (index < id.count ? UInt64(id[index]) : 0) }
    self.prefix = prefix
  }

  /// The order of the ids' bytes.
  package static func < (a: CustomerKey, b: CustomerKey) -> Bool {
    a.prefix != b.prefix ? a.prefix < b.prefix : a.id.lexicographicallyPrecedes(b.id)
  }

  /// Whether the ids are the same.
  package static func == (a: CustomerKey, b: CustomerKey) -> Bool { a.id.elementsEqual(b.id) }
}

extension Core {
  func customerKeys(owner: Int) -> [CustomerKey] {
    var keys: [CustomerKey] = []
    for index in 0..<partitionCount {
      let partition = partitions + index
      for number in 0..<partition.pointee.table.rowCount {
        let row = partition.pointee.table.row(number)
        guard row.pointee.isInUse else { continue }
        keys.append(
          CustomerKey(
            owner: owner, partition: Int32(index), row: Int32(number), id: partition.pointee.table.id(row)))
      }
    }
    return keys
  }

  func customer(_ key: CustomerKey, clockMs: Int64) -> Customer {
    let partition = partitions + Int(key.partition)
    let row = partition.pointee.table.row(Int(key.row))
    return customer(row, id: partition.pointee.table.id(row), clockMs: clockMs)
  }
}
