import CRdKafka
import Glibc
import Synchronization

/// Where clients report what nobody asked for. Both are called from any thread.
package struct ClientEvents: Sendable {
  /// One line of librdkafka's log; `level` as in syslog, 0 (emergency) to 7 (debug).
  package var log: @Sendable (_ level: Int, _ line: String) -> Void
  /// A broker went away, refused us, or the client failed.
  package var error: @Sendable (KafkaError) -> Void

  /// Events that go to the given closures; by default nowhere.
  package init(
    log: @escaping @Sendable (_ level: Int, _ line: String) -> Void = { _, _ in },
    error: @escaping @Sendable (KafkaError) -> Void = { _ in }
  ) {
    self.log = log
    self.error = error
  }
}

/// What a client handle's callbacks reach by librdkafka's opaque pointer; lives as long as the handle.
final class ClientContext {
  let events: ClientEvents
  /// The latest refusal that a call which merely times out should be explained by. Set and read on the thread
  /// that polls the client.
  var refusal: KafkaError?
  /// The first record that could not be delivered. Set and read on the thread that polls the client.
  var deliveryFailure: KafkaError?
  /// Records that could not be delivered.
  var deliveryFailureCount = 0
  /// The topics of records that could not be delivered, each once.
  var deliveryFailureTopics: [String] = []
  /// What a member of a group does when its partitions change. Set and called on the thread that polls the client.
  var onRebalance: ((_ code: rd_kafka_resp_err_t, _ partitions: rd_kafka_topic_partition_list_t) -> Void)?
  /// What was wrong with the last certificate that was refused, and whose it was. Set on librdkafka's threads.
  let certificateProblem = Mutex<String?>(nil)
  /// Values that no log line and no error may show. Set before librdkafka knows the context.
  var secrets: [String] = []

  init(events: ClientEvents) {
    self.events = events
  }

  /// A text of librdkafka without the secrets.
  func hidingSecrets(_ text: String) -> String {
    secrets.reduce(text) { $0.contains($1) ? $0.replacing($1, with: "(hidden)") : $0 }
  }

  /// An error that librdkafka reports by itself, with what we know better.
  func reported(_ code: rd_kafka_resp_err_t, _ text: String?) -> KafkaError {
    let text = text.map(hidingSecrets)
    guard let text else { return KafkaError(code) }
    if text.contains("certificate verify failed"), let problem = certificateProblem.withLock({ $0 }) {
      return KafkaError(code, "TLS handshake with \(problem)")
    }
    // The broker refuses our certificate only after the handshake: to librdkafka a lost connection.
    if ClientContext.refusesCertificate(text) { return KafkaError(code, text, kind: .credentials) }
    // A listener without TLS just hangs up, as does a broker that is stopping: neither is a refusal.
    let isHangup = code == RD_KAFKA_RESP_ERR__SSL && (text.contains("unexpected eof") || text.contains("PLAINTEXT"))
    return KafkaError(code, text, kind: isHangup ? .unreachable : nil)
  }

  /// Whether a text of OpenSSL is the broker's alert about our certificate or its want: the numbers of RFC 8446, 6.2,
  /// from handshake_failure to access_denied, and certificate_required. Others may pass by themselves.
  private static func refusesCertificate(_ text: String) -> Bool {
    guard let alert = text.firstRange(of: "SSL alert number ") else { return false }
    let number = Int(text[alert.upperBound...].prefix { $0.isNumber }) ?? 0
    return [40, 42, 43, 44, 45, 46, 48, 49, 116].contains(number)
  }

  /// A refusal, where there was one, in place of an `error` that only says that time is up.
  func explain(_ error: KafkaError) -> KafkaError {
    guard error.kind == .unreachable, let refusal else { return error }
    return refusal
  }
}

func context(_ opaque: UnsafeMutableRawPointer?) -> ClientContext? {
  opaque.map { Unmanaged<ClientContext>.fromOpaque($0).takeUnretainedValue() }
}

