import Testing

@testable import Segmentation

private let dayMs: Int64 = 86_400_000
private let startMs: Int64 = 1_767_225_600_000

/// A table of one customer.
private struct Subject: ~Copyable {
  var table: CustomerTable
  var rules: StateRules
  let number: Int

  init(_ settings: SegmentationSettings = SegmentationSettings()) {
    let layout = RowLayout(settings)
    let pool = BlockPool(blockBytes: CustomerTable.rowsPerBlock * layout.stride)
    var empty = CustomerTable(layout: layout, pool: pool)
    number = TestRecord().withRecord { record in
      empty.insert(record.customerID, count: 1, hash: record.customerHash, birthOffset: 0)
    }
    table = empty
    rules = StateRules(settings)
  }

  mutating func apply(_ record: TestRecord) -> ApplyOutcome {
    let row = table.row(number)
    return record.withRecord { record in
      withUnsafePointer(to: record) { rules.apply($0, to: row) }
    }
  }

  var row: CustomerRow { table.row(number).pointee }
}

/// What one row and the reference say, for one `#expect`.
private struct Facts: Equatable {
  var orders: Int
  var gross: Int64
  var refunded: Int64
  var first: Int64
  var last: Int64
  var days: Int
  var firstDaySpend: Int64
  var hasPurchase: Bool

  init(_ row: CustomerRow) {
    orders = Int(row.orders)
    gross = row.grossMinor
    refunded = row.refundedMinor
    first = row.firstPurchaseMs
    last = row.lastPurchaseMs
    days = Int(row.purchaseDays)
    firstDaySpend = row.firstDaySpendMinor
    hasPurchase = row.hasPurchase
  }

  init(_ reference: ReferenceCustomer) {
    orders = reference.orders
    gross = reference.grossMinor
    refunded = reference.refundedMinor
    first = reference.firstMs
    last = reference.lastMs
    days = reference.purchaseDays
    firstDaySpend = reference.firstDaySpendMinor
    hasPurchase = reference.hasPurchase
  }
}

private func expectEqual(_ row: CustomerRow, _ reference: ReferenceCustomer, _ comment: String) {
  #expect(Facts(row) == Facts(reference), "\(comment)")
  let frequency = abs(row.decayedFrequency - reference.decayedFrequency)
  #expect(frequency <= 1e-12 * max(1, reference.decayedFrequency), "\(comment): off by \(frequency)")
  let monetary = abs(row.decayedMonetary - reference.decayedMonetary)
  #expect(monetary <= 1e-12 * reference.monetaryScale, "\(comment): off by \(monetary)")
}

/// Purchases with and without orders, in time order, whose orders are among the last `window` begun.
private func purchases(_ random: inout SplitMix64, count: Int, spanMs: Int64, window: Int) -> [TestRecord] {
  var times = (0..<count).map { _ in startMs + Int64(random.next(below: Int(spanMs))) }
  if random.chance(0.3) { times = times.map { $0 / dayMs * dayMs } }
  var recent: [String] = []
  return times.sorted().enumerated().map { index, ms in
    var record = TestRecord(minor: random.chance(0.1) ? 0 : Int64(random.int(1...50_000)), ms: ms)
    record.transaction = random.chance(0.5) ? "t\(index)" : nil
    if random.chance(0.6) {
      if recent.isEmpty || random.chance(0.5) {
        recent = (recent + ["o\(index)"]).suffix(window)
        record.order = recent.last
      } else {
        record.order = random.pick(recent)
      }
    }
    return record
  }
}

/// Refunds after some of the purchases: of a recent order in part or whole, of no order, of an unknown one.
private func withRefunds(_ purchases: [TestRecord], _ random: inout SplitMix64, window: Int) -> [TestRecord] {
  var result: [TestRecord] = []
  var recent: [String] = []
  var orderMinor: [String: Int64] = [:]
  for (index, purchase) in purchases.enumerated() {
    result.append(purchase)
    if let order = purchase.order {
      if orderMinor[order] == nil { recent = (recent + [order]).suffix(window) }
      orderMinor[order, default: 0] += purchase.minor
    }
    guard random.chance(0.35) else { continue }
    let ms = purchase.ms + Int64(random.next(below: 1_000_000))
    var refund = TestRecord.refund(Int64(random.int(0...20_000)), at: ms, transaction: "r\(index)")
    switch random.int(0...3) {
    case 0: refund.order = nil
    case 1: refund.order = "unknown\(index)"
    default:
      refund.order = recent.isEmpty ? nil : random.pick(recent)
      if let order = refund.order, random.chance(0.5) { refund.minor = orderMinor[order] ?? 0 }
    }
    result.append(refund)
  }
  return result
}

