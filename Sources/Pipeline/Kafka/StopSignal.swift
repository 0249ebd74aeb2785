import Glibc
import Synchronization

/// When the process was first asked to stop, in ms of the monotonic clock; 0 before. Set by a signal handler, which may
/// touch nothing but an atomic.
private let stopRequestedMs = Atomic<Int64>(0)

/// Signals within this time of the first are the same request: `timeout`, for one, sends it to a child twice.
private let repeatMs: Int64 = 1000

private func onStopSignal(_ signal: Int32) {
  var now = timespec()
  clock_gettime(CLOCK_MONOTONIC, &now)
  let nowMs = Int64(now.tv_sec) * 1000 + Int64(now.tv_nsec) / 1_000_000
  let (isFirst, firstMs) = stopRequestedMs.compareExchange(expected: 0, desired: nowMs, ordering: .relaxed)
  if !isFirst && nowMs - firstMs > repeatMs {
    Glibc.signal(signal, SIG_DFL)
    raise(signal)
  }
}

/// A request to stop: by SIGTERM and SIGINT, or by a test.
package enum StopSignal {
  /// From now on SIGTERM and SIGINT ask to stop; another one a second later ends the process at once.
  package static func install() {
    stopRequestedMs.store(0, ordering: .relaxed)
    var action = sigaction()
    action.__sigaction_handler.sa_handler = onStopSignal
    action.sa_flags = SA_RESTART
    sigaction(SIGTERM, &action, nil)
    sigaction(SIGINT, &action, nil)
    // Whoever started the process may have blocked them, and a child inherits that.
    var both = sigset_t()
    sigemptyset(&both)
    sigaddset(&both, SIGTERM)
    sigaddset(&both, SIGINT)
    pthread_sigmask(SIG_UNBLOCK, &both, nil)
  }

  /// Whether to stop.
  package static var isRequested: Bool { stopRequestedMs.load(ordering: .relaxed) != 0 }
}
