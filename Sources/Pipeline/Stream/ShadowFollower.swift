import Kafka
import Segmentation

/// Goes on from a group's state with its live input under another configuration, and counts what that would publish.
final class ShadowFollower {
  private let reader: GroupReader
  private let segmenter: Segmenter
  private var trainer: Trainer
  private let intake: ShadowIntake
  private var lastSweepMs = monotonicMs()
  private var lastEpochMs = monotonicMs()

  /// The time between two epochs, in ms.
  private static let epochMs: Int64 = 1_000

  /// Takes over the state, and moves at once who belongs elsewhere under the new configuration.
  init(
    _ reader: GroupReader, _ segmenter: Segmenter, _ trainer: Trainer, at offsets: [Int64]
  ) throws(StreamError) {
    self.reader = reader
    self.segmenter = segmenter
    self.trainer = trainer
    intake = try ShadowIntake(reader)
    if let model = trainer.model { segmenter.adopt(model) }
    ShadowRun.walk(segmenter)
    try intake.begin(at: offsets)
  }

  /// Where the changes topic ends now, by partition.
  static func publishedEnds(_ reader: GroupReader) throws(StreamError) -> [Int64] {
    guard let count = try reader.partitions(of: reader.options.changesTopic) else { return [] }
    return try RangeReader(reader.context, topic: reader.options.changesTopic).ranges(partitionCount: count).map(
      \.upperBound)
  }

  /// Follows for so long, or until it is asked to stop.
  func run(
    forMs: Int64, publishedFrom starts: [Int64], isStopped: () -> Bool
  ) throws(StreamError) -> ShadowReport.Followed {
    let before = segmenter.counters.changes
    let beganMs = monotonicMs()
    while monotonicMs() - beganMs < forMs && !isStopped() {
      try intake.turn(into: [segmenter])
      sweep()
      if monotonicMs() - lastEpochMs >= Self.epochMs { closeEpoch() }
    }
    return ShadowReport.Followed(
      seconds: Double(monotonicMs() - beganMs) / 1_000, records: intake.recordCount,
      published: try published(from: starts), proposed: zip(segmenter.counters.changes, before).map { $0 - $1 })
  }

  /// Sweeps what is due by time, and at least one row per input record.
  private func sweep() {
    let nowMs = monotonicMs()
    let elapsedMs = Double(max(0, nowMs - lastSweepMs))
    lastSweepMs = nowMs
    let periodMs = Double(reader.options.sweepPeriodMs ?? Worker.sweepPeriodMs(customers: segmenter.customers))
    for (index, position) in intake.positions.enumerated() {
      let clockMs = segmenter.clockMs(of: position.partition)
      guard clockMs != .min else { continue }
      let rowCount = segmenter.rowCount(of: position.partition)
      let due = position.rowsDue + Double(rowCount) * elapsedMs / periodMs
      let rows = min(max(intake.counts[index], Int(due)), rowCount)
      intake.oweRows(index, max(0, due - Double(rows)))
      if rows > 0 { segmenter.sweep(position.partition, rows: rows, clockMs: clockMs, origin: .live) }
    }
    segmenter.removeChanges()
  }

  private func closeEpoch() {
    lastEpochMs = monotonicMs()
    intake.compareEnds()
    guard let clockMs = segmenter.partitions.map(segmenter.clockMs).max(), clockMs != .min else { return }
    if trainer.needsFit(customers: segmenter.buyers, clockMs: clockMs, startMs: segmenter.clockStartMs) {
      var sample = CustomerSample()
      segmenter.collect(into: &sample)
      sample.trim()
      guard reader.options.settings.lack(of: sample) == nil else { return }
      segmenter.adopt(trainer.fit(sample, clockMs: clockMs))
    } else if let statistics = segmenter.statistics(), let model = trainer.update(statistics) {
      segmenter.adopt(model)
    }
  }

  /// What the group has published since then, by reason.
  private func published(from starts: [Int64]) throws(StreamError) -> [Int] {
    var counts = Array(repeating: 0, count: ChangeReason.allCases.count)
    guard !starts.isEmpty else { return counts }
    let changes = try RangeReader(reader.context, topic: reader.options.changesTopic)
    let ends = try changes.ranges(partitionCount: starts.count)
    try changes.read(zip(starts, ends).map { min($0, $1.upperBound)..<$1.upperBound }) { message in
      guard let reason = SubscribedChange(message, headers: []).details?.reason,
        let index = ChangeReason.allCases.firstIndex(where: { $0.rawValue == reason })
      else { return }
      counts[index] += 1
    }
    return counts
  }
}
