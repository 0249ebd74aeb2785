/// What has been read of a partition's log.
struct Restoration {
  /// The record read last; `nil` before the first.
  var last: StateRecordHeader?
  /// What the last complete commit says beside rows.
  var tail = StateTail()
}

/// What the last part of a commit says beside rows.
struct StateTail {
  var clock = PartitionClock.Parts()
  var rowCount = 0
  var cursor = 0
  var warmth = Warmth.warm
  var generation = 0
  var k = 0
  var features = 0
  /// k counts, k · features sums, k squares.
  var sums: [Int64] = []
  var counters = PartitionCounters()

  init() {}

  init(_ reader: inout PackedReader) {
    for _ in 0..<min(3, reader.count(upTo: 3, "a clock holds more than three customers")) {
      clock.customers.append(.init(timeMs: reader.number48(), hash: reader.fixed(8)))
    }
    if !clock.customers.isEmpty {
      clock.nowMs = reader.number48()
      clock.startMs = reader.number48()
    }
    rowCount = reader.count(upTo: CustomerTable.rowCountMax, "there are too many rows")
    cursor = reader.count(upTo: max(0, rowCount - 1), "the sweep stands behind the last row")
    let state = reader.byte()
    let start = reader.count(upTo: rowCount, "the generation began behind the last row")
    switch state {
    case 0: warmth = .warm
    case 1: warmth = .behind(start: start)
    case 2: warmth = .ahead(start: start)
    default: reader.fail("the warmth is none")
    }
    generation = reader.count(upTo: Int(Int32.max), "a generation is too large")
    k = reader.count(upTo: 64, "there are too many clusters")
    features = reader.count(upTo: FeatureVector.countMax, "there are too many features")
    let sumMax: Int64 = 1 << 57
    for _ in 0..<k * (2 + features) {
      let sum = reader.zigzag()
      reader.require(sum >= -sumMax && sum <= sumMax, "a sum is too large")
      sums.append(sum)
    }
    var counts: [Int] = []
    for _ in 0..<7 { counts.append(reader.count(upTo: 1 << 60, "a counter is too large")) }
    counters.records = counts[0]
    counters.applied = counts[1]
    counters.duplicates = counts[2]
    counters.deadLetters = counts[3]
    counters.ignored = counts[4]
    counters.outsideWindow = counts[5]
    counters.erased = counts[6]
  }

  /// The sums as the sweep writes them.
  func learnerSums() -> LearnerSums {
    let learner = LearnerSums(k: k, featureCount: features)
    for index in 0..<k {
      learner.counts[index] = sums[index]
      learner.squares[index] = sums[k * (1 + features) + index]
    }
    for index in 0..<k * features { learner.sums[index] = sums[k + index] }
    return learner
  }
}

extension Core {
  /// Reads the next record of a partition's log. After an error the partition is empty.
  mutating func restore(
    _ index: Int, record: UnsafeRawBufferPointer, fingerprint: UInt64
  ) throws(StateLogError) -> StateRecordHeader {
    let partition = partitions + index
    if partition.pointee.restoration == nil {
      clear(index)
      partition.pointee.restoration = Restoration()
    }
    do {
      return try read(record, into: partition, fingerprint: fingerprint)
    } catch {
      clear(index)
      throw error
    }
  }

  private func read(
    _ record: UnsafeRawBufferPointer, into partition: UnsafeMutablePointer<Partition>, fingerprint: UInt64
  ) throws(StateLogError) -> StateRecordHeader {
    var reader = PackedReader(record)
    let header = try StateRecordHeader(&reader)
    if header.fingerprint != fingerprint { throw .settings(found: header.fingerprint, expected: fingerprint) }
    try Self.check(header, after: partition.pointee.restoration?.last)
    if let last = partition.pointee.restoration?.last, header.walk > last.walk {
      partition.pointee.table.restoreWalk(UInt64(header.walk - last.walk))
    }
    let unpacker = RowUnpacker(layout: layout, header: header)
    var number = -1
    for _ in 0..<header.rows {
      number = unpacker.read(after: number, from: &reader, into: &partition.pointee.table)
      if reader.isDamaged { throw reader.error }
    }
    for _ in 0..<reader.count(upTo: StateRecord.bytesMax, "there are too many erased rows") {
      let erased = reader.count(upTo: CustomerTable.rowCountMax - 1, "a row's number is too large")
      if reader.isDamaged { throw reader.error }
      partition.pointee.table.restoreErasure(erased)
    }
    if header.part == header.parts - 1 {
      let tail = StateTail(&reader)
      if !reader.isDamaged { partition.pointee.restoration?.tail = tail }
    }
    reader.require(reader.left == 0, "something follows its end")
    if reader.isDamaged { throw reader.error }
    partition.pointee.restoration?.last = header
    return header
  }

