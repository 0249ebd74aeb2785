import Segmentation

/// Replays decoded records: one clock for all, 64 fixed partitions, epochs of 1/60 sweep, any number of workers.
///
/// The same records give the same changes, whatever the number of workers: within an epoch the partitions do not
/// touch each other, and what an epoch has written is put in the order partition, row, sequence at its end.
final class ReplayEngine {
  private let segmenters: [Segmenter]
  private let crew: Crew
  private var trainer: Trainer
  private var contests = ContestSchedule()
  private var clock = PartitionClock()
  private var boundaryMs: Int64?
  private var recordsInEpoch = 0
  private let settings: SegmentationSettings
  /// With rules: epochs since cuts were looked at.
  private var epochsOfCuts = 0
  /// The last fit that was refused: with how many customers, and at which clock.
  private var refusal: (customers: Int, clockMs: Int64)?
  /// What is lacking for a model; `nil` with a model.
  private(set) var lack: InsufficientData?
  /// The records after which the epoch ends: settled when it begins, so that it does not depend on how the records
  /// are handed over.
  private var epochRecordsMax: Int
  /// Records of the epoch by partition; with the rows they set how far the sweep goes.
  private let partitionRecords: UnsafeMutablePointer<Int>
  /// What each partition's sweep owes, in sixtieths of a row.
  private var debts = [Int](repeating: 0, count: partitionCount)
  private var letters: [[DeadLetter]]
  private let emit: (PublishedChange) throws -> Void
  /// Records older than the clock when they came.
  private(set) var behindClock = 0
  /// What each fit with `k: auto` weighed and chose.
  private(set) var kChoices: [KChoice] = []

  static let partitionCount = 64
  /// The epochs of a sweep.
  static let epochsPerSweep = 60
  /// The clock that a sweep takes, ms: a day.
  static let sweepMs: Int64 = 86_400_000
  static let epochMs = sweepMs / Int64(epochsPerSweep)
  private let epochRecordsMin: Int

  init(_ options: ReplayOptions, emit: @escaping (PublishedChange) throws -> Void) {
    settings = options.settings
    epochRecordsMin = options.epochRecordsMin
    epochRecordsMax = epochRecordsMin
    let changes = ChangeSettings(
      shape: options.changeShape, source: "/segmenter/replay", causeTopic: "replay", causePartition: 0)
    segmenters = (0..<options.workers).map { worker in
      let own = (0..<Self.partitionCount).filter { $0 % options.workers == worker }
      return Segmenter(settings: options.settings, changes: changes, partitions: own.map(Int32.init))
    }
    crew = Crew(count: options.workers)
    if let start = options.model?.record.start(options.settings) {
      trainer = Trainer(settings: options.settings, model: start.model, memory: start.memory)
      for segmenter in segmenters { segmenter.adopt(start.model) }
    } else {
      trainer = Trainer(settings: options.settings)
    }
    letters = Array(repeating: [], count: options.workers)
    partitionRecords = .allocate(capacity: Self.partitionCount)
    partitionRecords.initialize(repeating: 0, count: Self.partitionCount)
    self.emit = emit
  }

  deinit { partitionRecords.deallocate() }

  // MARK: Records

  /// Takes records in their order; returns those whose sums would not fit, by index.
  func take(_ records: UnsafeMutableBufferPointer<PurchaseRecord>) throws -> [DeadLetter] {
    var start = 0
    var boundary = boundaryMs ?? .min
    var recordsMax = epochRecordsMax
    // What is touched per record is in locals: a class's properties are checked at each access.
    var clock = clock
    var taken = recordsInEpoch
    var behind = 0
    for position in records.indices {
      let partition = Int(records[position].customerHash & UInt64(Self.partitionCount - 1))
      if records[position].kind == .purchase {
        clock.observe(customerHash: records[position].customerHash, timestampMs: records[position].timestampMs)
        if clock.nowMs >= boundary {
          self.clock = clock
          apply(records, start..<position)
          start = position
          try closeEpochs()
          boundary = boundaryMs ?? .min
          taken = recordsInEpoch
          recordsMax = epochRecordsMax
        }
      }
      let nowMs = clock.nowMs
      records[position].partition = Int32(partition)
      records[position].clockMs = nowMs == .min ? records[position].timestampMs : nowMs
      if records[position].timestampMs < nowMs { behind += 1 }
      partitionRecords[partition] += 1
      taken += 1
      if taken >= recordsMax {
        apply(records, start..<position + 1)
        start = position + 1
        try closeEpoch(atMs: records[position].clockMs)
        taken = 0
        recordsMax = epochRecordsMax
      }
    }
    self.clock = clock
    recordsInEpoch = taken
    behindClock += behind
    apply(records, start..<records.count)
    defer { for worker in letters.indices { letters[worker].removeAll(keepingCapacity: true) } }
    return letters.flatMap { $0 }.sorted { $0.index < $1.index }
  }

