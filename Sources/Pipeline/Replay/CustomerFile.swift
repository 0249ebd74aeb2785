import Segmentation

/// Writes customers as CSV lines (RFC 4180), one a customer.
package struct CustomerFile: ~Copyable {
  private var line = ByteBuffer(capacity: 4096)
  private let digits: Int

  /// Makes a writer for a currency with so many digits.
  package init(digits: Int) { self.digits = digits }

  /// The header line for a model's features; without a model none follow.
  package func header(features: [Feature]) -> [UInt8] {
    let columns =
      "customer_id,segment_id,segment,since,orders,gross,refunded,net,first_purchase,last_purchase,recency_days,"
      + "decayed_frequency,decayed_monetary,average_order,r,f,m,cell,purchase_days,first_day_spend"
    return Array((features.reduce(columns) { $0 + ",z_" + $1.rawValue } + "\n").utf8)
  }

  /// Writes a customer's line; `body` may use the bytes for the length of the call.
  package mutating func write(
    _ customer: borrowing Customer, featureCount: Int, _ body: (UnsafeRawBufferPointer) throws -> Void
  ) rethrows {
    line.removeAll()
    appendField(customer.id)
    if customer.segment > 0, let name = customer.segmentName {
      line.append(",s")
      line.append(integer: Int64(customer.segment))
      line.append(",")
      var name = name
      name.withUTF8 { appendField($0) }
      line.append(",")
      line.append(timeMs: customer.sinceMs)
    } else {
      line.append(",,,")
    }
    line.append(",")
    line.append(integer: Int64(customer.orders))
    append(minor: customer.grossMinor)
    append(minor: customer.refundedMinor)
    append(minor: customer.grossMinor - customer.refundedMinor)
    if let purchases = customer.purchases {
      append(purchases, featureCount: featureCount)
    } else {
      line.append(",,,,,,,,,,,0,")
      line.append(minor: 0, digits: digits)
      for _ in 0..<featureCount { line.append(",") }
    }
    line.append("\n")
    try body(UnsafeRawBufferPointer(start: line.base, count: line.count))
  }

  private mutating func append(_ purchases: Customer.Purchases, featureCount: Int) {
    line.append(",")
    line.append(timeMs: purchases.firstMs)
    line.append(",")
    line.append(timeMs: purchases.lastMs)
    line.append(",")
    line.append(decimal: Double(purchases.recencyMs) / 86_400_000, places: 9)
    line.append(",")
    line.append(decimal: purchases.decayedFrequency, places: 12)
    line.append(",")
    line.append(minor: purchases.decayedMonetaryMinor, digits: digits)
    line.append(",")
    line.append(minor: purchases.averageOrderMinor, digits: digits)
    if let scores = purchases.scores {
      append(score: scores.r)
      append(score: scores.f)
      append(score: scores.m)
      line.append(",")
      var cell = scores.cell
      cell.withUTF8 { line.append($0) }
    } else {
      line.append(",,,,")
    }
    line.append(",")
    line.append(integer: Int64(purchases.purchaseDays))
    line.append(",")
    line.append(minor: purchases.firstDaySpendMinor, digits: digits)
    for index in 0..<featureCount {
      line.append(",")
      line.append(decimal: purchases.scaled[index], places: 9)
    }
  }

  private mutating func append(minor: Int64) {
    line.append(",")
    line.append(minor: minor, digits: digits)
  }

  private mutating func append(score: Int) {
    line.append(",")
    line.append(integer: Int64(score))
  }

  private mutating func appendField(_ bytes: UnsafeBufferPointer<UInt8>) {
    let isPlain = bytes.allSatisfy { $0 != 0x22 && $0 != 0x2c && $0 != 0x0a && $0 != 0x0d }
    if isPlain { return line.append(bytes) }
    line.append(byte: 0x22)
    for byte in bytes {
      if byte == 0x22 { line.append(byte: 0x22) }
      line.append(byte: byte)
    }
    line.append(byte: 0x22)
  }
}
