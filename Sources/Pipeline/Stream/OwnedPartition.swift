import Segmentation

/// One input partition as a worker sees it.
///
///     absent ── assigned ─► restoring ── state is here ─► running ── revoked, committed ─► kept
///       ▲                       │                            │                              │
///       └── revoked ◄───────────┴──── lost, or not committed ◄┘      assigned: restoring ◄───┘
struct OwnedPartition {
  enum Phase {
    /// Another's, or nobody's.
    case absent
    /// Ours, and its state is being read.
    case restoring
    /// Ours, and its records are applied.
    case running
    /// Not ours now; memory holds it as of its last commit.
    case kept
  }

  var phase = Phase.absent
  var position: InputPosition
  /// The sequence of the last cut.
  var sequence: Int64 = 0
  /// The input offset of the last cut; −1 before the first.
  var cutOffset: Int64 = -1
  /// What is known of the last sample that was published since the partition is ours.
  var sampled: SampleMark?
  /// Complete walks when that was.
  var sampledWalk = 0
  /// The walk whose counts were told last.
  var watchedWalk = 0
  /// Whether an epoch has passed since its statistics went out, and whether anything has changed since.
  var owesStatistics = true
  var hasUntold = true
  /// Where its input is to end, with `stopsAtEnd`; `nil` until it is known.
  var end: Int64?

  init(_ partition: Int32) { position = InputPosition(partition: partition) }

  var number: Int32 { position.partition }
  var isRunning: Bool { if case .running = phase { true } else { false } }
  var isRestoring: Bool { if case .restoring = phase { true } else { false } }
  var isKept: Bool { if case .kept = phase { true } else { false } }

  /// Lets the next commit carry its statistics and a sample.
  mutating func askForStatistics() { (owesStatistics, hasUntold, sampled) = (true, true, nil) }

  /// Its state is here.
  mutating func run(_ ready: Restorer.Ready) {
    phase = .running
    position = InputPosition(partition: number, next: ready.offset ?? -1)
    sequence = ready.sequence
    cutOffset = ready.offset ?? -1
    (sampled, owesStatistics, hasUntold, end) = (nil, true, true, nil)
    watchedWalk = 0
  }
}
