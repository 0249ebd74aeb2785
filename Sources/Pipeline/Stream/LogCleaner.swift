import Kafka
import Segmentation

/// Deletes what the state log no longer needs: when a walk over the table is complete and its commit certain, all
/// before the walk's start.
final class LogCleaner {
  /// The walk that a partition is in.
  struct Walk {
    var number: Int
    /// No record of this walk lies before it in the log.
    var start: Int64
  }

  private let context: StreamContext
  private let admin: Admin
  private let ends: Consumer
  private var walks: [Int32: Walk] = [:]
  /// What can be deleted once the present commit is certain, and since when nothing was, by partition.
  private var due: [Int32: Int64] = [:]
  private var cleanedMs: Int64 = 0

  /// Requests to delete are at least so far apart, in ms.
  private static let periodMs: Int64 = 1_000

  init(_ context: StreamContext) throws(KafkaError) {
    self.context = context
    admin = try Admin(configuration: context.configuration)
    ends = try Consumer(
      configuration: context.configuration, topic: context.options.stateTopic, isolation: .uncommitted,
      batchCountMax: 1)
  }

  /// Asks where a walk begins that begins with this commit, before anything of it is written.
  func prepare(_ batch: CommitBatch) throws(KafkaError) {
    for (partition, walk) in batch.walksRead {
      walks[partition] = walk
      due[partition] = nil
    }
    batch.walksRead = [:]
    let begins = batch.parts.filter { walks[$0.partition]?.number != $0.walk }
    if begins.isEmpty || !context.options.isExactlyOnce { return }
    let found = try ends.watermarks(partitions: begins.map(\.partition), timeoutMs: StreamContext.callTimeoutMs)
    for (part, end) in zip(begins, found) {
      guard let before = walks[part.partition] else {
        walks[part.partition] = Walk(number: part.walk, start: end.low)
        continue
      }
      // A walk that lies whole within this commit makes everything before the commit needless.
      due[part.partition] = part.walk - before.number > 1 ? end.high : before.start
      walks[part.partition] = Walk(number: part.walk, start: end.high)
    }
  }

  /// Deletes what a commit that is certain has made needless. What fails is deleted with the next.
  func clean(after batch: CommitBatch) {
    let nowMs = monotonicMs()
    if due.isEmpty || nowMs - cleanedMs < LogCleaner.periodMs { return }
    cleanedMs = nowMs
    do throws(KafkaError) {
      let stable = try admin.watermarks(
        of: context.options.stateTopic, partitions: due.keys.sorted(), timeoutMs: StreamContext.callTimeoutMs)
      var offsets: [Int32: Int64] = [:]
      for (partition, end) in zip(due.keys.sorted(), stable) {
        // Never beyond the last stable offset: the broker would cut an open transaction.
        let offset = min(due[partition] ?? 0, end.high)
        if offset > end.low { offsets[partition] = offset }
      }
      if !offsets.isEmpty {
        try admin.deleteRecords(
          of: context.options.stateTopic, before: offsets, timeoutMs: StreamContext.callTimeoutMs)
      }
      due.removeAll()
      try Failpoint.commitLogCut.pass()
    } catch {
      context.notices(
        error.kind == .authorisation ? .warning : .debug,
        "the state log was not shortened, which costs only room: \(error)")
    }
  }
}
