import Foundation
import Testing

@testable import Server

/// A server on a port of its own that answers with a status.
private func server(
  _ status: ServiceStatus = ServiceStatus(), model: String? = nil, _ change: (inout HTTPOptions) -> Void = { _ in }
) throws -> (HTTPServer, HTTPClient) {
  let address = try #require(ListenAddress("127.0.0.1:0"))
  var options = HTTPOptions(address: address)
  change(&options)
  let service = Service(status: { status }, model: { model.map { Array($0.utf8) } })
  let server = try HTTPServer(options) { service.answer($0, connections: $1) }
  return (server, HTTPClient(port: server.port))
}

/// A status of an instance that is ready.
private func readyStatus() -> ServiceStatus {
  var status = ServiceStatus()
  status.hasJoined = true
  status.partitions = [.init(number: 0, isRestoring: false, isLive: true, offset: 10, lag: 0)]
  return status
}

@Suite struct HTTPServerTests {
  @Test("An answer says what it is, is never kept, framed or guessed, and may fetch nothing")
  func headers() throws {
    let (server, client) = try server()
    defer { server.stop() }
    let answer = try client.get("/health/live")
    #expect(answer.status == 200 && answer.body == "{\"status\":\"live\"}\n")
    #expect(answer.headers["content-type"] == "application/json")
    #expect(answer.headers["cache-control"] == "no-store" && answer.headers["x-content-type-options"] == "nosniff")
    #expect(answer.headers["content-security-policy"]?.hasPrefix("default-src 'none'") == true)
    #expect(answer.headers["access-control-allow-origin"] == nil)
  }

  @Test("HEAD has the headers of GET and no body")
  func head() throws {
    let (server, client) = try server()
    defer { server.stop() }
    let answer = try client.get("/v1/status", method: "HEAD")
    #expect(answer.status == 200 && answer.body.isEmpty)
    #expect(try answer.headers["content-length"] == "\(client.get("/v1/status").body.utf8.count)")
  }

  @Test("What is not there is a problem that names what is", arguments: ["/", "/v1", "/v1/status/", "/%2e%2e/etc"])
  func unknownPath(_ path: String) throws {
    let (server, client) = try server()
    defer { server.stop() }
    let answer = try client.get(path)
    #expect(answer.status == 404 && answer.headers["content-type"] == "application/problem+json")
    #expect(answer.body.contains("\"type\":\"/problems/not-found\"") && answer.body.contains("/v1/status"))
  }

  @Test("Only GET and HEAD are allowed", arguments: ["POST", "PUT", "DELETE", "OPTIONS", "BREW"])
  func methods(_ method: String) throws {
    let (server, client) = try server()
    defer { server.stop() }
    let answer = try client.get("/v1/status", method: method, headers: ["Content-Length: 0"])
    #expect(answer.status == 405 && answer.headers["allow"] == "GET, HEAD")
  }

  @Test("With tokens, who bears neither gets 401 everywhere but at the probes")
  func tokens() throws {
    let (server, client) = try server {
      $0.tokens = AccessTokens(read: "read-0123456789abcdef", admin: "admin-0123456789abcde")
    }
    defer { server.stop() }
    for wrong in [
      [], ["Authorization: Bearer read-0123456789abcdeX"], ["Authorization: Bearer "],
      ["Authorization: Bearer read-0123456789abcdefread-0123456789abcdef"], ["Authorization: Basic cmVhZA=="],
    ] {
      let answer = try client.get("/v1/status", headers: wrong)
      #expect(answer.status == 401 && answer.headers["www-authenticate"]?.hasPrefix("Bearer") == true, "\(wrong)")
    }
    #expect(try client.get("/v1/status", headers: ["Authorization: Bearer read-0123456789abcdef"]).status == 200)
    #expect(try client.get("/v1/status", headers: ["authorization: bearer admin-0123456789abcde"]).status == 200)
    #expect(try client.get("/health/live").status == 200)
  }

