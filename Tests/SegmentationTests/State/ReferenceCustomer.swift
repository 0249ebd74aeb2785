import Glibc

@testable import Segmentation

/// One customer's state by definition: every record is kept, and everything is computed from all of them at the end.
struct ReferenceCustomer {
  private struct Refund {
    var minor: Int64
    /// The order it takes back from; `nil` where it is weighed like a purchase at `likeMs`.
    var order: String?
    var likeMs: Int64?
  }

  private let halfLifeMs: Double
  private var purchases: [TestRecord] = []
  private var refunds: [Refund] = []
  private var transactions: Set<String> = []
  private(set) var duplicates = 0
  /// Refunds that name an order which has no purchase record yet.
  private(set) var unknownOrders = 0

  init(halfLifeMs: Double) { self.halfLifeMs = halfLifeMs }

  mutating func apply(_ record: TestRecord) {
    if let id = record.transaction, !transactions.insert(id).inserted {
      duplicates += 1
      return
    }
    if record.kind == .purchase {
      purchases.append(record)
      // A refund before the first purchase is weighed like it.
      for index in refunds.indices where refunds[index].order == nil && refunds[index].likeMs == nil {
        refunds[index].likeMs = record.ms
      }
      return
    }
    let isKnown = record.order.map { order in purchases.contains { $0.order == order } } ?? false
    if record.order != nil && !isKnown { unknownOrders += 1 }
    refunds.append(
      Refund(minor: record.minor, order: isKnown ? record.order : nil, likeMs: purchases.map(\.ms).max()))
  }

  // MARK: What is known of the customer

  var grossMinor: Int64 { purchases.reduce(0) { $0 + $1.minor } }
  var refundedMinor: Int64 { refunds.reduce(0) { $0 + $1.minor } }
  var hasPurchase: Bool { !purchases.isEmpty }
  var firstMs: Int64 { purchases.map(\.ms).min() ?? 0 }
  var lastMs: Int64 { purchases.map(\.ms).max() ?? 0 }
  var purchaseDays: Int { Set(purchases.map { Self.day($0.ms) }).count }
  var firstDaySpendMinor: Int64 {
    purchases.filter { Self.day($0.ms) == Self.day(firstMs) }.reduce(0) { $0 + $1.minor }
  }

  var orders: Int { purchases.filter { $0.order == nil }.count + standing.count }

  var decayedFrequency: Double {
    let single = purchases.filter { $0.order == nil }.reduce(0) { $0 + weight($1.ms) }
    return standing.reduce(single) { $0 + weight(begin($1)) }
  }

  var decayedMonetary: Double { monetaryTerms.reduce(0, +) }
  /// What errors of the decayed monetary value are measured against.
  var monetaryScale: Double { monetaryTerms.reduce(1) { $0 + $1.magnitude } }

  // MARK: By definition

  private var orderIDs: [String] { Array(Set(purchases.compactMap(\.order))).sorted() }
  private var standing: [String] { orderIDs.filter { !isCancelled($0) } }

  private func lines(_ order: String) -> [TestRecord] { purchases.filter { $0.order == order } }
  private func begin(_ order: String) -> Int64 { lines(order).map(\.ms).min() ?? 0 }
  private func takenBack(_ order: String) -> Int64 {
    refunds.filter { $0.order == order }.reduce(0) { $0 + $1.minor }
  }

  private func isCancelled(_ order: String) -> Bool {
    takenBack(order) > 0 && takenBack(order) >= lines(order).reduce(0) { $0 + $1.minor }
  }

  private var monetaryTerms: [Double] {
    var terms = purchases.filter { $0.order == nil }.map { Double($0.minor) * weight($0.ms) }
    for order in orderIDs {
      let share = lines(order).reduce(0) { $0 + Double($1.minor) * weight($1.ms) }
      let gross = lines(order).reduce(0) { $0 + $1.minor }
      let back = Double(takenBack(order))
      terms.append(share)
      terms.append(gross == 0 ? -back * weight(begin(order)) : -share * back / Double(gross))
    }
    for refund in refunds where refund.order == nil {
      terms.append(-Double(refund.minor) * (refund.likeMs.map(weight) ?? 1))
    }
    return terms
  }

  private func weight(_ ms: Int64) -> Double { pow(0.5, Double(lastMs - ms) / halfLifeMs) }

  private static func day(_ ms: Int64) -> Int64 {
    Int64((Double(ms) / 86_400_000).rounded(.down))
  }
}
