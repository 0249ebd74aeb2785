import Segmentation

/// One synthetic purchase or refund.
struct SyntheticRecord {
  var customer: Int32
  var isRefund = false
  /// Money was already given back for it.
  var isRefunded = false
  var transaction: Int64
  var order: Int64
  var amountMinor: Int64
  var timestampMs: Int64
}

/// The ways in which a record is broken; each is one dead letter code of its own.
package enum BrokenKind: Int, CaseIterable, Sendable {
  /// Its JSON ends early: `malformed`.
  case truncated
  /// It has no customer id: `missing_field`.
  case withoutCustomer
  /// Its amount is no number: `invalid_amount`.
  case badAmount
  /// Its timestamp is no time: `invalid_timestamp`.
  case badTime
  /// Its currency is one that no rate is known for: `unknown_currency`.
  case unknownCurrency
}

/// Writes records as JSON under the default member names, without a `String` each.
struct RecordWriter {
  private let customerDigits: Int
  private var dayWritten = Int64.min
  private var date: (year: Int64, month: Int, day: Int) = (1970, 1, 1)

  init(customers: Int) {
    customerDigits = max(7, String(customers).utf8.count)
  }

  /// Writes a record at `start`, which has room for the longest.
  mutating func write(
    _ record: SyntheticRecord, broken: BrokenKind? = nil, to start: UnsafeMutablePointer<UInt8>
  ) -> WrittenRecord {
    var out = ByteCursor(at: start)
    var keyStart = 0
    var keyCount = 0
    if broken == .withoutCustomer {
      out.put("{\"transaction_id\":\"t")
    } else {
      out.put("{\"customer_id\":\"")
      keyStart = out.count
      putCustomer(record.customer, to: &out)
      keyCount = out.count - keyStart
      out.put("\",\"transaction_id\":\"t")
    }
    out.put(record.transaction, digits: 11)
    out.put("\",\"order_id\":\"o")
    out.put(record.order, digits: 11)
    out.put(broken == .badAmount ? "\",\"amount\":\"n/a " : "\",\"amount\":")
    out.putMoney(record.amountMinor)
    if broken == .badAmount { out.put("\"") }
    out.put(broken == .unknownCurrency ? ",\"currency\":\"XTS\",\"type\":\"" : ",\"currency\":\"EUR\",\"type\":\"")
    out.put(record.isRefund ? "refund" : "purchase")
    out.put("\",\"timestamp\":\"")
    if broken == .badTime { out.put("yesterday ") }
    putTime(record.timestampMs, to: &out)
    out.put("\"}")
    // Half of the record is past the customer id and short of its end.
    let count = broken == .truncated ? out.count - Int(record.transaction % 80) - 1 : out.count
    return WrittenRecord(count: count, keyStart: keyStart, keyCount: keyCount)
  }

  /// Writes a customer id; `customer` counts from 0, ids from 1.
  func putCustomer(_ customer: Int32, to out: inout ByteCursor) {
    out.put("c")
    out.put(Int64(customer) + 1, digits: customerDigits)
  }

  /// Writes a time as ISO 8601 in UTC.
  mutating func putTime(_ timestampMs: Int64, to out: inout ByteCursor) {
    let dayMs: Int64 = 86_400_000
    let day = timestampMs >= 0 ? timestampMs / dayMs : (timestampMs - dayMs + 1) / dayMs
    let msOfDay = timestampMs - day * dayMs
    if day != dayWritten {
      date = civilDate(day)
      dayWritten = day
    }
    out.put(date.year, digits: 4)
    out.put("-")
    out.put(Int64(date.month), digits: 2)
    out.put("-")
    out.put(Int64(date.day), digits: 2)
    out.put("T")
    out.put(msOfDay / 3_600_000, digits: 2)
    out.put(":")
    out.put(msOfDay / 60_000 % 60, digits: 2)
    out.put(":")
    out.put(msOfDay / 1000 % 60, digits: 2)
    out.put(".")
    out.put(msOfDay % 1000, digits: 3)
    out.put("Z")
  }
}

/// Writes bytes one behind the other.
struct ByteCursor {
  private let start: UnsafeMutablePointer<UInt8>
  private(set) var count = 0

  init(at start: UnsafeMutablePointer<UInt8>) {
    self.start = start
  }

  @inline(__always)
  mutating func put(_ text: StaticString) {
    (start + count).update(from: text.utf8Start, count: text.utf8CodeUnitCount)
    count &+= text.utf8CodeUnitCount
  }

  /// Writes a number of 0 or more with leading zeros.
  @inline(__always)
  mutating func put(_ number: Int64, digits: Int) {
    var rest = UInt64(bitPattern: number)
    var place = count &+ digits
    while place > count {
      place &-= 1
      start[place] = 48 &+ UInt8(truncatingIfNeeded: rest % 10)
      rest /= 10
    }
    count &+= digits
  }

  /// Writes a number of 0 or more without leading zeros.
  @inline(__always)
  mutating func putNumber(_ number: Int64) {
    var digits = 1
    var rest = number / 10
    while rest > 0 {
      digits &+= 1
      rest /= 10
    }
    put(number, digits: digits)
  }

  /// Writes minor units as major ones with two digits behind the point.
  @inline(__always)
  mutating func putMoney(_ amountMinor: Int64) {
    putNumber(amountMinor / 100)
    put(".")
    put(amountMinor % 100, digits: 2)
  }
}