  @Test("A request whose header or body is too long is refused, and the server goes on")
  func lengths() throws {
    let (server, client) = try server()
    defer { server.stop() }
    let long = String(repeating: "x", count: 200_000)
    #expect([400, 413, 414, 431].contains(try client.get("/v1/status", headers: ["X-Long: \(long)"]).status))
    let body = "POST /v1/status HTTP/1.1\r\nHost: a\r\nContent-Length: 200000\r\n\r\n" + long
    #expect(!((try? client.exchange(body)) ?? "").contains(" 200 "))
    #expect(try client.get("/health/live").status == 200)
  }

  @Test("Who sends a byte now and then and never a request is cut, and counted")
  func slowloris() throws {
    let (server, client) = try server { $0.limits.requestSeconds = 1 }
    defer { server.stop() }
    let socket = try client.connected(seconds: 1)
    defer { close(socket) }
    let deadline = ContinuousClock.now + .seconds(20)
    var byte = [UInt8](repeating: 0, count: 1)
    try HTTPClient.send("GET /health/live HTTP/1.1\r\nX: ", to: socket)
    // Each read waits a second for an answer that must not come; at the end the connection is closed.
    while recv(socket, &byte, 1, 0) < 0, ContinuousClock.now < deadline {
      guard (try? HTTPClient.send("a", to: socket)) != nil else { break }
    }
    #expect(ContinuousClock.now < deadline, "it was cut")
    #expect(try client.get("/metrics").body.contains("segmenter_http_connections_cut_total 1"))
  }

  @Test("A port that is taken is named, with what to do")
  func taken() throws {
    let (server, client) = try server()
    defer { server.stop() }
    let error = #expect(throws: HTTPServerError.self) {
      let address = try #require(ListenAddress("127.0.0.1:\(client.port)"))
      _ = try HTTPServer(HTTPOptions(address: address)) { _, _ in .json("never") }
    }
    #expect(error?.kind == .addressInUse && error?.description.contains("127.0.0.1:\(client.port)") == true)
  }

  @Test(
    "Beyond loopback a token and TLS are needed, or the word that they are not", arguments: ["0.0.0.0:0", "[::]:0"])
  func beyondLoopback(_ place: String) throws {
    let address = try #require(ListenAddress(place))
    var options = HTTPOptions(address: address)
    var error = #expect(throws: HTTPServerError.self) { try HTTPServer(options) { _, _ in .json("never") } }
    #expect(error?.kind == .configuration && error?.description.contains("without a token and TLS") == true)
    options.tokens = AccessTokens(read: "0123456789abcdef")
    error = #expect(throws: HTTPServerError.self) { try HTTPServer(options) { _, _ in .json("never") } }
    #expect(error?.description.contains("without TLS") == true)
    options.allowsInsecure = true
    try HTTPServer(options) { _, _ in .json("let in") }.stop()
  }

  @Test("A hundred connections at once are all answered")
  func many() async throws {
    let (server, client) = try server(readyStatus())
    defer { server.stop() }
    let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
      for _ in 0..<100 { group.addTask { try client.get("/health/ready").status } }
      return try await group.reduce(into: [Int]()) { $0.append($1) }
    }
    #expect(statuses == Array(repeating: 200, count: 100))
  }
}

@Suite struct ServiceTests {
  private func answer(_ status: ServiceStatus, _ path: String, model: String? = nil) -> HTTPResponse {
    Service(status: { status }, model: { model.map { Array($0.utf8) } }, lagMax: 100).answer(HTTPRequest(path: path))
  }

  private func text(_ response: HTTPResponse) -> String { String(decoding: response.body, as: UTF8.self) }

