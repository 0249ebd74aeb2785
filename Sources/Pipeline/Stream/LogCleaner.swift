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
    /// The bytes of the log's records, where it was read.
    var bytesRead = 0
  }

  /// The bytes of a partition's records from an offset on, up to where the next stretch begins.
  private struct Stretch {
    var start: Int64
    var bytes: Int
  }

  private let context: StreamContext
  private let admin: Admin
  private let ends: Consumer
  /// What a commit that begins a walk says once it is certain.
  private struct Proposal {
    var walk: Walk
    /// Everything before it is needless then; `nil` where the walk before is not known.
    var needlessBefore: Int64?
  }

  private var walks: [Int32: Walk] = [:]
  private var proposals: [Int32: Proposal] = [:]
  private var stretches: [Int32: [Stretch]] = [:]
  /// What can be deleted, since the commits that make it needless are certain, by partition.
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
      (due[partition], proposals[partition]) = (nil, nil)
      stretches[partition] = [Stretch(start: walk.start, bytes: walk.bytesRead)]
    }
    batch.walksRead = [:]
    let begins = batch.parts.filter {
      walks[$0.partition]?.number != $0.walk && proposals[$0.partition]?.walk.number != $0.walk
    }
    if begins.isEmpty || !context.options.isExactlyOnce { return }
    context.pulse.beat()
    let found = try ends.watermarks(partitions: begins.map(\.partition), timeoutMs: StreamContext.callTimeoutMs)
    for (part, end) in zip(begins, found) {
      guard let before = walks[part.partition] else {
        proposals[part.partition] = Proposal(walk: Walk(number: part.walk, start: end.low))
        continue
      }
      // A walk that lies whole within this commit makes everything before the commit needless.
      proposals[part.partition] = Proposal(
        walk: Walk(number: part.walk, start: end.high),
        needlessBefore: part.walk - before.number > 1 ? end.high : before.start)
    }
  }

  /// The bytes of the records in the logs of the partitions that are written here.
  var logBytes: Int { stretches.values.reduce(0) { $0 + $1.reduce(0) { $0 + $1.bytes } } }

  /// A commit is certain: its records are in the log.
  func count(_ batch: CommitBatch) {
    for part in batch.parts {
      if let proposal = proposals.removeValue(forKey: part.partition), proposal.walk.number == part.walk {
        walks[part.partition] = proposal.walk
        stretches[part.partition, default: []].append(Stretch(start: proposal.walk.start, bytes: 0))
        if let offset = proposal.needlessBefore { due[part.partition] = offset }
      }
      guard let last = stretches[part.partition]?.indices.last else { continue }
      stretches[part.partition]?[last].bytes += part.records.reduce(0) { $0 + $1.count }
    }
  }

  /// Deletes what a commit that is certain has made needless. What fails is deleted with the next.
  func clean() {
    let nowMs = monotonicMs()
    if due.isEmpty || nowMs - cleanedMs < LogCleaner.periodMs { return }
    cleanedMs = nowMs
    do throws(KafkaError) {
      context.pulse.beat()
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
        for (partition, offset) in offsets { stretches[partition]?.removeAll { $0.start < offset } }
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
