/// What applying a record did.
enum ApplyOutcome {
  case applied
  /// The transaction id is among the recent ones: nothing changed.
  case duplicate
  /// A sum would not fit: nothing changed.
  case overflow
}

/// How records change rows. Its methods are `mutating` so that it goes by its address and is not copied per record.
struct StateRules {
  let layout: RowLayout
  let decay: Decay
  /// Applied records that fell outside a window.
  private(set) var outsideWindow = 0

  init(_ settings: SegmentationSettings) {
    layout = RowLayout(settings)
    decay = Decay(halfLifeMs: settings.halfLifeMs)
  }

  /// Applies a purchase or refund to a row. The result does not depend on the order of arrival within the windows.
  @inline(__always)
  mutating func apply(
    _ record: UnsafePointer<PurchaseRecord>, to row: UnsafeMutablePointer<CustomerRow>
  )
    -> ApplyOutcome
  {
    if record.pointee.transactionHash != 0 && layout.transactionCount > 0
      && remembers(record.pointee.transactionHash, in: row)
    {
      return .duplicate
    }
    let outcome =
      record.pointee.kind == .purchase
      ? purchase(record, to: row) : refund(record, to: row)
    if outcome == .applied && record.pointee.transactionHash != 0 && layout.transactionCount > 0 {
      remember(record.pointee.transactionHash, in: row)
    }
    return outcome
  }

  // MARK: Purchases

  @inline(__always)
  private mutating func purchase(
    _ record: UnsafePointer<PurchaseRecord>, to row: UnsafeMutablePointer<CustomerRow>
  ) -> ApplyOutcome {
    let (gross, overflow) = row.pointee.grossMinor.addingReportingOverflow(record.pointee.amountMinor)
    if overflow { return .overflow }
    let held = record.pointee.orderHash == 0 ? -1 : orderIndex(record.pointee.orderHash, in: row)
    if record.pointee.orderHash != 0 && layout.orderCount > 0 {
      let before = held < 0 ? 0 : layout.orders(row)[held].grossMinor
      if record.pointee.amountMinor > OrderEntry.minorMax - before { return .overflow }
    }
    let outside = updateTimes(
      record.pointee.timestampMs, amountMinor: record.pointee.amountMinor, row: row)
    let weight = decay.weight(row.pointee.lastPurchaseMs &- record.pointee.timestampMs)
    row.pointee.grossMinor = gross
    if held >= 0 {
      changeOrder(
        held, in: row, addedMinor: record.pointee.amountMinor, refundedMinor: 0,
        timeMs: record.pointee.timestampMs,
        weight: weight)
    } else {
      row.pointee.orders &+= 1
      row.pointee.decayedFrequency += weight
      row.pointee.decayedMonetary += Double(record.pointee.amountMinor) * weight
      let late = record.pointee.orderHash != 0 && layout.orderCount > 0 && addOrder(record, to: row, weight: weight)
      if outside || late { outsideWindow &+= 1 }
    }
    return .applied
  }

  /// First and last purchase, days and first-day spend; rescales what is kept as of the last purchase.
  /// Returns whether the day is too old to tell if it was counted before.
  @inline(__always)
  private mutating func updateTimes(
    _ timeMs: Int64, amountMinor: Int64, row: UnsafeMutablePointer<CustomerRow>
  ) -> Bool {
    let day = dayNumber(timeMs)
    guard row.pointee.hasPurchase else {
      row.pointee.flags |= CustomerRow.hasPurchase
      row.pointee.firstPurchaseMs = timeMs
      row.pointee.lastPurchaseMs = timeMs
      row.pointee.firstDaySpendMinor = amountMinor
      row.pointee.recentDays = 1
      row.pointee.purchaseDays = 1
      return false
    }
    let lastDay = dayNumber(row.pointee.lastPurchaseMs)
    // A day behind the first purchase is a later day; only before it the first day must be known.
    let mayBeFirstDay = timeMs &- row.pointee.firstPurchaseMs < msPerDay
    let firstDay = mayBeFirstDay ? dayNumber(row.pointee.firstPurchaseMs) : .min
    var isNewDay = day > lastDay
    var outside = false
    if isNewDay {
      row.pointee.recentDays = day &- lastDay < 32 ? row.pointee.recentDays << UInt32(day &- lastDay) | 1 : 1
    } else if lastDay &- day < 32 {
      let bit: UInt32 = 1 << UInt32(lastDay &- day)
      isNewDay = row.pointee.recentDays & bit == 0
      row.pointee.recentDays |= bit
    } else {
      isNewDay = day != firstDay
      outside = day > firstDay
    }
    if isNewDay && row.pointee.purchaseDays != .max { row.pointee.purchaseDays &+= 1 }
    if day < firstDay {
      row.pointee.firstDaySpendMinor = amountMinor
    } else if day == firstDay {
      row.pointee.firstDaySpendMinor &+= amountMinor
    }
    if timeMs < row.pointee.firstPurchaseMs { row.pointee.firstPurchaseMs = timeMs }
    if timeMs > row.pointee.lastPurchaseMs { moveLastPurchase(to: timeMs, row: row) }
    return outside
  }

