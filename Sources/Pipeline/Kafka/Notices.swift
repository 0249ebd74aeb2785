import Kafka
import Synchronization

/// How much a notice matters.
package enum NoticeLevel: Int, Sendable, Comparable, CaseIterable {
  /// Something was lost or cannot go on.
  case error
  /// Something an operator should look at.
  case warning
  /// What an operator wants to know.
  case info
  /// What a developer wants to know.
  case debug

  /// Whether `left` matters more.
  package static func < (left: NoticeLevel, right: NoticeLevel) -> Bool { left.rawValue < right.rawValue }
}

/// Where the shell says what happens, one line a notice; called from any thread.
package struct Notices: Sendable {
  private let write: @Sendable (NoticeLevel, String) -> Void

  /// Makes notices that go to a closure; by default nowhere.
  package init(_ write: @escaping @Sendable (NoticeLevel, String) -> Void = { _, _ in }) {
    self.write = write
  }

  /// Says one line.
  package func callAsFunction(_ level: NoticeLevel, _ line: String) { write(level, line) }

  /// The events of Kafka clients as notices: librdkafka's log as debug, lost brokers as warnings.
  package var clientEvents: ClientEvents {
    let throttle = NoticeThrottle()
    return ClientEvents(
      log: { _, line in write(.debug, "librdkafka: \(line)") },
      error: { error in
        // Every broker of every client says so again at each attempt; once in a while is enough.
        let isBroker = error.kind == .unreachable && error.name != "_ALL_BROKERS_DOWN"
        let level: NoticeLevel = isBroker ? .debug : .warning
        if isBroker || throttle.admits(error.name) { write(level, "Kafka: \(error); trying again") }
      })
  }
}

/// Lets one notice of a kind pass in ten seconds.
private final class NoticeThrottle: Sendable {
  private let last = Mutex<[String: ContinuousClock.Instant]>([:])

  func admits(_ kind: String) -> Bool {
    last.withLock { last in
      let now = ContinuousClock.now
      if let before = last[kind], now - before < .seconds(10) { return false }
      last[kind] = now
      return true
    }
  }
}
