/// One input partition: its customers, its clock, its sums and the place of its sweep.
struct Partition: ~Copyable {
  let number: Int32
  var table: CustomerTable
  var clock = PartitionClock()
  var sums: LearnerSums
  /// What the sweep counts about the model.
  var watch = WatchCounts()
  /// The next row of the sweep.
  var cursor = 0
  /// Complete walks.
  var sweeps = 0
  /// Whether every row has been visited in the model's generation.
  var warmth = Warmth.warm
  /// Customers with a purchase.
  var buyers = 0
  /// The generation of the sums; 0 for none.
  var sumsGeneration = 0
  /// What has changed since the last cut, where a log is kept.
  var touched = TouchedRows()
  var counters = PartitionCounters()
  var countersAtCut = PartitionCounters()
  /// While the log is read.
  var restoration: Restoration?

  init(number: Int32, layout: RowLayout, pool: BlockPool) {
    self.number = number
    table = CustomerTable(layout: layout, pool: pool)
    sums = LearnerSums(k: 0, featureCount: 0)
  }
}

/// How far a partition's sweep has come in a generation.
///
///     behind(start) ── the walk ends ──► ahead(start) ── the cursor reaches start ──► warm
enum Warmth {
  /// The cursor has yet to reach the end of the walk; the generation began at row `start`.
  case behind(start: Int)
  /// The walk has begun anew and has yet to reach row `start`.
  case ahead(start: Int)
  /// Every row has been visited.
  case warm

  /// As the state log has it.
  var packed: (state: UInt8, start: Int) {
    switch self {
    case .warm: (0, 0)
    case .behind(let start): (1, start)
    case .ahead(let start): (2, start)
    }
  }

  var isWarm: Bool { if case .warm = self { true } else { false } }
}

/// Where a record most likely leads to: the index of its partition (−1: not here) and a row (−1: not known).
private struct RowHint {
  var partition: Int32
  var number: Int32
  /// The row of that number; rows do not move.
  var row: UnsafeMutablePointer<CustomerRow>?

  init(partition: Int) {
    self.partition = Int32(truncatingIfNeeded: partition)
    number = -1
  }
}

/// What a sweep is for.
struct SweepMode {
  /// Contributions are renewed, and rows counted.
  var learns: Bool
  /// Moves are published.
  var publishes: Bool

  /// Because of a record: the learner sees customers on the sweep only.
  static let record = SweepMode(learns: false, publishes: true)
}

/// The state of a `Segmenter`: everything that its loops touch, in one place without references to check.
struct Core: ~Copyable {
  let settings: SegmentationSettings
  let layout: RowLayout
  let features: FeatureRules
  var rules: StateRules
  var encoder: ChangeEncoder
  /// The model in use, allocated and freed here.
  private(set) var tables: UnsafePointer<ModelTables>?
  /// The JSON of segments that a model no longer has, by number.
  private(set) var retiredJSON: [UInt16: ConstantBytes] = [:]
  let partitions: UnsafeMutablePointer<Partition>
  let partitionCount: Int
  /// Whether rows are noted when they are touched.
  let keepsLog: Bool
  let pool: BlockPool
  /// Partition number → index in `partitions`, −1 where it is not here.
  let localIndex: UnsafeMutablePointer<Int32>
  let localIndexCount: Int
  /// Where the next records most likely lead to, by their position modulo `hintCount`.
  private let hints: UnsafeMutablePointer<RowHint>
  var changes = ChangeBuffer()
  var counters = SegmenterCounters()

  init(settings: SegmentationSettings, changes: ChangeSettings, partitions numbers: [Int32], keepsLog: Bool = false) {
    self.settings = settings
    self.keepsLog = keepsLog
    layout = RowLayout(settings)
    features = FeatureRules(settings)
    rules = StateRules(settings)
    encoder = ChangeEncoder(changes, features: features, currency: settings.currency)
    partitionCount = numbers.count
    partitions = .allocate(capacity: numbers.count)
    localIndexCount = Int(numbers.max() ?? -1) + 1
    localIndex = .allocate(capacity: localIndexCount)
    localIndex.initialize(repeating: -1, count: localIndexCount)
    hints = .allocate(capacity: Self.hintCount)
    hints.initialize(repeating: RowHint(partition: -1), count: Self.hintCount)
    pool = BlockPool(blockBytes: CustomerTable.rowsPerBlock * layout.stride)
    for (index, number) in numbers.enumerated() {
      (partitions + index).initialize(to: Partition(number: number, layout: layout, pool: pool))
      localIndex[Int(number)] = Int32(index)
    }
  }

  deinit {
    partitions.deinitialize(count: partitionCount)
    partitions.deallocate()
    localIndex.deallocate()
    hints.deallocate()
    for json in retiredJSON.values { json.deallocate() }
    freeTables()
  }

  @inline(__always)
  func local(_ partition: Int32) -> Int {
    partition >= 0 && Int(partition) < localIndexCount ? Int(localIndex[Int(partition)]) : -1
  }

