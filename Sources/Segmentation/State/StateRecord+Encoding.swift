/// A part of a cut, while it is written: room for a header, then the rows.
private struct CutPart {
  var start: Int
  var rows = 0
  /// Where the header begins, once it is written.
  var headerStart = 0
  var end = 0
}

extension Core {
  /// Rows are asked for this many before they are packed.
  private static let cutPrefetchDistance = 16

  /// Packs the touched rows of a partition, and forgets that they were touched. Returns the records' places.
  mutating func cut(
    _ index: Int, inputOffset: Int64, sequence: Int64, fingerprint: UInt64, into buffer: inout ByteBuffer
  ) -> [Range<Int>] {
    let partition = partitions + index
    let baseMs = partition.pointee.clock.nowMs == .min ? 0 : partition.pointee.clock.nowMs
    let packer = RowPacker(
      layout: layout, baseMs: baseMs, generation: UInt16(truncatingIfNeeded: partition.pointee.sumsGeneration))
    let tailBytesMax = 256 + (2 + partition.pointee.sums.featureCount) * partition.pointee.sums.k * 10
    var parts: [CutPart] = []
    var part = Self.beginPart(&buffer)
    var erased: [Int] = []
    var previous = -1
    let count = partition.pointee.touched.count
    for position in 0..<count {
      if position &+ Self.cutPrefetchDistance < count {
        let next = partition.pointee.touched[position &+ Self.cutPrefetchDistance]
        partition.pointee.table.prefetchRow(partition.pointee.table.row(next))
        let near = partition.pointee.touched[position &+ Self.cutPrefetchDistance / 2]
        partition.pointee.table.prefetchID(partition.pointee.table.row(near))
      }
      let number = partition.pointee.touched[position]
      let row = partition.pointee.table.row(number)
      row.pointee.flags &= ~CustomerRow.touched
      let id = partition.pointee.table.id(row)
      let most = row.pointee.isInUse ? packer.bytesMax &+ id.count : 0
      if buffer.count &- part.start &+ most &+ (erased.count &+ 1) &* 5 &+ tailBytesMax > Self.partBytesMax {
        Self.append(erased: erased, to: &buffer)
        erased.removeAll()
        part.end = buffer.count
        parts.append(part)
        part = Self.beginPart(&buffer)
        previous = -1
      }
      if row.pointee.isInUse {
        buffer.reserve(most)
        var writer = PackedWriter(buffer.base + buffer.count)
        packer.write(row, id: id, delta: number &- previous, to: &writer)
        buffer.advance(to: writer.next)
        part.rows &+= 1
        previous = number
      } else {
        erased.append(number)
      }
    }
    partition.pointee.touched.removeAll()
    partition.pointee.countersAtCut = partition.pointee.counters
    Self.append(erased: erased, to: &buffer)
    appendTail(partition, most: tailBytesMax, to: &buffer)
    part.end = buffer.count
    parts.append(part)
    for position in parts.indices {
      var header = PackedHeader(
        fingerprint: fingerprint, sequence: sequence, inputOffset: inputOffset,
        walk: partition.pointee.sweeps, baseMs: baseMs, features: layout.featureCount)
      parts[position].headerStart = header.write(
        before: parts[position].start, part: position, parts: parts.count, rows: parts[position].rows, in: &buffer)
    }
    return parts.map { $0.headerStart..<$0.end }
  }

  /// What rows, erased rows and tail may come to.
  private static let partBytesMax = StateRecord.bytesMax - StateRecord.headerBytesMax

  private static func beginPart(_ buffer: inout ByteBuffer) -> CutPart {
    buffer.reserve(StateRecord.headerBytesMax)
    buffer.advance(to: UnsafeMutableRawPointer(buffer.base + buffer.count + StateRecord.headerBytesMax))
    return CutPart(start: buffer.count)
  }

  private static func append(erased: [Int], to buffer: inout ByteBuffer) {
    buffer.reserve((erased.count + 1) * 5 + 16)
    var writer = PackedWriter(buffer.base + buffer.count)
    writer.varint(UInt64(erased.count))
    for number in erased { writer.varint(UInt64(number)) }
    buffer.advance(to: writer.next)
  }

