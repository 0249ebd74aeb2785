import Kafka
import Segmentation

/// A topic that a command writes by itself, without the daemon: it is made unless it exists.
struct OwnTopic {
  /// The partitions of a topic that is made: as many as an input topic is advised to have.
  private static let partitionCount = 4
  /// How long the last records may take to be delivered, in ms: librdkafka's own time for one.
  private static let flushMs = 300_000

  let sink: TopicSink
  let name: String

  init(
    _ output: TopicPlan.Output, kafka: [String: String], source: String, notices: Notices
  ) throws(StreamError) {
    // Like Java's producers: a customer's records share the partition that others would choose.
    let properties = kafka.merging(["partitioner": "murmur2_random"]) { given, _ in given }
    let configuration = KafkaConfiguration(properties, events: notices.clientEvents)
    let plan = try TopicPlan(configuration: configuration)
    if try plan.output(output, partitionCount: 1, madeWith: Self.partitionCount) {
      notices(.info, "made the topic `\(output.name)` for \(output.purpose), \(Self.partitionCount) partitions")
    }
    sink = try streaming { () throws(KafkaError) in try TopicSink(configuration: configuration, source: source) }
    name = output.name
  }

  func poll() throws(StreamError) {
    let sink = sink
    try streaming { () throws(KafkaError) in try sink.poll() }
  }

  func close() throws(StreamError) {
    do {
      try sink.flush(timeoutMs: Self.flushMs)
    } catch {
      throw StreamError(error.kind == .unreachable ? .unreachable : .cannotWrite, "\(error)")
    }
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
    let topic = topic
    try streaming { () throws(KafkaError) in try topic.sink.write(change, to: topic.name, partition: -1) }
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
    let topic = topic
    try streaming { () throws(KafkaError) in try topic.sink.write(key: key, value: value, to: topic.name, partition: -1)
    }
  }

  /// Looks at delivery. Throws `StreamError` when a record could not be delivered.
  package func poll() throws(StreamError) { try topic.poll() }

  /// Waits until every record is delivered. Throws `StreamError` when one is not.
  package func close() throws(StreamError) { try topic.close() }
}
