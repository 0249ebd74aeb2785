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
  /// Customers known.
  package var customers = 0
  /// Changes and erasures written.
  package var changes = 0
  /// Records that could not be used, by code.
  package var deadLetters: [DeadLetterCode: Int] = [:]
  /// What the core has counted.
  package var counters = SegmenterCounters()
  /// The model in use, as generation and version.
  package var model: (generation: Int, version: Int)?
  /// The last epoch's longest fit, in ms.
  package var fitMs = 0

  /// The status as one line.
  package var line: String {
    let dead = deadLetters.values.reduce(0, +)
    let codes = deadLetters.sorted { $0.key.rawValue < $1.key.rawValue }.map { "\($0.key.rawValue) \($0.value)" }
    let model = model.map { "model \($0.generation)-\($0.version)" } ?? "no model yet"
    return "\(records) records (\(Int(recordsPerSecond))/s), lag \(lag), "
      + "\(livePartitions) of \(partitions) partitions live, \(customers) customers, \(changes) changes, \(model), "
      + "\(counters.duplicates) duplicates, \(dead) dead letters"
      + (codes.isEmpty ? "" : " (\(codes.joined(separator: ", ")))")
  }
}
