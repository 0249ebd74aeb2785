@testable import Pipeline
@testable import Segmentation

/// Instances in memory that share the partitions of an input, and their trainer; everything goes through its bytes.
final class ScriptedGroup {
  private let settings: SegmentationSettings
  private var segmenters: [Segmenter] = []
  private var trainer: StreamTrainer
  private var logs = [[[UInt8]]](repeating: [], count: partitionCount)
  private var sequence: Int64 = 0
  /// The newest record of each key of the statistics topic.
  private var told: [[UInt8]: [UInt8]] = [:]
  /// The model topic, and the numbers of the contests that were news.
  private(set) var models: [[UInt8]] = []
  private(set) var contests: [Int] = []

  static let partitionCount = 5
  private static let fingerprint: UInt64 = 7

  init(settings: SegmentationSettings, instances: Int) throws {
    self.settings = settings
    trainer = StreamTrainer(settings: settings, partitions: Self.partitionCount)
    try start(instances)
  }

  /// Ends all instances and starts others, which read their partitions' logs, the statistics and the last model.
  func start(_ instances: Int) throws {
    let changes = ChangeSettings(shape: .binary, source: "/t", causeTopic: "t")
    let last = try models.last.map { bytes throws(TrainingRecordError) in try ModelRecord(bytes) }
    segmenters = (0..<instances).map { instance in
      let own = (0..<Int32(Self.partitionCount)).filter { Int($0) % instances == instance }
      return Segmenter(settings: settings, changes: changes, partitions: own, keepsLog: true)
    }
    for segmenter in segmenters {
      for partition in segmenter.partitions {
        for record in logs[Int(partition)] {
          _ = try record.withUnsafeBytes { bytes throws(StateLogError) in
            try segmenter.restore(partition, record: bytes, fingerprint: Self.fingerprint)
          }
        }
        try segmenter.finishRestore(partition)
      }
      if let last { segmenter.adopt(last.model) }
    }
    trainer = StreamTrainer(settings: settings, partitions: Self.partitionCount, from: last)
    for (key, value) in told { trainer.take(try TrainingRecord(key: key, value: value)) }
  }

  /// An epoch: records, each a customer, an amount and a time, then the clock, a sweep, a commit and the trainer.
  func epoch(_ purchases: [(customer: Int, minor: Int64, ms: Int64)], clockMs: Int64) throws {
    for purchase in purchases { apply(purchase) }
    sequence += 1
    for segmenter in segmenters {
      for partition in segmenter.partitions {
        segmenter.advanceClock(of: partition, toWallClockMs: clockMs)
        segmenter.sweep(partition, rows: .max, clockMs: clockMs, origin: .live)
        try commit(partition, of: segmenter)
      }
      segmenter.removeChanges()
    }
    guard let news = trainer.closeEpoch() else { return }
    models.append(news.record.bytes(digits: 2))
    if let contest = news.contest { contests.append(contest.number) }
    let model = try ModelRecord(models[models.count - 1]).model
    for segmenter in segmenters { segmenter.adopt(model) }
  }

  private func apply(_ purchase: (customer: Int, minor: Int64, ms: Int64)) {
    let bytes = Array("customer-\(purchase.customer)".utf8)
    bytes.withUnsafeBufferPointer { id in
      guard let base = id.baseAddress else { preconditionFailure("an id has a byte") }
      let hash = hashBytes(base, count: id.count)
      var record = PurchaseRecord(
        customerID: base, customerIDCount: Int32(id.count),
        partition: Int32(hash >> 40) % Int32(Self.partitionCount), customerHash: hash, transactionHash: 0, orderHash: 0,
        amountMinor: purchase.minor, timestampMs: purchase.ms, offset: purchase.ms, clockMs: 0, index: 0,
        kind: .purchase)
      var letters: [DeadLetter] = []
      withUnsafeMutablePointer(to: &record) { record in
        for segmenter in segmenters {
          segmenter.setClocks(UnsafeMutableBufferPointer(start: record, count: 1))
          segmenter.apply(UnsafeBufferPointer(start: record, count: 1), origin: .live, deadLetters: &letters)
        }
      }
    }
  }

  private func commit(_ partition: Int32, of segmenter: Segmenter) throws {
    var buffer = ByteBuffer(capacity: 1 << 16)
    let ranges = segmenter.cut(
      partition, inputOffset: sequence, sequence: sequence, fingerprint: Self.fingerprint, into: &buffer)
    logs[Int(partition)] += ranges.map { Array(buffer.bytes[$0]) }
    let statistics = StatisticsRecord(
      of: partition, from: segmenter, sequence: Int(sequence), member: "m", offset: sequence, lag: nil)
    told[Array(StatisticsRecord.key(of: partition).utf8)] = statistics.bytes()
    told[Array(SampleRecord.key(of: partition).utf8)] = segmenter.sampleRecord(of: partition).bytes()
    for key in [StatisticsRecord.key(of: partition), SampleRecord.key(of: partition)] {
      let key = Array(key.utf8)
      trainer.take(try TrainingRecord(key: key, value: told[key] ?? []))
    }
  }
}
