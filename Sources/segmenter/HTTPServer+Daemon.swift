import Configuration
import Foundation
import Pipeline
import Segmentation
import Server

extension HTTPServer {
  /// The server of a daemon that shows how it is on a board; `nil` where it is off.
  ///
  /// Where nobody has said where to listen, and the usual place is taken, there is none, and a notice says so: several
  /// instances can run on one machine.
  convenience init?(
    _ configuration: Configuration, _ options: DaemonOptions, _ board: StatusBoard, _ notices: Notices
  ) throws {
    guard let http = try HTTPOptions(configuration.settings.http) else { return nil }
    let startedMs = Int64(Date().timeIntervalSince1970 * 1_000)
    let digits = options.settings.currency.digits
    let service = Service(
      status: { ServiceStatus(board, options, startedMs: startedMs) },
      model: {
        board.model.map { record in
          record.model.json(
            customers: record.customers ?? Array(repeating: 0, count: record.model.segments.count), digits: digits)
        }
      })
    do throws(HTTPServerError) {
      try self.init(http) { service.answer($0, connections: $1) }
    } catch {
      guard error.kind == .addressInUse, configuration.origins["http.listen"] == nil else { throw error }
      notices(.info, "no HTTP: another program listens at \(http.address); `http.listen` says where else")
      return nil
    }
    let scheme = http.tls == nil ? "http" : "https"
    notices(.info, "answering at \(scheme)://\(http.address.at(port: port))/")
  }
}

extension HTTPOptions {
  /// The options of the settings; `nil` where HTTP is off. Throws where a file cannot be read.
  fileprivate init?(_ settings: Settings.HTTP) throws(CommandFailure) {
    guard let address = ListenAddress(settings.listen) else { return nil }
    self.init(address: address)
    tokens = AccessTokens(
      read: try Self.token(settings.readTokenFile, "read_token_file"),
      admin: try Self.token(settings.adminTokenFile, "admin_token_file"))
    allowsInsecure = settings.allowInsecure
    switch (settings.certificateFile, settings.keyFile) {
    case (let certificate?, let key?):
      tls = (try Self.text(certificate, "certificate_file"), try Self.text(key, "key_file"))
    case (nil, nil): break
    default:
      throw CommandFailure(.configuration, "`http.certificate_file` and `http.key_file` go together: give both or none")
    }
  }

  private static func token(_ path: String?, _ name: String) throws(CommandFailure) -> String? {
    guard let path else { return nil }
    let token = try text(path, name).trimmingCharacters(in: .whitespacesAndNewlines)
    guard token.utf8.count >= tokenBytesMin else {
      throw CommandFailure(
        .configuration,
        "the token in the file `\(path)` of `http.\(name)` is shorter than \(tokenBytesMin) bytes: anybody could guess "
          + "it; make one by: openssl rand -hex 32")
    }
    return token
  }

  private static func text(_ path: String, _ name: String) throws(CommandFailure) -> String {
    do {
      return try String(contentsOf: URL(fileURLWithPath: path), encoding: .utf8)
    } catch {
      throw CommandFailure(
        .configuration, "the file `\(path)` of `http.\(name)` cannot be read: check the name and its rights")
    }
  }

  /// A shorter token is refused.
  private static let tokenBytesMin = 16
}
