/// Segments the customers of some partitions: records in, changes out.
///
/// It is a deterministic function of its settings, the records with their clocks, and the models that it adopts; it
/// reads no clock, file or network. One thread at a time may use it.
public final class Segmenter {
  var core: Core
  /// The numbers of its partitions, ascending.
  public let partitions: [Int32]

  /// Makes a segmenter without customers. The settings must have no `problem`; partition numbers are distinct and ≥ 0.
  ///
  /// With `keepsLog` it notes which rows it touches, for the state log, and the caller must cut them.
  public init(
    settings: SegmentationSettings, changes: ChangeSettings, partitions: [Int32], keepsLog: Bool = false
  ) {
    precondition(settings.problem == nil, "the settings can be used")
    precondition(Set(partitions).count == partitions.count && partitions.allSatisfy { $0 >= 0 }, "partitions differ")
    self.partitions = partitions.sorted()
    core = Core(settings: settings, changes: changes, partitions: self.partitions, keepsLog: keepsLog)
  }

  // MARK: Records

  /// Sets each record's clock from its own partition's, which it moves on. Records of other partitions are left.
  public func setClocks(_ records: UnsafeMutableBufferPointer<PurchaseRecord>) {
    core.setClocks(records)
  }

  /// Applies decoded records that have a clock, in their order. Records of other partitions are passed over.
  ///
  /// A record whose sums would not fit becomes a dead letter with its index.
  public func apply(
    _ records: UnsafeBufferPointer<PurchaseRecord>, origin: ChangeOrigin, deadLetters: inout [DeadLetter]
  ) {
    core.apply(records, origin: origin, deadLetters: &deadLetters)
  }

  // MARK: Clock and sweep

  /// A partition's clock, ms since 1970; `Int64.min` before its first purchase.
  public func clockMs(of partition: Int32) -> Int64 {
    core.partitions[core.local(partition)].clock.nowMs
  }

  /// Where the earliest of the partitions' clocks began, ms since 1970; `nil` before the first purchase.
  public var clockStartMs: Int64? { partitions.compactMap(clockStartMs).min() }

  /// Where a partition's clock began, ms since 1970; `nil` before its first purchase.
  public func clockStartMs(of partition: Int32) -> Int64? {
    core.partitions[core.local(partition)].clock.startMs
  }

  /// Moves a partition's clock on to the wall clock, because it has caught up with its input.
  public func advanceClock(of partition: Int32, toWallClockMs wallClockMs: Int64) {
    core.partitions[core.local(partition)].clock.advance(toWallClockMs: wallClockMs)
  }

  /// Visits the next `rows` rows of a partition at a clock (at most all of them once). Without a model and a log it
  /// does nothing.
  public func sweep(
    _ partition: Int32, rows: Int, clockMs: Int64, learning: Bool = true, publishing: Bool = true,
    origin: ChangeOrigin
  ) {
    core.sweep(
      core.local(partition), rows: rows, clockMs: clockMs,
      mode: SweepMode(learns: learning, publishes: publishing), origin: origin)
  }

  /// The rows of a partition, free ones included: a sweep visits so many.
  public func rowCount(of partition: Int32) -> Int { core.partitions[core.local(partition)].table.rowCount }

  /// The complete sweeps of a partition.
  public func sweeps(of partition: Int32) -> Int { core.partitions[core.local(partition)].sweeps }

  // MARK: Model

  /// The model in use.
  public var model: Model? { core.tables?.pointee.model }

  /// Takes over a model; one that is not newer than the present, or of another kind or other features than the
  /// settings', is ignored.
  public func adopt(_ model: Model) {
    guard model.kind == core.settings.kind else { return }
    if model.kind == .rules || model.features == core.features.features { core.adopt(model) }
  }

  /// Customers with a purchase.
  public var buyers: Int { core.sum { $0.buyers } }

  /// The sums of all partitions in the model's generation; `nil` before the first model.
  public func statistics() -> PartitionStatistics? { core.statistics() }

  /// Adds the customers to a sample for a fit, with their features at a clock, or each at its partition's own.
  public func collect(into sample: inout CustomerSample, clockMs: Int64? = nil) {
    core.collect(into: &sample, clockMs: clockMs)
  }

  /// The sums of one partition in the model's generation; before the first model of generation 0, without clusters.
  public func statistics(of partition: Int32) -> PartitionStatistics {
    core.statistics(of: core.local(partition))
  }

