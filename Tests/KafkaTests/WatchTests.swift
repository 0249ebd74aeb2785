import Testing

@testable import Kafka
@testable import Pipeline

/// A change's JSON with only what differs between tests.
func changeJSON(
  _ customer: String, sequence: Int, from: String?, to: String, reason: String = "purchase"
) -> String {
  func segment(_ name: String) -> String { "{\"id\":\"s\(name.utf8.count)\",\"name\":\"\(name)\"}" }
  return "{\"customer_id\":\"\(customer)\",\"sequence\":\(sequence),\"from\":\(from.map(segment) ?? "null"),"
    + "\"to\":\(segment(to)),\"reason\":\"\(reason)\",\"effective_at\":\"2026-08-02T10:00:00.000Z\","
    + "\"evaluated_at\":\"2026-08-02T10:00:00.000Z\",\"model\":{\"generation\":1,\"version\":1},"
    + "\"features\":[0.5],\"distance\":0.4,\"previous_distance\":null,\"margin\":null,"
    + "\"rfm\":{\"recency_days\":61.0,\"frequency\":9,\"monetary\":\"482.10\",\"average_order\":\"53.57\","
    + "\"currency\":\"EUR\",\"decayed_frequency\":4.1,\"decayed_monetary\":\"201.33\",\"score\":\"254\","
    + "\"cell\":\"At risk\"},\"cause\":null,\"origin\":\"live\"}"
}