  /// Whether a record may follow another.
  static func check(_ header: StateRecordHeader, after last: StateRecordHeader?) throws(StateLogError) {
    let place = "sequence `\(header.sequence)`, part `\(header.part)` of `\(header.parts)`"
    guard let last else {
      if header.part != 0 { throw .order("it begins with \(place)") }
      return
    }
    let isNext =
      last.part == last.parts - 1
      ? header.sequence == last.sequence + 1 && header.part == 0
      : header.sequence == last.sequence && header.parts == last.parts
        // From the next part on, or from the first where a torn commit was sent again.
        && (header.part == last.part + 1 || header.part == 0)
    if !isNext || header.walk < last.walk {
      throw .order(
        "\(place), walk `\(header.walk)` follows sequence `\(last.sequence)`, part `\(last.part)` of `\(last.parts)`, "
          + "walk `\(last.walk)`")
    }
  }

  /// Makes a partition of what was read. Returns the header of the last record, `nil` where there was none.
  mutating func finishRestore(_ index: Int) throws(StateLogError) -> StateRecordHeader? {
    guard let restoration = partitions[index].restoration, let last = restoration.last else {
      clear(index)
      return nil
    }
    do {
      try finish(partitions + index, tail: restoration.tail, last: last)
    } catch {
      clear(index)
      throw error
    }
    if let tables { settle(index, in: tables.pointee.model) }
    return last
  }

  private func finish(
    _ partition: UnsafeMutablePointer<Partition>, tail: StateTail, last: StateRecordHeader
  ) throws(StateLogError) {
    if last.part != last.parts - 1 { throw .order("it ends with part `\(last.part)` of `\(last.parts)`") }
    let generation = UInt16(truncatingIfNeeded: tail.generation)
    // Every free row was a customer's once; one more may be left by a first record that was not applied.
    let restored = try partition.pointee.table.finishRestore(
      rowCount: tail.rowCount, freeMax: tail.counters.erased + 1
    ) { row in
      if row.pointee.birth.tag != generation || tail.generation == 0 { return false }
      return Int(row.pointee.evaluated.tag) <= tail.k ? true : nil
    }
    partition.pointee.buyers = restored.buyers
    partition.pointee.sums = tail.learnerSums()
    partition.pointee.sumsGeneration = tail.generation
    // The walk that the restart has cut is not counted.
    partition.pointee.watch = WatchCounts()
    partition.pointee.clock = PartitionClock(tail.clock)
    partition.pointee.cursor = tail.cursor
    partition.pointee.sweeps = last.walk
    partition.pointee.warmth = tail.warmth
    partition.pointee.counters = tail.counters
    partition.pointee.countersAtCut = tail.counters
    partition.pointee.restoration = nil
  }

  /// Empties a partition; its memory goes back to the pool.
  mutating func clear(_ index: Int) {
    partitions[index] = Partition(number: partitions[index].number, layout: layout, pool: pool)
    if let tables { settle(index, in: tables.pointee.model) }
  }
}

/// Unpacks rows.
struct RowUnpacker {
  let layout: RowLayout
  let header: StateRecordHeader

  /// Reads the row that follows row `previous` and returns its number.
  @inline(__always)
  func read(after previous: Int, from reader: inout PackedReader, into table: inout CustomerTable) -> Int {
    guard let head = readHead(after: previous, from: &reader) else { return 0 }
    readFields(from: &reader, into: table.restoreRow(head.number, id: head.id, count: head.count))
    return head.number
  }

  /// Reads the number and the id of the row that follows row `previous`; `nil` where the record is damaged.
  @inline(__always)
  func readHead(
    after previous: Int, from reader: inout PackedReader
  ) -> (number: Int, id: UnsafePointer<UInt8>, count: Int)? {
    let number = Int64(previous) &+ reader.zigzag()
    let count = reader.count(upTo: Int(UInt16.max), "an id is too long")
    reader.require(number >= 0 && number < CustomerTable.rowCountMax, "a row's number is not one")
    guard let id = reader.bytes(count), !reader.isDamaged else { return nil }
    return (Int(number), id, count)
  }

