import CPrefetch
import Glibc

/// What a restored table holds.
struct RestoredTable {
  /// Customers with a purchase.
  var buyers = 0
  /// Customers.
  var customers = 0
}

/// Rows by number, before there are slots: until `finishRestore` the table has no rows for anybody else.
///
///     row read ──► statedNow ── the walk number grows by 1 ──► statedBefore ── by 1 more ──► dropped
extension CustomerTable {
  /// The row of a number as it is when nothing but its id is known; what was stated of it before is gone.
  mutating func restoreRow(
    _ number: Int, id: UnsafePointer<UInt8>, count: Int
  ) -> UnsafeMutablePointer<CustomerRow> {
    let block = number >> Self.rowBits
    if block >= blockCount || blocks[block] == nil { restoreBlock(block) }
    let row = row(number)
    var place = Int(row.pointee.id.number)
    if row.pointee.isInUse && Int(row.pointee.id.tag) == count {
      memcpy(arena + place, id, count)
    } else {
      if row.pointee.isInUse { arenaWaste += Int(row.pointee.id.tag) }
      place = append(id, count: count)
    }
    memset(row, 0, layout.stride)
    row.pointee.flags = CustomerRow.inUse | CustomerRow.statedNow
    row.pointee.id = TaggedNumber(Int64(place), tag: UInt16(truncatingIfNeeded: count))
    return row
  }

  /// Adds a block of free rows; those between it and the others stay away until they are read.
  @inline(never)
  private mutating func restoreBlock(_ block: Int) {
    reserveBlocks(block + 1)
    while blockCount <= block {
      (blocks + blockCount).initialize(to: nil)
      blockCount += 1
    }
    let memory = pool.take()
    memset(memory, 0, Self.rowsPerBlock * layout.stride)
    blocks[block] = memory
  }

  /// Empties a row, if it has been stated.
  mutating func restoreErasure(_ number: Int) {
    guard number >> Self.rowBits < blockCount, blocks[number >> Self.rowBits] != nil else { return }
    drop(row(number))
  }

  private mutating func drop(_ row: UnsafeMutablePointer<CustomerRow>) {
    if row.pointee.isInUse { arenaWaste += Int(row.pointee.id.tag) }
    row.pointee.flags = 0
  }

  /// The walk number has grown by `walks`: drops the rows that no complete walk would have left out.
  mutating func restoreWalk(_ walks: UInt64) {
    let stated = CustomerRow.statedNow | CustomerRow.statedBefore
    for block in 0..<blockCount {
      if blocks[block] == nil { continue }
      for number in block * Self.rowsPerBlock..<(block + 1) * Self.rowsPerBlock {
        let row = row(number)
        if walks == 1 && row.pointee.flags & CustomerRow.statedNow != 0 {
          row.pointee.flags = row.pointee.flags & ~stated | CustomerRow.statedBefore
        } else {
          drop(row)
        }
      }
    }
  }

  /// Slots are asked for this many rows before they are written.
  private static let placeDistance = 16

  /// Makes a table of the rows that were read: `rowCount` of them have a number, at most `freeMax` of which are free.
  ///
  /// `keepsContribution` says whether a row's contribution is part of the sums; `nil` means that the row is damaged.
  mutating func finishRestore(
    rowCount rows: Int, freeMax: Int, keepsContribution: (UnsafeMutablePointer<CustomerRow>) -> Bool?
  ) throws(StateLogError) -> RestoredTable {
    var restored = RestoredTable()
    var end = 0
    for block in 0..<blockCount {
      if blocks[block] == nil { continue }
      for number in block * Self.rowsPerBlock..<(block + 1) * Self.rowsPerBlock where row(number).pointee.isInUse {
        restored.customers += 1
        end = number + 1
      }
    }
    guard end <= rows && rows - restored.customers <= freeMax else {
      throw .order(
        "it has `\(restored.customers)` customers up to row `\(end)` of `\(rows)`, and `\(freeMax)` may be free")
    }
    let blocksNeeded = (rows + Self.rowsPerBlock - 1) >> Self.rowBits
    for block in 0..<blocksNeeded where block >= blockCount || blocks[block] == nil { restoreBlock(block) }
    reserveSlots(customers: restored.customers)
    var free: [Int32] = []
    var hashes = (InlineArray<16, UInt64>(repeating: 0), InlineArray<16, Int>(repeating: 0))
    var waiting = 0
    for number in 0..<rows {
      if number &+ 8 < rows { prefetchRow(number: number &+ 8) }
      let row = row(number)
      guard row.pointee.isInUse else {
        free.append(Int32(truncatingIfNeeded: number))
        continue
      }
      row.pointee.flags &= ~(CustomerRow.statedNow | CustomerRow.statedBefore)
      if row.pointee.evaluated.tag != 0 {
        guard let keeps = keepsContribution(row) else {
          throw .order("row `\(number)` contributes to cluster `\(row.pointee.evaluated.tag - 1)`, which is not there")
        }
        if !keeps { row.pointee.evaluated.tag = 0 }
      }
      if row.pointee.hasPurchase { restored.buyers += 1 }
      let ring = waiting & (Self.placeDistance - 1)
      if waiting >= Self.placeDistance { try placeRestored(hash: hashes.0[ring], number: hashes.1[ring]) }
      let hash = hash(ofRow: number)
      prefetchSlot(hash)
      (hashes.0[ring], hashes.1[ring]) = (hash, number)
      waiting &+= 1
    }
    for index in max(0, waiting - Self.placeDistance)..<waiting {
      let ring = index & (Self.placeDistance - 1)
      try placeRestored(hash: hashes.0[ring], number: hashes.1[ring])
    }
    rowCount = rows
    freeRows = FreeRows(ascending: free)
    return restored
  }

  /// Places a row whose customer must not have another.
  private func placeRestored(hash: UInt64, number: Int) throws(StateLogError) {
    let id = id(row(number))
    if let base = id.baseAddress {
      let other = find(base, count: id.count, hash: hash)
      if other >= 0 { throw .order("rows `\(other)` and `\(number)` are of one customer") }
    }
    place(hash: hash, number: number)
  }

  /// Gives an empty table the slots that it would have grown to.
  private mutating func reserveSlots(customers: Int) {
    while (customers + 1) * 8 > slotCount * 7 { slotCount += slotCount / 2 }
    slots.deallocate()
    slots = .allocate(capacity: slotCount)
    slots.initialize(repeating: 0, count: slotCount)
  }
}
