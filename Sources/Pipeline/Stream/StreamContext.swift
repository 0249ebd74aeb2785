import Kafka

/// What all parts of one worker share: names and how to reach Kafka.
struct StreamContext: Sendable {
  let configuration: KafkaConfiguration
  let options: DaemonOptions
  /// The worker's name in the group.
  let member: String
  let notices: Notices
  var isStopped: @Sendable () -> Bool
  /// What a stop may take; the whole process has one.
  var stop = StopDeadline()
  var pulses = WorkerPulses()
  /// That of the thread that this is the context of.
  var pulse: Pulse

  init(
    configuration: KafkaConfiguration, options: DaemonOptions, member: String, notices: Notices,
    isStopped: @escaping @Sendable () -> Bool
  ) {
    self.configuration = configuration
    self.options = options
    self.member = member
    self.notices = notices
    self.isStopped = isStopped
    pulse = pulses.core
  }

  /// Of a command that looks at a group from outside: it bears no name and runs to its end.
  init(outside options: DaemonOptions, notices: Notices) {
    self.init(
      configuration: options.configuration(notices), options: options, member: "", notices: notices,
      isStopped: { false })
  }

  /// The same for the committer, whose work goes on while a stop waits for it.
  var committing: StreamContext {
    var context = self
    let stop = stop
    context.pulse = pulses.committer
    context.isStopped = { stop.hasPassed(StopDeadline.commitMs) }
    return context
  }

  /// Stable, so that a start ends the transaction that an earlier life left open.
  var transactionalID: String { "\(options.group)-\(member)" }

  /// The configuration of a reader that is waited for: an end is told as soon as it is reached.
  var eager: KafkaConfiguration {
    var configuration = configuration
    configuration.properties["fetch.wait.max.ms"] = "10"
    return configuration
  }

  /// The configuration of a reader that mostly has nothing to read: it asks five times a second.
  var patient: KafkaConfiguration {
    var configuration = configuration
    configuration.properties["fetch.wait.max.ms"] = "200"
    return configuration
  }

  /// After it the broker aborts an open transaction; also the time in which the group misses a member, in ms.
  static let transactionTimeoutMs = 10_000
  /// Two of librdkafka's heartbeats (`heartbeat.interval.ms` is 3 s), in ms: then a member knows whether it is one.
  static let twoHeartbeatsMs: Int64 = 6_000
  /// How long one call to a broker may take before it is made again, in ms.
  static let callTimeoutMs = 5_000
  /// The time between two attempts at what a broker has refused for now, in ms.
  static let retryMs: UInt32 = 200
}
