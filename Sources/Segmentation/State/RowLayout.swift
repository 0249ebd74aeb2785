/// A 48-bit number (a time in ms, an offset) with a 16-bit tag, in one word.
///
///     63            16 15    0
///     +---------------+------+
///     | number        | tag  |
///     +---------------+------+
struct TaggedNumber {
  private var word: Int64 = 0

  init(_ number: Int64 = 0, tag: UInt16 = 0) {
    word = number << 16 | Int64(tag)
  }

  /// The number, −2⁴⁷ to 2⁴⁷ − 1.
  var number: Int64 {
    get { word >> 16 }
    set { word = newValue << 16 | (word & 0xffff) }
  }

  /// The tag.
  var tag: UInt16 {
    get { UInt16(truncatingIfNeeded: word) }
    set { word = (word & ~0xffff) | Int64(newValue) }
  }
}

/// The fixed part of a customer's row; `RowLayout` says what follows it.
struct CustomerRow {
  /// Where the id's bytes are in the arena, tagged with their count.
  var id = TaggedNumber()
  /// The newest purchase, ms.
  var lastPurchaseMs: Int64 = 0
  /// Σ over orders of 2^(−(last − t)/half-life): the value as of the last purchase.
  var decayedFrequency = 0.0
  /// Σ over purchases less refunds of amount · 2^(−(last − t)/half-life), minor units, as of the last purchase.
  var decayedMonetary = 0.0
  /// The sum of purchases, minor units.
  var grossMinor: Int64 = 0
  /// Distinct orders that are not cancelled.
  var orders: Int32 = 0
  /// The sequence of the last published change; 0 before the first.
  var sequence: UInt32 = 0
  /// The clock of the last evaluation, tagged with the cluster that the row contributes to, plus 1 (0: none).
  var evaluated = TaggedNumber()
  /// Since when the customer has been in its segment, tagged with the segment's number (0: none).
  var since = TaggedNumber()
  /// The oldest purchase, ms.
  var firstPurchaseMs: Int64 = 0
  /// The sum of refunds, minor units, as a positive number.
  var refundedMinor: Int64 = 0
  /// The sum of purchases on the UTC day of the first purchase, minor units.
  var firstDaySpendMinor: Int64 = 0
  /// Bit i: a purchase on the i-th UTC day before that of the last purchase.
  var recentDays: UInt32 = 0
  /// Distinct UTC days with a purchase; stays at 65,535.
  var purchaseDays: UInt16 = 0
  /// The flags named beneath. A byte of its own: a word that is read after a part of it was written makes the processor
  /// wait.
  var flags: UInt8 = 0
  /// The place of the oldest transaction id, which the next one takes.
  var oldestTransaction: UInt8 = 0
  /// The clock at which the last segment was left, tagged with that segment's number (0: none).
  var left = TaggedNumber()
  /// The offset of the first applied record, tagged with the generation (mod 2¹⁶) of the contribution.
  var birth = TaggedNumber()

  static let inUse: UInt8 = 1
  static let hasPurchase: UInt8 = 2
  static let ordersEvicted: UInt8 = 4
  /// The row is among the partition's touched ones; true of a free row that was in use at the last cut, too.
  static let touched: UInt8 = 8
  /// While the log is read: the row has been stated in the present walk.
  static let statedNow: UInt8 = 16
  /// While the log is read: the row has been stated in the walk before.
  static let statedBefore: UInt8 = 32

  var isInUse: Bool { flags & Self.inUse != 0 }
  var hasPurchase: Bool { flags & Self.hasPurchase != 0 }
  /// Purchases less refunds, minor units.
  var netMinor: Int64 { grossMinor &- refundedMinor }
}

/// One recent order of a customer, in 32 bytes.
struct OrderEntry {
  /// Σ amount · 2^(−(last − t)/half-life) of the order's purchases, before refunds, as of the last purchase.
  var share: Double
  private var hashAndGross: UInt64
  private var timeAndRefunded: UInt64
  private var low: UInt64

