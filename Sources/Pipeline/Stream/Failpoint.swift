import Glibc
import Kafka
import Synchronization

/// A named step at which a test build can be made to crash, fail or wait: each stands behind the step it is named for.
package enum Failpoint: String, CaseIterable, Sendable {
  case startProducerMade = "start.producer-made"
  case startModelRead = "start.model-read"
  case startTakenOver = "start.taken-over"
  case restoreAssigned = "restore.assigned"
  case restoreOffsetsKnown = "restore.offsets-known"
  case restoreEndsKnown = "restore.ends-known"
  case restoreRecordRead = "restore.record-read"
  case restoreLogRead = "restore.log-read"
  case restoreCompared = "restore.compared"
  case restoreJoined = "restore.joined"
  case commitModelTaken = "commit.model-taken"
  case commitCut = "commit.cut"
  case commitBegun = "commit.begun"
  case commitOutputWritten = "commit.output-written"
  case commitPartWritten = "commit.part-written"
  case commitModelWritten = "commit.model-written"
  case commitStateWritten = "commit.state-written"
  case commitOffsetsSent = "commit.offsets-sent"
  case commitCommitted = "commit.committed"
  case commitCertain = "commit.certain"
  case commitLogCut = "commit.log-cut"
  case resolveBegun = "resolve.begun"
  case resolveTakenOver = "resolve.taken-over"
  case resolveLooked = "resolve.looked"
  case revokeBegun = "revoke.begun"
  case revokeCommitted = "revoke.committed"
  case fencedLooked = "fenced.looked"

  /// Whether a variable of the environment is for failpoints; in a release build none is.
  package static func isVariable(_ name: String) -> Bool {
    #if FAILPOINTS
      name.hasPrefix("SEGMENTER_FAILPOINT")
    #else
      false
    #endif
  }

  /// What a test build is told of the watchdog's patience, in ms.
  static var patienceMs: Int? {
    #if FAILPOINTS
      getenv("SEGMENTER_FAILPOINT_PATIENCE_MS").flatMap { Int(String(cString: $0)) }
    #else
      nil
    #endif
  }

  /// Does what `SEGMENTER_FAILPOINT=name:crash|error|delay[:nth]` asks for here; in a release build nothing.
  @inline(__always)
  func pass() throws(KafkaError) {
    #if FAILPOINTS
      try FailpointPlan.shared?.reach(self)
    #endif
  }
}

#if FAILPOINTS
  /// What the environment asks of failpoints: `SEGMENTER_FAILPOINT=name:crash|error|delay[:nth],…`.
  private final class FailpointPlan: Sendable {
    private enum Action: String {
      case crash, error, delay
    }

    /// One of several that are asked for.
    private final class Step: Sendable {
      let failpoint: Failpoint
      let action: Action
      /// Hits that are left until it acts.
      let hits: Atomic<Int>

      init(_ text: Substring) {
        let parts = text.split(separator: ":").map(String.init)
        guard parts.count >= 2, let failpoint = Failpoint(rawValue: parts[0]), let action = Action(rawValue: parts[1])
        else { preconditionFailure("SEGMENTER_FAILPOINT is `name:crash|error|delay[:nth],…`, not `\(text)`") }
        self.failpoint = failpoint
        self.action = action
        hits = Atomic(parts.count > 2 ? Int(parts[2]) ?? 1 : 1)
      }
    }

    static let shared = FailpointPlan()

    private let steps: [Step]
    private let delayMs: UInt32

    private init?() {
      guard let text = getenv("SEGMENTER_FAILPOINT").map({ String(cString: $0) }) else { return nil }
      steps = text.split(separator: ",").map(Step.init)
      delayMs = getenv("SEGMENTER_FAILPOINT_DELAY_MS").flatMap { UInt32(String(cString: $0)) } ?? 12_000
    }

    func reach(_ reached: Failpoint) throws(KafkaError) {
      for step in steps where step.failpoint == reached {
        if step.hits.subtract(1, ordering: .relaxed).newValue == 0 { try act(step) }
      }
    }

    private func act(_ step: Step) throws(KafkaError) {
      let name = step.failpoint.rawValue
      let line = Array("failpoint \(name): \(step.action.rawValue)\n".utf8)
      write(STDERR_FILENO, line, line.count)
      switch step.action {
      case .crash:
        kill(getpid(), SIGKILL)
        pause()
      case .error: throw KafkaError.injected("failpoint \(name)")
      case .delay: usleep(delayMs * 1_000)
      }
    }
  }
#endif
