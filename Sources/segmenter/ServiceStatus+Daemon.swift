import Pipeline
import Segmentation
import Server

extension ServiceStatus {
  /// What a daemon shows on its board.
  init(_ board: StatusBoard, _ options: DaemonOptions, startedMs: Int64) {
    self.init()
    let daemon = board.status
    version = Command.versionNumber
    (group, instance, topic) = (options.group, options.instance, options.inputTopic)
    self.startedMs = startedMs
    hasJoined = daemon.hasJoined
    trouble = board.trouble
    partitions = daemon.inputs.map {
      Partition(
        number: Int($0.number), isRestoring: $0.isRestoring, isLive: $0.isLive, offset: $0.offset, lag: $0.lag)
    }
    (records, recordBytes, recordsPerSecond) = (daemon.records, daemon.bytes, daemon.recordsPerSecond)
    duplicates = daemon.counters.duplicates
    deadLetters = Dictionary(uniqueKeysWithValues: daemon.deadLetters.map { ($0.key.rawValue, $0.value) })
    changes = Dictionary(
      uniqueKeysWithValues: zip(ChangeReason.allCases.map(\.rawValue), daemon.counters.changes))
    (customers, tableBytes, stateLogBytes) = (daemon.customers, daemon.tableBytes, Int(daemon.logBytes))
    rowsSwept = daemon.counters.rowsSwept
    commits = Histogram(commitsByMs: daemon.commitsByMs, totalMs: daemon.commitMsTotal)
    model = daemon.model.map { ModelVersion(generation: $0.generation, version: $0.version) }
  }
}

extension ServiceStatus.Histogram {
  /// Upper bounds of commits, in ms.
  private static let boundsMs = [10, 25, 50, 75, 100, 150, 250, 500, 1_000]

  /// A histogram of counts by ms.
  fileprivate init(commitsByMs: [Int], totalMs: Int) {
    var counts = [Int](repeating: 0, count: Self.boundsMs.count + 1)
    // The last place has those of a second and more.
    counts[Self.boundsMs.count] = commitsByMs.last ?? 0
    for (ms, count) in commitsByMs.dropLast().enumerated() where count > 0 {
      counts[Self.boundsMs.firstIndex { ms <= $0 } ?? Self.boundsMs.count] += count
    }
    self.init(bounds: Self.boundsMs.map { Double($0) / 1_000 }, counts: counts, sum: Double(totalMs) / 1_000)
  }
}
