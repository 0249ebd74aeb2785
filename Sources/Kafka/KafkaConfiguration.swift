import CRdKafka

/// librdkafka properties, with our defaults under those a user sets.
package struct KafkaConfiguration: Sendable {
  /// The properties a user sets: any that librdkafka knows, by its own names.
  package var properties: [String: String]
  /// Where log lines and client errors go.
  package var events: ClientEvents

  /// Makes a configuration of a user's properties.
  package init(_ properties: [String: String], events: ClientEvents = ClientEvents()) {
    self.properties = properties
    self.events = events
  }

  /// The addresses that clients connect to first, for messages.
  package var bootstrap: String {
    properties["bootstrap.servers"] ?? properties["metadata.broker.list"] ?? "(no bootstrap.servers)"
  }

  /// How clients talk to brokers, for messages.
  package var securityProtocol: String { properties["security.protocol"]?.uppercased() ?? "PLAINTEXT" }

  /// The values that no message may show.
  var secrets: [String] {
    // Longest first, so that a secret within another leaves nothing of it. One of three letters would be found in
    // every other word, and told by its absence.
    properties.filter { KafkaConfiguration.isSecret($0.key) && $0.value.utf8.count > 3 }.values
      .sorted { $0.utf8.count > $1.utf8.count }
  }

  /// Whether brokers have to show a certificate that is trusted.
  var checksCertificates: Bool { properties["enable.ssl.certificate.verification"]?.lowercased() != "false" }

  /// librdkafka's reason not to make a client, with the values that it names.
  func explain(_ reason: String) -> String {
    let named = properties.filter { reason.contains($0.key) && !KafkaConfiguration.isSecret($0.key) }
    let values = named.sorted { $0.key < $1.key }.map { "`\($0.key)` is `\($0.value)`" }
    let isFile = named.keys.contains { $0.hasSuffix(".location") }
    return "the Kafka properties cannot be used: \(reason)"
      + (values.isEmpty ? "" : "; \(values.joined(separator: ", "))")
      + (isFile ? ": the file must hold what is asked for, in PEM" : "")
  }

  /// Checks every property against librdkafka without making a client.
  ///
  /// Throws an error that names the property, its value and librdkafka's reason.
  package func check() throws(KafkaError) {
    rd_kafka_conf_destroy(try makeHandle(defaults: [:]))
  }

  /// What every client has.
  static let commonDefaults = [
    "client.id": "segmenter",
    "log.connection.close": "false",
    // Without it Nagle's algorithm and delayed acknowledgements add 40 ms to small requests.
    "socket.nagle.disable": "true",
    "retry.backoff.ms": "10",
    "reconnect.backoff.max.ms": "2000",
    // When a broker goes away librdkafka asks at once who leads now, which no broker knows yet, and then not for five
    // minutes: what is on its way to the dead one waits until its time is up. With one of three killed commits went on
    // after 24 to 28 s, with this after 11 to 13.
    "topic.metadata.refresh.interval.ms": "2000",
  ]

  /// What a consumer of much data has. The fetcher sleeps up to 1 s whenever its queue is full, so the message
  /// count must never be what bounds the queue: kilobytes are.
  static let consumerDefaults = [
    "group.id": "segmenter",
    "enable.auto.commit": "false",
    "enable.auto.offset.store": "false",
    "enable.partition.eof": "true",
    "auto.offset.reset": "error",
    "isolation.level": "read_committed",
    "fetch.wait.max.ms": "100",
    "fetch.error.backoff.ms": "50",
    "queued.min.messages": "10000000",
    "queued.max.messages.kbytes": "262144",
  ]

  /// What no user can change of a consumer: offsets are kept by us, and an end must be told.
  static let consumerFixed = [
    "enable.auto.commit": "false",
    "enable.auto.offset.store": "false",
    "enable.partition.eof": "true",
    "auto.offset.reset": "error",
  ]

  /// What a member of a group has on top: a dead one's partitions are free after 10 s.
  static let memberDefaults = consumerDefaults.merging(["session.timeout.ms": "10000"]) { _, members in members }

  /// What a producer has: nothing is repeated or reordered within one producer's life.
  static let producerDefaults = [
    "enable.idempotence": "true",
    "linger.ms": "5",
    "compression.type": "lz4",
    "delivery.report.only.error": "true",
    "queue.buffering.max.messages": "1000000",
    "queue.buffering.max.kbytes": "262144",
    // A value of 1 MiB, its key and headers; batches stay below 1 MB by `batch.size`.
    "message.max.bytes": "2097152",
  ]

  /// The properties as a handle of librdkafka, which the caller must give away or destroy.
  ///
  /// A user's property is over one of `defaults`, one of `fixed` is over a user's.
  func makeHandle(
    defaults: [String: String], fixed: [String: String] = [:]
  ) throws(KafkaError) -> OpaquePointer {
    var all = KafkaConfiguration.commonDefaults.merging(defaults) { _, ours in ours }
    all.merge(properties) { _, users in users }
    all.merge(fixed) { _, fixed in fixed }
    if all["metadata.broker.list"] != nil { all["bootstrap.servers"] = nil }
    let handle: OpaquePointer = rd_kafka_conf_new()
    // By name, so that the first of several mistakes is always the same one.
    for (name, value) in all.sorted(by: { $0.key < $1.key }) {
      if let reason = KafkaConfiguration.set(handle, name, value) {
        rd_kafka_conf_destroy(handle)
        // Whatever stands under a name that librdkafka does not know may be a secret under a mistyped one.
        let isUnknown = reason.contains("No such configuration property")
        let shown = KafkaConfiguration.isSecret(name) ? "(hidden)" : value
        throw KafkaError(
          RD_KAFKA_RESP_ERR__INVALID_ARG,
          isUnknown
            ? "there is no Kafka property `\(name)`: librdkafka does not know it"
            : "Kafka property `\(name)` cannot be `\(shown)`: \(reason)",
          isRetriable: false, kind: .configuration)
      }
    }
    return handle
  }

  /// Whether the value of a property must not be shown.
  package static func isSecret(_ name: String) -> Bool {
    let name = name.lowercased()
    return ["password", "secret", "jaas", "token", "key.pem", "ssl_key", "oauthbearer.config"].contains {
      name.contains($0)
    }
  }

  /// Sets one property; what librdkafka has against it, or `nil`.
  private static func set(_ handle: OpaquePointer, _ name: String, _ value: String) -> String? {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 512) { reason in
      guard let start = reason.baseAddress else { preconditionFailure("512 bytes of the stack have an address") }
      start.pointee = 0
      if rd_kafka_conf_set(handle, name, value, start, reason.count) == RD_KAFKA_CONF_OK { return nil }
      return String(cString: start)
    }
  }
}
