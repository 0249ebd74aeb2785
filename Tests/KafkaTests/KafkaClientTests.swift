import CRdKafka
import Testing

@testable import Kafka

/// What a consumed record holds, copied.
struct CopiedRecord: Equatable {
  var key: [UInt8]?
  var value: [UInt8]?
  var partition: Int32
  var offset: Int64
  var timestampMs: Int64
  var headers: [MessageHeader]

  init(_ message: Message, _ consumer: Consumer) {
    key = message.key.map { [UInt8](UnsafeRawBufferPointer(start: $0, count: message.keyCount)) }
    value = message.value.map { [UInt8](UnsafeRawBufferPointer(start: $0, count: message.valueCount)) }
    partition = message.partition
    offset = message.offset
    timestampMs = message.timestampMs
    headers = consumer.headers(of: message)
  }
}

/// Reads all partitions of a topic to their ends.
func readToEnd(
  _ configuration: KafkaConfiguration, topic: String, partitionCount: Int = 1, start: StartOffset = .beginning
) throws -> (records: [CopiedRecord], ends: [PartitionEnd]) {
  let consumer = try Consumer(configuration: configuration, topic: topic, batchCountMax: 100)
  try consumer.assign((0..<partitionCount).map { (Int32($0), start) })
  var records: [CopiedRecord] = []
  var ends: [PartitionEnd] = []
  for _ in 0..<3_000 where ends.count < partitionCount {
    let batch = try consumer.consumeBatch(timeoutMs: 10)
    defer { consumer.releaseBatch() }
    if let error = batch.errors.first { throw error }
    records += batch.messages.map { CopiedRecord($0, consumer) }
    ends += batch.ends
  }
  return (records, ends)
}

extension Producer {
  /// Writes one record of text.
  func produce(
    _ topic: String, key: String?, value: String?, partition: Int32 = 0, timestampMs: Int64 = 0
  ) throws {
    let target = try self.topic(topic)
    try Array((key ?? "").utf8).withUnsafeBytes { keyBytes in
      try Array((value ?? "").utf8).withUnsafeBytes { valueBytes in
        try produce(
          to: target, partition: partition, key: key == nil ? nil : keyBytes, value: value == nil ? nil : valueBytes,
          timestampMs: timestampMs)
      }
    }
  }
}

extension RealKafka {
  @Suite(.serialized, .enabled(if: TestKafka.isAvailable, TestKafka.skipped)) struct Clients {
    @Test("A record comes back as it was written: key, value, null, empty, partition, time, headers")
    func roundTrip() throws {
      let topic = try TestKafka.makeTopic("round-trip", partitionCount: 3)
      let configuration = try TestKafka.configuration()
      let producer = try Producer(configuration: configuration)
      var headers = ProducerHeaders(capacity: 4)
      headers.append("ce_id", "0-1-2")
      headers.append(MessageHeader(name: "none", value: nil))
      headers.append(MessageHeader(name: "empty", value: []))
      headers.append(MessageHeader(name: "bytes", value: [0, 255]))
      let target = try producer.topic(topic)
      try producer.produce(
        to: target, partition: 2, key: nil, value: nil, timestampMs: 1_700_000_000_123, headers: headers)
      try producer.produce(topic, key: "", value: "", partition: 1, timestampMs: 5)
      try producer.produce(topic, key: "c42", value: nil, partition: 1, timestampMs: 6)
      try producer.produce(topic, key: nil, value: "v", partition: 1, timestampMs: 7)
      try producer.flush(timeoutMs: 10_000)
      let (records, ends) = try readToEnd(configuration, topic: topic, partitionCount: 3)
      #expect(Set(ends.map { "\($0.partition):\($0.offset)" }) == ["0:0", "1:3", "2:1"])
      let one = records.filter { $0.partition == 1 }
      #expect(one.map(\.offset) == [0, 1, 2])
      #expect(one.map(\.timestampMs) == [5, 6, 7])
      #expect(one.map(\.key) == [[], Array("c42".utf8), nil])
      #expect(one.map(\.value) == [[], nil, [UInt8(ascii: "v")]])
      let two = try #require(records.first { $0.partition == 2 })
      #expect(two.timestampMs == 1_700_000_000_123 && two.key == nil && two.value == nil)
      #expect(
        two.headers == [
          MessageHeader(name: "ce_id", value: Array("0-1-2".utf8)), MessageHeader(name: "none", value: nil),
          MessageHeader(name: "empty", value: []), MessageHeader(name: "bytes", value: [0, 255]),
        ])
    }

