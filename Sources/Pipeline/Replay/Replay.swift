import Segmentation

/// Replays event logs: files in, changes and dead letters out, customers and model at the end.
package final class Replay {
  /// What a replay hands out while it runs.
  package struct Outputs {
    /// A change, in the order epoch, partition, row, sequence.
    package var change: ((PublishedChange) throws -> Void)?
    /// A record that could not be used, in the order of the files.
    package var deadLetter: ((FileDeadLetter) throws -> Void)?
    /// After every batch: records read so far.
    package var progress: ((Int) -> Void)?

    /// Makes outputs that drop everything.
    package init() {}
  }

  private let options: ReplayOptions
  private let outputs: Outputs
  private let decoder: DecodeAhead
  /// Made with the first usable record, whose currency settles the digits of money and the code in changes.
  private lazy var engine: ReplayEngine = makeEngine()
  private var sorter = TimeSorter()
  /// Records taken from the sorter at a time.
  private static let sortedBatch = 4096
  /// With a sort: the files by the number of their first record.
  private var files: [(firstOffset: Int64, path: String)] = []
  private var read = 0
  private var leftOut = 0
  private var hasChecked = false
  private var deadByCode: [DeadLetterCode: Int] = [:]

  /// Makes a replay. Throws `RecordMapError` when the map cannot be used.
  package init(_ options: ReplayOptions, outputs: Outputs) throws {
    self.options = options
    self.outputs = outputs
    decoder = try DecodeAhead(options)
  }

  private func makeEngine() -> ReplayEngine {
    var options = options
    options.settings.currency = decoder.firstCurrency
    let change = outputs.change
    return ReplayEngine(options) { try change?($0) }
  }

  /// Reads all files and walks to the end.
  ///
  /// Throws `FileError`, `RecordMapError`, `ReplayError` or what an output throws.
  package func run(_ reader: FileReader) throws {
    var previous: DecodedBatch?
    while let batch = try reader.next() {
      let before = previous
      previous = try decoder.decode(batch) {
        if let before { try take(before, reader) }
      }
    }
    if let previous { try take(previous, reader) }
    if options.sortsByTime { try takeSorted() }
    try engine.finish()
  }

  private func take(_ decoded: DecodedBatch, _ reader: FileReader) throws {
    let batch = decoded.batch
    var (records, dead) = (decoded.records, decoded.deadLetters)
    read += batch.records.count
    if !hasChecked && !records.isEmpty { try checkModel() }
    if let untilMs = options.untilMs { records = keep(records, untilMs: untilMs) }
    if options.sortsByTime {
      if let first = batch.records.first, files.last?.path != batch.file { files.append((first.offset, batch.file)) }
      try sorter.append(UnsafeBufferPointer(records))
    } else {
      let overflows = try engine.take(records)
      if !overflows.isEmpty { dead = (dead + overflows).sorted { $0.index < $1.index } }
    }
    for letter in dead {
      let raw = batch.records[letter.index]
      let count = min(raw.valueCount, options.limits.recordBytesMax)
      try bury(
        FileDeadLetter(
          letter: letter, file: batch.file, line: batch.line(of: letter.index),
          value: UnsafeRawBufferPointer(start: raw.value, count: letter.code == .tooLarge ? 0 : count)))
    }
    reader.recycle(batch)
    outputs.progress?(read)
  }

  /// The model to begin with must be of the currency that the first record has settled.
  private func checkModel() throws {
    hasChecked = true
    try options.model?.check(options.settings, currency: decoder.firstCurrency)
  }

  private func takeSorted() throws {
    sorter.sort()
    let records = UnsafeMutableBufferPointer<PurchaseRecord>.allocate(capacity: Self.sortedBatch)
    defer { records.deallocate() }
    while true {
      let taken = UnsafeMutableBufferPointer(rebasing: records[..<sorter.next(into: records)])
      if taken.isEmpty { return }
      for var letter in try engine.take(taken) {
        let offset = taken[letter.index].offset
        letter.message += " (record \(offset), counted from 0 over all files)"
        try bury(
          FileDeadLetter(
            letter: letter, file: files.last { $0.firstOffset <= offset }?.path ?? "", line: 0,
            value: UnsafeRawBufferPointer(start: nil, count: 0)))
      }
    }
  }

  /// Drops the records behind a time.
  private func keep(_ records: UnsafeMutableBufferPointer<PurchaseRecord>, untilMs: Int64)
    -> UnsafeMutableBufferPointer<PurchaseRecord>
  {
    var kept = 0
    for position in records.indices where records[position].timestampMs <= untilMs {
      records[kept] = records[position]
      kept += 1
    }
    leftOut += records.count - kept
    return UnsafeMutableBufferPointer(rebasing: records[..<kept])
  }

  private func bury(_ dead: FileDeadLetter) throws {
    deadByCode[dead.letter.code, default: 0] += 1
    switch options.badRecords {
    case .fail:
      throw ReplayError.badRecord(
        file: dead.file, line: dead.line, code: dead.letter.code, message: dead.letter.message)
    case .deadLetter: try outputs.deadLetter?(dead)
    case .skip: break
    }
  }

  // MARK: Results

  /// The model at the end; `nil` when there were too few customers for one.
  package var model: Model? { engine.model }
  /// The same with all that is needed to go on with it.
  var record: ModelRecord? { engine.record }
  /// The digits of the currency's minor unit.
  package var digits: Int { decoder.currency.digits }

  /// Calls `body` with every customer, by the bytes of the id.
  package func forEachCustomer(_ body: (borrowing Customer) throws -> Void) rethrows {
    try engine.forEachCustomerByID(body)
  }

  /// What happened, in numbers.
  package func summary(seconds: Double) -> ReplaySummary {
    let counters = engine.counters
    return ReplaySummary(
      recordsRead: read, applied: counters.applied, deadLetters: deadByCode, duplicates: counters.duplicates,
      outsideWindow: counters.outsideWindow, leftOut: leftOut, behindClock: engine.behindClock,
      customers: engine.customers, changes: counters.changes, segments: segments(), kChoices: engine.kChoices,
      lack: engine.lack?.text, clockMs: engine.clockMs, currencyCode: decoder.currency.code, digits: digits,
      health: engine.health(), seconds: seconds)
  }

  private func segments() -> [ReplaySummary.Segment] {
    guard let model = engine.model else { return [] }
    var collected = model.segments.map { SegmentValues(id: $0.id, name: $0.name) }
    var indexOfNumber: [Int: Int] = [:]
    for (index, segment) in model.segments.enumerated() { indexOfNumber[segment.number] = index }
    engine.forEachCustomer { customer in
      guard let index = indexOfNumber[customer.segment], let purchases = customer.purchases else { return }
      collected[index].recencyDays.append(Double(purchases.recencyMs) / 86_400_000)
      collected[index].orders.append(Double(customer.orders))
      collected[index].averageOrders.append(Double(purchases.averageOrderMinor))
      collected[index].netMinor += Double(customer.grossMinor - customer.refundedMinor)
    }
    let customers = collected.reduce(0) { $0 + $1.orders.count }
    let net = collected.reduce(0) { $0 + $1.netMinor }
    return collected.map { $0.segment(customers: customers, netMinor: net) }
  }
}

/// The values of a segment's customers, from which its medians are taken.
private struct SegmentValues {
  let id: String
  let name: String
  var recencyDays: [Double] = []
  var orders: [Double] = []
  var averageOrders: [Double] = []
  var netMinor = 0.0

  init(id: String, name: String) {
    self.id = id
    self.name = name
  }

  func segment(customers: Int, netMinor net: Double) -> ReplaySummary.Segment {
    ReplaySummary.Segment(
      id: id, name: name, customers: orders.count,
      share: customers > 0 ? Double(orders.count) / Double(customers) : 0,
      medianRecencyDays: Self.median(recencyDays), medianOrders: Self.median(orders),
      medianAverageOrderMinor: Self.median(averageOrders), revenueShare: net > 0 ? netMinor / net : 0)
  }

  private static func median(_ values: [Double]) -> Double? {
    if values.isEmpty { return nil }
    let sorted = values.sorted()
    let middle = sorted.count / 2
    return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
  }
}