  // MARK: Records

  /// Slots are asked for this many records ahead, rows half as many, ids a quarter.
  private static let prefetchDistance = 32
  private static let hintCount = 2 * prefetchDistance
  private static let hintMask = hintCount - 1

  mutating func apply(
    _ records: UnsafeBufferPointer<PurchaseRecord>, origin: ChangeOrigin, deadLetters: inout [DeadLetter]
  ) {
    guard let base = records.baseAddress else { return }
    let count = records.count
    for position in 0..<min(Self.prefetchDistance, count) {
      hints[position] = RowHint(partition: local(base[position].partition))
    }
    for position in 0..<count {
      let ahead = position &+ Self.prefetchDistance
      if ahead < count {
        let index = local(base[ahead].partition)
        hints[ahead & Self.hintMask] = RowHint(partition: index)
        if index >= 0 { partitions[index].table.prefetchSlot(base[ahead].customerHash) }
      }
      let near = position &+ Self.prefetchDistance / 2
      if near < count {
        let hint = hints + near & Self.hintMask
        if hint.pointee.partition >= 0 {
          let found = partitions[Int(hint.pointee.partition)].table.prefetchRow(base[near].customerHash)
          hint.pointee.number = found.number
          hint.pointee.row = found.row
        }
      }
      let next = hints + (position &+ Self.prefetchDistance / 4) & Self.hintMask
      if position &+ Self.prefetchDistance / 4 < count, let row = next.pointee.row {
        partitions[Int(next.pointee.partition)].table.prefetchID(row)
      }
      let hint = hints[position & Self.hintMask]
      if hint.partition >= 0 {
        apply(base + position, hint: hint, partition: partitions + Int(hint.partition), origin: origin, &deadLetters)
      }
    }
  }

  @inline(__always)
  private mutating func apply(
    _ record: UnsafePointer<PurchaseRecord>, hint: RowHint, partition: UnsafeMutablePointer<Partition>,
    origin: ChangeOrigin, _ deadLetters: inout [DeadLetter]
  ) {
    if record.pointee.kind == .erasure { return erase(record, partition: partition) }
    let count = Int(record.pointee.customerIDCount)
    let hash = record.pointee.customerHash
    if let row = hint.row, partition.pointee.table.isRow(row, of: record.pointee.customerID, count: count) {
      return apply(
        record, to: row, number: Int(hint.number), isNew: false, partition: partition, origin: origin, &deadLetters)
    }
    var number = partition.pointee.table.find(record.pointee.customerID, count: count, hash: hash)
    let isNew = number < 0
    if isNew {
      number = partition.pointee.table.insert(
        record.pointee.customerID, count: count, hash: hash, birthOffset: record.pointee.offset)
    }
    apply(
      record, to: partition.pointee.table.row(number), number: number, isNew: isNew, partition: partition,
      origin: origin, &deadLetters)
  }

  @inline(__always)
  private mutating func apply(
    _ record: UnsafePointer<PurchaseRecord>, to row: UnsafeMutablePointer<CustomerRow>, number: Int, isNew: Bool,
    partition: UnsafeMutablePointer<Partition>, origin: ChangeOrigin, _ deadLetters: inout [DeadLetter]
  ) {
    let hadPurchase = row.pointee.hasPurchase
    let lastMs = row.pointee.lastPurchaseMs
    let outsideBefore = rules.outsideWindow
    switch rules.apply(record, to: row) {
    case .applied: break
    case .duplicate:
      counters.duplicates += 1
      partition.pointee.counters.duplicates &+= 1
      return
    case .overflow:
      if isNew {
        // The customer's only record was not applied, so the customer was never here.
        partition.pointee.table.remove(number, hash: record.pointee.customerHash)
      }
      return deadLetters.append(Self.overflow(record))
    }
    counters.applied += 1
    partition.pointee.counters.applied &+= 1
    partition.pointee.counters.outsideWindow &+= rules.outsideWindow &- outsideBefore
    note(row, number: number, partition: partition)
    guard row.pointee.hasPurchase else { return }
    if !hadPurchase { partition.pointee.buyers += 1 }
    guard let tables else { return }
    let late = hadPurchase && record.pointee.timestampMs < lastMs
    let reason: ChangeReason = record.pointee.kind == .refund ? .refund : late ? .latePurchase : .purchase
    evaluate(
      row, number: number, partition: partition, tables: tables, clockMs: record.pointee.clockMs,
      cause: Cause(reason: reason, timestampMs: record.pointee.timestampMs, offset: record.pointee.offset),
      origin: origin)
  }

  /// Notes a row for the next cut, where a log is kept.
  @inline(__always)
  func note(_ row: UnsafeMutablePointer<CustomerRow>, number: Int, partition: UnsafeMutablePointer<Partition>) {
    if keepsLog && row.pointee.flags & CustomerRow.touched == 0 {
      row.pointee.flags |= CustomerRow.touched
      partition.pointee.touched.append(number)
    }
  }