@Suite("Customer state")
struct CustomerStateTests {
  @Test("A row says what all records of its customer say, over years and in time order")
  func rowsFollowTheRecords() {
    for seed in UInt64(1)...400 {
      var random = SplitMix64(seed: seed)
      var settings = SegmentationSettings()
      settings.orderWindow = random.pick([2, 2, 3, 16])
      settings.halfLifeDays = random.pick([90, 7, 365])
      settings.transactionWindow = 64
      let spanMs = random.pick([dayMs, 40 * dayMs, 1000 * dayMs])
      let bought = purchases(&random, count: random.int(1...30), spanMs: spanMs, window: settings.orderWindow)
      var records = withRefunds(bought, &random, window: settings.orderWindow)
      if random.chance(0.2) { records.insert(.refund(700, at: startMs, transaction: "early"), at: 0) }
      var subject = Subject(settings)
      var reference = ReferenceCustomer(halfLifeMs: settings.halfLifeMs)
      var duplicates = 0
      for record in records {
        for _ in 0..<(random.chance(0.2) && record.transaction != nil ? 2 : 1) {
          reference.apply(record)
          if subject.apply(record) == .duplicate { duplicates += 1 }
          expectEqual(subject.row, reference, "seed \(seed), record \(record)")
        }
      }
      #expect(duplicates == reference.duplicates, "seed \(seed)")
      #expect(subject.rules.outsideWindow == reference.unknownOrders, "seed \(seed)")
    }
  }

