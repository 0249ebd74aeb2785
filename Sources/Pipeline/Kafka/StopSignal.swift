import Glibc
import Synchronization

/// Whether the process has been asked to stop. Set by a signal handler, which may touch nothing but an atomic.
private let stopRequested = Atomic<Bool>(false)

private func onStopSignal(_ signal: Int32) {
  stopRequested.store(true, ordering: .relaxed)
}

/// A request to stop: by SIGTERM and SIGINT, or by a test.
package enum StopSignal {
  /// From now on SIGTERM and SIGINT ask to stop; a second one of either ends the process as usual.
  package static func install() {
    stopRequested.store(false, ordering: .relaxed)
    var action = sigaction()
    action.__sigaction_handler.sa_handler = onStopSignal
    action.sa_flags = Int32(bitPattern: UInt32(SA_RESETHAND)) | SA_RESTART
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
  package static var isRequested: Bool { stopRequested.load(ordering: .relaxed) }
}
