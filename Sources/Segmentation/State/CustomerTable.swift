import CPrefetch
import Glibc

/// The customers of one partition: open addressing over dense rows that never move, ids in an arena.
///
///     slots   [ tag 32 | row + 1, 32 ]…       linear probing, grown by half at 7/8 full
///     blocks  [ rows × 32 ]…                  a row's number is its place, free rows are listed
///     arena   id bytes, end to end
struct CustomerTable: ~Copyable {
  let layout: RowLayout
  let pool: BlockPool
  var slots: UnsafeMutablePointer<UInt64>
  var slotCount: Int
  /// A block is `nil` only while rows are restored.
  var blocks: UnsafeMutablePointer<UnsafeMutableRawPointer?>
  var blockCount = 0
  private var blockCapacity = 8
  /// Rows that have a number, free ones included.
  var rowCount = 0
  var freeRows = FreeRows()
  var arena: UnsafeMutablePointer<UInt8>
  private var arenaCount = 0
  private var arenaCapacity = 4096
  var arenaWaste = 0

  /// Small, so that 64 partitions of 3,000 customers do not reserve more rows than they have use for.
  static let rowsPerBlock = 1 << rowBits
  static let rowBits = 5
  /// Row numbers are 31 bits; a partition with more customers must be split.
  static let rowCountMax = Int(Int32.max) - 1

  init(layout: RowLayout, pool: BlockPool) {
    self.layout = layout
    self.pool = pool
    slotCount = 16
    slots = .allocate(capacity: slotCount)
    slots.initialize(repeating: 0, count: slotCount)
    blocks = .allocate(capacity: blockCapacity)
    arena = .allocate(capacity: arenaCapacity)
  }

  deinit {
    slots.deallocate()
    for index in 0..<blockCount { if let block = blocks[index] { pool.give(block) } }
    blocks.deallocate()
    arena.deallocate()
  }

  /// Customers in the table.
  var customerCount: Int { rowCount - freeRows.count }
  /// The bytes that rows and slots take.
  var stateBytes: Int { blockCount * Self.rowsPerBlock * layout.stride + slotCount * 8 }
  /// The bytes that ids take.
  var idBytes: Int { arenaCapacity }

  @inline(__always)
  func row(_ number: Int) -> UnsafeMutablePointer<CustomerRow> {
    (blocks[number >> Self.rowBits].unsafelyUnwrapped + (number & (Self.rowsPerBlock &- 1)) &* layout.stride)
      .assumingMemoryBound(to: CustomerRow.self)
  }

  @inline(__always)
  func id(_ row: UnsafePointer<CustomerRow>) -> UnsafeBufferPointer<UInt8> {
    UnsafeBufferPointer(start: arena + Int(row.pointee.id.number), count: Int(row.pointee.id.tag))
  }

  @inline(__always)
  func slotIndex(_ hash: UInt64) -> Int {
    Int(truncatingIfNeeded: ((hash >> 32) &* UInt64(truncatingIfNeeded: slotCount)) >> 32)
  }

  /// Asks for the slot's line, some records before it is needed.
  @inline(__always)
  func prefetchSlot(_ hash: UInt64) { prefetch_for_write(slots + slotIndex(hash)) }

  /// The row that the hash most likely leads to and its number, −1 where there is none; asks for its lines.
  @inline(__always)
  func prefetchRow(_ hash: UInt64) -> (number: Int32, row: UnsafeMutablePointer<CustomerRow>?) {
    var index = slotIndex(hash)
    let tag = hash << 32
    while true {
      let slot = slots[index]
      if slot == 0 { return (-1, nil) }
      if slot & 0xffff_ffff_0000_0000 == tag {
        let number = Int(slot & 0xffff_ffff) &- 1
        let row = row(number)
        prefetchRow(row)
        return (Int32(truncatingIfNeeded: number), row)
      }
      index &+= 1
      if index == slotCount { index = 0 }
    }
  }

