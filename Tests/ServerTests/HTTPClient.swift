import Foundation

@testable import Server

/// A plain client: bytes out, bytes in, until the other side closes or a deadline passes.
struct HTTPClient {
  let port: UInt16

  /// An answer as it came.
  struct Answer {
    var status = 0
    var headers: [String: String] = [:]
    var body = ""
  }

  /// Asks for a path over a connection of its own.
  func get(_ path: String, method: String = "GET", headers: [String] = []) throws -> Answer {
    let lines = ["\(method) \(path) HTTP/1.1", "Host: localhost", "Connection: close"] + headers
    return Self.parse(try exchange(lines.joined(separator: "\r\n") + "\r\n\r\n"))
  }

  /// Sends bytes and reads until the server closes, at most so long, in seconds.
  func exchange(_ text: String, seconds: Int = 20) throws -> String {
    let socket = try connected(seconds: seconds)
    defer { close(socket) }
    try Self.send(text, to: socket)
    return Self.readAll(socket)
  }

  /// A connected socket whose reads give up after so many seconds.
  func connected(seconds: Int) throws -> Int32 {
    let socket = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var patience = timeval(tv_sec: seconds, tv_usec: 0)
    setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
    var name = sockaddr_in()
    name.sin_family = sa_family_t(AF_INET)
    name.sin_port = port.bigEndian
    name.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    let result = withUnsafePointer(to: &name) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard result == 0 else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
    return socket
  }

  static func send(_ text: String, to socket: Int32) throws {
    let bytes = Array(text.utf8)
    var sent = 0
    while sent < bytes.count {
      let count = bytes[sent...].withUnsafeBytes {
        Foundation.send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      guard count > 0 else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
      sent += count
    }
  }

  static func readAll(_ socket: Int32) -> String {
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 65_536)
    while case let count = recv(socket, &chunk, chunk.count, 0), count > 0 { bytes += chunk[..<count] }
    return String(decoding: bytes, as: UTF8.self)
  }

  static func parse(_ text: String) -> Answer {
    var answer = Answer()
    guard let end = text.range(of: "\r\n\r\n") else { return answer }
    let lines = text[..<end.lowerBound].components(separatedBy: "\r\n")
    answer.status = lines.first.flatMap { $0.split(separator: " ").dropFirst().first }.flatMap { Int($0) } ?? 0
    for line in lines.dropFirst() {
      guard let colon = line.firstIndex(of: ":") else { continue }
      answer.headers[line[..<colon].lowercased()] = line[line.index(after: colon)...].trimmingCharacters(
        in: .whitespaces)
    }
    answer.body = String(text[end.upperBound...])
    return answer
  }
}