  /// Adds the customers of one partition to a sample for a fit, with their features at its own clock.
  public func collect(_ partition: Int32, into sample: inout CustomerSample) {
    core.collect(core.local(partition), into: &sample, clockMs: nil)
  }

  /// The part that a partition has in the sample for a fit, at its own clock, ready to be published.
  package func sampleRecord(of partition: Int32) -> SampleRecord {
    var sample = CustomerSample()
    collect(partition, into: &sample)
    let clockMs = clockMs(of: partition)
    return SampleRecord(
      partition: partition, sample: sample, clockMs: clockMs == .min ? nil : clockMs,
      startMs: clockStartMs(of: partition), walk: sweeps(of: partition), settings: core.settings)
  }

  // MARK: Output

  /// What has been counted so far.
  public var counters: SegmenterCounters {
    var counters = core.counters
    counters.outsideWindow = core.rules.outsideWindow
    return counters
  }

  /// The number of written changes and erasures that have not been removed.
  public var changeCount: Int { core.changes.entries.count }

  /// Orders the written changes by partition, row and sequence, as a replay needs them.
  public func sortChanges() { core.changes.sort() }

  /// A written change; its bytes are borrowed until the next call that is not about changes.
  public func change(_ index: Int) -> PublishedChange { core.changes[index] }

  /// Calls `body` with every written change, in their order; its bytes are borrowed for the length of the call.
  public func forEachChange(_ body: (PublishedChange) throws -> Void) rethrows {
    for index in core.changes.entries.indices { try body(core.changes[index]) }
  }

  /// Moves the written changes into an empty batch, whose room is used for the next ones.
  public func takeChanges(into batch: inout ChangeBatch) {
    precondition(batch.count == 0, "changes are taken into an empty batch")
    swap(&core.changes, &batch.written)
  }

  /// The bytes of the written changes.
  public var changeBytes: Int { core.changes.buffer.count }

  /// Forgets the written changes.
  public func removeChanges() { core.changes.removeAll() }

  /// Calls `body` with every customer of a partition, in the order of rows.
  public func forEachCustomer(of partition: Int32, clockMs: Int64, _ body: (borrowing Customer) -> Void) {
    core.forEachCustomer(core.local(partition), clockMs: clockMs, body)
  }

  /// Where all customers are; `owner` is kept in the keys.
  package func customerKeys(owner: Int) -> [CustomerKey] { core.customerKeys(owner: owner) }

  /// The customer of a key.
  package func customer(_ key: CustomerKey, clockMs: Int64) -> Customer { core.customer(key, clockMs: clockMs) }

  /// Customers, whether they have bought or not.
  public var customers: Int { core.sum { $0.table.customerCount } }
  /// The bytes of all rows and slots.
  public var stateBytes: Int { core.sum { $0.table.stateBytes } }
  /// The bytes of all customer ids.
  public var idBytes: Int { core.sum { $0.table.idBytes } }
}

extension Core {
  func sum(_ value: (borrowing Partition) -> Int) -> Int {
    var total = 0
    for index in 0..<partitionCount { total += value(partitions[index]) }
    return total
  }

  fileprivate func setClocks(_ records: UnsafeMutableBufferPointer<PurchaseRecord>) {
    for position in records.indices {
      let index = local(records[position].partition)
      if index < 0 { continue }
      if records[position].kind == .purchase {
        partitions[index].clock.observe(
          customerHash: records[position].customerHash, timestampMs: records[position].timestampMs)
      }
      let nowMs = partitions[index].clock.nowMs
      // Before the first purchase there is no clock, and nobody to evaluate at it.
      records[position].clockMs = nowMs == .min ? records[position].timestampMs : nowMs
    }
  }

  fileprivate func statistics() -> PartitionStatistics? {
    guard let model = tables?.pointee.model else { return nil }
    var total = PartitionStatistics(
      generation: model.generation, k: model.learnedCount, features: model.features.count)
    for index in 0..<partitionCount { add(index, to: &total) }
    return total
  }

  fileprivate func statistics(of index: Int) -> PartitionStatistics {
    let model = tables?.pointee.model
    var total = PartitionStatistics(
      generation: model?.generation ?? 0, k: model?.learnedCount ?? 0, features: model?.features.count ?? 0)
    add(index, to: &total)
    return total
  }

  private func add(_ index: Int, to total: inout PartitionStatistics) {
    partitions[index].sums.add(to: &total)
    total.isWarm = total.isWarm && partitions[index].warmth.isWarm
    total.customers += partitions[index].buyers
  }
}