  /// Sums of one order are kept in 47 bits: 1.4 · 10¹⁴ minor units.
  static let minorMax: Int64 = 1 << 47 - 1

  init(hash: UInt64, timeMs: Int64, grossMinor: Int64, refundedMinor: Int64, share: Double) {
    self.share = share
    hashAndGross = hash & Self.hashMask | (UInt64(grossMinor) >> 32) << 48
    timeAndRefunded = UInt64(bitPattern: timeMs) & Self.hashMask | (UInt64(refundedMinor) >> 32) << 48
    low = UInt64(grossMinor) & 0xffff_ffff | UInt64(refundedMinor) << 32
  }

  static let hashMask: UInt64 = 1 << 48 - 1

  /// The order id's hash, 48 bits; 0 in an empty entry.
  var hash: UInt64 { hashAndGross & Self.hashMask }
  /// The earliest time of the order's purchases, ms.
  var timeMs: Int64 { Int64(bitPattern: timeAndRefunded << 16) >> 16 }
  /// The sum of its purchases, minor units.
  var grossMinor: Int64 { Int64((hashAndGross >> 48) << 32 | low & 0xffff_ffff) }
  /// The sum of its refunds, minor units.
  var refundedMinor: Int64 { Int64((timeAndRefunded >> 48) << 32 | low >> 32) }
  /// Whether refunds have taken back all of it.
  var isCancelled: Bool { refundedMinor > 0 && refundedMinor >= grossMinor }
}

/// Where the parts of a row lie; the windows and features are configuration, so the layout is made at start.
///
///     0            112          +32·orders    +8 if dwell   +4·features   +4·ids        +2·ids
///     +------------+-------------+-------------+-------------+-------------+-------------+
///     | CustomerRow| orders      | candidate   | contribution| ids, low 32 | ids, high 16|
///     +------------+-------------+-------------+-------------+-------------+-------------+
struct RowLayout {
  let orderCount: Int
  let transactionCount: Int
  let featureCount: Int
  let hasCandidate: Bool
  let ordersOffset: Int
  let candidateOffset: Int
  let contributionOffset: Int
  let transactionsLowOffset: Int
  let transactionsHighOffset: Int
  /// The bytes of a row, a multiple of 8.
  let stride: Int

  init(_ settings: SegmentationSettings) {
    orderCount = settings.orderWindow
    transactionCount = settings.transactionWindow
    featureCount = settings.features.count
    hasCandidate = settings.dwellMs > 0
    ordersOffset = MemoryLayout<CustomerRow>.size
    candidateOffset = ordersOffset + orderCount * MemoryLayout<OrderEntry>.stride
    contributionOffset = candidateOffset + (hasCandidate ? 8 : 0)
    transactionsLowOffset = contributionOffset + featureCount * 4
    transactionsHighOffset = transactionsLowOffset + transactionCount * 4
    stride = (transactionsHighOffset + transactionCount * 2 + 7) & ~7
  }

  @inline(__always)
  func orders(_ row: UnsafeMutablePointer<CustomerRow>) -> UnsafeMutablePointer<OrderEntry> {
    (UnsafeMutableRawPointer(row) + ordersOffset).assumingMemoryBound(to: OrderEntry.self)
  }

  @inline(__always)
  func contribution(_ row: UnsafeMutablePointer<CustomerRow>) -> UnsafeMutablePointer<Int32> {
    (UnsafeMutableRawPointer(row) + contributionOffset).assumingMemoryBound(to: Int32.self)
  }

  /// The candidate segment's number and the clock since when its condition has held; only where a dwell is configured.
  @inline(__always)
  func candidate(_ row: UnsafeMutablePointer<CustomerRow>) -> UnsafeMutablePointer<TaggedNumber> {
    (UnsafeMutableRawPointer(row) + candidateOffset).assumingMemoryBound(to: TaggedNumber.self)
  }
}