  /// Reads what follows a row's id.
  @inline(__always)
  func readFields(from reader: inout PackedReader, into row: UnsafeMutablePointer<CustomerRow>) {
    let flags = reader.byte()
    row.pointee.birth = TaggedNumber(reader.number48())
    row.pointee.grossMinor = reader.zigzag()
    row.pointee.refundedMinor = reader.zigzag()
    let orders = reader.zigzag()
    reader.require(orders == Int64(Int32(truncatingIfNeeded: orders)), "a row has too many orders")
    row.pointee.orders = Int32(truncatingIfNeeded: orders)
    row.pointee.decayedMonetary = reader.double()
    row.pointee.sequence = UInt32(reader.count(upTo: Int(UInt32.max), "a change's sequence is too large"))
    if flags & StateRecord.hasPurchase != 0 { readPurchases(&reader, row) }
    if flags & StateRecord.ordersEvicted != 0 { row.pointee.flags |= CustomerRow.ordersEvicted }
    if flags & StateRecord.isEvaluated != 0 { row.pointee.evaluated.number = reader.number48(before: header.baseMs) }
    if flags & StateRecord.hasSegment != 0 { row.pointee.since = segment(&reader) }
    if flags & StateRecord.hasLeft != 0 { row.pointee.left = segment(&reader) }
    if flags & StateRecord.hasCandidate != 0 {
      let candidate = segment(&reader)
      if layout.hasCandidate { layout.candidate(row).pointee = candidate }
    }
    if flags & StateRecord.hasContribution != 0 { readContribution(&reader, row) }
    readOrders(&reader, row)
    readTransactions(&reader, row)
  }

  @inline(__always)
  private func readPurchases(_ reader: inout PackedReader, _ row: UnsafeMutablePointer<CustomerRow>) {
    row.pointee.flags |= CustomerRow.hasPurchase
    row.pointee.lastPurchaseMs = reader.number48(before: header.baseMs)
    let span = Int64(reader.count(upTo: 1 << 48, "a customer's first purchase is out of range"))
    row.pointee.firstPurchaseMs = row.pointee.lastPurchaseMs &- span
    row.pointee.decayedFrequency = reader.double()
    row.pointee.purchaseDays = UInt16(reader.count(upTo: Int(UInt16.max), "there are too many purchase days"))
    row.pointee.recentDays = UInt32(truncatingIfNeeded: reader.fixed(4))
    row.pointee.firstDaySpendMinor = reader.zigzag()
  }

  @inline(__always)
  private func segment(_ reader: inout PackedReader) -> TaggedNumber {
    let number = reader.count(upTo: Int(UInt16.max), "a segment's number is too large")
    return TaggedNumber(reader.number48(before: header.baseMs), tag: UInt16(truncatingIfNeeded: number))
  }

  @inline(__always)
  private func readContribution(_ reader: inout PackedReader, _ row: UnsafeMutablePointer<CustomerRow>) {
    let cluster = reader.count(upTo: Int(UInt16.max) - 1, "a cluster is too large")
    let generation = reader.count(upTo: Int(UInt16.max), "a contribution's generation is too large")
    let contribution = layout.contribution(row)
    let isKept = header.features == layout.featureCount
    for index in 0..<header.features {
      let value = reader.zigzag()
      if isKept { contribution[index] = Int32(truncatingIfNeeded: value) }
    }
    if isKept {
      row.pointee.evaluated.tag = UInt16(truncatingIfNeeded: cluster &+ 1)
      row.pointee.birth.tag = UInt16(truncatingIfNeeded: generation)
    }
  }

  @inline(__always)
  private func readOrders(_ reader: inout PackedReader, _ row: UnsafeMutablePointer<CustomerRow>) {
    let orders = layout.orders(row)
    let sumMax = Int(OrderEntry.minorMax)
    for index in 0..<reader.count(upTo: layout.orderCount, "a row holds more orders than the window") {
      let hash = reader.fixed(6)
      let timeMs = reader.number48(before: header.baseMs)
      let gross = Int64(reader.count(upTo: sumMax, "an order's sum is too large"))
      let refunded = Int64(reader.count(upTo: sumMax, "an order's sum is too large"))
      orders[index] = OrderEntry(
        hash: hash, timeMs: timeMs, grossMinor: gross, refundedMinor: refunded, share: reader.double())
    }
  }

  @inline(__always)
  private func readTransactions(_ reader: inout PackedReader, _ row: UnsafeMutablePointer<CustomerRow>) {
    let held = reader.count(upTo: layout.transactionCount, "a row holds more transaction ids than the window")
    if held == 0 { return }
    let oldest = reader.byte()
    reader.require(Int(oldest) < layout.transactionCount, "the oldest transaction id is outside the window")
    row.pointee.oldestTransaction = oldest
    let lows = UnsafeMutableRawPointer(row) + layout.transactionsLowOffset
    let highs = UnsafeMutableRawPointer(row) + layout.transactionsHighOffset
    for place in 0..<held {
      let hash = reader.fixed(6)
      lows.storeBytes(of: UInt32(truncatingIfNeeded: hash), toByteOffset: place &* 4, as: UInt32.self)
      highs.storeBytes(of: UInt16(truncatingIfNeeded: hash >> 32), toByteOffset: place &* 2, as: UInt16.self)
    }
  }
}
