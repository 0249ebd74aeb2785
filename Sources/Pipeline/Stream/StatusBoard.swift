import Kafka
import Segmentation
import Synchronization

/// Where a daemon shows how it is, to be read from any thread at any time, also before it has come to Kafka.
package final class StatusBoard: Sendable {
  private let shown = Mutex(DaemonStatus())
  private let newest = Mutex<ModelRecord?>(nil)
  private let refusal = Mutex<(text: String, atMs: Int64)?>(nil)

  /// A trouble that was not reported again for so long has passed: clients try every two seconds; in ms.
  private static let troubleMs: Int64 = 10_000

  /// An empty board.
  package init() {}

  /// What the workers have done up to a second ago.
  package var status: DaemonStatus { shown.withLock { $0 } }

  /// The model in use; `nil` before the first.
  package var model: ModelRecord? { newest.withLock { $0 } }

  /// What a Kafka client has reported lately; `nil` where all is well.
  package var trouble: String? {
    refusal.withLock { refusal in
      guard let last = refusal, monotonicMs() - last.atMs <= StatusBoard.troubleMs else { return nil }
      return last.text
    }
  }

  func show(_ status: DaemonStatus) { shown.withLock { $0 = status } }

  func show(_ model: ModelRecord) { newest.withLock { if model.isNewer(than: $0) { $0 = model } } }

  /// Notes what a client reports, on its way to the notices.
  func noting(_ events: ClientEvents) -> ClientEvents {
    ClientEvents(
      log: events.log,
      error: { [self] error in
        refusal.withLock { $0 = ("Kafka: \(error)", monotonicMs()) }
        events.error(error)
      })
  }
}
