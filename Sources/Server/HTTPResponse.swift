import Foundation

/// What is answered to a request.
public struct HTTPResponse: Sendable {
  /// The status code.
  public var status: Int
  /// The media type of the body.
  public var contentType: String
  /// Further headers.
  public var headers: [(name: String, value: String)] = []
  /// The body.
  public var body: [UInt8]

  /// An answer with a body.
  public init(status: Int = 200, contentType: String, body: [UInt8]) {
    self.status = status
    self.contentType = contentType
    self.body = body
  }

  /// A value as JSON, members in the order of their names.
  static func json(_ value: some Encodable, status: Int = 200) -> HTTPResponse {
    HTTPResponse(status: status, contentType: "application/json", body: encoded(value))
  }

  private static func encoded(_ value: some Encodable) -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    encoder.keyEncodingStrategy = .convertToSnakeCase
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    guard let data = try? encoder.encode(value) else { preconditionFailure("plain values can be written as JSON") }
    return Array(data) + [UInt8(ascii: "\n")]
  }
}

/// What went wrong with a request, as RFC 9457 lays it out.
public struct Problem: Sendable, Encodable {
  /// Where the kind of problem is explained, relative to the server.
  public var type: String
  /// The kind in words, the same each time.
  public var title: String
  /// The status code.
  public var status: Int
  /// What is the matter this time, and what to do.
  public var detail: String

  /// A problem of a kind: `not-found`, `unauthorised`, …
  public init(_ kind: String, title: String, status: Int, detail: String) {
    type = "/problems/\(kind)"
    self.title = title
    self.status = status
    self.detail = detail
  }

  /// The problem as an answer.
  func response(headers: [(name: String, value: String)] = []) -> HTTPResponse {
    var response = HTTPResponse.json(self, status: status)
    response.contentType = "application/problem+json"
    response.headers = headers
    return response
  }
}
