import Dispatch
import Glibc
import Kafka
import Segmentation
import Synchronization

/// Segments a Kafka topic exactly once: purchase records in, changes and dead letters out, until it is asked to stop.
///
/// All state is in Kafka. Each worker is a member of the group with a thread of its own; the caller's thread watches
/// over them.
package final class Daemon {
  private let options: DaemonOptions
  private let notices: Notices
  private let configuration: KafkaConfiguration
  private let isStopped: @Sendable () -> Bool
  private let partitionCount: Int

  /// What the workers have done so far.
  package private(set) var status = DaemonStatus()

  /// Checks the topics, makes those that are outputs, and connects.
  ///
  /// `isStopped` is asked between batches. Throws `StreamError`.
  package convenience init(
    _ options: DaemonOptions, notices: Notices, isStopped: @escaping @Sendable () -> Bool
  ) throws(StreamError) {
    let configuration = Daemon.configuration(options, notices)
    let plan = try TopicPlan(configuration: configuration, timeoutMs: options.connectTimeoutMs, isStopped: isStopped)
    let partitionCount = try plan.input(options.inputTopic)
    let prepared = try plan.prepareStream(options.outputs, partitionCount: partitionCount)
    for warning in prepared.warnings { notices(.warning, warning) }
    for topic in prepared.made {
      let count = topic.partitionCount == 1 ? "1 partition" : "\(topic.partitionCount) partitions"
      notices(.info, "made the topic `\(topic.name)` for \(topic.purpose), \(count)")
    }
    if options.settings.isFrozen {
      try Daemon.checkFrozen(
        StreamContext(
          configuration: configuration, options: options, member: "", notices: notices, isStopped: isStopped))
    }
    self.init(options, partitionCount: partitionCount, notices: notices, isStopped: isStopped)
  }

  /// Connects to topics that are known to be as they must be.
  init(
    _ options: DaemonOptions, partitionCount: Int, notices: Notices, isStopped: @escaping @Sendable () -> Bool
  ) {
    self.options = options
    self.notices = notices
    self.isStopped = isStopped
    self.partitionCount = partitionCount
    configuration = Daemon.configuration(options, notices)
  }

  /// A frozen model must be there, in a file or in the model topic, and be what the settings ask for.
  private static func checkFrozen(_ context: StreamContext) throws(StreamError) {
    if context.options.model != nil { return }
    let newest = try streaming { () throws(KafkaError) in try ModelFeed(context).newest }
    let topic = context.options.modelTopic
    guard let newest else {
      throw StreamError(
        .configuration,
        "`model.frozen` keeps a model, and the topic `\(topic)` holds none: give `model.file`, or bring one in with "
          + "`segmenter model import`")
    }
    let differences = newest.differences(from: context.options.settings)
    guard !differences.isEmpty else { return }
    throw StreamError(
      .configuration,
      "`model.frozen` keeps the model \(newest.key) of `\(topic)`, which does not fit the configuration: "
        + differences.joined(separator: "; "))
  }

  private static func configuration(_ options: DaemonOptions, _ notices: Notices) -> KafkaConfiguration {
    var properties = options.kafka
    if properties["group.id"] == nil { properties["group.id"] = options.group }
    return KafkaConfiguration(properties, events: notices.clientEvents)
  }

  /// Runs until asked to stop, or to the end of the input with `stopsAtEnd`; then commits what is left.
  ///
  /// Throws `StreamError`: of Kafka, or of the first record that cannot be used with the policy `fail`.
  package func run() throws(StreamError) {
    keepFreedMemory()
    let crew = WorkerCrew(count: options.workers)
    let names = (0..<options.workers).map { options.workers == 1 ? options.instance : "\(options.instance)-\($0)" }
    notices(.info, "joining the group `\(options.group)` as `\(names.joined(separator: "`, `"))`")
    for (index, name) in names.enumerated() {
      let isStopped = isStopped
      let context = StreamContext(
        configuration: configuration, options: options, member: name, notices: notices,
        isStopped: { isStopped() || crew.hasFailed })
      let count = partitionCount
      startThread { crew.work(index, context, partitionCount: count) }
    }
    try watch(crew)
  }

  /// Waits for the workers, tells how they are, and ends the process when one hangs.
  private func watch(_ crew: WorkerCrew) throws(StreamError) {
    var watchdog = Watchdog()
    var statusMs = monotonicMs()
    while !crew.waitForEnd(timeoutMs: Daemon.watchMs) {
      status = crew.status
      let nowMs = monotonicMs()
      if nowMs - statusMs >= Int64(options.statusIntervalMs) {
        statusMs = nowMs
        notices(.info, status.line)
      }
      if let hung = watchdog.look(crew.beats) {
        notices(
          .error,
          "worker \(hung) has not moved for \(Watchdog.patienceMs / 1_000) s: the process ends, a new start goes on "
            + "from the last commit; please report it")
        _exit(StreamError(.failed, "").exitCode)
      }
    }
    status = crew.status
    if let failure = crew.failure { throw failure }
    notices(.info, status.line)
  }

  /// How often the workers are looked after, in ms.
  private static let watchMs = 100
}

