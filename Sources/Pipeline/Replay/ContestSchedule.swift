import Segmentation

/// When a replay holds contests: at the end of a sweep, where something has changed that could make a refit better.
///
/// One a sweep, as in a stream, would be most of a replay's work. A contest is held when
///
/// - the one before was won: the second decides;
/// - the records have doubled since the last;
/// - by the sums, the inertia of a customer has moved by 3 % within the sweep, or 5 % of the customers to other
///   clusters;
/// - the last was seven sweeps ago: what changes slowly is seen, too.
///
/// The latter two cost, in records that take as long, at most 2²⁰ and an eighth of the records so far over the whole
/// replay. So contests stay a small share of the work of a long log, and yet a shock late in it is seen within a sweep.
struct ContestSchedule {
  /// Contests held; the number of the last.
  private(set) var held = 0
  private var records = 0
  private var recordsAtLast = 0
  private var epochs = 0
  /// What contests that a change or the time opened have cost, in records.
  private var spent = 0
  private var sweepsSinceLast = 0
  /// The customers at the end of the sweep before.
  private var before: Spread?

  /// How the customers were spread.
  private struct Spread {
    var generation: Int
    var customers: Int
    /// Of a customer.
    var inertia: Double
    /// Of all customers, by cluster.
    var shares: [Double]

    init(_ statistics: PartitionStatistics) {
      let features = statistics.sums.count / max(1, statistics.counts.count)
      let total = Double(max(1, statistics.counts.reduce(0, +)))
      generation = statistics.generation
      customers = statistics.customers
      inertia = statistics.inertia(features: features) / total
      shares = statistics.counts.map { Double($0) / total }
    }

    func isFar(from other: Spread) -> Bool {
      if abs(inertia - other.inertia) >= ContestSchedule.inertiaMoveMin * other.inertia { return true }
      let moved = zip(shares, other.shares).reduce(0.0) { $0 + abs($1.0 - $1.1) } / 2
      return moved >= ContestSchedule.shareMoveMin
    }
  }

  /// Moves of the inertia of a customer, in parts of it, and of customers between clusters, in parts of all.
  private static let inertiaMoveMin = 0.03
  private static let shareMoveMin = 0.05
  /// Without a change a contest is held once in so many sweeps.
  private static let sweepsMax = 7
  /// What contests that a change or the time opens may cost in a replay of any length, in records, and beyond it per
  /// record.
  private static let freeRecords = 1 << 20
  private static let recordsShare = 8
  /// A contest's cost in records: for each sampled customer, and in parts for each customer.
  private static let costPerSampled = 4
  private static let customersPerRecord = 8

  /// Notes an epoch of so many records.
  mutating func closeEpoch(records: Int) {
    self.records += records
    epochs += 1
  }

  /// Whether a contest is to be held at this epoch; then it counts as held.
  mutating func isDue(_ statistics: PartitionStatistics, streak: Int) -> Bool {
    guard epochs >= ReplayEngine.epochsPerSweep, statistics.isWarm else { return false }
    epochs = 0
    sweepsSinceLast += 1
    let now = Spread(statistics)
    let previous = before
    before = now
    guard let previous, previous.generation == now.generation else {
      // A generation is a fit of its own; it is challenged when something may have changed since.
      note()
      return false
    }
    let mayHaveChanged = now.isFar(from: previous) || sweepsSinceLast >= Self.sweepsMax
    let cost =
      Self.costPerSampled * min(now.customers, CustomerSample.defaultLimit) + now.customers / Self.customersPerRecord
    let isPaid = spent + cost <= Self.freeRecords + records / Self.recordsShare
    if streak > 0 || records >= 2 * recordsAtLast {
      // Few enough to be free.
    } else if mayHaveChanged && isPaid {
      spent += cost
    } else {
      return false
    }
    note()
    held += 1
    return true
  }

  private mutating func note() {
    recordsAtLast = records
    sweepsSinceLast = 0
  }
}
