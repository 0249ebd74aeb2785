import Segmentation

/// What the daemon has done, as plain values.
package struct DaemonStatus: Sendable {
  /// Input records read.
  package var records = 0
  /// Bytes of their values.
  package var bytes = 0
  /// Records a second since the last status.
  package var recordsPerSecond = 0.0
  /// Offsets between the position and the end of the input, over all partitions.
  package var lag: Int64 = 0
  /// Partitions that are caught up.
  package var livePartitions = 0
  /// Partitions read.
  package var partitions = 0
  /// The partitions read or restored, ascending.
  package var inputs: [Input] = []
  /// Whether the group has said which partitions are ours, which may be none.
  package var hasJoined = false
  /// Customers known.
  package var customers = 0
  /// Changes and erasures whose commit is certain.
  package var changes = 0
  /// Commits that are certain.
  package var commits = 0
  /// The bytes of the state log's records.
  package var logBytes = 0
  /// The most that they were.
  package var logBytesMax = 0
  /// The bytes of the customer tables.
  package var tableBytes = 0
  /// How long commits took: by ms, those of a second and more in the last place.
  package var commitsByMs = Array(repeating: 0, count: 1_001)
  /// How long all of them took, in ms.
  package var commitMsTotal = 0
  /// Messages of partitions not owned, or from before a position, that were passed over.
  package var dropped = 0
  /// Records that could not be used, by code.
  package var deadLetters: [DeadLetterCode: Int] = [:]
  /// What the core has counted.
  package var counters = SegmenterCounters()
  /// The model in use, as generation and version.
  package var model: (generation: Int, version: Int)?

  /// The time within which a share of the commits was certain, in ms; `nil` before the first.
  package func commitMs(share: Double) -> Int? {
    var left = Int((Double(commits) * share).rounded(.up))
    if commits == 0 { return nil }
    for (ms, count) in commitsByMs.enumerated() {
      left -= count
      if left <= 0 { return ms }
    }
    return commitsByMs.count - 1
  }

  /// An input partition of ours.
  package struct Input: Sendable, Equatable {
    /// Its number.
    package var number: Int32
    /// Whether its state is still being read.
    package var isRestoring: Bool
    /// Whether it is caught up.
    package var isLive: Bool
    /// The next offset to read; `nil` before it is known.
    package var offset: Int64?
    /// Records that wait behind it; `nil` before that is known.
    package var lag: Int64?
  }

  /// Nothing done yet.
  package init() {}

  /// Adds another worker's figures.
  mutating func add(_ other: DaemonStatus) {
    records += other.records
    bytes += other.bytes
    recordsPerSecond += other.recordsPerSecond
    lag += other.lag
    livePartitions += other.livePartitions
    partitions += other.partitions
    inputs = (inputs + other.inputs).sorted { $0.number < $1.number }
    hasJoined = hasJoined || other.hasJoined
    customers += other.customers
    changes += other.changes
    commits += other.commits
    commitMsTotal += other.commitMsTotal
    dropped += other.dropped
    logBytes += other.logBytes
    logBytesMax += other.logBytesMax
    tableBytes += other.tableBytes
    for ms in commitsByMs.indices { commitsByMs[ms] += other.commitsByMs[ms] }
    deadLetters.merge(other.deadLetters, uniquingKeysWith: +)
    counters.add(other.counters)
    if let newer = other.model, newer > model ?? (0, 0) { model = newer }
  }

  /// The status as one line.
  package var line: String {
    let dead = deadLetters.values.reduce(0, +)
    let codes = deadLetters.sorted { $0.key.rawValue < $1.key.rawValue }.map { "\($0.key.rawValue) \($0.value)" }
    let model = model.map { "model \($0.generation)-\($0.version)" } ?? "no model yet"
    return "\(records) records (\(Int(recordsPerSecond))/s), lag \(lag), "
      + "\(livePartitions) of \(partitions) partitions live, \(customers) customers, \(changes) changes, \(model), "
      + (commitMs(share: 0.99).map { "\(commits) commits (99 % within \($0) ms), " } ?? "")
      + "\(counters.duplicates) duplicates, \(dead) dead letters"
      + (codes.isEmpty ? "" : " (\(codes.joined(separator: ", ")))")
  }
}