  @inline(__always)
  private mutating func moveLastPurchase(to timeMs: Int64, row: UnsafeMutablePointer<CustomerRow>) {
    let factor = decay.weight(timeMs &- row.pointee.lastPurchaseMs)
    row.pointee.decayedFrequency *= factor
    row.pointee.decayedMonetary *= factor
    let orders = layout.orders(row)
    for index in 0..<layout.orderCount { orders[index].share *= factor }
    row.pointee.lastPurchaseMs = timeMs
  }

  // MARK: Refunds

  @inline(never)
  private mutating func refund(
    _ record: UnsafePointer<PurchaseRecord>, to row: UnsafeMutablePointer<CustomerRow>
  ) -> ApplyOutcome {
    let (refunded, overflow) = row.pointee.refundedMinor.addingReportingOverflow(record.pointee.amountMinor)
    if overflow { return .overflow }
    let held = record.pointee.orderHash == 0 ? -1 : orderIndex(record.pointee.orderHash, in: row)
    if held >= 0 {
      if record.pointee.amountMinor > OrderEntry.minorMax - layout.orders(row)[held].refundedMinor { return .overflow }
      changeOrder(
        held, in: row, addedMinor: 0, refundedMinor: record.pointee.amountMinor,
        timeMs: layout.orders(row)[held].timeMs, weight: 0)
    } else {
      // It weighs like the last purchase: 1, as of the last purchase.
      row.pointee.decayedMonetary -= Double(record.pointee.amountMinor)
      if record.pointee.orderHash != 0 { outsideWindow &+= 1 }
    }
    row.pointee.refundedMinor = refunded
    return .applied
  }

  // MARK: Orders

  /// The index of the order among the recent ones, or −1.
  @inline(__always)
  private mutating func orderIndex(_ hash: UInt64, in row: UnsafeMutablePointer<CustomerRow>) -> Int {
    let key = hash & OrderEntry.hashMask
    let orders = layout.orders(row)
    for index in 0..<layout.orderCount where orders[index].hash == key { return index }
    return -1
  }

  /// Adds a new order in front of the recent ones. Returns whether it may be a line of one that was let go:
  /// the window is full, has let an order go, and the record is older than all in it.
  @inline(__always)
  private mutating func addOrder(
    _ record: UnsafePointer<PurchaseRecord>, to row: UnsafeMutablePointer<CustomerRow>, weight: Double
  ) -> Bool {
    let orders = layout.orders(row)
    let last = layout.orderCount &- 1
    var late = row.pointee.flags & CustomerRow.ordersEvicted != 0
    if late {
      for index in 0...last where orders[index].timeMs <= record.pointee.timestampMs { late = false }
    }
    if orders[last].hash != 0 { row.pointee.flags |= CustomerRow.ordersEvicted }
    var index = last
    while index > 0 {
      orders[index] = orders[index &- 1]
      index &-= 1
    }
    orders[0] = OrderEntry(
      hash: record.pointee.orderHash, timeMs: record.pointee.timestampMs, grossMinor: record.pointee.amountMinor,
      refundedMinor: 0,
      share: Double(record.pointee.amountMinor) * weight)
    return late
  }

