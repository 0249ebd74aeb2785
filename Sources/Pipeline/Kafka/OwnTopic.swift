import Kafka
import Segmentation

/// A topic that a command writes by itself, without the daemon: it is made unless it exists.
struct OwnTopic {
  /// The partitions of a topic that is made: as many as an input topic is advised to have.
  private static let partitionCount = 4
  /// How long a record may take to be delivered where no other time is configured, in ms: a broker may start again
  /// meanwhile, and somebody waits for the command.
  private static let deliveryMs = 60_000

  let sink: TopicSink
  let name: String

  init(
    _ output: TopicPlan.Output, kafka: [String: String], source: String, notices: Notices
  ) throws(StreamError) {
    // Like Java's producers: a customer's records share the partition that others would choose.
    let properties = kafka.merging(
      ["partitioner": "murmur2_random", "message.timeout.ms": String(Self.deliveryMs)]
    ) { given, _ in given }
    let configuration = KafkaConfiguration(properties, events: notices.clientEvents)
    let plan = try TopicPlan(configuration: configuration)
    if try plan.output(output, partitionCount: 1, madeWith: Self.partitionCount) {
      notices(.info, "made the topic `\(output.name)` for \(output.purpose), \(Self.partitionCount) partitions")
    }
    sink = try streaming { () throws(KafkaError) in try TopicSink(configuration: configuration, source: source) }
    name = output.name
  }

  /// Writes by the sink; says what has ended it.
  func write(_ body: (TopicSink) throws(KafkaError) -> Void) throws(StreamError) {
    do {
      try body(sink)
    } catch {
      throw OwnTopic.failure(error, topic: name)
    }
  }

  /// Looks at delivery.
  func poll() throws(StreamError) { try write { sink throws(KafkaError) in try sink.poll() } }

  /// Waits until every record is delivered, or has run out of its time.
  func close() throws(StreamError) {
    while true {
      do throws(KafkaError) {
        return try sink.flush(timeoutMs: Self.deliveryMs)
      } catch {
        // Records that are still waited for are not lost.
        if error.name == "_TIMED_OUT" { continue }
        throw error.kind == .other && !error.isFatal
          ? StreamError(.cannotWrite, "\(error)") : OwnTopic.failure(error, topic: name)
      }
    }
  }

  /// Why records could not be written. A broker that went away with records on their way can end a producer for good:
  /// whether it has them is then not to be known, and to write them again could double or reorder them.
  static func failure(_ error: KafkaError, topic: String) -> StreamError {
    let isLost = error.isFatal && (error.kind == .other || error.kind == .fenced)
    guard isLost || error.kind == .unreachable else { return StreamError(error) }
    return StreamError(
      .unreachable,
      "the broker went away while records were on their way to `\(topic)`, and not all of them are there: \(error); "
        + "see to it that the broker runs and start again")
  }
}

/// The topic that a replay publishes its changes to.
package final class ChangesTopic {
  /// How many changes are queued before delivery is looked at.
  private static let pollPeriod = 1000

  private let topic: OwnTopic
  private var unpolled = 0

  /// Connects, and makes the topic unless it exists. Throws `StreamError`.
  package init(_ name: String, kafka: [String: String], source: String, notices: Notices) throws(StreamError) {
    topic = try OwnTopic(.changes(name), kafka: kafka, source: source, notices: notices)
  }

  /// Writes a change, which must have been written in binary shape. Throws `StreamError`.
  package func write(_ change: PublishedChange) throws(StreamError) {
    let name = topic.name
    try topic.write { sink throws(KafkaError) in try sink.write(change, to: name, partition: -1) }
    unpolled += 1
    guard unpolled >= Self.pollPeriod else { return }
    unpolled = 0
    try topic.poll()
  }

  /// Waits until every change is delivered. Throws `StreamError` when one is not.
  package func close() throws(StreamError) { try topic.close() }
}

/// The topic that the generator writes to.
package struct GeneratedTopic {
  private let topic: OwnTopic

  /// Connects, and makes the topic unless it exists. Throws `StreamError`.
  package init(_ name: String, kafka: [String: String], notices: Notices) throws(StreamError) {
    let output = TopicPlan.Output(name: name, purpose: "synthetic purchases", settings: [:])
    topic = try OwnTopic(output, kafka: kafka, source: "", notices: notices)
  }

  /// Writes a record; its key chooses the partition. Throws `StreamError`.
  package func write(key: UnsafeRawBufferPointer?, value: UnsafeRawBufferPointer) throws(StreamError) {
    let name = topic.name
    try topic.write { sink throws(KafkaError) in try sink.write(key: key, value: value, to: name, partition: -1) }
  }

  /// Looks at delivery. Throws `StreamError` when a record could not be delivered.
  package func poll() throws(StreamError) { try topic.poll() }

  /// Waits until every record is delivered. Throws `StreamError` when one is not.
  package func close() throws(StreamError) { try topic.close() }
}