  /// Clock, sweep, sums and counters.
  private func appendTail(_ partition: UnsafeMutablePointer<Partition>, most: Int, to buffer: inout ByteBuffer) {
    buffer.reserve(most + 16)
    var writer = PackedWriter(buffer.base + buffer.count)
    let clock = partition.pointee.clock.parts
    writer.byte(UInt8(clock.customers.count))
    for customer in clock.customers {
      writer.zigzag(customer.timeMs)
      writer.fixed(customer.hash)
    }
    if !clock.customers.isEmpty {
      writer.zigzag(clock.nowMs)
      writer.zigzag(clock.startMs)
    }
    writer.varint(UInt64(partition.pointee.table.rowCount))
    writer.varint(UInt64(partition.pointee.cursor))
    let (state, start) = partition.pointee.warmth.packed
    writer.byte(state)
    writer.varint(UInt64(start))
    let k = partition.pointee.sums.k
    let features = partition.pointee.sums.featureCount
    writer.varint(UInt64(partition.pointee.sumsGeneration))
    writer.varint(UInt64(k))
    writer.varint(UInt64(features))
    for index in 0..<k { writer.zigzag(partition.pointee.sums.counts[index]) }
    for index in 0..<k * features { writer.zigzag(partition.pointee.sums.sums[index]) }
    for index in 0..<k { writer.zigzag(partition.pointee.sums.squares[index]) }
    let counters = partition.pointee.counters
    for value in [
      counters.records, counters.applied, counters.duplicates, counters.deadLetters, counters.ignored,
      counters.outsideWindow, counters.erased,
    ] { writer.varint(UInt64(value)) }
    buffer.advance(to: writer.next)
  }
}

/// What the headers of a cut's records have in common.
private struct PackedHeader {
  let fingerprint: UInt64
  let sequence: Int64
  let inputOffset: Int64
  let walk: Int
  let baseMs: Int64
  let features: Int

  /// Writes a header so that it ends where the rows begin, and returns where it begins.
  mutating func write(before start: Int, part: Int, parts: Int, rows: Int, in buffer: inout ByteBuffer) -> Int {
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: StateRecord.headerBytesMax) { scratch in
      guard let base = scratch.baseAddress else { return start }
      var writer = PackedWriter(base)
      writer.byte(StateRecord.version)
      writer.fixed(fingerprint)
      writer.varint(UInt64(sequence))
      writer.varint(UInt64(part))
      writer.varint(UInt64(parts))
      writer.varint(UInt64(inputOffset))
      writer.varint(UInt64(walk))
      writer.zigzag(baseMs)
      writer.varint(UInt64(features))
      writer.varint(UInt64(rows))
      let count = writer.next - UnsafeMutableRawPointer(base)
      (buffer.base + start - count).update(from: base, count: count)
      return start - count
    }
  }
}

/// Packs rows.
private struct RowPacker {
  let layout: RowLayout
  let baseMs: Int64
  /// Of the sums, modulo 2¹⁶: an older contribution is part of none and is left out.
  let generation: UInt16
  /// The most that a row takes beside its id, with the room that the writer wants.
  let bytesMax: Int

  init(layout: RowLayout, baseMs: Int64, generation: UInt16) {
    self.layout = layout
    self.baseMs = baseMs
    self.generation = generation
    bytesMax = 256 + layout.featureCount * 10 + layout.orderCount * 44 + layout.transactionCount * 6
  }

