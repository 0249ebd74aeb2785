/// What the daemon answers over HTTP.
///
/// It asks for a snapshot at each request and keeps nothing.
public struct Service: Sendable {
  private let status: @Sendable () -> ServiceStatus
  private let model: @Sendable () -> [UInt8]?
  private let lagMax: Int64

  /// A partition that is behind by no more records is no obstacle to being ready.
  public static let readyLagMax: Int64 = 100_000

  /// Answers from a snapshot of how the instance is and the newest model as JSON, `nil` before the first.
  public init(
    status: @escaping @Sendable () -> ServiceStatus, model: @escaping @Sendable () -> [UInt8]?,
    lagMax: Int64 = readyLagMax
  ) {
    self.status = status
    self.model = model
    self.lagMax = lagMax
  }

  /// What is there to ask for.
  static let paths = ["/health/live", "/health/ready", "/metrics", "/v1/model", "/v1/status"]

  /// Answers a request; `connections` are the server's.
  public func answer(_ request: HTTPRequest, connections: HTTPConnections = HTTPConnections()) -> HTTPResponse {
    switch request.path {
    case "/health/live": return .json(["status": "live"])
    case "/health/ready": return readiness(status())
    case "/metrics":
      let isOpenMetrics = request.headers["accept"]?.contains("application/openmetrics-text") ?? false
      let metrics = status().metrics(isOpenMetrics: isOpenMetrics, lagMax: lagMax, connections: connections)
      return HTTPResponse(contentType: metrics.contentType, body: Array(metrics.text.utf8))
    case "/v1/model":
      guard let model = model() else {
        return Problem(
          "no-model", title: "There is no model yet", status: 404,
          detail: "too few customers have bought so far; `/v1/status` says how many there are"
        ).response()
      }
      return HTTPResponse(contentType: "application/json", body: model)
    case "/v1/status": return .json(status())
    default:
      return Problem(
        "not-found", title: "There is nothing here", status: 404,
        detail: "`\(request.path)` is not known; there are \(Self.paths.joined(separator: ", "))"
      ).response()
    }
  }

  private func readiness(_ status: ServiceStatus) -> HTTPResponse {
    guard let obstacle = status.obstacle(lagMax: lagMax) else { return .json(["status": "ready"]) }
    return Problem("not-ready", title: "The instance is not ready", status: 503, detail: obstacle)
      .response(headers: [("Retry-After", "5")])
  }
}
