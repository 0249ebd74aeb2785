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
    /// A newer instance has taken our place.
    case fenced
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
  /// What to do about it.
  package let kind: Kind

  /// The text with the name of the code behind it.
  package var description: String { "\(text) (\(name))" }

  /// Makes an error of librdkafka's `code`.
  init(
    _ code: rd_kafka_resp_err_t, _ text: String? = nil, isFatal: Bool = false, isRetriable: Bool? = nil,
    kind: Kind? = nil
  ) {
    self.code = code.rawValue
    self.name = String(cString: rd_kafka_err2name(code))
    self.text = text ?? String(cString: rd_kafka_err2str(code))
    self.kind = kind ?? KafkaError.kind(of: code)
    self.isFatal = isFatal || self.kind == .fenced || code == RD_KAFKA_RESP_ERR__FATAL
    self.isRetriable = isRetriable ?? KafkaError.isRetriable(code)
  }

  /// Takes over and frees an error object of librdkafka; `nil` where there is none.
  init?(consuming error: OpaquePointer?, doing action: String) {
    guard let error else { return nil }
    defer { rd_kafka_error_destroy(error) }
    self.init(
      rd_kafka_error_code(error), "\(action): \(String(cString: rd_kafka_error_string(error)))",
      isFatal: rd_kafka_error_is_fatal(error) != 0, isRetriable: rd_kafka_error_is_retriable(error) != 0)
  }

  /// The same error, with what was being done in front of its text.
  func during(_ action: String) -> KafkaError {
    KafkaError(
      rd_kafka_resp_err_t(code), "\(action): \(text)", isFatal: isFatal, isRetriable: isRetriable, kind: kind)
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
    case RD_KAFKA_RESP_ERR__FENCED, RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID, RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH:
      .fenced
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
