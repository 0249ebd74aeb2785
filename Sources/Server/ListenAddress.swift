import Foundation
import Glibc

/// Where a server listens: a numeric address and a port, `127.0.0.1:7878` or `[::1]:7878`.
public struct ListenAddress: Sendable, Equatable, CustomStringConvertible {
  /// The numeric address, without brackets.
  public let host: String
  /// The port; 0 lets the system choose one.
  public let port: UInt16

  /// Reads an address; `nil` where the text is none. A name is none: what it means may change.
  public init?(_ text: String) {
    guard let colon = text.lastIndex(of: ":") else { return nil }
    let digits = text[text.index(after: colon)...]
    guard !digits.isEmpty, digits.allSatisfy({ $0.isASCII && $0.isNumber }), let port = UInt16(digits) else {
      return nil
    }
    var host = text[..<colon]
    let isBracketed = host.hasPrefix("[") && host.hasSuffix("]") && host.count > 2
    if isBracketed { host = host.dropFirst().dropLast() }
    self.host = String(host)
    self.port = port
    guard isBracketed ? version6 != nil : version4 != nil else { return nil }
  }

  /// The same address with another port.
  public func at(port: UInt16) -> ListenAddress { ListenAddress(host: host, port: port) }

  private init(host: String, port: UInt16) {
    self.host = host
    self.port = port
  }

  private var version4: in_addr? {
    var address = in_addr()
    return inet_pton(AF_INET, host, &address) == 1 ? address : nil
  }

  private var version6: in6_addr? {
    var address = in6_addr()
    return inet_pton(AF_INET6, host, &address) == 1 ? address : nil
  }

  /// Whether only programs of this machine can reach it.
  public var isLoopback: Bool {
    if let address = version4 { return UInt32(bigEndian: address.s_addr) >> 24 == 127 }
    return host == "::1"
  }

  /// As it is written in the settings.
  public var description: String { version4 == nil ? "[\(host)]:\(port)" : "\(host):\(port)" }

  /// A socket that listens there; the number of the error where there can be none.
  func listen(backlog: Int32) -> Result<Int32, POSIXError> {
    let socket = socket(version4 == nil ? AF_INET6 : AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    guard socket >= 0 else { return .failure(.last) }
    var yes: Int32 = 1
    setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
    guard bind(socket) == 0, Glibc.listen(socket, backlog) == 0 else {
      let error = POSIXError.last
      close(socket)
      return .failure(error)
    }
    return .success(socket)
  }

  private func bind(_ socket: Int32) -> Int32 {
    if let address = version4 {
      var name = sockaddr_in()
      name.sin_family = sa_family_t(AF_INET)
      name.sin_port = port.bigEndian
      name.sin_addr = address
      return withSocketAddress(of: &name) { Glibc.bind(socket, $0, $1) }
    }
    guard let address = version6 else { preconditionFailure("an address is of one of the two versions") }
    var name = sockaddr_in6()
    name.sin6_family = sa_family_t(AF_INET6)
    name.sin6_port = port.bigEndian
    name.sin6_addr = address
    var only: Int32 = 1
    setsockopt(socket, Int32(IPPROTO_IPV6), IPV6_V6ONLY, &only, socklen_t(MemoryLayout<Int32>.size))
    return withSocketAddress(of: &name) { Glibc.bind(socket, $0, $1) }
  }

  /// The port that a socket was given.
  static func port(of socket: Int32) -> UInt16 {
    var name = sockaddr_in6()
    var size = socklen_t(MemoryLayout<sockaddr_in6>.size)
    // The port is at the same place in both versions' names.
    let answer = withUnsafeMutablePointer(to: &name) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(socket, $0, &size) }
    }
    return answer == 0 ? UInt16(bigEndian: name.sin6_port) : 0
  }
}

extension POSIXError {
  /// The error of the call before.
  fileprivate static var last: POSIXError { POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
}

/// Calls `body` with a socket's name as the system wants it.
private func withSocketAddress<Name>(
  of name: inout Name, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32
) -> Int32 {
  withUnsafePointer(to: &name) { pointer in
    pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(MemoryLayout<Name>.size)) }
  }
}
