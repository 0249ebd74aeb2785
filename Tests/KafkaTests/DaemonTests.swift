import Foundation
import Segmentation
import Synchronization
import Testing

@testable import Kafka
@testable import Pipeline

/// A daemon's topics on a cluster, with helpers to fill and read them.
struct DaemonBench {
  var configuration: KafkaConfiguration
  var options: DaemonOptions
  let partitionCount: Int

  init(_ configuration: KafkaConfiguration, input: String, partitionCount: Int) {
    self.configuration = configuration
    self.partitionCount = partitionCount
    let suffix = UUID().uuidString.prefix(8).lowercased()
    options = DaemonOptions(
      kafka: configuration.properties, inputTopic: input, changesTopic: "changes-\(suffix)", group: "group-\(suffix)")
    options.settings.currency = Currency(code: "EUR")
    options.settings.k = 3
    options.sweepPeriodMs = 500
  }

  /// A bench on the real broker, with an input topic of its own.
  static func real(partitionCount: Int = 4) throws -> DaemonBench {
    let input = try TestKafka.makeTopic("input", partitionCount: partitionCount)
    return DaemonBench(try TestKafka.configuration(), input: input, partitionCount: partitionCount)
  }

  /// The partition a customer's records go to here.
  func partition(of customer: String) -> Int32 {
    Int32(customer.utf8.reduce(7) { ($0 &* 31 &+ Int($1)) & 0xffff } % partitionCount)
  }

  /// One purchase as JSON.
  static func purchase(_ customer: String, amount: String, time: String) -> String {
    "{\"customer_id\":\"\(customer)\",\"amount\":\(amount),\"timestamp\":\"\(time)\"}"
  }

  /// Three kinds of customers: often, seldom, once; purchases in June 2026.
  func fill(_ producer: Producer, customers: Int) throws {
    for day in 1...30 {
      for number in 0..<customers where day % [3, 10, 30][number % 3] == 0 {
        let customer = "c\(number)"
        let time = String(format: "2026-06-%02dT%02d:%02d:00Z", day, number % 24, number % 60)
        try producer.produce(
          options.inputTopic, key: customer,
          value: Self.purchase(customer, amount: "\(10 + number % 7).50", time: time),
          partition: partition(of: customer))
      }
    }
    try producer.flush(timeoutMs: 20_000)
  }

  /// Runs a daemon to the present end of its input.
  @discardableResult
  func runToEnd() throws -> DaemonStatus {
    var options = options
    options.stopsAtEnd = true
    let deadline = ContinuousClock.now + .seconds(60)
    let daemon = try Daemon(options, notices: Notices(), isStopped: { ContinuousClock.now > deadline })
    try daemon.run()
    #expect(ContinuousClock.now < deadline, "the daemon reached the end of its input")
    return daemon.status
  }

  /// All changes so far.
  func changes() throws -> [CopiedRecord] {
    try readToEnd(configuration, topic: options.changesTopic, partitionCount: partitionCount).records
  }

  /// A change's JSON as a dictionary.
  static func json(_ record: CopiedRecord) throws -> [String: Any] {
    let value = try #require(record.value)
    return try #require(JSONSerialization.jsonObject(with: Data(value)) as? [String: Any])
  }
}

extension CopiedRecord {
  /// The text of a header; empty where there is none.
  func header(_ name: String) -> String { headers.first { $0.name == name }?.text ?? "" }

  /// The key as text.
  var keyText: String { String(decoding: key ?? [], as: UTF8.self) }
}

