import Glibc
import Kafka
import Segmentation

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
  private let board: StatusBoard

  /// What the workers have done so far.
  package private(set) var status = DaemonStatus() {
    didSet { board.show(status) }
  }

  /// Checks the topics, makes those that are outputs, and connects.
  ///
  /// `board` shows how the daemon is from then on; `isStopped` is asked between batches. Throws `StreamError`.
  package convenience init(
    _ options: DaemonOptions, notices: Notices, board: StatusBoard = StatusBoard(),
    isStopped: @escaping @Sendable () -> Bool
  ) throws(StreamError) {
    var configuration = options.configuration(notices)
    configuration.events = board.noting(configuration.events)
    let (partitionCount, prepared) = try Daemon.prepare(options, configuration, isStopped: isStopped)
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
    self.init(
      options, partitionCount: partitionCount, configuration: configuration, notices: notices, board: board,
      isStopped: isStopped)
  }

  private static func prepare(
    _ options: DaemonOptions, _ configuration: KafkaConfiguration, isStopped: @escaping @Sendable () -> Bool
  ) throws(StreamError) -> (partitionCount: Int, TopicPlan.Preparation) {
    do {
      let plan = try TopicPlan(configuration: configuration, timeoutMs: options.connectTimeoutMs, isStopped: isStopped)
      let partitionCount = try plan.input(options.inputTopic)
      return (partitionCount, try plan.prepareStream(options.outputs, partitionCount: partitionCount))
    } catch {
      guard isStopped(), error.kind == .unreachable else { throw error }
      throw .stopped("no broker answered: \(error)")
    }
  }

  /// Connects to topics that are known to be as they must be.
  init(
    _ options: DaemonOptions, partitionCount: Int, configuration: KafkaConfiguration? = nil, notices: Notices,
    board: StatusBoard = StatusBoard(), isStopped: @escaping @Sendable () -> Bool
  ) {
    self.options = options
    self.notices = notices
    self.isStopped = isStopped
    self.partitionCount = partitionCount
    self.configuration = configuration ?? options.configuration(notices)
    self.board = board
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

  /// Runs until asked to stop, or to the end of the input with `stopsAtEnd`; then commits what is left.
  ///
  /// Throws `StreamError`: of Kafka, or of the first record that cannot be used with the policy `fail`.
  package func run() throws(StreamError) {
    keepFreedMemory()
    let crew = WorkerCrew(count: options.workers)
    let names = (0..<options.workers).map { options.workers == 1 ? options.instance : "\(options.instance)-\($0)" }
    notices(.info, "joining the group `\(options.group)` as `\(names.joined(separator: "`, `"))`")
    let (isAsked, stop) = (self.isStopped, StopDeadline())
    let isStopped: @Sendable () -> Bool = {
      guard isAsked() || crew.hasFailed else { return false }
      stop.begin()
      return true
    }
    for (index, name) in names.enumerated() {
      var context = StreamContext(
        configuration: configuration, options: options, member: name, notices: notices, isStopped: isStopped)
      context.stop = stop
      let (ready, count) = (context, partitionCount)
      startThread { crew.work(index, ready, partitionCount: count) }
    }
    try watch(crew, stop, isStopped)
  }

  /// Waits for the workers, tells how they are, and ends the process when one hangs.
  private func watch(_ crew: WorkerCrew, _ stop: StopDeadline, _ isStopped: () -> Bool) throws(StreamError) {
    var watchdog = Watchdog()
    var statusMs = monotonicMs()
    while !crew.waitForEnd(timeoutMs: Daemon.watchMs) {
      status = crew.status
      if let model = crew.model { board.show(model) }
      let nowMs = monotonicMs()
      if nowMs - statusMs >= Int64(options.statusIntervalMs) {
        statusMs = nowMs
        notices(.info, status.line)
      }
      if isStopped(), stop.hasPassed(StopDeadline.allMs) {
        end(.stopped("what talks to Kafka did not end in time"))
      }
      if let hung = watchdog.look(crew.beats) {
        end(
          StreamError(
            .failed,
            "\(WorkerCrew.name(ofThread: hung)) has not moved for \(Watchdog.patienceMs / 1_000) s: the process ends, "
              + "a new start goes on from the last commit; please report it"))
      }
    }
    status = crew.status
    if let failure = crew.failure { throw failure }
    notices(.info, status.line)
  }

  /// Ends the process at once, whatever other threads do.
  private func end(_ error: StreamError) -> Never {
    notices(.error, error.description)
    _exit(error.exitCode)
  }

  /// How often the workers are looked after, in ms.
  private static let watchMs = 100
}