  private func apply(_ records: UnsafeMutableBufferPointer<PurchaseRecord>, _ range: Range<Int>) {
    if range.isEmpty { return }
    let slice = UnsafeBufferPointer(rebasing: records[range])
    letters.withUnsafeMutableBufferPointer { letters in
      nonisolated(unsafe) let letters = letters  // Each worker touches its own element.
      nonisolated(unsafe) let slice = slice  // Read only.
      crew.perform { worker in
        self.segmenters[worker].apply(slice, origin: .replay, deadLetters: &letters[worker])
      }
    }
  }

  // MARK: Epochs

  /// Closes the epochs that the clock has left behind: at most one sweep of them one by one, then it jumps.
  private func closeEpochs() throws {
    let nowMs = clock.nowMs
    guard var boundary = boundaryMs else {
      // The first purchase opens the first epoch, on the grid of epochs.
      boundaryMs = floorToEpoch(nowMs) + Self.epochMs
      return
    }
    var walked = 0
    while boundary <= nowMs && walked < Self.epochsPerSweep {
      try closeEpoch(atMs: boundary)
      boundary += Self.epochMs
      walked += 1
    }
    boundaryMs = boundary > nowMs ? boundary : floorToEpoch(nowMs) + Self.epochMs
  }

  private func floorToEpoch(_ timeMs: Int64) -> Int64 {
    let remainder = timeMs % Self.epochMs
    return timeMs - (remainder < 0 ? remainder + Self.epochMs : remainder)
  }

  private func closeEpoch(atMs clockMs: Int64) throws {
    debts.withUnsafeMutableBufferPointer { debts in
      nonisolated(unsafe) let debts = debts  // Each worker touches the elements of its own partitions.
      crew.perform { worker in
        let segmenter = self.segmenters[worker]
        for partition in segmenter.partitions {
          let index = Int(partition)
          debts[index] += max(
            segmenter.rowCount(of: partition), Self.epochsPerSweep * self.partitionRecords[index])
          let rows = debts[index] / Self.epochsPerSweep
          debts[index] %= Self.epochsPerSweep
          if rows > 0 { segmenter.sweep(partition, rows: rows, clockMs: clockMs, origin: .replay) }
        }
      }
    }
    contests.closeEpoch(records: (0..<Self.partitionCount).reduce(0) { $0 + partitionRecords[$1] })
    partitionRecords.update(repeating: 0, count: Self.partitionCount)
    recordsInEpoch = 0
    epochRecordsMax = max(epochRecordsMin, customers / Self.epochsPerSweep)
    train(clockMs: clockMs)
    try writeChanges()
  }

  private func train(clockMs: Int64) {
    let buyers = segmenters.reduce(0) { $0 + $1.buyers }
    if trainer.needsFit(customers: buyers, clockMs: clockMs, startMs: clock.startMs), isWorthAFit(buyers, clockMs) {
      return fit(clockMs: clockMs)
    }
    if trainer.model?.kind == .rules { return renewRules(clockMs: clockMs) }
    guard let statistics = statistics() else { return }
    if trainer.holdsContests && contests.isDue(statistics, streak: trainer.memory.streak) {
      let generation = trainer.model?.generation
      _ = trainer.contest(sample(clockMs: clockMs), clockMs: clockMs, number: contests.held)
      if let model = trainer.model, model.generation != generation { return adopt(model) }
    }
    if let model = trainer.update(statistics) {
      trainer.mark(versionMs: clockMs)
      adopt(model)
    }
  }

  private func fit(clockMs: Int64) {
    var sample = self.sample(clockMs: clockMs)
    sample.trim()
    lack = settings.lack(of: sample)
    refusal = lack == nil ? nil : (sample.customers, clockMs)
    guard lack == nil else { return }
    adopt(trainer.fit(sample, clockMs: clockMs))
    if let choice = trainer.kChoice { kChoices.append(choice) }
  }

  private func adopt(_ model: Model) {
    for segmenter in segmenters { segmenter.adopt(model) }
  }

  private func sample(clockMs: Int64) -> CustomerSample {
    var sample = CustomerSample()
    for segmenter in segmenters { segmenter.collect(into: &sample, clockMs: clockMs) }
    return sample
  }

  /// After a refusal the next attempt waits for a quarter more customers, or a day.
  private func isWorthAFit(_ customers: Int, _ clockMs: Int64) -> Bool {
    guard let refusal else { return true }
    return customers >= refusal.customers * 5 / 4 || clockMs >= refusal.clockMs + Self.sweepMs
  }

  /// Once a sweep: a version of the rules whose cuts are those of all customers, where a cut has moved so far.
  private func renewRules(clockMs: Int64) {
    epochsOfCuts += 1
    if epochsOfCuts < Self.epochsPerSweep { return }
    epochsOfCuts = 0
    trainer.renewCuts(histograms(clockMs: clockMs))
    guard let model = trainer.updateRules() else { return }
    for segmenter in segmenters { segmenter.adopt(model) }
  }

