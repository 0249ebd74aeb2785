import Synchronization

/// One deadline over all that a stop does, from the moment in which it was noticed: a supervisor waits ten seconds.
///
///     asked ── last commit ──► 7 s ── committer, group ──► 8.5 s ── clients ──► 9.5 s: the process ends anyway
final class StopDeadline: Sendable {
  /// What a start waits for has come by then, or is given up; in ms since the stop was noticed.
  static let answerMs = 5_000
  /// The last commit is certain by then, or is left to the next start; in ms.
  static let commitMs = 7_000
  /// The committer has ended by then, and the group has been told; in ms.
  static let closeMs = 8_500
  /// By then the process ends, whatever is left to do; in ms.
  static let allMs = 9_500

  /// When the stop was noticed, in ms of the monotonic clock; 0 before.
  private let beganMs = Atomic<Int64>(0)

  /// A stop is asked for; only the first call counts.
  func begin() { _ = beganMs.compareExchange(expected: 0, desired: monotonicMs(), ordering: .relaxed) }

  /// How much of so many ms, counted from the beginning of the stop, is left; all of `mostMs` before it.
  func leftMs(of budgetMs: Int, atMost mostMs: Int = .max) -> Int {
    let began = beganMs.load(ordering: .relaxed)
    if began == 0 { return mostMs }
    return min(mostMs, max(0, budgetMs - Int(monotonicMs() - began)))
  }

  /// Whether a stop has taken so many ms.
  func hasPassed(_ budgetMs: Int) -> Bool { leftMs(of: budgetMs) == 0 }
}

extension StreamError {
  /// The end of a process that could not finish what it was doing when it was asked to stop.
  static func stopped(_ what: String) -> StreamError {
    StreamError(.tryAgain, "stopped, but \(what); nothing is lost: the next start goes on from the last commit")
  }
}