extension RealKafka {
  @Suite(.serialized, .enabled(if: TestKafka.isAvailable, TestKafka.skipped)) struct Daemons {
    @Test("Every customer with a purchase gets a first segment, in the partition of its records, as a CloudEvent")
    func firstSegments() throws {
      let bench = try DaemonBench.real()
      try bench.fill(Producer(configuration: bench.configuration), customers: 300)
      let status = try bench.runToEnd()
      #expect(status.records == 300 / 3 * (10 + 3 + 1))
      #expect(status.customers == 300)
      let changes = try bench.changes()
      #expect(changes.count == status.changes)
      var sequences: [String: Int] = [:]
      for change in changes {
        let customer = change.keyText
        let data = try DaemonBench.json(change)
        let sequence = try #require(data["sequence"] as? Int)
        #expect(sequence == sequences[customer, default: 0] + 1, "no gap in the sequence of `\(customer)`")
        sequences[customer] = sequence
        #expect(data["customer_id"] as? String == customer)
        #expect(change.partition == bench.partition(of: customer))
        #expect(change.header("ce_specversion") == "1.0")
        #expect(change.header("ce_subject") == customer)
        #expect(change.header("ce_id").hasPrefix("\(change.partition)-"))
        #expect(change.header("ce_id").hasSuffix("-\(sequence)"))
        #expect(change.header("ce_source") == bench.options.source)
        #expect(change.header("ce_time") == data["effective_at"] as? String)
        #expect(change.header("content-type") == "application/json")
        if sequence == 1 { #expect(data["reason"] as? String == "first_seen") }
      }
      #expect(sequences.count == 300)
    }

    @Test("A record that cannot be used is kept with key, value, headers and the reason, in its partition")
    func deadLetters() throws {
      let bench = try DaemonBench.real(partitionCount: 2)
      let producer = try Producer(configuration: bench.configuration)
      let topic = try producer.topic(bench.options.inputTopic)
      var headers = ProducerHeaders(capacity: 1)
      headers.append("trace", "abc")
      try Array("c1".utf8).withUnsafeBytes { key in
        try Array("{not json".utf8).withUnsafeBytes { value in
          try producer.produce(
            to: topic, partition: 1, key: key, value: value, timestampMs: 1_780_000_000_000, headers: nil)
        }
      }
      try producer.produce(
        to: topic, partition: 1, key: nil, value: nil, timestampMs: 1_780_000_000_001, headers: headers)
      try producer.produce(
        bench.options.inputTopic, key: "other",
        value: DaemonBench.purchase("c9", amount: "1", time: "2026-06-01T00:00:00Z"), partition: 0)
      try producer.produce(
        bench.options.inputTopic, key: "c9", value: String(repeating: " ", count: 700_000) + "x", partition: 0)
      try producer.flush(timeoutMs: 10_000)
      let status = try bench.runToEnd()
      #expect(status.deadLetters == [.malformed: 2, .missingField: 1, .keyMismatch: 1])
      let letters = try readToEnd(
        bench.configuration, topic: bench.options.deadLettersTopic, partitionCount: 2
      ).records
      let one = letters.filter { $0.partition == 1 }
      #expect(one.map { $0.header("segmenter.error.code") } == ["malformed", "missing_field"])
      #expect(one.first?.value == Array("{not json".utf8) && one.first?.keyText == "c1")
      #expect(one.first?.header("segmenter.error.topic") == bench.options.inputTopic)
      #expect(one.first?.header("segmenter.error.partition") == "1")
      #expect(one.first?.header("segmenter.error.offset") == "0")
      #expect(one.first?.header("segmenter.error.timestamp") == "1780000000000")
      #expect(one.last?.value == nil && one.last?.key == nil)
      #expect(one.last?.header("trace") == "abc")
      let zero = letters.filter { $0.partition == 0 }
      #expect(zero.map { $0.header("segmenter.error.code") } == ["key_mismatch", "malformed"])
      #expect(zero.last?.value?.count == 512 << 10)
    }

    @Test("Live, a new customer's first purchase is answered by a change, and a tombstone by a tombstone")
    func live() throws {
      let bench = try DaemonBench.real(partitionCount: 2)
      let producer = try Producer(configuration: bench.configuration)
      try bench.fill(producer, customers: 300)
      let running = RunningDaemon(bench.options)
      defer { running.stop() }
      let watcher = try ChangeReader(bench)
      try watcher.read { $0.count >= 300 }
      let time = ISO8601DateFormatter().string(from: Date())
      let customer = "newcomer"
      try producer.produce(
        bench.options.inputTopic, key: customer,
        value: DaemonBench.purchase(customer, amount: "12", time: time), partition: bench.partition(of: customer))
      try producer.flush(timeoutMs: 10_000)
      try watcher.read { $0.contains { $0.keyText == customer } }
      let change = try #require(watcher.records.first { $0.keyText == customer })
      let data = try DaemonBench.json(change)
      #expect(data["origin"] as? String == "live")
      #expect(data["reason"] as? String == "first_seen")
      #expect((data["cause"] as? [String: Any])?["topic"] as? String == bench.options.inputTopic)
      try producer.produce(
        bench.options.inputTopic, key: customer, value: nil, partition: bench.partition(of: customer))
      try producer.flush(timeoutMs: 10_000)
      try watcher.read { $0.contains { $0.keyText == customer && $0.value == nil } }
      running.stop()
      #expect(running.failure == nil)
    }

    @Test("A missing input topic is named with the nearest there is and the command that makes it")
    func missingTopic() throws {
      let input = try TestKafka.makeTopic("transactions")
      let wrong = input.replacingOccurrences(of: "transactions", with: "transaction")
      let bench = DaemonBench(try TestKafka.configuration(), input: wrong, partitionCount: 1)
      let error = #expect(throws: StreamError.self) { try bench.runToEnd() }
      #expect(error?.exitCode == 66)
      #expect(error?.description.contains("no topic `\(wrong)`") == true)
      #expect(error?.description.contains("did you mean `\(input)`?") == true)
      #expect(error?.description.contains("--create --topic \(wrong)") == true)
    }

    @Test("An output topic with fewer partitions than the input is refused")
    func narrowOutput() throws {
      var bench = try DaemonBench.real(partitionCount: 3)
      bench.options.changesTopic = try TestKafka.makeTopic("narrow", partitionCount: 2)
      let error = #expect(throws: StreamError.self) { try bench.runToEnd() }
      #expect(error?.exitCode == 78)
      #expect(error?.description.contains("has 2 partitions, the input has 3") == true)
    }

    @Test("With the policy fail the first record that cannot be used ends the run, with its place")
    func failPolicy() throws {
      var bench = try DaemonBench.real(partitionCount: 1)
      bench.options.badRecords = .fail
      let producer = try Producer(configuration: bench.configuration)
      try producer.produce(bench.options.inputTopic, key: "c", value: "[]")
      try producer.flush(timeoutMs: 10_000)
      let error = #expect(throws: StreamError.self) { try bench.runToEnd() }
      #expect(error?.exitCode == 65)
      #expect(error?.description.contains("partition 0, offset 0: malformed") == true)
    }
  }
}

@Suite struct DaemonWithoutBroker {
  @Test("A broker that does not answer ends the start with exit code 69")
  func unreachable() {
    var options = DaemonOptions(kafka: ["bootstrap.servers": "127.0.0.1:1"], inputTopic: "t")
    options.settings.currency = Currency(code: "EUR")
    options.connectTimeoutMs = 1_000
    let error = #expect(throws: StreamError.self) {
      _ = try Daemon(options, notices: Notices(), isStopped: { false })
    }
    #expect(error?.exitCode == 69)
  }