  private func histograms(clockMs: Int64) -> ScoreHistograms {
    var parts = [ScoreHistograms](repeating: ScoreHistograms(), count: segmenters.count)
    parts.withUnsafeMutableBufferPointer { parts in
      nonisolated(unsafe) let parts = parts  // Each worker touches its own element.
      crew.perform { worker in self.segmenters[worker].count(into: &parts[worker], clockMs: clockMs) }
    }
    return parts.dropFirst().reduce(into: parts[0]) { $0.add($1) }
  }

  private func statistics() -> PartitionStatistics? {
    guard var total = segmenters[0].statistics() else { return nil }
    for segmenter in segmenters.dropFirst() {
      if let part = segmenter.statistics() { total.add(part) }
    }
    return total
  }

  private func writeChanges() throws {
    if segmenters.count == 1 {
      segmenters[0].sortChanges()
      try segmenters[0].forEachChange(emit)
      return segmenters[0].removeChanges()
    }
    crew.perform { worker in self.segmenters[worker].sortChanges() }
    var next = [Int](repeating: 0, count: segmenters.count)
    for partition in 0..<Self.partitionCount {
      let worker = partition % segmenters.count
      while next[worker] < segmenters[worker].changeCount {
        let change = segmenters[worker].change(next[worker])
        if Int(change.partition) != partition { break }
        try emit(change)
        next[worker] += 1
      }
    }
    for segmenter in segmenters { segmenter.removeChanges() }
  }

  // MARK: The end

  /// Learns one sweep at the final clock, makes the last version, and walks every customer once under it.
  func finish() throws {
    let buyers = segmenters.reduce(0) { $0 + $1.buyers }
    lack = .customers(buyers, needed: settings.leastFitCustomers)
    guard clock.nowMs != .min, buyers > 0 else { return try writeChanges() }
    let nowMs = clock.nowMs
    try closeEpoch(atMs: nowMs)
    if trainer.model == nil {
      fit(clockMs: nowMs)
      if trainer.model == nil { return }
    }
    lack = nil
    walk(clockMs: nowMs, learning: true)
    trainer.renewCuts(histograms(clockMs: nowMs), exactly: true)
    if let statistics = statistics(), let model = trainer.update(statistics, force: true) {
      trainer.mark(versionMs: nowMs)
      adopt(model)
    }
    walk(clockMs: nowMs, learning: false)
    try writeChanges()
  }

  private func walk(clockMs: Int64, learning: Bool) {
    crew.perform { worker in
      let segmenter = self.segmenters[worker]
      for partition in segmenter.partitions {
        segmenter.sweep(
          partition, rows: segmenter.rowCount(of: partition), clockMs: clockMs, learning: learning,
          publishing: !learning, origin: .replay)
      }
    }
  }

  // MARK: Results

  /// The final clock, ms; `nil` before the first purchase.
  var clockMs: Int64? { clock.nowMs == .min ? nil : clock.nowMs }
  /// The last model.
  var model: Model? { segmenters[0].model }
  /// The last model with all that is needed to go on with it.
  var record: ModelRecord? { model.map { ModelRecord(model: $0, memory: trainer.memory) } }

  /// How the last model fits everybody at the final clock; `nil` without a model.
  func health() -> ModelHealth? {
    guard let model, let clockMs else { return nil }
    var total: ModelWatch?
    for segmenter in segmenters {
      guard let watch = segmenter.watchNow(clockMs: clockMs) else { return nil }
      if total == nil { total = watch } else { total?.add(watch) }
    }
    return total.map { total in
      ModelHealth(total, sweep: 0, walks: [], model: model, memory: trainer.memory, clockMs: clockMs)
    }
  }

  /// What all workers have counted.
  var counters: SegmenterCounters {
    segmenters.reduce(into: SegmenterCounters()) { $0.add($1.counters) }
  }

  /// Customers, whether they have bought or not.
  var customers: Int { segmenters.reduce(0) { $0 + $1.customers } }

  /// Calls `body` with every customer, by partition and row.
  func forEachCustomer(_ body: (borrowing Customer) -> Void) {
    for partition in 0..<Self.partitionCount {
      segmenters[partition % segmenters.count]
        .forEachCustomer(of: Int32(partition), clockMs: clock.nowMs, body)
    }
  }

  /// Calls `body` with every customer, by the bytes of the id.
  func forEachCustomerByID(_ body: (borrowing Customer) throws -> Void) rethrows {
    var keys: [CustomerKey] = []
    for (index, segmenter) in segmenters.enumerated() { keys += segmenter.customerKeys(owner: index) }
    keys.sort()
    for key in keys { try body(segmenters[key.owner].customer(key, clockMs: clock.nowMs)) }
  }
}
