/// The rows of a partition that have changed or been swept since the last cut, each once: its row's `touched` flag
/// says that it is here. Rows that were erased and not used again are here too.
struct TouchedRows: ~Copyable {
  private(set) var count = 0
  private var capacity = 0
  private var numbers: UnsafeMutablePointer<Int32>

  init() { numbers = .allocate(capacity: 0) }

  deinit { numbers.deallocate() }

  @inline(__always)
  subscript(index: Int) -> Int { Int(numbers[index]) }

  @inline(__always)
  mutating func append(_ number: Int) {
    if count == capacity { grow() }
    numbers[count] = Int32(truncatingIfNeeded: number)
    count &+= 1
  }

  /// Forgets the rows; the room stays.
  mutating func removeAll() { count = 0 }

  @inline(never)
  private mutating func grow() {
    capacity = max(1024, capacity * 2)
    let larger = UnsafeMutablePointer<Int32>.allocate(capacity: capacity)
    larger.moveInitialize(from: numbers, count: count)
    numbers.deallocate()
    numbers = larger
  }
}

/// What has happened to a partition since its beginning; it is kept in the state log.
package struct PartitionCounters: Sendable, Equatable {
  /// Records read, of every kind.
  package var records = 0
  /// Records that changed a customer, erasures included.
  package var applied = 0
  /// Records whose transaction id was among the customer's recent ones.
  package var duplicates = 0
  /// Records that could not be read or applied.
  package var deadLetters = 0
  /// Records that the record map says to pass over.
  package var ignored = 0
  /// Applied records of which it cannot be told whether their order or day was counted before.
  package var outsideWindow = 0
  /// Customers erased.
  package var erased = 0

  /// Counters at zero.
  package init() {}
}
