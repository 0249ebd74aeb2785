import Kafka
import Segmentation

/// What the commands that look at a group from outside share: how to reach Kafka, and the group's topics.
struct GroupReader {
  let options: DaemonOptions
  let context: StreamContext
  let plan: TopicPlan
  /// The input's partitions.
  let partitionCount: Int

  /// Connects. Throws `StreamError`: 66 where the input topic is missing, or the group has never run.
  init(_ options: DaemonOptions, notices: Notices) throws(StreamError) {
    self.options = options
    context = StreamContext(outside: options, notices: notices)
    plan = try TopicPlan(configuration: context.configuration, timeoutMs: options.connectTimeoutMs)
    partitionCount = try plan.input(options.inputTopic)
    guard let found = try partitions(of: options.stateTopic) else {
      throw StreamError(
        .noInput,
        "the group `\(options.group)` has never run: there is no topic `\(options.stateTopic)` at "
          + "`\(context.configuration.bootstrap)`; `segmenter run` makes it")
    }
    guard found == partitionCount else {
      throw StreamError(
        .disagree,
        "the topic `\(options.stateTopic)` has \(found) partitions, the input `\(options.inputTopic)` has "
          + "\(partitionCount); to rebuild the state from the input: segmenter reset --config FILE")
    }
  }

  /// The number of a topic's partitions; `nil` where there is no such topic.
  func partitions(of topic: String) throws(StreamError) -> Int? {
    try streaming { () throws(KafkaError) in try plan.admin.partitionCount(of: topic, timeoutMs: plan.timeoutMs) }
  }

  /// The newest model, when it was published, ms since 1970, and how one was in the last sweep; `nil` before the first.
  func newestModel() throws(StreamError) -> (record: ModelRecord, publishedMs: Int64, health: ModelHealth?)? {
    guard try partitions(of: options.modelTopic) != nil else { return nil }
    return try streaming { () throws(KafkaError) in
      let feed = try ModelFeed(context)
      return feed.newest.map { ($0, feed.publishedMs, feed.health) }
    }
  }
}
