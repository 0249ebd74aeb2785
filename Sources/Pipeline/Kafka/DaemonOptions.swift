import Kafka
import Segmentation

/// What the daemon does, as plain values.
package struct DaemonOptions: Sendable {
  /// librdkafka's properties by their own names; `bootstrap.servers` at least.
  package var kafka: [String: String]
  /// The topic of purchase records.
  package var inputTopic: String
  /// The topic of changes.
  package var changesTopic: String
  /// The topic of dead letters.
  package var deadLettersTopic: String
  /// The topic of the state log.
  package var stateTopic: String
  /// The topic of statistics and samples.
  package var statisticsTopic: String
  /// The topic of models.
  package var modelTopic: String
  /// The consumer group, which also names other topics.
  package var group: String
  /// The stable name of this instance in the group.
  package var instance = "segmenter-0"
  /// How many workers there are, 1 to 64.
  package var workers = 1
  /// The time between two commits, in ms.
  package var commitIntervalMs = 100
  /// The core's settings; their currency must have a code.
  package var settings = SegmentationSettings()
  /// The model that a group begins with, or, frozen, that holds; it fits the settings.
  package var model: ModelFile?
  /// Where the fields of a record are.
  package var map = RecordMap()
  /// The bounds of a record.
  package var limits = RecordLimits()
  /// What the record key has to be.
  package var keyPolicy = RecordDecoder.KeyPolicy.mustBeCustomerID
  /// What to do with a record that cannot be used.
  package var badRecords = BadRecordPolicy.deadLetter
  /// How long a walk over all customers takes, in ms; `nil`: by their number, 60 s to 6 h.
  package var sweepPeriodMs: Int?
  /// Whether to end at the offsets that are the input's ends at the start, instead of going on live: as in a replay,
  /// the records alone are the clock, so that the same input gives the same segments.
  package var stopsAtEnd = false
  /// Whether commits are transactions with state and offsets. Without, only the output is written, and a start begins
  /// anew: for benchmarks, to know what exactly once costs.
  package var isExactlyOnce = true
  /// How long the broker may take to answer at the start, in ms.
  package var connectTimeoutMs = TopicPlan.connectTimeoutMs
  /// How often the status line is said, in ms.
  package var statusIntervalMs = 10_000

  /// Makes options with the defaults for a group and its topics.
  package init(
    kafka: [String: String], inputTopic: String, changesTopic: String = "segment-changes",
    deadLettersTopic: String? = nil, group: String = "segmenter"
  ) {
    self.kafka = kafka
    self.inputTopic = inputTopic
    self.changesTopic = changesTopic
    self.deadLettersTopic = deadLettersTopic ?? "\(group)-dead-letters"
    stateTopic = "\(group)-state"
    statisticsTopic = "\(group)-stats"
    modelTopic = "\(group)-model"
    self.group = group
  }

  /// The topics that are written.
  package var outputs: [TopicPlan.Output] {
    [.changes(changesTopic)] + (badRecords == .deadLetter ? [.deadLetters(deadLettersTopic)] : [])
      + [.state(stateTopic), .statistics(statisticsTopic), .model(modelTopic)]
  }

  /// The CloudEvents source of the changes.
  package var source: String { "segmenter/\(group)" }

  /// How to reach Kafka, as a member of the group where `kafka` names no other.
  func configuration(_ notices: Notices, also others: [String: String] = [:]) -> KafkaConfiguration {
    var properties = kafka.merging(others) { $1 }
    if properties["group.id"] == nil { properties["group.id"] = group }
    return KafkaConfiguration(properties, events: notices.clientEvents)
  }

  /// A decoder of the input's records. Throws `StreamError` where the map cannot be used.
  func decoder() throws(StreamError) -> RecordDecoder {
    do {
      return try RecordDecoder(map: map, currency: settings.currency, limits: limits, keyPolicy: keyPolicy)
    } catch {
      throw StreamError(.configuration, "the map of the input cannot be used: \(error)")
    }
  }
}
