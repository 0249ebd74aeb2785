import Segmentation

/// Sorts purchase records by time; records of the same time keep the order in which they came.
///
/// All records are held in memory, their ids copied: about 100 bytes a record beside its id.
package struct TimeSorter: ~Copyable {
  /// How much memory a sort may take unless told otherwise, in bytes: some 35 million records.
  package static let bytesMaxDefault = 4 << 30

  private static let blockShift = 15
  private static let blockCount = 1 << blockShift
  private static let idBlockBytes = 1 << 20
  private static let recordBytes = MemoryLayout<PurchaseRecord>.stride + 2 * MemoryLayout<SortKey>.stride

  private struct SortKey {
    /// Time since the earliest record's, in ms.
    var time: UInt64
    var index: UInt32
  }

  private let bytesMax: Int
  private var blocks: [UnsafeMutablePointer<PurchaseRecord>] = []
  private var idBlocks: [UnsafeMutablePointer<UInt8>] = []
  private var idBlockFree = 0
  private var idBytes = 0
  /// The number of records.
  package private(set) var count = 0
  private var earliestMs = Int64.max
  private var latestMs = Int64.min
  private var isInOrder = true
  private var order: [UInt32] = []
  private var position = 0

  /// Makes a sorter that may take `bytesMax` bytes of memory.
  package init(bytesMax: Int = TimeSorter.bytesMaxDefault) {
    self.bytesMax = bytesMax
  }

  deinit {
    for block in blocks { block.deallocate() }
    for block in idBlocks { block.deallocate() }
  }

  /// Adds records, copying their ids; throws `sortTooLarge` when they would not fit the limit.
  package mutating func append(_ records: UnsafeBufferPointer<PurchaseRecord>) throws(FileError) {
    let bytes = (count + records.count) * Self.recordBytes + idBytes
    if bytes > bytesMax || count + records.count > Int(UInt32.max) {
      throw .sortTooLarge(records: count + records.count, bytesNeeded: bytes, bytesMax: bytesMax)
    }
    for record in records {
      if count & (Self.blockCount - 1) == 0 { blocks.append(.allocate(capacity: Self.blockCount)) }
      var copy = record
      copy.customerID = keep(record.customerID, count: Int(record.customerIDCount))
      (blocks[count >> Self.blockShift] + count & (Self.blockCount - 1)).initialize(to: copy)
      count += 1
      isInOrder = isInOrder && record.timestampMs >= latestMs
      latestMs = max(latestMs, record.timestampMs)
      earliestMs = min(earliestMs, record.timestampMs)
    }
  }

  /// Puts the records in order; to be called once, behind the last `append`.
  package mutating func sort() {
    position = 0
    order = []
    if isInOrder { return }
    var keys = [SortKey](unsafeUninitializedCapacity: count) { keys, filled in
      for index in 0..<count {
        let time = UInt64(bitPattern: record(at: index).pointee.timestampMs &- earliestMs)
        (keys.baseAddress.unsafelyUnwrapped + index).initialize(to: SortKey(time: time, index: UInt32(index)))
      }
      filled = count
    }
    Self.radixSort(&keys, largest: UInt64(bitPattern: latestMs &- earliestMs))
    order = keys.map(\.index)
  }

  /// Copies the next records in order to `target` and returns how many; 0 at the end.
  ///
  /// Their ids live as long as the sorter; `index` becomes the position in `target`, `offset` stays the record's own.
  package mutating func next(into target: UnsafeMutableBufferPointer<PurchaseRecord>) -> Int {
    let taken = min(target.count, count - position)
    for step in 0..<taken {
      let index = isInOrder ? position + step : Int(order[position + step])
      target[step] = record(at: index).pointee
      target[step].index = Int32(truncatingIfNeeded: step)
    }
    position += taken
    return taken
  }

  private func record(at index: Int) -> UnsafeMutablePointer<PurchaseRecord> {
    blocks[index >> Self.blockShift] + index & (Self.blockCount - 1)
  }

  private mutating func keep(_ id: UnsafePointer<UInt8>, count: Int) -> UnsafePointer<UInt8> {
    if count > idBlockFree {
      let blockBytes = max(count, Self.idBlockBytes)
      idBlocks.append(.allocate(capacity: blockBytes))
      idBlockFree = blockBytes
      idBytes += blockBytes
    }
    // The block is filled from its end.
    idBlockFree -= count
    let place = idBlocks[idBlocks.count - 1] + idBlockFree
    place.update(from: id, count: count)
    return UnsafePointer(place)
  }

  /// Sorts by time, least significant digit first: stable.
  private static func radixSort(_ keys: inout [SortKey], largest: UInt64) {
    let digitBits = 11
    let digits = 1 << digitBits
    var other = keys
    var shift = 0
    while shift < 64, largest >> UInt64(shift) > 0 {
      var starts = [Int](repeating: 0, count: digits)
      func digit(of key: SortKey) -> Int { Int(truncatingIfNeeded: key.time >> UInt64(shift)) & (digits - 1) }
      for key in keys { starts[digit(of: key)] += 1 }
      var sum = 0
      for digit in 0..<digits {
        let size = starts[digit]
        starts[digit] = sum
        sum += size
      }
      for key in keys {
        let digit = digit(of: key)
        other[starts[digit]] = key
        starts[digit] += 1
      }
      swap(&keys, &other)
      shift += digitBits
    }
  }
}