    @Test("An assignment starts at the beginning, at the end or at an offset, and knows its lag")
    func starts() throws {
      let topic = try TestKafka.makeTopic("starts")
      let configuration = try TestKafka.configuration()
      let producer = try Producer(configuration: configuration)
      for number in 0..<10 { try producer.produce(topic, key: nil, value: String(number)) }
      try producer.flush(timeoutMs: 10_000)
      #expect(try readToEnd(configuration, topic: topic, start: .offset(7)).records.map(\.offset) == [7, 8, 9])
      #expect(try readToEnd(configuration, topic: topic, start: .end).records.isEmpty)
      let consumer = try Consumer(configuration: configuration, topic: topic)
      #expect(try consumer.watermarks(partition: 0) == (0, 10))
      try consumer.assign([(0, .beginning)])
      #expect(consumer.latestEnd(partition: 0) == nil)
      var position: Int64 = 0
      for _ in 0..<1_000 where position < 10 {
        position = try consumer.consumeBatch(timeoutMs: 10).messages.last.map { $0.offset + 1 } ?? position
        consumer.releaseBatch()
      }
      #expect(consumer.lag(partition: 0, position: 4) == 6)
      #expect(consumer.lag(partition: 0, position: position) == 0)
    }

    @Test("An offset that is not in the partition is an error, not a jump")
    func outOfRange() throws {
      let topic = try TestKafka.makeTopic("range")
      let configuration = try TestKafka.configuration()
      let error = #expect(throws: KafkaError.self) {
        try readToEnd(configuration, topic: topic, start: .offset(99))
      }
      #expect(error?.kind == .offsetOutOfRange)
      #expect(error?.text.contains(topic) == true)
    }

    @Test("A record the broker refuses is thrown at the next call, with its topic")
    func deliveryFailure() throws {
      let topic = try TestKafka.makeTopic("small", settings: ["max.message.bytes": "200"])
      let producer = try Producer(configuration: TestKafka.configuration(["compression.type": "none"]))
      try producer.produce(topic, key: nil, value: String(repeating: "x", count: 1_000))
      let error = #expect(throws: KafkaError.self) { try producer.flush(timeoutMs: 10_000) }
      #expect(error?.name == "MSG_SIZE_TOO_LARGE")
      #expect(error?.text.contains(topic) == true)
    }

    @Test("A full queue makes the producer wait, not fail")
    func backPressure() throws {
      let topic = try TestKafka.makeTopic("pressure")
      let configuration = try TestKafka.configuration(["queue.buffering.max.messages": "10"])
      let producer = try Producer(configuration: configuration)
      for number in 0..<500 { try producer.produce(topic, key: nil, value: String(number)) }
      try producer.flush(timeoutMs: 10_000)
      let values = try readToEnd(configuration, topic: topic).records.compactMap(\.value)
      #expect(values == (0..<500).map { Array(String($0).utf8) })
    }

    @Test("A topic is made once, a missing one is seen as missing and is not made by asking")
    func topics() throws {
      let admin = try Admin(configuration: TestKafka.configuration())
      let topic = try TestKafka.makeTopic("made", partitionCount: 4, settings: ["cleanup.policy": "compact"])
      #expect(try admin.partitionCount(of: topic, timeoutMs: 10_000) == 4)
      #expect(try !admin.createTopic(topic, partitionCount: 9, timeoutMs: 10_000))
      #expect(try admin.partitionCount(of: topic + "-other", timeoutMs: 10_000) == nil)
      let names = try admin.topicNames(timeoutMs: 10_000)
      #expect(names.contains(topic) && !names.contains(topic + "-other"))
    }
  }
}