  @Test("Ready is who has joined, restored everything, is not far behind and has no trouble with Kafka")
  func ready() {
    var status = readyStatus()
    #expect(answer(status, "/health/ready").status == 200)
    status.hasJoined = false
    #expect(text(answer(status, "/health/ready")).contains("waiting for the group"))
    status = readyStatus()
    status.partitions[0].isRestoring = true
    #expect(text(answer(status, "/health/ready")).contains("partitions 0 is being restored"))
    status = readyStatus()
    (status.partitions[0].isLive, status.partitions[0].lag) = (false, 101)
    #expect(text(answer(status, "/health/ready")).contains("partition 0 is behind: 101 records"))
    status.partitions[0].lag = 100
    #expect(answer(status, "/health/ready").status == 200)
    status.trouble = "Kafka: SASL authentication failed"
    let refused = answer(status, "/health/ready")
    #expect(refused.status == 503 && text(refused).contains("SASL authentication failed"))
    #expect(refused.headers.contains { $0.name == "Retry-After" })
  }

  @Test("An instance that was given no partition is ready: it stands by")
  func standby() {
    var status = ServiceStatus()
    status.hasJoined = true
    #expect(answer(status, "/health/ready").status == 200)
  }

  @Test("The model is what was published, and before the first a problem says so")
  func model() {
    #expect(answer(ServiceStatus(), "/v1/model").status == 404)
    #expect(text(answer(ServiceStatus(), "/v1/model", model: "{\"generation\":1}")) == "{\"generation\":1}")
  }

  @Test("A histogram's buckets add up, and its labels and help are escaped")
  func metricsText() {
    var out = MetricsText(isOpenMetrics: false)
    out.add("a_seconds", "With \\ and\nline.", .init(bounds: [0.1, 1], counts: [1, 2, 3], sum: 4.5))
    out.add("b_total", .counter, "Of \"b\".", [([("code", "a\"\\\n")], 7)])
    #expect(
      out.text == """
        # HELP a_seconds With \\\\ and\\nline.
        # TYPE a_seconds histogram
        a_seconds_bucket{le="0.1"} 1
        a_seconds_bucket{le="1"} 3
        a_seconds_bucket{le="+Inf"} 6
        a_seconds_sum 4.5
        a_seconds_count 6
        # HELP b_total Of "b".
        # TYPE b_total counter
        b_total{code="a\\"\\\\\\n"} 7

        """)
  }

  @Test("OpenMetrics names the family without `_total` and ends with EOF; who asks for it gets it")
  func openMetrics() {
    let request = HTTPRequest(path: "/metrics", headers: ["accept": "application/openmetrics-text; version=1.0.0"])
    let answer = Service(status: { ServiceStatus() }, model: { nil }).answer(request)
    #expect(answer.contentType.hasPrefix("application/openmetrics-text"))
    #expect(text(answer).contains("# TYPE segmenter_records counter\nsegmenter_records_total 0\n"))
    #expect(text(answer).hasSuffix("# EOF\n"))
  }
}

@Suite struct ListenAddressTests {
  @Test(
    "An address is numeric and has a port", arguments: ["127.0.0.1:80", "0.0.0.0:0", "[::1]:7878", "[2001:db8::1]:1"])
  func good(_ text: String) { #expect(ListenAddress(text)?.description == text) }

  @Test(
    "Anything else is none",
    arguments: [
      "", "off", "127.0.0.1", "localhost:80", "127.0.0.1:65536", "::1:80", "[::1]", "[127.0.0.1]:80", "127.0.0.1:",
      "127.0.0.1:+1", "1.2.3:80",
    ])
  func bad(_ text: String) { #expect(ListenAddress(text) == nil) }

  @Test("Loopback is 127.0.0.0/8 and ::1")
  func loopback() {
    #expect(["127.0.0.1:1", "127.9.9.9:1", "[::1]:1"].allSatisfy { ListenAddress($0)?.isLoopback == true })
    #expect(["0.0.0.0:1", "128.0.0.1:1", "[::]:1"].allSatisfy { ListenAddress($0)?.isLoopback == false })
  }
}