  /// Asks for the lines of a row of a walk; the last can be the first of the next row, which is asked for too.
  @inline(__always)
  func prefetchRow(number: Int) {
    let address = UnsafeRawPointer(row(number))
    prefetch_for_write(address)
    prefetch_for_write(address + 64)
    prefetch_for_write(address + 128)
    prefetch_for_write(address + 192)
  }

  /// Asks for the lines of a row wherever it is: it may begin anywhere in a line, and so lie on one more.
  @inline(__always)
  func prefetchRow(_ row: UnsafePointer<CustomerRow>) {
    let address = UnsafeRawPointer(row)
    prefetch_for_write(address)
    prefetch_for_write(address + 64)
    prefetch_for_write(address + 128)
    prefetch_for_write(address + 192)
    prefetch_for_write(address + (layout.stride &- 1))
  }

  /// Asks for the id's line of a row that should have come.
  @inline(__always)
  func prefetchID(_ row: UnsafePointer<CustomerRow>) { prefetch_for_write(arena + Int(row.pointee.id.number)) }

  /// Whether a row is the customer's.
  @inline(__always)
  func isRow(_ row: UnsafePointer<CustomerRow>, of id: UnsafePointer<UInt8>, count: Int) -> Bool {
    row.pointee.isInUse && Int(row.pointee.id.tag) == count
      && Self.isEqual(arena + Int(row.pointee.id.number), id, count)
  }

  /// The number of the customer's row, or −1.
  @inline(__always)
  func find(_ id: UnsafePointer<UInt8>, count: Int, hash: UInt64) -> Int {
    var index = slotIndex(hash)
    let tag = hash << 32
    while true {
      let slot = slots[index]
      if slot == 0 { return -1 }
      if slot & 0xffff_ffff_0000_0000 == tag {
        let number = Int(slot & 0xffff_ffff) &- 1
        let row = row(number)
        if Int(row.pointee.id.tag) == count && Self.isEqual(arena + Int(row.pointee.id.number), id, count) {
          return number
        }
      }
      index &+= 1
      if index == slotCount { index = 0 }
    }
  }

  /// Whether two ids of the same length are equal; short ones without a call.
  @inline(__always)
  private static func isEqual(_ a: UnsafePointer<UInt8>, _ b: UnsafePointer<UInt8>, _ count: Int) -> Bool {
    guard count >= 8 && count <= 16 else { return memcmp(a, b, count) == 0 }
    let (a, b) = (UnsafeRawPointer(a), UnsafeRawPointer(b))
    let last = count &- 8
    return a.loadUnaligned(as: UInt64.self) == b.loadUnaligned(as: UInt64.self)
      && a.loadUnaligned(fromByteOffset: last, as: UInt64.self)
        == b.loadUnaligned(fromByteOffset: last, as: UInt64.self)
  }

  /// Adds a customer that is not in the table and returns the number of its row.
  @inline(never)
  mutating func insert(_ id: UnsafePointer<UInt8>, count: Int, hash: UInt64, birthOffset: Int64) -> Int {
    if (customerCount + 1) * 8 > slotCount * 7 { growSlots() }
    let number: Int
    var wasTouched: UInt8 = 0
    if freeRows.count > 0 {
      number = freeRows.popLowest()
      wasTouched = row(number).pointee.flags & CustomerRow.touched
    } else {
      precondition(rowCount < Self.rowCountMax, "a partition holds at most \(Self.rowCountMax) customers")
      number = rowCount
      if number >> Self.rowBits == blockCount { addBlock() }
      rowCount += 1
    }
    let row = row(number)
    memset(row, 0, layout.stride)
    row.initialize(to: CustomerRow())
    row.pointee.flags = CustomerRow.inUse | wasTouched
    row.pointee.id = TaggedNumber(Int64(append(id, count: count)), tag: UInt16(count))
    row.pointee.birth = TaggedNumber(birthOffset)
    place(hash: hash, number: number)
    return number
  }