@Suite struct KafkaConfigurationTests {
  @Test("A property that librdkafka does not know, or a value it does not take, is named with the reason")
  func badProperties() {
    let unknown = #expect(throws: KafkaError.self) { try KafkaConfiguration(["fetch.wait": "1"]).check() }
    #expect(unknown?.kind == .configuration)
    #expect(unknown?.text.contains("`fetch.wait`") == true)
    let bad = #expect(throws: KafkaError.self) { try KafkaConfiguration(["linger.ms": "soon"]).check() }
    #expect(bad?.text.contains("`linger.ms` cannot be `soon`") == true)
    #expect(throws: Never.self) { try KafkaConfiguration(["linger.ms": "7"]).check() }
  }

  @Test("A secret's value is not in the error")
  func secret() {
    let error = #expect(throws: KafkaError.self) {
      try KafkaConfiguration(["ssl.key.password.none": "hunter2"]).check()
    }
    #expect(error?.text.contains("hunter2") == false)
  }

  @Test("What librdkafka says is shown without the secrets, the longer of two that share letters first")
  func hiddenSecrets() {
    let configuration = KafkaConfiguration([
      "sasl.password": "hunter2", "ssl.key.password": "hunter22", "sasl.username": "hunter",
      "ssl.keystore.password": "a",
    ])
    let context = ClientContext(events: ClientEvents())
    context.secrets = configuration.secrets
    #expect(context.hidingSecrets("a hunter said hunter22 or hunter2") == "a hunter said (hidden) or (hidden)")
    let error = context.reported(RD_KAFKA_RESP_ERR__AUTHENTICATION, "no hunter2 here")
    #expect(error.text == "no (hidden) here" && error.kind == .credentials)
  }

  @Test("A value under a name that librdkafka does not know may be a mistyped secret: it is not shown")
  func mistypedSecret() {
    let error = #expect(throws: KafkaError.self) { try KafkaConfiguration(["sasl.pasword": "hunter2"]).check() }
    #expect(error?.text.contains("`sasl.pasword`") == true && error?.text.contains("hunter2") == false)
  }

  @Test(
    "An alert about our certificate is a refusal, other alerts and lost handshakes may pass by themselves",
    arguments: [
      (RD_KAFKA_RESP_ERR__TRANSPORT, "SSL routines::alert bad certificate: SSL alert number 42 (x)", true),
      (RD_KAFKA_RESP_ERR__TRANSPORT, "alert certificate required: SSL alert number 116", true),
      (RD_KAFKA_RESP_ERR__TRANSPORT, "tlsv1 alert internal error: SSL alert number 80", false),
      (RD_KAFKA_RESP_ERR__SSL, "SSL handshake failed: unexpected eof while reading", false),
      (RD_KAFKA_RESP_ERR__SSL, "SSL handshake failed: certificate verify failed: x", true),
    ])
  func alerts(code: rd_kafka_resp_err_t, text: String, isRefusal: Bool) {
    let error = ClientContext(events: ClientEvents()).reported(code, text)
    #expect(error.kind == (isRefusal ? .credentials : .unreachable))
  }

  @Test("A broker that does not answer is unreachable, in about the time allowed")
  func unreachable() throws {
    let admin = try Admin(configuration: KafkaConfiguration(["bootstrap.servers": "127.0.0.1:1"]))
    let clock = ContinuousClock()
    let start = clock.now
    let error = #expect(throws: KafkaError.self) { try admin.topicNames(timeoutMs: 1_500) }
    #expect(error?.kind == .unreachable)
    #expect(error?.text.contains("`127.0.0.1:1`") == true)
    #expect(clock.now - start < .seconds(10))
  }
}
