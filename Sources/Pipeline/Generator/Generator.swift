import Glibc

/// Makes synthetic purchases in the order of time, exactly as many as asked for; memory grows with the customers alone.
///
/// The same settings give the same bytes on the same platform, however the batches are cut.
package struct Generator {
  /// How many records of each sort were made.
  package struct Counts: Sendable, Equatable {
    /// Purchases, late ones among them.
    package var purchases = 0
    /// Purchases with a time long past.
    package var late = 0
    /// Money given back for an order of before.
    package var refunds = 0
    /// Repeats of a recent record.
    package var duplicates = 0
    /// Broken records by kind.
    package var broken = [Int](repeating: 0, count: BrokenKind.allCases.count)

    /// All records.
    package var total: Int { purchases + refunds + duplicates + broken.reduce(0, +) }
  }

  /// How far back a refund reaches.
  private static let recentMax = 1 << 14
  /// How far back a repeat reaches.
  private static let repeatMax = 256
  /// How many records of the customer may lie between, so that its id is still in the default window of 8.
  private static let repeatGapMax = 7

  /// What was made so far.
  package private(set) var counts = Counts()
  /// Whether all records are made.
  package var isFinished: Bool { made == settings.events }

  let settings: GeneratorSettings
  private(set) var population: Population
  private var random: RandomSource
  var writer: RecordWriter
  private var made = 0
  private(set) var nowMs: Double
  private let linesMeans = PlantedSegment.all.map(\.linesMean)
  private var nextTransaction: Int64 = 1
  private var nextOrder: Int64 = 1
  /// The last records as a ring, `recentCount` of them ever.
  private var recent: [SyntheticRecord] = []
  private var recentCount = 0
  private var order: PendingOrder?

  /// An order of which lines are still to come.
  private struct PendingOrder {
    var customer: Int
    var number: Int64
    var timestampMs: Int64
    var lineMean: Double
    var sigma: Double
    var linesLeft: Int
    var isLate: Bool
    var isBegun = false
  }

  /// Plants the customers; throws where a setting is out of its limits.
  package init(_ settings: GeneratorSettings) throws(GeneratorSettingsError) {
    try settings.validate()
    self.settings = settings
    var random = RandomSource(seed: settings.seed)
    let otherShare = settings.refundShare + settings.duplicateShare + settings.brokenShare
    population = Population(settings: settings, lines: Double(settings.events) * (1 - otherShare), random: &random)
    self.random = random
    writer = RecordWriter(customers: settings.customers)
    nowMs = Double(settings.startMs)
    recent.reserveCapacity(Self.recentMax)
  }

  /// Fills `batch` anew with the next records and returns how many; 0 when all are made, or none is due by `untilMs`.
  package mutating func next(into batch: GeneratedBatch, untilMs: Int64 = .max) -> Int {
    batch.removeAll()
    while made < settings.events, batch.hasRoom {
      if order == nil { order = placeOrder() }
      if Int64(nowMs) > untilMs { break }
      batch.add(makeRecord(at: batch.free))
      made += 1
    }
    return batch.count
  }

  private mutating func makeRecord(at start: UnsafeMutablePointer<UInt8>) -> WrittenRecord {
    var draw = random.uniform()
    if draw < settings.brokenShare { return makeBroken(at: start) }
    draw -= settings.brokenShare
    if draw < settings.duplicateShare, recentCount > 0 {
      counts.duplicates += 1
      return writer.write(recent[pickRepeated() % Self.recentMax], to: start)
    }
    draw -= settings.duplicateShare
    if draw >= 0, draw < settings.refundShare, let refund = makeRefund() {
      return writer.write(refund, to: start)
    }
    return writer.write(makeLine(), to: start)
  }

  /// Lets time pass until somebody orders.
  private mutating func placeOrder() -> PendingOrder {
    while true {
      nowMs += random.exponential() * population.gapMeanMs
      let timeMs = Int64(nowMs)
      guard let customer = population.pick(atMs: timeMs, random: &random) else { continue }
      let segment = Int(population.customers[customer].segment)
      let planted = PlantedSegment.all[segment]
      var lines = 1
      while lines < PlantedSegment.linesMax, random.uniform() < planted.nextLineChance { lines += 1 }
      let purchaseShare = 1 - settings.refundShare - settings.duplicateShare - settings.brokenShare
      let isLate = random.uniform() < settings.lateShare / purchaseShare
      defer { nextOrder += 1 }
      return PendingOrder(
        customer: customer, number: nextOrder, timestampMs: isLate ? timeMs - drawLateness() : timeMs,
        lineMean: Double(population.customers[customer].basketMean) / linesMeans[segment],
        sigma: planted.sigma, linesLeft: lines, isLate: isLate)
    }
  }

  /// How late a late record is, in ms: up to 7 days or a quarter of the span, and a tenth of that at least.
  private mutating func drawLateness() -> Int64 {
    let longest = min(7 * 86_400_000, settings.spanMs / 4)
    return Int64(longest * (0.1 + 0.9 * random.uniform())) + 1
  }

  private mutating func makeLine() -> SyntheticRecord {
    guard var pending = order else { preconditionFailure("an order is placed before its lines are made") }
    let amount = drawAmount(mean: pending.lineMean, sigma: pending.sigma)
    let record = SyntheticRecord(
      customer: Int32(pending.customer), transaction: takeTransaction(), order: pending.number, amountMinor: amount,
      timestampMs: pending.timestampMs)
    population.notePurchase(
      pending.customer, amountMinor: amount, timestampMs: pending.timestampMs, isFirst: !pending.isBegun)
    counts.purchases += 1
    counts.late += pending.isLate ? 1 : 0
    pending.isBegun = true
    pending.linesLeft -= 1
    order = pending.linesLeft > 0 ? pending : nil
    remember(record)
    return record
  }

  /// Gives money back for a recent purchase: all of it, or half; `nil` where none is found.
  private mutating func makeRefund() -> SyntheticRecord? {
    if recentCount == 0 { return nil }
    for _ in 0..<8 {
      let index = pickRecent(within: Self.recentMax) % Self.recentMax
      if recent[index].isRefund || recent[index].isRefunded { continue }
      recent[index].isRefunded = true
      var record = recent[index]
      record.isRefund = true
      record.transaction = takeTransaction()
      record.timestampMs = Int64(nowMs)
      if random.uniform() < 0.3 { record.amountMinor = max(1, record.amountMinor / 2) }
      population.noteRefund(Int(record.customer), amountMinor: record.amountMinor)
      counts.refunds += 1
      remember(record)
      return record
    }
    return nil
  }

  private mutating func makeBroken(at start: UnsafeMutablePointer<UInt8>) -> WrittenRecord {
    let kind = BrokenKind.allCases[random.below(BrokenKind.allCases.count)]
    counts.broken[kind.rawValue] += 1
    let record = SyntheticRecord(
      customer: Int32(population.pickAny(random: &random)), transaction: takeTransaction(), order: nextOrder,
      amountMinor: drawAmount(mean: 40, sigma: 0.5), timestampMs: Int64(nowMs))
    return writer.write(record, broken: kind, to: start)
  }

  /// A log-normal amount of the given mean, in EUR; in minor units, one at least.
  private mutating func drawAmount(mean: Double, sigma: Double) -> Int64 {
    max(1, Int64((100 * mean * exp(sigma * random.normal() - sigma * sigma / 2)).rounded()))
  }

  private mutating func takeTransaction() -> Int64 {
    defer { nextTransaction += 1 }
    return nextTransaction
  }

  private mutating func remember(_ record: SyntheticRecord) {
    if recent.count < Self.recentMax {
      recent.append(record)
    } else {
      recent[recentCount % Self.recentMax] = record
    }
    recentCount += 1
  }

  /// The number of one of the last records, from 0 for the first ever.
  private mutating func pickRecent(within reach: Int) -> Int {
    recentCount - 1 - random.below(min(reach, recentCount))
  }

  /// The number of a record to repeat: the last one, where others are too far back for their customer.
  private mutating func pickRepeated() -> Int {
    for _ in 0..<4 {
      let picked = pickRecent(within: Self.repeatMax)
      let customer = recent[picked % Self.recentMax].customer
      var between = 0
      for number in picked + 1..<recentCount where recent[number % Self.recentMax].customer == customer {
        between += 1
      }
      if between <= Self.repeatGapMax { return picked }
    }
    return recentCount - 1
  }
}
