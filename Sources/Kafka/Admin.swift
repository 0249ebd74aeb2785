import CRdKafka

/// Looks at topics and makes them. All calls are made on one thread and wait for the broker.
package final class Admin {
  private let configuration: KafkaConfiguration
  let context: ClientContext
  let client: OpaquePointer
  private let isStopped: () -> Bool
  /// When a stop was noticed.
  private var stoppedAt: ContinuousClock.Instant?

  /// Makes a client; connects in the background.
  ///
  /// `isStopped` ends the waiting for a broker that does not answer, a few seconds later: one that is there does.
  package init(
    configuration: KafkaConfiguration, isStopped: @escaping () -> Bool = { false }
  ) throws(KafkaError) {
    self.configuration = configuration
    self.isStopped = isStopped
    context = ClientContext(events: configuration.events)
    // A consumer, since asking for a topic as a producer can make it.
    client = try makeClient(
      RD_KAFKA_CONSUMER, configuration, defaults: KafkaConfiguration.consumerDefaults, context: context)
  }

  deinit {
    rd_kafka_destroy(client)
  }

  /// The number of partitions of a topic; `nil` when there is no such topic.
  ///
  /// Throws when no broker answers in time, or refuses us.
  package func partitionCount(of topic: String, timeoutMs: Int) throws(KafkaError) -> Int? {
    guard let handle = rd_kafka_topic_new(client, topic, nil) else {
      throw KafkaError(rd_kafka_last_error()).during("looking for the topic `\(topic)`")
    }
    defer { rd_kafka_topic_destroy(handle) }
    var result: Result<Int?, KafkaError> = .success(nil)
    try withMetadata(of: handle, timeoutMs: timeoutMs) { metadata in
      guard metadata.topic_cnt == 1 else { return }
      let found = metadata.topics[0]
      switch found.err {
      case RD_KAFKA_RESP_ERR_NO_ERROR: result = .success(Int(found.partition_cnt))
      case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART: result = .success(nil)
      default: result = .failure(KafkaError(found.err).during("looking for the topic `\(topic)`"))
      }
    }
    return try result.get()
  }

  /// The names of all topics that we may see, without Kafka's own, by name.
  package func topicNames(timeoutMs: Int) throws(KafkaError) -> [String] {
    var names: [String] = []
    try withMetadata(of: nil, timeoutMs: timeoutMs) { metadata in
      for index in 0..<Int(metadata.topic_cnt) {
        let name = String(cString: metadata.topics[index].topic)
        if !name.hasPrefix("__") { names.append(name) }
      }
    }
    return names.sorted()
  }

  /// Makes a topic, with the broker's default replication; a topic that exists is left as it is.
  ///
  /// With `isTrial` the broker only says whether it would make it. Answers whether it was, or would be, made.
  @discardableResult
  package func createTopic(
    _ name: String, partitionCount: Int, settings: [String: String] = [:], isTrial: Bool = false, timeoutMs: Int
  ) throws(KafkaError) -> Bool {
    let action = "making the topic `\(name)`"
    var reason = [CChar](repeating: 0, count: 512)
    guard let topic = rd_kafka_NewTopic_new(name, Int32(partitionCount), -1, &reason, reason.count) else {
      throw KafkaError(RD_KAFKA_RESP_ERR__INVALID_ARG, "\(action): \(text(reason))")
    }
    defer { rd_kafka_NewTopic_destroy(topic) }
    for (key, value) in settings.sorted(by: { $0.key < $1.key }) { rd_kafka_NewTopic_set_config(topic, key, value) }
    // The controller answers when it knows the topic, a moment before the brokers do; who has made it does not matter.
    let isNew: Bool = try ask(RD_KAFKA_ADMIN_OP_CREATETOPICS, action, timeoutMs: timeoutMs, waitsForDone: true) {
      (options, queue) in
      if isTrial { rd_kafka_AdminOptions_set_validate_only(options, 1, nil, 0) }
      var topics: [OpaquePointer?] = [topic]
      rd_kafka_CreateTopics(client, &topics, 1, options, queue)
    } answer: { (event) throws(KafkaError) in
      var count = 0
      let results = rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event), &count)
      guard count == 1, let result = results?[0] else { throw KafkaError(RD_KAFKA_RESP_ERR__FAIL).during(action) }
      let code = rd_kafka_topic_result_error(result)
      if code == RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS { return false }
      try Admin.check(code, rd_kafka_topic_result_error_string(result), action)
      return true
    }
    if isTrial { return isNew }
    let deadline = ContinuousClock.now + .milliseconds(timeoutMs)
    while try self.partitionCount(of: name, timeoutMs: timeoutMs) == nil, ContinuousClock.now < deadline {
      rd_kafka_poll(client, Admin.unknownWaitMs)
    }
    return isNew
  }

  /// One request of the admin API and its answer, which is freed behind `answer`.
  ///
  /// `waitsForDone` lets the broker answer only when the work is done, not when it has begun.
  func ask<Answer>(
    _ operation: rd_kafka_admin_op_t, _ action: String, timeoutMs: Int, waitsForDone: Bool = false,
    _ request: (_ options: OpaquePointer, _ queue: OpaquePointer) -> Void,
    answer: (_ event: OpaquePointer) throws(KafkaError) -> Answer
  ) throws(KafkaError) -> Answer {
    let queue: OpaquePointer = rd_kafka_queue_new(client)
    defer { rd_kafka_queue_destroy(queue) }
    let options: OpaquePointer = rd_kafka_AdminOptions_new(client, operation)
    defer { rd_kafka_AdminOptions_destroy(options) }
    rd_kafka_AdminOptions_set_request_timeout(options, Int32(timeoutMs), nil, 0)
    if waitsForDone { rd_kafka_AdminOptions_set_operation_timeout(options, Int32(timeoutMs), nil, 0) }
    request(options, queue)
    let deadline = ContinuousClock.now + .milliseconds(timeoutMs + 1_000)
    var event: OpaquePointer?
    while event == nil, ContinuousClock.now < deadline, !mustEnd {
      event = rd_kafka_queue_poll(queue, Admin.answerSliceMs)
    }
    guard let event else {
      throw context.explain(KafkaError(RD_KAFKA_RESP_ERR__TIMED_OUT)).during(action)
    }
    defer { rd_kafka_event_destroy(event) }
    let code = rd_kafka_event_error(event)
    if code != RD_KAFKA_RESP_ERR_NO_ERROR {
      let reason = rd_kafka_event_error_string(event).map { String(cString: $0) }
      throw context.explain(KafkaError(code, reason)).during(action)
    }
    return try answer(event)
  }

  /// Throws an answer's `code`, with the broker's words where there are some.
  static func check(
    _ code: rd_kafka_resp_err_t, _ reason: UnsafePointer<CChar>?, _ action: String
  ) throws(KafkaError) {
    if code == RD_KAFKA_RESP_ERR_NO_ERROR { return }
    throw KafkaError(code, reason.map { String(cString: $0) }).during(action)
  }

  /// Asks in short slices, so that a refusal ends the waiting and not only the clock.
  private func withMetadata(
    of topic: OpaquePointer?, timeoutMs: Int, _ body: (rd_kafka_metadata) -> Void
  ) throws(KafkaError) {
    let start = ContinuousClock.now
    while true {
      let passedMs = Int((ContinuousClock.now - start) / .milliseconds(1))
      let remainingMs = max(1, timeoutMs - passedMs)
      let sliceMs = min(remainingMs, Admin.sliceMs)
      var metadata: UnsafePointer<rd_kafka_metadata>?
      let code = rd_kafka_metadata(client, topic == nil ? 1 : 0, topic, &metadata, Int32(sliceMs))
      if code == RD_KAFKA_RESP_ERR_NO_ERROR, let metadata {
        body(metadata.pointee)
        rd_kafka_metadata_destroy(metadata)
        context.refusal = nil
        return
      }
      // A refused connection fails at once, which must not end the waiting for a broker that is starting.
      let waitMs = code == RD_KAFKA_RESP_ERR__TRANSPORT ? Int32(sliceMs) : 0
      rd_kafka_poll(client, waitMs)
      while rd_kafka_poll(client, 0) > 0 {}
      let error = context.explain(KafkaError(code))
      let waitedMs = Int((ContinuousClock.now - start) / .milliseconds(1))
      if waitedMs >= timeoutMs || error.kind == .credentials || mustEnd {
        throw error.during(
          "no answer from Kafka at `\(configuration.bootstrap)` (\(configuration.securityProtocol)) within "
            + "\(min(waitedMs, timeoutMs)) ms")
      }
    }
  }

  /// Between two looks for a topic that has just been made, in ms.
  private static let unknownWaitMs: Int32 = 10

  /// One look in ms: short enough to notice a refusal soon, long enough for a slow broker's handshake.
  private static let sliceMs = 1_000

  /// Whether a stop was asked for so long ago that no answer is to be expected any more.
  private var mustEnd: Bool {
    guard isStopped() else { return false }
    let since = stoppedAt ?? ContinuousClock.now
    stoppedAt = since
    return ContinuousClock.now - since >= .milliseconds(Admin.stopGraceMs)
  }

  /// How long an answer is waited for after a stop, in ms: a supervisor waits ten seconds.
  private static let stopGraceMs = 5_000

  /// One look for an answer, in ms: so soon a stop is noticed.
  private static let answerSliceMs: Int32 = 200

  private func text(_ buffer: [CChar]) -> String {
    String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
  }
}
