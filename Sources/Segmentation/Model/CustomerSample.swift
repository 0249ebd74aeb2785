/// What a fit needs of the customers: a uniform sample of them, and histograms of R, F and M of all.
///
/// The sample is the `limit` customers whose ids have the smallest hashes: it merges exactly, in any order.
public struct CustomerSample: Sendable {
  struct Entry {
    var hash: UInt64
    var features: FeatureVector
    var recencyMs: Int64
    var orders: Int32
    var netMinor: Int64
  }

  private(set) var entries: [Entry] = []
  /// R, F and M of all customers.
  package private(set) var histograms = ScoreHistograms()
  /// Customers with a purchase that were offered.
  public private(set) var customers = 0
  let limit: Int
  private var threshold = UInt64.max

  /// The default size of a sample.
  public static let defaultLimit = 8192

  /// Makes an empty sample of at most `limit` customers.
  public init(limit: Int = defaultLimit) { self.limit = limit }

  /// The sample that a record held: its entries in order, and the histograms of all.
  init(limit: Int, entries: [Entry], histograms: ScoreHistograms) {
    self.limit = limit
    self.entries = entries
    self.histograms = histograms
    customers = histograms.customers
    if entries.count == limit, let last = entries.last { threshold = last.hash }
  }

  /// Counts a customer; whether it may belong to the sample.
  mutating func count(recencyMs: Int64, orders orderCount: Int32, netMinor net: Int64, hash: UInt64) -> Bool {
    customers += 1
    histograms.add(recencyMs: recencyMs, orders: orderCount, netMinor: net)
    return hash <= threshold
  }

  mutating func add(_ entry: Entry) {
    entries.append(entry)
    if entries.count >= 2 * limit { trim() }
  }

  /// Adds another sample's customers.
  public mutating func merge(_ other: CustomerSample) {
    customers += other.customers
    histograms.add(other.histograms)
    for entry in other.entries where entry.hash <= threshold { add(entry) }
  }

  /// Puts the sample in its order, by hash, and drops what is beyond the limit.
  package mutating func trim() {
    entries.sort { $0.hash < $1.hash }
    if entries.count > limit {
      entries.removeLast(entries.count - limit)
      threshold = entries[limit - 1].hash
    }
  }

  /// The cut tables of the scores, see `ScoreHistograms.cuts`.
  func cuts() -> ScoreCuts { histograms.cuts() }
}

extension Core {
  func collect(into sample: inout CustomerSample, clockMs: Int64?) {
    for index in 0..<partitionCount { collect(index, into: &sample, clockMs: clockMs) }
  }

  /// Adds the customers of the partition at `index`, at a clock or at its own.
  func collect(_ index: Int, into sample: inout CustomerSample, clockMs: Int64?) {
    let partition = partitions + index
    let clockMs = clockMs ?? partition.pointee.clock.nowMs
    for number in 0..<partition.pointee.table.rowCount {
      let row = partition.pointee.table.row(number)
      guard row.pointee.isInUse && row.pointee.hasPurchase else { continue }
      // Mixed once more, because the hash's own bits choose partitions and slots.
      let hash = fold(partition.pointee.table.hash(ofRow: number), 0x9e37_79b9_7f4a_7c15)
      let recencyMs = max(0, clockMs - row.pointee.lastPurchaseMs)
      let (orders, net) = (row.pointee.orders, row.pointee.netMinor)
      if sample.count(recencyMs: recencyMs, orders: orders, netMinor: net, hash: hash) {
        sample.add(
          CustomerSample.Entry(
            hash: hash, features: features.raw(row, clockMs: clockMs), recencyMs: recencyMs, orders: orders,
            netMinor: net))
      }
    }
  }
}
