import Kafka
import Segmentation

/// Reads the changes topic: first the last change of every customer, then what comes live.
///
///     indexing ── the ends as of the start ──► replaying ── the same ends ──► live
///        (where each customer's last change is)   (only those)
///
/// The first part is read twice, so that memory is bounded by about 40 bytes a customer and not by their changes.
/// All calls are made on one thread.
package final class ChangeSubscription {
  /// What to subscribe to.
  package struct Options: Sendable {
    /// librdkafka's properties by their own names.
    package var kafka: [String: String]
    /// The topic of changes.
    package var topic: String
    /// The consumer group, only for rights: nothing is committed.
    package var group: String
    /// Which changes are handed out.
    package var filter: ChangeFilter
    /// Whether to begin with what comes from now on.
    package var fromNow: Bool
    /// How long the broker may take to answer at the start, in ms.
    package var connectTimeoutMs = TopicPlan.connectTimeoutMs

    /// Makes options.
    package init(
      kafka: [String: String], topic: String = "segment-changes", group: String = "segmenter-watch",
      filter: ChangeFilter = ChangeFilter(), fromNow: Bool = false
    ) {
      self.kafka = kafka
      self.topic = topic
      self.group = group
      self.filter = filter
      self.fromNow = fromNow
    }
  }

  private enum Phase {
    case indexing
    case replaying
    case live
  }

  /// The most customers whose last change is looked for: 400 MB. With more, all their changes are handed out.
  private static let indexedCustomersMax = 10_000_000
  /// The most changes that one call hands out.
  private static let batchCountMax = 1_024

  private let options: Options
  private let notices: Notices
  private let configuration: KafkaConfiguration
  private let partitions: [Int32]
  private var consumer: Consumer
  private var phase: Phase
  /// The partitions' ends at the start.
  private var ends: [Int64] = []
  /// The partitions' positions in the present phase.
  private var positions: [Int64] = []
  /// The offset of each customer's last change, by the hash of partition and key; `nil` when there were too many.
  private var lastOffsets: [UInt64: Int64]? = [:]

  /// Checks the topic and connects. Throws `StreamError`, also where there is no such topic.
  package init(_ options: Options, notices: Notices) throws(StreamError) {
    self.options = options
    self.notices = notices
    var properties = options.kafka
    if properties["group.id"] == nil { properties["group.id"] = options.group }
    // People read slowly: a small queue is enough.
    if properties["queued.max.messages.kbytes"] == nil { properties["queued.max.messages.kbytes"] = "16384" }
    let configuration = KafkaConfiguration(properties, events: notices.clientEvents)
    self.configuration = configuration
    let plan = try TopicPlan(configuration: configuration, timeoutMs: options.connectTimeoutMs)
    partitions = (0..<(try plan.input(options.topic))).map { Int32($0) }
    let topic = options.topic
    consumer = try Self.makeConsumer(configuration, topic)
    phase = options.fromNow ? .live : .indexing
    let (reader, all) = (consumer, partitions)
    var isEmpty = true
    if options.fromNow {
      try streaming { () throws(KafkaError) in try reader.assign(all.map { ($0, .end) }) }
      return
    }
    for partition in all {
      let (low, high) = try streaming { () throws(KafkaError) in try reader.watermarks(partition: partition) }
      ends.append(high)
      positions.append(low)
      isEmpty = isEmpty && low >= high
    }
    if isEmpty { phase = .live }
    try streaming { () throws(KafkaError) in try reader.assign(all.map { ($0, .beginning) }) }
  }

  /// Whether what is handed out from now on was not there at the start.
  package var isLive: Bool { phase == .live }

  /// The next changes that pass the filter, after at most `timeoutMs`; often none.
  package func next(timeoutMs: Int) throws(StreamError) -> [SubscribedChange] {
    let (reader, topic) = (consumer, options.topic)
    let batch = try streaming { () throws(KafkaError) in try reader.consumeBatch(timeoutMs: timeoutMs) }
    defer { reader.releaseBatch() }
    for error in batch.errors {
      switch error.kind {
      case .authorisation, .credentials, .missingTopic, .offsetOutOfRange: throw StreamError(error)
      default: notices(.debug, "\(topic): \(error)")
      }
    }
    var changes: [SubscribedChange] = []
    for message in batch.messages where isWanted(message) {
      let change = SubscribedChange(message, headers: reader.headers(of: message))
      if options.filter.admits(change) { changes.append(change) }
    }
    if phase != .live {
      for message in batch.messages { positions[Int(message.partition)] = message.offset + 1 }
      for end in batch.ends { positions[Int(end.partition)] = max(positions[Int(end.partition)], end.offset) }
      if zip(positions, ends).allSatisfy({ $0 >= $1 }) { try enterNextPhase() }
    }
    return changes
  }

  /// Whether a message is handed out, before it is decoded; notes it while indexing.
  private func isWanted(_ message: Message) -> Bool {
    let isOld = phase != .live && message.offset < ends[Int(message.partition)]
    switch phase {
    case .indexing:
      if isOld && lastOffsets != nil { note(message) }
      return false
    case .replaying where isOld:
      if let lastOffsets, lastOffsets[ChangeSubscription.hash(message)] != message.offset { return false }
    case .replaying, .live: break
    }
    return options.filter.customers.isEmpty || options.filter.admits(customer: SubscribedChange.customerID(of: message))
  }

  private func note(_ message: Message) {
    lastOffsets?[ChangeSubscription.hash(message)] = message.offset
    if let count = lastOffsets?.count, count > ChangeSubscription.indexedCustomersMax {
      lastOffsets = nil
      notices(.warning, "more than \(count - 1) customers: every change of theirs comes, not only the last")
    }
  }

  private func enterNextPhase() throws(StreamError) {
    switch phase {
    case .indexing:
      phase = .replaying
      positions = positions.map { _ in 0 }
      // A new consumer: what the old one has fetched ahead must not be seen twice.
      let (reader, all) = (try Self.makeConsumer(configuration, options.topic), partitions)
      try streaming { () throws(KafkaError) in try reader.assign(all.map { ($0, .beginning) }) }
      consumer = reader
    case .replaying:
      phase = .live
      lastOffsets = nil
    case .live: break
    }
  }

  private static func makeConsumer(_ configuration: KafkaConfiguration, _ topic: String) throws(StreamError) -> Consumer
  {
    try streaming { () throws(KafkaError) in
      try Consumer(configuration: configuration, topic: topic, batchCountMax: batchCountMax)
    }
  }

  private static func hash(_ message: Message) -> UInt64 {
    guard let key = message.key else { return UInt64(bitPattern: Int64(message.partition)) }
    let bytes = key.assumingMemoryBound(to: UInt8.self)
    return hashBytes(bytes, count: message.keyCount) ^ (UInt64(UInt32(bitPattern: message.partition)) &* 0x9e37_79b9)
  }
}
