import Glibc
import Kafka
import Segmentation

/// The model topic of a group, read and written from outside of the group.
package final class ModelTopic {
  /// What an import did.
  package struct Import: Sendable {
    /// The record that is now the newest.
    package let record: ModelRecord
    /// The key of the model before; `nil` where there was none.
    package let before: String?
    /// Whether it was written; the group may have the very model already.
    package let isNew: Bool
  }

  private let context: StreamContext
  private let plan: TopicPlan
  private var options: DaemonOptions { context.options }

  /// How often a broker that is not ready is asked again, 200 ms apart.
  private static let attemptsMax = 100

  /// Connects. Throws `StreamError`.
  package init(_ options: DaemonOptions, notices: Notices) throws(StreamError) {
    context = StreamContext(outside: options, notices: notices)
    plan = try TopicPlan(configuration: context.configuration, timeoutMs: options.connectTimeoutMs)
  }

  /// The newest model and when it was published, ms since 1970. Throws `StreamError`: 66 where there is none.
  package func newest() throws(StreamError) -> (record: ModelRecord, publishedMs: Int64) {
    let topic = options.modelTopic
    let count = try streaming { () throws(KafkaError) in
      try plan.admin.partitionCount(of: topic, timeoutMs: plan.timeoutMs)
    }
    guard count != nil else {
      throw StreamError(
        .noInput,
        "the group `\(options.group)` has no model: there is no topic `\(topic)` at "
          + "`\(context.configuration.bootstrap)`; `segmenter run` makes it, or `segmenter model import`")
    }
    guard let newest = try read() else {
      throw StreamError(
        .noInput, "the group `\(options.group)` has no model yet: the topic `\(topic)` holds none")
    }
    return newest
  }

  /// Makes a model the newest of the group, as its next generation; makes the topic where that is missing.
  ///
  /// No instance may run: the trainer of one would go on from its own. Who starts meanwhile takes it over all the
  /// same. Two imports at once follow each other. Throws `StreamError`: 75 while the group has members.
  package func take(_ file: ModelFile) throws(StreamError) -> Import {
    try plan.refuseMembers(of: options.group)
    let prepared = try plan.prepareStream([.model(options.modelTopic)], partitionCount: 1)
    for warning in prepared.warnings { context.notices(.warning, warning) }
    for topic in prepared.made { context.notices(.info, "made the topic `\(topic.name)` for \(topic.purpose)") }
    let producer = try producer()
    // Read only now that no other import can write any more; it waits for what is open in the topic.
    let present = try read()?.record
    let next = file.record.following(present, options.settings)
    if let present, file.record.isSameModel(as: present) {
      return Import(record: present, before: present.key, isNew: false)
    }
    let digits = options.settings.currency.digits
    let (topic, bytes) = (options.modelTopic, next.bytes(digits: digits))
    try streaming { () throws(KafkaError) in
      try producer.begin()
      try producer.produce(
        to: try producer.topic(topic), partition: 0, keyBytes: Array(next.key.utf8), valueBytes: bytes)
      try producer.flush(timeoutMs: StreamContext.transactionTimeoutMs)
      try producer.commit(timeoutMs: StreamContext.transactionTimeoutMs)
    }
    return Import(record: next, before: present?.key, isNew: true)
  }

  /// A producer under the one name of all imports of the group: it ends what an import before has left.
  private func producer() throws(StreamError) -> Producer {
    let producer = try streaming { () throws(KafkaError) in
      try Producer(
        configuration: context.configuration, transactionalID: "\(options.group)-model-import",
        transactionTimeoutMs: StreamContext.transactionTimeoutMs)
    }
    var attempt = 1
    while true {
      do throws(KafkaError) {
        try producer.initTransactions(timeoutMs: StreamContext.transactionTimeoutMs)
        return producer
      } catch {
        guard error.isRetriable, attempt < Self.attemptsMax else { throw StreamError(error) }
        attempt += 1
        usleep(StreamContext.retryMs * 1_000)
      }
    }
  }

  private func read() throws(StreamError) -> (record: ModelRecord, publishedMs: Int64)? {
    try streaming { () throws(KafkaError) in
      let feed = try ModelFeed(context)
      return feed.newest.map { ($0, feed.publishedMs) }
    }
  }
}

extension TopicPlan {
  /// Throws `tryAgain` while a group has members, whom it names; answers whether the group exists.
  @discardableResult
  func refuseMembers(of name: String) throws(StreamError) -> Bool {
    let group = try streaming { () throws(KafkaError) in try admin.describeGroup(name, timeoutMs: timeoutMs) }
    guard group.members.isEmpty else {
      let names = group.members.map { "`\($0.instance ?? $0.id)` at \($0.address)" }.joined(separator: ", ")
      throw StreamError(
        .tryAgain,
        "the group `\(name)` has members: \(names); stop them, and wait for their session to end (10 s) before trying "
          + "again")
    }
    return group.state != "Dead"
  }
}