  private static func overflow(_ record: UnsafePointer<PurchaseRecord>) -> DeadLetter {
    DeadLetter(
      code: .amountOverflow,
      message: "the customer's or the order's sum with `\(record.pointee.amountMinor)` minor units does not fit; "
        + "check the amount and its unit", index: Int(record.pointee.index))
  }

  @inline(never)
  private mutating func erase(_ record: UnsafePointer<PurchaseRecord>, partition: UnsafeMutablePointer<Partition>) {
    counters.applied += 1
    partition.pointee.counters.applied += 1
    let hash = record.pointee.customerHash
    let count = Int(record.pointee.customerIDCount)
    let number = partition.pointee.table.find(record.pointee.customerID, count: count, hash: hash)
    guard number >= 0 else { return }
    let row = partition.pointee.table.row(number)
    if row.pointee.sequence > 0 {
      encoder.writeErasure(
        row, number: number, id: partition.pointee.table.id(row), partition: partition.pointee.number,
        effectiveMs: record.pointee.timestampMs, to: &changes)
    }
    if let tables { withdraw(row, partition: partition, tables: tables) }
    if row.pointee.hasPurchase { partition.pointee.buyers -= 1 }
    note(row, number: number, partition: partition)
    partition.pointee.table.remove(number, hash: hash)
    counters.erased += 1
    partition.pointee.counters.erased += 1
  }

  // MARK: Learning

  /// Takes away what the row contributed in this generation.
  @inline(__always)
  func withdraw(
    _ row: UnsafeMutablePointer<CustomerRow>, partition: UnsafeMutablePointer<Partition>,
    tables: UnsafePointer<ModelTables>
  ) {
    let cluster = Int(row.pointee.evaluated.tag) &- 1
    if cluster >= 0 && row.pointee.birth.tag == UInt16(truncatingIfNeeded: tables.pointee.model.generation) {
      partition.pointee.sums.add(layout.contribution(row), to: cluster, sign: -1)
      row.pointee.evaluated.tag = 0
    }
  }

  /// Takes over a newer model. A new generation begins with empty sums.
  mutating func adopt(_ model: Model) {
    if let tables, (model.generation, model.version) <= (tables.pointee.model.generation, tables.pointee.model.version)
    {
      return
    }
    for index in 0..<partitionCount { settle(index, in: model) }
    for segment in model.retired where retiredJSON[UInt16(segment.number)] == nil {
      retiredJSON[UInt16(segment.number)] = ModelTables.json(number: segment.number, name: segment.name)
    }
    let newer = UnsafeMutablePointer<ModelTables>.allocate(capacity: 1)
    newer.initialize(to: ModelTables(model))
    freeTables()
    tables = UnsafePointer(newer)
  }

  /// Begins the model's generation in a partition, unless its sums are of that generation already.
  func settle(_ index: Int, in model: Model) {
    let partition = partitions + index
    let (k, features) = (model.learnedCount, model.features.count)
    if partition.pointee.watch.generation != model.generation || partition.pointee.watch.k != k {
      partition.pointee.watch = WatchCounts(
        model, isWhole: partition.pointee.cursor == 0, rowCount: partition.pointee.table.rowCount)
    }
    if partition.pointee.sumsGeneration == model.generation && partition.pointee.sums.k == k
      && partition.pointee.sums.featureCount == features
    {
      return
    }
    if partition.pointee.sumsGeneration >= model.generation {
      // Restored from a log whose model is lost: what rows are said to have contributed is in no sums.
      for number in 0..<partition.pointee.table.rowCount {
        partition.pointee.table.row(number).pointee.evaluated.tag = 0
      }
    }
    partition.pointee.sums = LearnerSums(k: k, featureCount: features)
    partition.pointee.sumsGeneration = model.generation
    partition.pointee.warmth = partition.pointee.buyers == 0 ? .warm : .behind(start: partition.pointee.cursor)
  }

  private func freeTables() {
    guard let tables else { return }
    UnsafeMutablePointer(mutating: tables).deinitialize(count: 1)
    tables.deallocate()
  }
}

/// What a `Segmenter` has counted since it was made.
public struct SegmenterCounters: Sendable, Equatable {
  /// Records that changed a customer, erasures included.
  public var applied = 0
  /// Records whose transaction id was among the customer's recent ones.
  public var duplicates = 0
  /// Applied records of which it cannot be told whether their order or day was counted before.
  public var outsideWindow = 0
  /// Customers erased.
  public var erased = 0
  /// Changes by reason, in the order of `ChangeReason.allCases`.
  public var changes = Array(repeating: 0, count: ChangeReason.allCases.count)
  /// Rows that sweeps have visited.
  public var rowsSwept = 0

  /// Counters at zero.
  public init() {}

  /// Adds another's counts.
  public mutating func add(_ other: SegmenterCounters) {
    applied += other.applied
    duplicates += other.duplicates
    outsideWindow += other.outsideWindow
    erased += other.erased
    rowsSwept += other.rowsSwept
    for index in changes.indices { changes[index] += other.changes[index] }
  }
}
