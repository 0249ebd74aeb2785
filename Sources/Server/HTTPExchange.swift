import CMicrohttpd
import Synchronization

/// What the callbacks of libmicrohttpd share: all on the server's one thread, but for `watch` and `isOver`.
final class HTTPExchange: Sendable {
  let tokens: AccessTokens
  let limits: HTTPOptions.Limits
  let answer: @Sendable (HTTPRequest, HTTPConnections) -> HTTPResponse
  let watch = ConnectionWatch()
  let isOver = Atomic<Bool>(false)

  init(
    tokens: AccessTokens, limits: HTTPOptions.Limits,
    answer: @escaping @Sendable (HTTPRequest, HTTPConnections) -> HTTPResponse
  ) {
    self.tokens = tokens
    self.limits = limits
    self.answer = answer
  }

  /// The answer, once it is known that whoever asks may.
  func respond(to request: HTTPRequest) -> HTTPResponse {
    guard ["GET", "HEAD"].contains(request.method) else {
      return Problem(
        "method-not-allowed", title: "The method is not allowed", status: 405,
        detail: "`\(request.method)` is not allowed for `\(request.path)`: GET and HEAD are"
      ).response(headers: [("Allow", "GET, HEAD")])
    }
    // Probes of orchestrators bear no token, and learn nothing but whether all is well.
    guard request.path.hasPrefix("/health/") || tokens.mayRead(request.bearerToken) else {
      return Problem(
        "unauthorised", title: "A token is needed", status: 401,
        detail: "send `Authorization: Bearer TOKEN` with the token of `http.read_token_file`"
      ).response(headers: [("WWW-Authenticate", "Bearer realm=\"segmenter\"")])
    }
    return answer(request, HTTPConnections(open: watch.count, cut: watch.cut))
  }
}

/// What is known of a request while it arrives.
private final class PendingRequest {
  var bodyBytes = 0
}

/// libmicrohttpd has the headers, a part of the body, or all of a request.
func handleRequest(
  _ context: UnsafeMutableRawPointer?, _ connection: OpaquePointer?, _ url: UnsafePointer<CChar>?,
  _ method: UnsafePointer<CChar>?, _ version: UnsafePointer<CChar>?, _ upload: UnsafePointer<CChar>?,
  _ uploadSize: UnsafeMutablePointer<Int>?, _ request: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) -> MHD_Result {
  guard let context, let connection, let url, let method, let request, let uploadSize else { return .NO }
  let exchange = Unmanaged<HTTPExchange>.fromOpaque(context).takeUnretainedValue()
  guard let known = request.pointee else {
    request.pointee = Unmanaged.passRetained(PendingRequest()).toOpaque()
    return .YES
  }
  let pending = Unmanaged<PendingRequest>.fromOpaque(known).takeUnretainedValue()
  if uploadSize.pointee > 0 {
    pending.bodyBytes += uploadSize.pointee
    uploadSize.pointee = 0
    // Whoever sends more is cut off: an answer could be given only after all of it.
    return pending.bodyBytes <= exchange.limits.bodyBytes ? .YES : .NO
  }
  exchange.watch.answer(Int(bitPattern: connection))
  let asked = HTTPRequest(
    method: String(cString: method), path: String(cString: url), query: values(connection, .GET_ARGUMENT_KIND),
    headers: values(connection, .HEADER_KIND, isLowercased: true))
  return send(exchange.respond(to: asked), on: connection)
}

/// libmicrohttpd is done with a request.
func endRequest(
  _ context: UnsafeMutableRawPointer?, _ connection: OpaquePointer?,
  _ request: UnsafeMutablePointer<UnsafeMutableRawPointer?>?, _ reason: MHD_RequestTerminationCode
) {
  if let known = request?.pointee { Unmanaged<PendingRequest>.fromOpaque(known).release() }
  request?.pointee = nil
  guard let context, let connection else { return }
  Unmanaged<HTTPExchange>.fromOpaque(context).takeUnretainedValue().watch
    .await(Int(bitPattern: connection), nowMs: monotonicMs())
}

/// libmicrohttpd has accepted a connection, or is about to close it.
func noteConnection(
  _ context: UnsafeMutableRawPointer?, _ connection: OpaquePointer?,
  _ place: UnsafeMutablePointer<UnsafeMutableRawPointer?>?, _ event: MHD_ConnectionNotificationCode
) {
  guard let context, let connection else { return }
  let watch = Unmanaged<HTTPExchange>.fromOpaque(context).takeUnretainedValue().watch
  let key = Int(bitPattern: connection)
  switch event {
  case .CONNECTION_NOTIFY_STARTED: watch.begin(key, socket: http_connection_socket(connection), nowMs: monotonicMs())
  default: watch.end(key)
  }
}

/// The headers or query parameters of a request.
private func values(
  _ connection: OpaquePointer, _ kind: MHD_ValueKind, isLowercased: Bool = false
) -> [String: String] {
  var found: [(String, String)] = []
  withUnsafeMutablePointer(to: &found) { pointer in
    _ = MHD_get_connection_values(
      connection, kind,
      { context, _, name, value in
        guard let context, let name else { return .YES }
        context.assumingMemoryBound(to: [(String, String)].self).pointee
          .append((String(cString: name), value.map { String(cString: $0) } ?? ""))
        return .YES
      }, pointer)
  }
  return Dictionary(found.map { (isLowercased ? $0.0.lowercased() : $0.0, $0.1) }) { $1 }
}

/// What every answer bears: nothing is kept, framed, guessed or fetched from elsewhere.
private let safeHeaders = [
  ("Cache-Control", "no-store"), ("X-Content-Type-Options", "nosniff"), ("X-Frame-Options", "DENY"),
  ("Referrer-Policy", "no-referrer"), ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"),
]

private func send(_ answer: HTTPResponse, on connection: OpaquePointer) -> MHD_Result {
  let response = answer.body.withUnsafeBytes { bytes in
    MHD_create_response_from_buffer(
      bytes.count, UnsafeMutableRawPointer(mutating: bytes.baseAddress), .RESPMEM_MUST_COPY)
  }
  guard let response else { return .NO }
  defer { MHD_destroy_response(response) }
  for (name, value) in safeHeaders { MHD_add_response_header(response, name, value) }
  MHD_add_response_header(response, "Content-Type", answer.contentType)
  for (name, value) in answer.headers { MHD_add_response_header(response, name, value) }
  return MHD_queue_response(connection, UInt32(answer.status), response)
}
