import Glibc
import Synchronization

/// How a server's connections are.
public struct HTTPConnections: Sendable {
  /// How many there are.
  public var open = 0
  /// How many were cut because no request came in time.
  public var cut = 0

  /// None.
  public init(open: Int = 0, cut: Int = 0) {
    self.open = open
    self.cut = cut
  }
}

/// The connections of a server, so that one whose request does not arrive in time is cut: libmicrohttpd counts only the
/// time in which nothing comes, and who sends a byte now and then would stay for good.
final class ConnectionWatch: Sendable {
  private struct Connection {
    var socket: Int32
    /// Since when a request is awaited, in ms of the monotonic clock; `nil` while one is answered.
    var awaitedMs: Int64?
  }

  private let connections = Mutex<[Int: Connection]>([:])
  private let cutCount = Atomic<Int>(0)

  /// How many connections there are.
  var count: Int { connections.withLock { $0.count } }
  /// How many were cut.
  var cut: Int { cutCount.load(ordering: .relaxed) }

  func begin(_ key: Int, socket: Int32, nowMs: Int64) {
    connections.withLock { $0[key] = Connection(socket: socket, awaitedMs: nowMs) }
  }

  /// The socket is still open: whoever cuts holds the same lock.
  func end(_ key: Int) {
    connections.withLock { _ = $0.removeValue(forKey: key) }
  }

  /// A request is there, and is answered.
  func answer(_ key: Int) {
    connections.withLock { $0[key]?.awaitedMs = nil }
  }

  /// It was answered; the next one is awaited.
  func await(_ key: Int, nowMs: Int64) {
    connections.withLock { $0[key]?.awaitedMs = nowMs }
  }

  /// Cuts those that have been awaited for longer.
  func cut(longerThanMs limitMs: Int64, nowMs: Int64) {
    connections.withLock { connections in
      for (key, connection) in connections {
        guard let awaitedMs = connection.awaitedMs, nowMs - awaitedMs > limitMs else { continue }
        shutdown(connection.socket, Int32(SHUT_RDWR))
        connections[key]?.awaitedMs = nil
        cutCount.add(1, ordering: .relaxed)
      }
    }
  }
}