/// What a worker shows to other threads.
final class WorkerFigures: Sendable {
  /// The latest status.
  let status = Mutex(DaemonStatus())
  /// Turns of its loop.
  let beats = Atomic<Int>(0)
  /// Whether its loop turns at all.
  let isAtWork = Atomic<Bool>(false)
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
    var failure = live(index, context, partitionCount: partitionCount)
    while failure?.kind == .fenced && isAlone(context) {
      context.notices(.warning, "nobody else bears the name `\(context.member)` in the group: starting again")
      failure = live(index, context, partitionCount: partitionCount)
    }
    outcome.withLock { outcome in
      outcome.failure = outcome.failure ?? failure
      outcome.endedCount += 1
    }
    ended.signal()
  }

  /// One life of a worker; what ended it, if it was no stop.
  private func live(_ index: Int, _ context: StreamContext, partitionCount: Int) -> StreamError? {
    defer { figures[index].isAtWork.store(false, ordering: .relaxed) }
    do throws(StreamError) {
      let worker = try Worker(context, partitionCount: partitionCount, figures: figures[index])
      figures[index].isAtWork.store(true, ordering: .relaxed)
      try worker.run()
      return nil
    } catch {
      return error
    }
  }

  /// Whether no member of our name is left in the group once the session of one that is dead would have ended.
  private func isAlone(_ context: StreamContext) -> Bool {
    let sessionMs = context.options.kafka["session.timeout.ms"].flatMap(Int64.init) ?? WorkerCrew.sessionMs
    let deadlineMs = monotonicMs() + sessionMs + StreamContext.twoHeartbeatsMs
    var looksAlone = 0
    while !context.isStopped() {
      let isLate = monotonicMs() > deadlineMs
      do throws(KafkaError) {
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

  /// The turns of each worker that is at work.
  var beats: [Int: Int] {
    var beats: [Int: Int] = [:]
    for (index, figures) in figures.enumerated() where figures.isAtWork.load(ordering: .relaxed) {
      beats[index] = figures.beats.load(ordering: .relaxed)
    }
    return beats
  }
}

/// Notices a worker whose loop no longer turns.
///
/// It counts its own looks and not the clock: a process that was stopped as a whole has not hung.
struct Watchdog {
  /// How long a worker may take for one turn, in ms: more than any call to a broker.
  static let patienceMs = 120_000

  private var seen: [Int: (beats: Int, looks: Int)] = [:]
  private let looksMax: Int

  init(patienceMs: Int = patienceMs, lookMs: Int = 100) { looksMax = patienceMs / lookMs }

  /// Looks at each worker's turns; returns one that has hung.
  mutating func look(_ beats: [Int: Int]) -> Int? {
    for (worker, count) in beats {
      let before = seen[worker]
      let looks = before?.beats == count ? (before?.looks ?? 0) + 1 : 0
      seen[worker] = (count, looks)
      if looks >= looksMax { return worker }
    }
    return nil
  }
}
