import Dispatch
import Glibc
import Kafka
import Synchronization

/// What a worker shows to other threads.
final class WorkerFigures: Sendable {
  /// The latest status.
  let status = Mutex(DaemonStatus())
  /// The model in use.
  let model = Mutex<ModelRecord?>(nil)
  let pulses = WorkerPulses()
}

/// The workers of a process, as the thread that watches over them sees them.
final class WorkerCrew: Sendable {
  private let figures: [WorkerFigures]
  private let outcome = Mutex<(endedCount: Int, failure: StreamError?)>((0, nil))
  private let ended = DispatchSemaphore(value: 0)

  init(count: Int) { figures = (0..<count).map { _ in WorkerFigures() } }

  /// The first worker's error; the others end with it.
  var failure: StreamError? { outcome.withLock { $0.failure } }
  var hasFailed: Bool { failure != nil }

  /// A worker's place, on its thread: one life, and another where it was fenced by nobody.
  ///
  /// A broker that stood still can count one member twice, as it answers what it was asked before and after, and then
  /// fences the one that we are.
  func work(_ index: Int, _ context: StreamContext, partitionCount: Int) {
    var context = context
    context.pulses = figures[index].pulses
    context.pulse = context.pulses.core
    context.pulse.begin()
    var failure = live(index, context, partitionCount: partitionCount)
    while failure?.kind == .fenced && isAlone(context) {
      context.notices(.warning, "nobody else bears the name `\(context.member)` in the group: starting again")
      failure = live(index, context, partitionCount: partitionCount)
    }
    context.pulse.end()
    outcome.withLock { outcome in
      outcome.failure = outcome.failure ?? failure
      outcome.endedCount += 1
    }
    ended.signal()
  }

  /// One life of a worker; what ended it, if it was no stop.
  private func live(_ index: Int, _ context: StreamContext, partitionCount: Int) -> StreamError? {
    do throws(StreamError) {
      try Worker(context, partitionCount: partitionCount, figures: figures[index]).run()
      return nil
    } catch {
      guard context.isStopped(), error.kind == .unreachable else { return error }
      return .stopped("no broker answered: \(error)")
    }
  }

  /// Whether no member of our name is left in the group once the session of one that is dead would have ended.
  private func isAlone(_ context: StreamContext) -> Bool {
    let sessionMs = context.options.kafka["session.timeout.ms"].flatMap(Int64.init) ?? WorkerCrew.sessionMs
    let deadlineMs = monotonicMs() + sessionMs + StreamContext.twoHeartbeatsMs
    var looksAlone = 0
    while !context.isStopped() {
      context.pulse.beat()
      let isLate = monotonicMs() > deadlineMs
      do throws(KafkaError) {
        try Failpoint.fencedLooked.pass()
        let group = try Admin(configuration: context.configuration).describeGroup(
          context.options.group, timeoutMs: StreamContext.callTimeoutMs)
        let isTaken = group.members.contains { $0.instance == context.member }
        looksAlone = isTaken ? 0 : looksAlone + 1
        if looksAlone == WorkerCrew.looksAloneMin { return true }
        if isTaken && isLate { return false }
      } catch {
        context.notices(.debug, "cannot yet tell who is in the group: \(error)")
        if isLate { return false }
      }
      usleep(StreamContext.retryMs * 1_000)
    }
    return false
  }

  /// Nobody is seen so often in a row: a group that is being formed anew may show nobody for a moment.
  private static let looksAloneMin = 5
  /// A member's session where no other is configured, in ms.
  private static let sessionMs: Int64 = 10_000

  /// Whether all have ended, waiting at most so long.
  func waitForEnd(timeoutMs: Int) -> Bool {
    if outcome.withLock({ $0.endedCount == figures.count }) { return true }
    _ = ended.wait(timeout: .now() + .milliseconds(timeoutMs))
    return outcome.withLock { $0.endedCount == figures.count }
  }

  /// All workers' figures together.
  var status: DaemonStatus {
    figures.reduce(into: DaemonStatus()) { total, figures in total.add(figures.status.withLock { $0 }) }
  }

  /// The newest model that a worker uses.
  var model: ModelRecord? {
    figures.reduce(nil) { newest, figures in
      guard let model = figures.model.withLock({ $0 }), model.isNewer(than: newest) else { return newest }
      return model
    }
  }

  /// The beats of every thread: of each worker's core, and behind each of its committer.
  var beats: [Int?] { figures.flatMap { [$0.pulses.core.count, $0.pulses.committer.count] } }

  /// What a thread of `beats` is called.
  static func name(ofThread index: Int) -> String {
    index.isMultiple(of: 2) ? "worker \(index / 2)" : "the committer of worker \(index / 2)"
  }
}
