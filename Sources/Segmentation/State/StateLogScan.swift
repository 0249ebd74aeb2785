import Glibc

/// Looks for one customer in the state log of a partition, without a table: a row of memory, and one to pass over.
///
/// It reads what `Segmenter.restore` reads, and the same rule holds: what is stated later wins.
package final class StateLogScan {
  /// The record read last; `nil` before the first.
  package private(set) var last: StateRecordHeader?
  /// What the last complete commit says of the partition; `nil` before one was read.
  package private(set) var summary: Summary?

  /// What a commit says of a partition beside rows.
  package struct Summary: Sendable, Equatable {
    /// The clock, ms since 1970; `nil` before the first purchase.
    package var clockMs: Int64?
    /// Where the clock began, ms since 1970.
    package var clockStartMs: Int64?
    /// Rows that have a number, free ones included.
    package var rows: Int
    /// The next row of the sweep.
    package var cursor: Int
    /// The generation of the sums; 0 before the first model.
    package var generation: Int
    /// What has happened to the partition since its beginning.
    package var counters: PartitionCounters
  }

  private let layout: RowLayout
  private let id: [UInt8]
  private let isWhole: Bool
  private let found: UnsafeMutablePointer<CustomerRow>
  private let passed: UnsafeMutablePointer<CustomerRow>
  /// The number of the customer's row; −1 where it has none.
  private var number = -1
  /// The walk in which it was stated last.
  private var walk = 0

  /// Looks for the customer of an id; with an empty one for none.
  ///
  /// `isWhole` says that the log is read from its start; else it may begin anywhere.
  package init(settings: SegmentationSettings, id: [UInt8], isWhole: Bool = true) {
    layout = RowLayout(settings)
    self.id = id
    self.isWhole = isWhole
    found = Self.makeRow(layout.stride)
    passed = Self.makeRow(layout.stride)
  }

  private static func makeRow(_ stride: Int) -> UnsafeMutablePointer<CustomerRow> {
    let memory = UnsafeMutableRawPointer.allocate(byteCount: stride, alignment: 8)
    memset(memory, 0, stride)
    return memory.bindMemory(to: CustomerRow.self, capacity: 1)
  }

  deinit {
    UnsafeMutableRawPointer(found).deallocate()
    UnsafeMutableRawPointer(passed).deallocate()
  }

  /// Reads the next record of the log and returns its header; `fingerprint` is checked where it is given.
  @discardableResult
  package func read(
    _ record: UnsafeRawBufferPointer, fingerprint: UInt64? = nil
  ) throws(StateLogError) -> StateRecordHeader {
    var reader = PackedReader(record)
    let header = try StateRecordHeader(&reader)
    if let fingerprint, header.fingerprint != fingerprint {
      throw .settings(found: header.fingerprint, expected: fingerprint)
    }
    if last != nil || isWhole { try Core.check(header, after: last) }
    try readRows(&reader, header)
    for _ in 0..<reader.count(upTo: StateRecord.bytesMax, "there are too many erased rows") {
      let erased = reader.count(upTo: CustomerTable.rowCountMax - 1, "a row's number is too large")
      if reader.isDamaged { throw reader.error }
      if erased == number { number = -1 }
    }
    if header.part == header.parts - 1 { readTail(&reader) }
    reader.require(reader.left == 0, "something follows its end")
    if reader.isDamaged { throw reader.error }
    last = header
    return header
  }

  private func readRows(_ reader: inout PackedReader, _ header: StateRecordHeader) throws(StateLogError) {
    let unpacker = RowUnpacker(layout: layout, header: header)
    var next = -1
    for _ in 0..<header.rows {
      guard let head = unpacker.readHead(after: next, from: &reader) else { throw reader.error }
      next = head.number
      let isWanted = head.count == id.count && !id.isEmpty && memcmp(head.id, id, id.count) == 0
      if isWanted {
        memset(found, 0, layout.stride)
        (number, walk) = (head.number, header.walk)
      } else if head.number == number {
        number = -1
      }
      unpacker.readFields(from: &reader, into: isWanted ? found : passed)
      if reader.isDamaged { throw reader.error }
    }
  }

  private func readTail(_ reader: inout PackedReader) {
    let tail = StateTail(&reader)
    if reader.isDamaged { return }
    let hasClock = !tail.clock.customers.isEmpty
    summary = Summary(
      clockMs: hasClock ? tail.clock.nowMs : nil, clockStartMs: hasClock ? tail.clock.startMs : nil,
      rows: tail.rowCount, cursor: tail.cursor, generation: tail.generation, counters: tail.counters)
  }

  /// Whether the customer is in the partition, as of the record read last.
  package var isFound: Bool {
    guard let last else { return false }
    // What no complete walk has left out.
    return number >= 0 && walk >= last.walk - 1
  }

  /// A segmenter with the found customer alone, at the partition's clock; `nil` where there is none.
  package func segmenter(settings: SegmentationSettings, model: Model?) throws(StateLogError) -> Segmenter? {
    guard isFound else { return nil }
    let segmenter = Segmenter(
      settings: settings, changes: ChangeSettings(shape: .structured, source: "", causeTopic: ""), partitions: [0])
    try segmenter.core.takeOver(found, id: id)
    if let model { segmenter.adopt(model) }
    return segmenter
  }
}

extension Core {
  /// Gives the first partition, which is empty, one customer: a copy of a row, but for its contribution.
  fileprivate mutating func takeOver(
    _ other: UnsafePointer<CustomerRow>, id: [UInt8]
  ) throws(StateLogError) {
    let stride = layout.stride
    try id.withUnsafeBufferPointer { id throws(StateLogError) in
      guard let base = id.baseAddress else { return }
      let row = partitions[0].table.restoreRow(0, id: base, count: id.count)
      let place = row.pointee.id
      memcpy(row, other, stride)
      row.pointee.id = place
      row.pointee.flags |= CustomerRow.inUse
      let restored = try partitions[0].table.finishRestore(rowCount: 1, freeMax: 0) { _ in false }
      partitions[0].buyers = restored.buyers
    }
  }
}
