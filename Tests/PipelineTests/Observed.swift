import Foundation

/// What a reader of generated lines finds in them, with Foundation's JSON.
struct Observed {
  struct Customer {
    var orders: Set<String> = []
    var grossMinor = 0
    var refundedMinor = 0
    var lastPurchase = ""
  }

  private struct Line: Decodable {
    var customerID: String
    var transactionID: String
    var orderID: String
    var amount: Decimal
    var currency: String
    var type: String
    var timestamp: String

    enum CodingKeys: String, CodingKey {
      case customerID = "customer_id"
      case transactionID = "transaction_id"
      case orderID = "order_id"
      case amount, currency, type, timestamp
    }
  }

  var broken = 0
  var duplicates = 0
  var refunds = 0
  /// Records that are older than one before them.
  var behind = 0
  var newestMs: Int64
  var customers: [String: Customer] = [:]

  init(_ bytes: [UInt8], startMs: Int64) {
    newestMs = startMs
    var seen: [String: ArraySlice<UInt8>] = [:]
    let decoder = JSONDecoder()
    for bytes in bytes.split(separator: 10) {
      guard let line = try? decoder.decode(Line.self, from: Data(bytes)), line.currency == "EUR",
        let time = Self.milliseconds(line.timestamp)
      else {
        broken += 1
        continue
      }
      if let before = seen[line.transactionID] {
        duplicates += before == bytes ? 1 : 0
        continue
      }
      seen[line.transactionID] = bytes
      if time < newestMs { behind += 1 }
      newestMs = max(newestMs, time)
      note(line)
    }
  }

  /// Minor units as the digits of major ones, without the point.
  static func minorText(_ minor: Int) -> String {
    let text = String(minor)
    return String(repeating: "0", count: max(0, 3 - text.count)) + text
  }

  private mutating func note(_ line: Line) {
    let minor = NSDecimalNumber(decimal: line.amount * 100).intValue
    if line.type == "refund" {
      refunds += 1
      customers[line.customerID, default: Customer()].refundedMinor += minor
      return
    }
    customers[line.customerID, default: Customer()].orders.insert(line.orderID)
    customers[line.customerID, default: Customer()].grossMinor += minor
    let last = max(customers[line.customerID]?.lastPurchase ?? "", line.timestamp)
    customers[line.customerID]?.lastPurchase = last
  }

  private static func milliseconds(_ text: String) -> Int64? {
    let style = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
    guard let date = try? style.parse(text) else { return nil }
    return Int64((date.timeIntervalSince1970 * 1000).rounded())
  }
}