/// librdkafka's log callback: any thread.
func onLog(
  client: OpaquePointer?, level: Int32, facility: UnsafePointer<CChar>?, text: UnsafePointer<CChar>?
) {
  guard let client, let context = context(rd_kafka_opaque(client)), let facility, let text else { return }
  let name = String(cString: facility)
  // One set of properties serves consumers and producers: that some are of the other kind is no warning.
  let isOtherKind = name == "CONFWARN" && strstr(text, "property and will be ignored") != nil
  context.events.log(isOtherKind ? 7 : Int(level), "\(name): \(context.hidingSecrets(String(cString: text)))")
}

/// librdkafka's error callback: the thread that polls.
func onError(
  client: OpaquePointer?, code: Int32, reason: UnsafePointer<CChar>?, opaque: UnsafeMutableRawPointer?
) {
  guard let context = context(opaque) else { return }
  let error = context.reported(rd_kafka_resp_err_t(code), reason.map { String(cString: $0) })
  // That all brokers are down is what is left to say when nothing tells why.
  if error.kind != .unreachable || context.refusal.map({ $0.name == "_ALL_BROKERS_DOWN" }) ?? true {
    context.refusal = error
  }
  context.events.error(error)
}

/// librdkafka's delivery callback: the thread that polls. Only failures come, see `delivery.report.only.error`.
func onDelivery(
  client: OpaquePointer?, message: UnsafePointer<rd_kafka_message_t>?, opaque: UnsafeMutableRawPointer?
) {
  guard let context = context(opaque), let message, message.pointee.err != RD_KAFKA_RESP_ERR_NO_ERROR else { return }
  context.deliveryFailureCount += 1
  let topic = message.pointee.rkt.map { String(cString: rd_kafka_topic_name($0)) } ?? "?"
  if !context.deliveryFailureTopics.contains(topic) { context.deliveryFailureTopics.append(topic) }
  guard context.deliveryFailure == nil else { return }
  let error = KafkaError(message.pointee.err)
  context.deliveryFailure = error.during(
    "a record for topic `\(topic)`, partition \(message.pointee.partition) was not delivered")
}

/// librdkafka's rebalance callback: the thread that polls.
func onRebalance(
  client: OpaquePointer?, code: rd_kafka_resp_err_t, list: UnsafeMutablePointer<rd_kafka_topic_partition_list_t>?,
  opaque: UnsafeMutableRawPointer?
) {
  guard let client else { return }
  guard let context = context(opaque), let act = context.onRebalance, let list else {
    // Nobody is left to be asked, but the group waits for the answer.
    rd_kafka_assign(client, nil)
    return
  }
  act(code, list.pointee)
}

/// Makes a client of `kind`; the context must outlive it.
func makeClient(
  _ kind: rd_kafka_type_t, _ configuration: KafkaConfiguration, defaults: [String: String],
  fixed: [String: String] = [:], context: ClientContext, isMember: Bool = false
) throws(KafkaError) -> OpaquePointer {
  let handle = try configuration.makeHandle(defaults: defaults, fixed: fixed)
  if isMember { rd_kafka_conf_set_rebalance_cb(handle, onRebalance) }
  context.secrets = configuration.secrets
  if configuration.checksCertificates { CertificateCheck.install(in: handle) }
  rd_kafka_conf_set_opaque(handle, Unmanaged.passUnretained(context).toOpaque())
  rd_kafka_conf_set_log_cb(handle, onLog)
  rd_kafka_conf_set_error_cb(handle, onError)
  if kind == RD_KAFKA_PRODUCER { rd_kafka_conf_set_dr_msg_cb(handle, onDelivery) }
  var reason = ""
  let client = withUnsafeTemporaryAllocation(of: CChar.self, capacity: 512) { buffer -> OpaquePointer? in
    guard let start = buffer.baseAddress else { preconditionFailure("512 bytes of the stack have an address") }
    start.pointee = 0
    let client = rd_kafka_new(kind, handle, start, buffer.count)
    if client == nil { reason = String(cString: start) }
    return client
  }
  guard let client else {
    rd_kafka_conf_destroy(handle)
    throw KafkaError(
      RD_KAFKA_RESP_ERR__INVALID_ARG, configuration.explain(context.hidingSecrets(reason)), isRetriable: false,
      kind: .configuration)
  }
  return client
}
