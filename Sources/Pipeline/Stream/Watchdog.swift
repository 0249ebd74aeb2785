import Synchronization

/// The signs of life of one thread: it gives them before every step that may wait, and whenever it waits on.
final class Pulse: Sendable {
  private let beats = Atomic<Int>(0)
  private let isWatched = Atomic<Bool>(false)

  /// From now on the thread must not stay without a beat for `Watchdog.patienceMs`.
  func begin() {
    beat()
    isWatched.store(true, ordering: .relaxed)
  }

  /// The thread has ended, or waits for work.
  func end() { isWatched.store(false, ordering: .relaxed) }

  /// The thread moves.
  func beat() { beats.add(1, ordering: .relaxed) }

  /// The beats so far; `nil` while nobody is to wait for one.
  var count: Int? { isWatched.load(ordering: .relaxed) ? beats.load(ordering: .relaxed) : nil }
}

/// The threads of a worker, each with its pulse.
struct WorkerPulses: Sendable {
  /// The thread that processes records: from its start to its end, and while it looks whether it is alone.
  let core = Pulse()
  /// The committer, while it has a commit.
  let committer = Pulse()
}

/// Notices a thread that no longer moves.
///
/// It counts its own looks and not the clock: a process that was stopped as a whole has not hung.
struct Watchdog {
  /// How long a thread may stay without a beat, in ms.
  ///
  /// Between two beats lies one call to a broker at most: `StreamContext.callTimeoutMs`, or a transaction's 10 s, which
  /// librdkafka may double; or one turn of the core, whose longest is a fit of a model.
  static let patienceMs = Failpoint.patienceMs ?? 120_000

  private var seen: [Int: (beats: Int, looks: Int)] = [:]
  private let looksMax: Int

  init(patienceMs: Int = patienceMs, lookMs: Int = 100) { looksMax = patienceMs / lookMs }

  /// Looks at the beats of each thread, `nil` where it is not watched; returns one that has hung.
  mutating func look(_ beats: [Int?]) -> Int? {
    for (thread, count) in beats.enumerated() {
      guard let count else {
        seen[thread] = nil
        continue
      }
      let before = seen[thread]
      let looks = before?.beats == count ? (before?.looks ?? 0) + 1 : 0
      seen[thread] = (count, looks)
      if looks >= looksMax { return thread }
    }
    return nil
  }
}
