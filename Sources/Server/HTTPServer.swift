import CMicrohttpd
import Foundation
import Glibc
import Synchronization

/// A server of plain requests and answers on libmicrohttpd, with a thread of its own.
///
///     accepted ── headers ──► begun ── body ──► read ── answer ──► sent ── next request ──► begun
///        └───────────── no whole request within `requestSeconds` ─────────────► cut
public final class HTTPServer: @unchecked Sendable {
  // Everything but the daemon is constant; the daemon is touched by `init` and, once, by `stop`.
  private let exchange: HTTPExchange
  private let isStopped = Atomic<Bool>(false)
  private var daemon: OpaquePointer?
  /// Where it listens, with the port that the system has given.
  public let port: UInt16

  /// Begins to listen. `answer` is called on the server's thread and must not take
  /// long.
  ///
  /// Throws `HTTPServerError`: also where others than this machine could ask without a token or TLS.
  public init(
    _ options: HTTPOptions, answer: @escaping @Sendable (HTTPRequest, _ connections: HTTPConnections) -> HTTPResponse
  ) throws(HTTPServerError) {
    if let missing = options.objection {
      throw HTTPServerError(
        .configuration,
        "`http.listen` is \(options.address), which other machines can reach, without \(missing): set "
          + "`http.read_token_file`, `http.certificate_file` and `http.key_file`, listen on 127.0.0.1, or say "
          + "`http.allow_insecure: true`")
    }
    let limits = options.limits
    let socket = try Self.socket(options.address, backlog: Int32(limits.connections))
    port = ListenAddress.port(of: socket)
    exchange = HTTPExchange(tokens: options.tokens, limits: limits, answer: answer)
    let context = Unmanaged.passUnretained(exchange).toOpaque()
    // Who does nothing is cut by us and counted; libmicrohttpd's own limit is for who does not take an answer.
    daemon = Self.withTexts(options.tls) { certificate, key in
      http_daemon_start(
        http_start(
          socket: socket, connections: UInt32(limits.connections),
          connections_per_address: UInt32(limits.connectionsPerAddress), connection_bytes: limits.connectionBytes,
          idle_seconds: UInt32(limits.requestSeconds + 1), key: key, certificate: certificate),
        handleRequest, endRequest, noteConnection, context)
    }
    guard daemon != nil else {
      close(socket)
      throw HTTPServerError(
        options.tls == nil ? .system : .configuration,
        "the HTTP server at \(options.address) cannot start"
          + (options.tls == nil
            ? ""
            : ": are `http.certificate_file` and `http.key_file` a PEM pair that belongs "
              + "together?"))
    }
    let (exchange, timeMs) = (exchange, Int64(limits.requestSeconds) * 1_000)
    Thread.detachNewThread {
      while !exchange.isOver.load(ordering: .acquiring) {
        usleep(HTTPServer.lookMs * 1_000)
        exchange.watch.cut(longerThanMs: timeMs, nowMs: monotonicMs())
      }
    }
  }

  deinit { stop() }

  /// Ends every connection.
  public func stop() {
    guard !isStopped.exchange(true, ordering: .acquiringAndReleasing) else { return }
    exchange.isOver.store(true, ordering: .releasing)
    if let daemon { MHD_stop_daemon(daemon) }
    daemon = nil
  }

  /// How often connections are looked after, in ms.
  private static let lookMs: UInt32 = 250

  private static func socket(_ address: ListenAddress, backlog: Int32) throws(HTTPServerError) -> Int32 {
    switch address.listen(backlog: backlog) {
    case .success(let socket): return socket
    case .failure(let error) where error.code == .EADDRINUSE:
      throw HTTPServerError(
        .addressInUse,
        "`http.listen`: another program listens at \(address): set another port, or `http: off`")
    case .failure(let error):
      throw HTTPServerError(
        .system, "`http.listen`: cannot listen at \(address): \(String(cString: strerror(error.code.rawValue)))")
    }
  }

  private static func withTexts<Result>(
    _ tls: (certificate: String, key: String)?, _ body: (UnsafePointer<CChar>?, UnsafePointer<CChar>?) -> Result
  ) -> Result {
    guard let tls else { return body(nil, nil) }
    return tls.certificate.withCString { certificate in tls.key.withCString { body(certificate, $0) } }
  }
}

/// The monotonic clock, in ms.
func monotonicMs() -> Int64 {
  var now = timespec()
  clock_gettime(CLOCK_MONOTONIC, &now)
  return Int64(now.tv_sec) * 1_000 + Int64(now.tv_nsec) / 1_000_000
}