  @Test("Purchases and refunds of their orders give the same state in any order of arrival")
  func arrivalDoesNotMatter() {
    for seed in UInt64(1)...400 {
      var random = SplitMix64(seed: seed)
      var settings = SegmentationSettings()
      settings.orderWindow = 16
      let bought = purchases(&random, count: random.int(1...25), spanMs: 31 * dayMs, window: 16)
      let orders = Array(Set(bought.compactMap(\.order))).sorted()
      guard orders.count <= 16 else { continue }
      var refunds = orders.filter { _ in random.chance(0.5) }.map { order in
        let gross = bought.filter { $0.order == order }.reduce(0) { $0 + $1.minor }
        return TestRecord.refund(random.chance(0.5) ? gross : gross / 3, at: startMs, order: order)
      }
      refunds = random.shuffled(refunds)
      let unattached = [TestRecord.refund(123, at: startMs), .refund(45, at: startMs, order: "unknown")]
      for _ in 0..<4 {
        // A refund comes after the first line of its order, and those of no order after everything.
        var arrivals = random.shuffled(bought.map { $0 })
        for refund in refunds {
          let first = arrivals.firstIndex { $0.kind == .purchase && $0.order == refund.order } ?? 0
          arrivals.insert(refund, at: random.int(first + 1...arrivals.count))
        }
        var subject = Subject(settings)
        var reference = ReferenceCustomer(halfLifeMs: settings.halfLifeMs)
        for record in bought + refunds + unattached { reference.apply(record) }
        for record in arrivals + unattached { #expect(subject.apply(record) == .applied) }
        expectEqual(subject.row, reference, "seed \(seed)")
        #expect(subject.rules.outsideWindow == 1, "seed \(seed)")
      }
    }
  }

  @Test("A line of an order that was let go, older than the held ones, is counted as outside the window")
  func linesOutsideTheWindow() {
    var subject = Subject()
    for (index, order) in ["a", "b", "c"].enumerated() {
      #expect(subject.apply(.purchase(100, at: startMs + Int64(index) * 1000, order: order)) == .applied)
    }
    #expect(subject.rules.outsideWindow == 0)
    #expect(subject.apply(.purchase(100, at: startMs, order: "a")) == .applied)
    #expect(subject.rules.outsideWindow == 1)
    #expect(subject.row.orders == 4 && subject.row.grossMinor == 400)
  }

  @Test("A purchase on a day too old to tell whether it was counted is outside the window, a new first day is not")
  func daysOutsideTheWindow() {
    var subject = Subject()
    for day in [0, 40, 100] as [Int64] { #expect(subject.apply(.purchase(100, at: startMs + day * dayMs)) == .applied) }
    #expect(subject.rules.outsideWindow == 0 && subject.row.purchaseDays == 3)
    _ = subject.apply(.purchase(100, at: startMs + 40 * dayMs))
    #expect(subject.rules.outsideWindow == 1)
    let days = subject.row.purchaseDays
    _ = subject.apply(.purchase(100, at: startMs))
    #expect(subject.row.purchaseDays == days, "the first day is known")
    _ = subject.apply(.purchase(70, at: startMs - 5 * dayMs))
    #expect(subject.rules.outsideWindow == 1 && subject.row.purchaseDays == days + 1)
    #expect(subject.row.firstDaySpendMinor == 70)
  }

  @Test("A repeat within the window of transaction ids changes nothing, behind it it counts")
  func transactionWindow() {
    var subject = Subject()
    for index in 0..<8 { _ = subject.apply(.purchase(100, at: startMs, transaction: "t\(index)")) }
    #expect(subject.apply(.purchase(100, at: startMs, transaction: "t0")) == .duplicate)
    #expect(subject.row.grossMinor == 800)
    _ = subject.apply(.purchase(100, at: startMs, transaction: "t8"))
    #expect(subject.apply(.purchase(100, at: startMs, transaction: "t0")) == .applied)
    #expect(subject.row.grossMinor == 1000)
  }

  @Test("A sum that would not fit is an overflow and leaves the row as it was")
  func overflows() {
    let cases: [(before: [TestRecord], overflowing: TestRecord)] = [
      ([.purchase(.max - 10, at: startMs)], .purchase(11, at: startMs + 1, transaction: "t")),
      ([.purchase(5, at: startMs), .refund(.max, at: startMs)], .refund(1, at: startMs)),
      ([.purchase(OrderEntry.minorMax, at: startMs, order: "a")], .purchase(1, at: startMs + 9, order: "a")),
      ([.purchase(5, at: startMs, order: "a")], .purchase(OrderEntry.minorMax + 1, at: startMs, order: "b")),
      ([.purchase(5, at: startMs, order: "a")], .refund(OrderEntry.minorMax + 1, at: startMs, order: "a")),
    ]
    for (before, overflowing) in cases {
      var subject = Subject()
      for record in before { #expect(subject.apply(record) == .applied) }
      func bytes(_ subject: borrowing Subject) -> [UInt8] {
        Array(UnsafeRawBufferPointer(start: subject.table.row(subject.number), count: subject.table.layout.stride))
      }
      let row = bytes(subject)
      #expect(subject.apply(overflowing) == .overflow, "\(overflowing)")
      #expect(bytes(subject) == row, "\(overflowing)")
    }
  }

  @Test("An order of the largest amount that fits and its refund come out to the last minor unit")
  func largestOrder() {
    var subject = Subject()
    _ = subject.apply(.purchase(OrderEntry.minorMax, at: startMs, order: "a"))
    _ = subject.apply(.refund(OrderEntry.minorMax - 1, at: startMs, order: "a"))
    #expect(subject.row.orders == 1 && subject.row.netMinor == 1)
    _ = subject.apply(.refund(1, at: startMs, order: "a"))
    #expect(subject.row.orders == 0 && subject.row.netMinor == 0)
    #expect(abs(subject.row.decayedMonetary) <= 1e-12 * Double(OrderEntry.minorMax))
  }

  @Test("74,215 pieces at 1.04 bought and cancelled: gross and refunded 77183.60, net 0.00, the order stays")
  func onlineRetail12346() {
    var subject = Subject()
    _ = subject.apply(.purchase(74_215 * 104, at: startMs, order: "541431"))
    _ = subject.apply(.refund(74_215 * 104, at: startMs + 960_000, order: "C541433"))
    #expect(subject.row.orders == 1 && subject.row.grossMinor == 7_718_360 && subject.row.refundedMinor == 7_718_360)
    #expect(subject.row.netMinor == 0 && subject.row.decayedMonetary == 0)
    #expect(subject.row.lastPurchaseMs == startMs)
  }

  @Test("A refund without an order id right after its purchase leaves the decayed monetary value as it was")
  func refundOfTheLastPurchase() {
    var random = SplitMix64(seed: 5)
    for _ in 0..<200 {
      var subject = Subject()
      var ms = startMs
      for _ in 0..<random.int(1...5) {
        ms += Int64(random.next(below: Int(20 * dayMs)))
        _ = subject.apply(.purchase(Int64(random.int(1...100_000)), at: ms))
      }
      let (before, lastMs) = (subject.row.decayedMonetary, subject.row.lastPurchaseMs)
      let minor = Int64(random.int(1...100_000))
      let laterMs = lastMs + Int64(random.next(below: Int(300 * dayMs)))
      _ = subject.apply(.purchase(minor, at: laterMs))
      _ = subject.apply(.refund(minor, at: laterMs + 5 * dayMs))
      let expected = before * Decay(halfLifeMs: 90 * Double(dayMs)).weight(laterMs - lastMs)
      #expect(abs(subject.row.decayedMonetary - expected) <= 1e-12 * (expected + Double(minor)))
    }
  }
}