  /// Adds a purchase (with its weight) or a refund to a held order: the order's part in the decayed values is taken
  /// away and, recomputed from its sums alone, added again, so that the order of arrival does not matter.
  @inline(never)
  private mutating func changeOrder(
    _ index: Int, in row: UnsafeMutablePointer<CustomerRow>, addedMinor: Int64,
    refundedMinor: Int64, timeMs: Int64, weight: Double
  ) {
    let orders = layout.orders(row)
    let before = orders[index]
    let lastMs = row.pointee.lastPurchaseMs
    let after = OrderEntry(
      hash: before.hash, timeMs: min(before.timeMs, timeMs), grossMinor: before.grossMinor + addedMinor,
      refundedMinor: before.refundedMinor + refundedMinor, share: before.share + Double(addedMinor) * weight)
    orders[index] = after
    if after.refundedMinor == 0 {
      row.pointee.decayedMonetary += Double(addedMinor) * weight
    } else {
      row.pointee.decayedMonetary += after.monetary(lastMs, decay) - before.monetary(lastMs, decay)
    }
    if after.timeMs != before.timeMs || after.isCancelled != before.isCancelled {
      row.pointee.decayedFrequency += after.frequency(lastMs, decay) - before.frequency(lastMs, decay)
      row.pointee.orders += (before.isCancelled ? 1 : 0) - (after.isCancelled ? 1 : 0)
    }
  }

  // MARK: Transactions

  @inline(__always)
  private mutating func remembers(_ hash: UInt64, in row: UnsafeMutablePointer<CustomerRow>) -> Bool {
    let base = UnsafeMutableRawPointer(row)
    let low = base + layout.transactionsLowOffset
    let key = UInt32(truncatingIfNeeded: hash)
    let keys = SIMD4<UInt32>(repeating: key)
    var index = 0
    while index &+ 4 <= layout.transactionCount {
      let four = low.loadUnaligned(fromByteOffset: index &* 4, as: SIMD4<UInt32>.self)
      if any(four .== keys) && remembers(hash, in: base, index..<index &+ 4) { return true }
      index &+= 4
    }
    return index < layout.transactionCount && remembers(hash, in: base, index..<layout.transactionCount)
  }

  /// Whether one of a range of entries is the hash, all 48 bits compared.
  private mutating func remembers(_ hash: UInt64, in base: UnsafeMutableRawPointer, _ range: Range<Int>) -> Bool {
    range.contains { index in
      base.load(fromByteOffset: layout.transactionsLowOffset &+ index &* 4, as: UInt32.self)
        == UInt32(truncatingIfNeeded: hash)
        && base.load(fromByteOffset: layout.transactionsHighOffset &+ index &* 2, as: UInt16.self)
          == UInt16(truncatingIfNeeded: hash >> 32)
    }
  }

  /// Puts a transaction id in the place of the oldest.
  @inline(__always)
  private mutating func remember(_ hash: UInt64, in row: UnsafeMutablePointer<CustomerRow>) {
    let base = UnsafeMutableRawPointer(row)
    let oldest = Int(row.pointee.oldestTransaction)
    base.storeBytes(
      of: UInt32(truncatingIfNeeded: hash), toByteOffset: layout.transactionsLowOffset &+ oldest &* 4, as: UInt32.self)
    base.storeBytes(
      of: UInt16(truncatingIfNeeded: hash >> 32), toByteOffset: layout.transactionsHighOffset &+ oldest &* 2,
      as: UInt16.self)
    let next = oldest &+ 1 == layout.transactionCount ? 0 : oldest &+ 1
    row.pointee.oldestTransaction = UInt8(truncatingIfNeeded: next)
  }
}

extension OrderEntry {
  /// The order's part in the decayed monetary value, as of `lastMs`.
  fileprivate func monetary(_ lastMs: Int64, _ decay: Decay) -> Double {
    if refundedMinor == 0 { return share }
    if grossMinor == 0 { return -Double(refundedMinor) * decay.weight(lastMs &- timeMs) }
    return share * (1 - Double(refundedMinor) / Double(grossMinor))
  }

  /// The order's part in the decayed frequency, as of `lastMs`.
  fileprivate func frequency(_ lastMs: Int64, _ decay: Decay) -> Double {
    isCancelled ? 0 : decay.weight(lastMs &- timeMs)
  }
}