  /// Forgets a customer; its row is free for the next. Whether it is noted as touched stays with the row.
  mutating func remove(_ number: Int, hash: UInt64) {
    var index = slotIndex(hash)
    while slots[index] & 0xffff_ffff != UInt64(number + 1) {
      precondition(slots[index] != 0, "a row that is removed has a slot")
      index = index + 1 == slotCount ? 0 : index + 1
    }
    closeGap(at: index)
    let row = row(number)
    arenaWaste += Int(row.pointee.id.tag)
    row.pointee.flags &= CustomerRow.touched
    freeRows.add(number)
    if arenaWaste > 1 << 16 && arenaWaste > arenaCount / 2 { compactArena() }
  }

  private mutating func closeGap(at hole: Int) {
    var hole = hole
    var index = hole
    while true {
      index = index + 1 == slotCount ? 0 : index + 1
      let slot = slots[index]
      if slot == 0 { break }
      let home = slotIndex(hash(ofRow: Int(slot & 0xffff_ffff) - 1))
      // The slot may move back to the hole if its home does not lie cyclically behind the hole.
      let distanceToHome = (index - home + slotCount) % slotCount
      let distanceToHole = (index - hole + slotCount) % slotCount
      if distanceToHome >= distanceToHole {
        slots[hole] = slot
        hole = index
      }
    }
    slots[hole] = 0
  }

  /// The hash of a row's customer id.
  func hash(ofRow number: Int) -> UInt64 {
    let bytes = id(row(number))
    guard let base = bytes.baseAddress else { return 0 }
    return hashBytes(base, count: bytes.count)
  }

  func place(hash: UInt64, number: Int) {
    var index = slotIndex(hash)
    while slots[index] != 0 { index = index + 1 == slotCount ? 0 : index + 1 }
    slots[index] = hash << 32 | UInt64(number + 1)
  }

  private mutating func growSlots() {
    slots.deallocate()
    slotCount += slotCount / 2
    slots = .allocate(capacity: slotCount)
    slots.initialize(repeating: 0, count: slotCount)
    for number in 0..<rowCount where row(number).pointee.isInUse { place(hash: hash(ofRow: number), number: number) }
  }

  private mutating func addBlock() {
    reserveBlocks(blockCount + 1)
    (blocks + blockCount).initialize(to: pool.take())
    blockCount += 1
  }

  /// Makes room for the addresses of so many blocks.
  mutating func reserveBlocks(_ count: Int) {
    if count <= blockCapacity { return }
    blockCapacity = max(count, blockCapacity * 2)
    let larger = UnsafeMutablePointer<UnsafeMutableRawPointer?>.allocate(capacity: blockCapacity)
    larger.moveInitialize(from: blocks, count: blockCount)
    blocks.deallocate()
    blocks = larger
  }

  mutating func append(_ id: UnsafePointer<UInt8>, count: Int) -> Int {
    if arenaCount + count > arenaCapacity {
      let capacity = max(arenaCapacity + arenaCapacity / 2, arenaCount + count)
      let larger = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity)
      memcpy(larger, arena, arenaCount)
      arena.deallocate()
      arena = larger
      arenaCapacity = capacity
    }
    memcpy(arena + arenaCount, id, count)
    arenaCount += count
    return arenaCount - count
  }

  private mutating func compactArena() {
    let old = arena
    arena = .allocate(capacity: arenaCapacity)
    arenaCount = 0
    arenaWaste = 0
    for number in 0..<rowCount where row(number).pointee.isInUse {
      let row = row(number)
      let count = Int(row.pointee.id.tag)
      memcpy(arena + arenaCount, old + Int(row.pointee.id.number), count)
      row.pointee.id = TaggedNumber(Int64(arenaCount), tag: UInt16(count))
      arenaCount += count
    }
    old.deallocate()
  }
}