extension RealKafka {
  @Suite(.serialized, .enabled(if: TestKafka.isAvailable, TestKafka.skipped)) struct Watching {
    /// Reads until there are `count` changes, half a minute at most.
    func take(_ count: Int, from subscription: ChangeSubscription) throws -> [SubscribedChange] {
      let deadline = ContinuousClock.now + .seconds(30)
      var changes: [SubscribedChange] = []
      while changes.count < count || !subscription.isLive {
        try #require(ContinuousClock.now < deadline, "30 s were not enough; \(changes.count) changes came")
        changes += try subscription.next(timeoutMs: 10)
      }
      return changes
    }

    func subscription(
      _ topic: String, filter: ChangeFilter = ChangeFilter(), fromNow: Bool = false
    ) throws -> ChangeSubscription {
      try ChangeSubscription(
        ChangeSubscription.Options(
          kafka: TestKafka.configuration().properties, topic: topic, filter: filter, fromNow: fromNow),
        notices: Notices())
    }

    /// A topic where `a` moved twice, `b` once, and `c` was erased.
    func filledTopic(_ producer: Producer) throws -> String {
      let topic = try TestKafka.makeTopic("watched", partitionCount: 2)
      try producer.produce(topic, key: "a", value: changeJSON("a", sequence: 1, from: nil, to: "Loyal"))
      try producer.produce(topic, key: "c", value: changeJSON("c", sequence: 1, from: nil, to: "Lost"), partition: 1)
      try producer.produce(topic, key: "a", value: changeJSON("a", sequence: 2, from: "Loyal", to: "At risk"))
      try producer.produce(topic, key: "b", value: changeJSON("b", sequence: 1, from: nil, to: "New"), partition: 1)
      try producer.produce(topic, key: "c", value: nil, partition: 1)
      try producer.flush(timeoutMs: 10_000)
      return topic
    }

    @Test("A late subscriber gets the last change of every customer once, then what comes live")
    func lastThenLive() throws {
      let producer = try Producer(configuration: TestKafka.configuration())
      let topic = try filledTopic(producer)
      let subscription = try subscription(topic)
      let old = try take(3, from: subscription)
      #expect(Set(old.map { "\($0.customerID) \($0.details?.sequence ?? 0)" }) == ["a 2", "b 1", "c 0"])
      #expect(old.first { $0.customerID == "c" }?.json == nil)
      try producer.produce(topic, key: "a", value: changeJSON("a", sequence: 3, from: "At risk", to: "Loyal"))
      try producer.produce(topic, key: "a", value: changeJSON("a", sequence: 4, from: "Loyal", to: "Lost"))
      try producer.flush(timeoutMs: 10_000)
      #expect(try take(2, from: subscription).map { $0.details?.sequence } == [3, 4])
    }

    @Test("From now on, only what comes from now on")
    func fromNow() throws {
      let producer = try Producer(configuration: TestKafka.configuration())
      let topic = try filledTopic(producer)
      let subscription = try subscription(topic, fromNow: true)
      // The end is looked up in the background: what is written before that is not from now on.
      for _ in 0..<50 { #expect(try subscription.next(timeoutMs: 20).isEmpty) }
      try producer.produce(topic, key: "b", value: changeJSON("b", sequence: 2, from: "New", to: "Lost"), partition: 1)
      try producer.flush(timeoutMs: 10_000)
      #expect(try take(1, from: subscription).map(\.customerID) == ["b"])
    }

    @Test("An empty topic is live at once")
    func empty() throws {
      let producer = try Producer(configuration: TestKafka.configuration())
      let topic = try TestKafka.makeTopic("watched-empty")
      let subscription = try subscription(topic)
      #expect(subscription.isLive)
      try producer.produce(topic, key: "a", value: changeJSON("a", sequence: 1, from: nil, to: "Loyal"))
      try producer.flush(timeoutMs: 10_000)
      #expect(try take(1, from: subscription).map(\.customerID) == ["a"])
    }

    @Test("Filters by segment (left or entered, id or name), customer and reason hold")
    func filters() throws {
      let topic = try filledTopic(Producer(configuration: TestKafka.configuration()))
      func customers(_ filter: ChangeFilter) throws -> Set<String> {
        Set(try take(1, from: subscription(topic, filter: filter)).map(\.customerID))
      }
      #expect(try customers(ChangeFilter(segments: ["loyal"])) == ["a"])
      #expect(try customers(ChangeFilter(segments: ["s7", "s3"])) == ["a", "b"])
      #expect(try customers(ChangeFilter(customers: ["b", "x"])) == ["b"])
      #expect(try customers(ChangeFilter(reasons: ["erased"])) == ["c"])
      #expect(try customers(ChangeFilter(customers: ["a", "c"], reasons: ["purchase"])) == ["a"])
    }
  }
}

@Suite struct WatchLineTests {
  func change(_ customer: String, _ json: String?) -> SubscribedChange {
    let key = Array(customer.utf8)
    let value = Array((json ?? "").utf8)
    return key.withUnsafeBytes { key in
      value.withUnsafeBytes { value in
        SubscribedChange(
          Message(
            value: json == nil ? nil : value.baseAddress, valueCount: value.count, key: key.baseAddress,
            keyCount: key.count, partition: 1, index: 0, offset: 7, timestampMs: 0),
          headers: [MessageHeader(name: "ce_time", value: Array("2026-08-03T11:22:33.000Z".utf8))])
      }
    }
  }

  @Test("A change is one readable line")
  func line() {
    #expect(
      watchLine(change("c42", changeJSON("c42", sequence: 2, from: "Loyal", to: "At risk", reason: "elapsed")))
        == "2026-08-02 10:00  c42  Loyal → At risk  silent for 61 days  9 orders, €482.10 (R2 F5 M4)")
    #expect(
      watchLine(change("c42", changeJSON("c42", sequence: 1, from: nil, to: "New", reason: "first_seen")))
        == "2026-08-02 10:00  c42  → New  first segment  9 orders, €482.10 (R2 F5 M4)")
  }

  @Test("An erasure and a foreign record are said as such")
  func others() {
    #expect(watchLine(change("c42", nil)) == "2026-08-03 11:22  c42  erased")
    #expect(change("c\"4", nil).jsonLine == Array(#"{"customer_id":"c\"4","erased":true}"#.utf8))
    #expect(watchLine(change("c42", "[]")).contains("partition 1, offset 7"))
  }

  @Test("No id can steer the terminal")
  func escapes() {
    let line = watchLine(change("a\u{1b}[2J\n\u{202e}b\u{9b}", nil))
    #expect(line == "2026-08-03 11:22  a\\u{1b}[2J\\u{a}\\u{202e}b\\u{9b}  erased")
  }
}
