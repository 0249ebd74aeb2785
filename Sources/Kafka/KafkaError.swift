import CRdKafka

/// What Kafka or librdkafka said was wrong.
package struct KafkaError: Error, Sendable, CustomStringConvertible {
  /// What an operator has to do about an error.
  package enum Kind: Sendable, Equatable {
    /// No broker answers: wrong address, network, or brokers that are down.
    case unreachable
    /// The broker refused who we are (SASL, TLS).
    case credentials
    /// The broker knows us and refuses what we ask.
    case authorisation
    /// A topic or partition does not exist.
    case missingTopic
    /// An offset is no longer, or not yet, in its partition.
    case offsetOutOfRange
    /// A librdkafka property is unknown or its value is not allowed.
    case configuration
    /// A newer instance of our name has taken our place: the same transactional id or the same group member.
    case fenced
    /// The group has moved on: offsets were sent in the name of an assignment that is no longer ours.
    case staleMember
    /// Everything else.
    case other
  }

  /// librdkafka's number of the error: negative for its own, positive for the broker's.
  package let code: Int32
  /// The name of the code, as librdkafka and Kafka spell it, e.g. `UNKNOWN_TOPIC_OR_PART`.
  package let name: String
  /// What happened, where, in words.
  package let text: String
  /// Whether the client that raised it can do no more work.
  package let isFatal: Bool
  /// Whether the same call may succeed later.
  package let isRetriable: Bool
  /// Whether the open transaction can only be aborted; nothing of it has become visible.
  package let needsAbort: Bool
  /// What to do about it.
  package let kind: Kind

  /// The text with the name of the code behind it.
  package var description: String { "\(text) (\(name))" }

  /// Makes an error of librdkafka's `code`.
  init(
    _ code: rd_kafka_resp_err_t, _ text: String? = nil, isFatal: Bool = false, isRetriable: Bool? = nil,
    needsAbort: Bool = false, kind: Kind? = nil
  ) {
    self.code = code.rawValue
    self.name = String(cString: rd_kafka_err2name(code))
    self.text = text ?? String(cString: rd_kafka_err2str(code))
    self.kind = kind ?? KafkaError.kind(of: code)
    self.isFatal = isFatal || self.kind == .fenced || code == RD_KAFKA_RESP_ERR__FATAL
    self.isRetriable = isRetriable ?? KafkaError.isRetriable(code)
    self.needsAbort = needsAbort
  }

  /// Takes over and frees an error object of librdkafka; `nil` where there is none.
  init?(consuming error: OpaquePointer?, doing action: String) {
    guard let error else { return nil }
    defer { rd_kafka_error_destroy(error) }
    self.init(
      rd_kafka_error_code(error), "\(action): \(String(cString: rd_kafka_error_string(error)))",
      isFatal: rd_kafka_error_is_fatal(error) != 0, isRetriable: rd_kafka_error_is_retriable(error) != 0,
      needsAbort: rd_kafka_error_txn_requires_abort(error) != 0)
  }

  /// What ended the work of `client` for good; `nil` while it can work.
  init?(fatalOf client: OpaquePointer) {
    // Without a buffer it is one atomic load.
    guard rd_kafka_fatal_error(client, nil, 0) != RD_KAFKA_RESP_ERR_NO_ERROR else { return nil }
    var code = RD_KAFKA_RESP_ERR_NO_ERROR
    let reason = withUnsafeTemporaryAllocation(of: CChar.self, capacity: 512) { buffer in
      buffer.initialize(repeating: 0)
      code = rd_kafka_fatal_error(client, buffer.baseAddress, buffer.count)
      return String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
    self.init(code, reason, isFatal: true, isRetriable: false)
  }

  /// Time was up while waiting for something that may still come.
  package static func timedOut(_ action: String) -> KafkaError {
    KafkaError(RD_KAFKA_RESP_ERR__TIMED_OUT).during(action)
  }

  /// An error that a test asks for, of no kind that is known to pass.
  package static func injected(_ what: String) -> KafkaError {
    KafkaError(RD_KAFKA_RESP_ERR__FAIL, what, isRetriable: true)
  }

  /// The same error, with what was being done in front of its text.
  func during(_ action: String) -> KafkaError {
    KafkaError(
      rd_kafka_resp_err_t(code), "\(action): \(text)", isFatal: isFatal, isRetriable: isRetriable,
      needsAbort: needsAbort, kind: kind)
  }

  /// The same error as it concerns an open transaction or a group: `kind` and `needsAbort` of the caller.
  func with(needsAbort: Bool, kind: Kind) -> KafkaError {
    KafkaError(
      rd_kafka_resp_err_t(code), text, isFatal: isFatal, isRetriable: isRetriable, needsAbort: needsAbort, kind: kind)
  }

  /// Whether the group no longer knows the member, its generation, or its process, by that name.
  var isOfStaleMember: Bool {
    switch rd_kafka_resp_err_t(code) {
    case RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION, RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID,
      RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID:
      true
    default: false
    }
  }

  private static func kind(of code: rd_kafka_resp_err_t) -> Kind {
    switch code {
    case RD_KAFKA_RESP_ERR__TRANSPORT, RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN, RD_KAFKA_RESP_ERR__RESOLVE,
      RD_KAFKA_RESP_ERR__TIMED_OUT, RD_KAFKA_RESP_ERR__MSG_TIMED_OUT:
      .unreachable
    case RD_KAFKA_RESP_ERR__AUTHENTICATION, RD_KAFKA_RESP_ERR__SSL, RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED,
      RD_KAFKA_RESP_ERR_UNSUPPORTED_SASL_MECHANISM, RD_KAFKA_RESP_ERR_ILLEGAL_SASL_STATE:
      .credentials
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED, RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED,
      RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED, RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED:
      .authorisation
    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART, RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC,
      RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
      .missingTopic
    case RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE, RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET: .offsetOutOfRange
    case RD_KAFKA_RESP_ERR__FENCED, RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID, RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH,
      RD_KAFKA_RESP_ERR_PRODUCER_FENCED:
      .fenced
    case RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION, RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID: .staleMember
    default: .other
    }
  }

  private static func isRetriable(_ code: rd_kafka_resp_err_t) -> Bool {
    switch code {
    case RD_KAFKA_RESP_ERR__TRANSPORT, RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN, RD_KAFKA_RESP_ERR__TIMED_OUT,
      RD_KAFKA_RESP_ERR__TIMED_OUT_QUEUE, RD_KAFKA_RESP_ERR__RESOLVE, RD_KAFKA_RESP_ERR__QUEUE_FULL,
      RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION, RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE,
      RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT, RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE,
      RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS, RD_KAFKA_RESP_ERR_NOT_COORDINATOR:
      true
    default: false
    }
  }
}