  @Test("The daemon runs to the end of a topic on librdkafka's mock cluster")
  func mockCluster() throws {
    let cluster = try MockCluster(brokerCount: 1)
    let configuration = KafkaConfiguration(["bootstrap.servers": cluster.bootstrap])
    let bench = DaemonBench(configuration, input: "transactions", partitionCount: 2)
    try cluster.createTopic(bench.options.inputTopic, partitionCount: 2)
    for output in bench.options.outputs {
      try cluster.createTopic(output.name, partitionCount: output.partitions == .one ? 1 : 2)
    }
    try bench.fill(Producer(configuration: configuration), customers: 240)
    var options = bench.options
    options.stopsAtEnd = true
    // The imitation has no settings of topics to check.
    let deadline = ContinuousClock.now + .seconds(60)
    let daemon = Daemon(
      options, partitionCount: 2, notices: Notices(), isStopped: { ContinuousClock.now > deadline })
    try daemon.run()
    #expect(daemon.status.customers == 240)
    #expect(Set(try bench.changes().map(\.keyText)).count == 240)
  }

  @Test("Asked to stop while it waits for a broker, it stops waiting")
  func stoppedAtStart() {
    var options = DaemonOptions(kafka: ["bootstrap.servers": "127.0.0.1:1"], inputTopic: "t")
    options.settings.currency = Currency(code: "EUR")
    options.connectTimeoutMs = 60_000
    let start = ContinuousClock.now
    #expect(throws: StreamError.self) { _ = try Daemon(options, notices: Notices(), isStopped: { true }) }
    #expect(ContinuousClock.now - start < .seconds(10))
  }

  @Test("The nearest name is the one with the fewest edits, and a far one is none")
  func nearestName() {
    #expect(TopicPlan.nearest(to: "transactons", among: ["orders", "transactions", "transact"]) == "transactions")
    #expect(TopicPlan.nearest(to: "transactions", among: ["clicks"]) == nil)
  }
}