  @inline(__always)
  func write(
    _ row: UnsafeMutablePointer<CustomerRow>, id: UnsafeBufferPointer<UInt8>, delta: Int, to writer: inout PackedWriter
  ) {
    let candidate = layout.hasCandidate ? layout.candidate(row).pointee : TaggedNumber()
    let contributes = row.pointee.evaluated.tag != 0 && row.pointee.birth.tag == generation
    var flags: UInt8 = row.pointee.hasPurchase ? StateRecord.hasPurchase : 0
    if row.pointee.flags & CustomerRow.ordersEvicted != 0 { flags |= StateRecord.ordersEvicted }
    if row.pointee.evaluated.number != 0 { flags |= StateRecord.isEvaluated }
    if row.pointee.since.tag != 0 { flags |= StateRecord.hasSegment }
    if row.pointee.left.tag != 0 { flags |= StateRecord.hasLeft }
    if candidate.tag != 0 { flags |= StateRecord.hasCandidate }
    if contributes { flags |= StateRecord.hasContribution }
    writer.zigzag(Int64(delta))
    writer.varint(UInt64(id.count))
    writer.bytes(id)
    writer.byte(flags)
    writer.zigzag(row.pointee.birth.number)
    writer.zigzag(row.pointee.grossMinor)
    writer.zigzag(row.pointee.refundedMinor)
    writer.zigzag(Int64(row.pointee.orders))
    writer.double(row.pointee.decayedMonetary)
    writer.varint(UInt64(row.pointee.sequence))
    if row.pointee.hasPurchase {
      let lastMs = row.pointee.lastPurchaseMs
      writer.zigzag(baseMs &- lastMs)
      writer.varint(UInt64(bitPattern: lastMs &- row.pointee.firstPurchaseMs))
      writer.double(row.pointee.decayedFrequency)
      writer.varint(UInt64(row.pointee.purchaseDays))
      writer.low(UInt64(row.pointee.recentDays), count: 4)
      writer.zigzag(row.pointee.firstDaySpendMinor)
    }
    if flags & StateRecord.isEvaluated != 0 { writer.zigzag(baseMs &- row.pointee.evaluated.number) }
    if flags & StateRecord.hasSegment != 0 { write(row.pointee.since, to: &writer) }
    if flags & StateRecord.hasLeft != 0 { write(row.pointee.left, to: &writer) }
    if flags & StateRecord.hasCandidate != 0 { write(candidate, to: &writer) }
    if contributes {
      writer.varint(UInt64(row.pointee.evaluated.tag &- 1))
      writer.varint(UInt64(generation))
      let contribution = layout.contribution(row)
      for index in 0..<layout.featureCount { writer.zigzag(Int64(contribution[index])) }
    }
    writeOrders(row, to: &writer)
    writeTransactions(row, to: &writer)
  }

  @inline(__always)
  private func write(_ segment: TaggedNumber, to writer: inout PackedWriter) {
    writer.varint(UInt64(segment.tag))
    writer.zigzag(baseMs &- segment.number)
  }

  /// The orders stand in front, one behind the other.
  @inline(__always)
  private func writeOrders(_ row: UnsafeMutablePointer<CustomerRow>, to writer: inout PackedWriter) {
    let orders = layout.orders(row)
    var held = 0
    while held < layout.orderCount && orders[held].hash != 0 { held &+= 1 }
    writer.varint(UInt64(held))
    for index in 0..<held {
      let order = orders[index]
      writer.low(order.hash, count: 6)
      writer.zigzag(baseMs &- order.timeMs)
      writer.varint(UInt64(order.grossMinor))
      writer.varint(UInt64(order.refundedMinor))
      writer.double(order.share)
    }
  }

  /// Before all places are taken, those up to the oldest's are: it is the next to be written.
  @inline(__always)
  private func writeTransactions(_ row: UnsafeMutablePointer<CustomerRow>, to writer: inout PackedWriter) {
    let oldest = Int(row.pointee.oldestTransaction)
    let lows = UnsafeRawPointer(row) + layout.transactionsLowOffset
    let highs = UnsafeRawPointer(row) + layout.transactionsHighOffset
    @inline(__always)
    func hash(_ place: Int) -> UInt64 {
      UInt64(lows.load(fromByteOffset: place &* 4, as: UInt32.self))
        | UInt64(highs.load(fromByteOffset: place &* 2, as: UInt16.self)) << 32
    }
    let isFull = layout.transactionCount > 0 && hash(oldest) != 0
    let held = isFull ? layout.transactionCount : oldest
    writer.varint(UInt64(held))
    if held == 0 { return }
    writer.byte(UInt8(truncatingIfNeeded: oldest))
    for place in 0..<held { writer.low(hash(place), count: 6) }
  }
}
