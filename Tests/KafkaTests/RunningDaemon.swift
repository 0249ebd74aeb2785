import Foundation
import Synchronization
import Testing

@testable import Kafka
@testable import Pipeline

/// A daemon on a thread of its own, until it is stopped.
final class RunningDaemon: Sendable {
  private let isStopping = Mutex(false)
  private let outcome = Mutex<StreamError?>(nil)
  private let ended = DispatchSemaphore(value: 0)
  private let hasEnded = Mutex(false)

  init(_ options: DaemonOptions) {
    let thread = Thread { [self] in
      do throws(StreamError) {
        let daemon = try Daemon(
          options, notices: Notices(), isStopped: { [self] in isStopping.withLock { $0 } })
        try daemon.run()
      } catch {
        outcome.withLock { $0 = error }
      }
      ended.signal()
    }
    thread.start()
  }

  /// Asks it to stop and waits until it has.
  func stop() {
    isStopping.withLock { $0 = true }
    hasEnded.withLock { done in
      guard !done else { return }
      #expect(ended.wait(timeout: .now() + 15) == .success, "the daemon stopped within 15 s")
      done = true
    }
  }

  /// What ended it, if it was no stop.
  var failure: StreamError? { outcome.withLock { $0 } }
}

/// Reads the changes of a bench as they come.
final class ChangeReader {
  private let consumer: Consumer
  /// All so far.
  private(set) var records: [CopiedRecord] = []

  init(_ bench: DaemonBench, makesTopic: Bool = true) throws {
    // The daemon makes the topic; reading may begin before.
    if makesTopic {
      let changes = TopicPlan.Output.changes(bench.options.changesTopic)
      try Admin(configuration: bench.configuration).createTopic(
        changes.name, partitionCount: bench.partitionCount, settings: changes.settings, timeoutMs: 20_000)
    }
    consumer = try Consumer(configuration: bench.configuration, topic: bench.options.changesTopic)
    try consumer.assign((0..<bench.partitionCount).map { (Int32($0), .beginning) })
  }

  /// Reads until `isEnough`, half a minute at most.
  func read(until isEnough: ([CopiedRecord]) -> Bool) throws {
    let deadline = ContinuousClock.now + .seconds(30)
    while !isEnough(records) {
      try #require(ContinuousClock.now < deadline, "30 s were not enough; \(records.count) changes came")
      let batch = try consumer.consumeBatch(timeoutMs: 10)
      records += batch.messages.map { CopiedRecord($0, consumer) }
      consumer.releaseBatch()
    }
  }
}
