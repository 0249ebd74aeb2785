@testable import Pipeline
@testable import Segmentation

/// A segmenter that is fed random purchases a day at a time, and publishes its statistics and samples.
final class TrainedShop {
  let segmenter: Segmenter
  private var random: RandomSource
  private let customers: Int
  private(set) var day = 0

  static let startMs: Int64 = 1_767_225_600_000

  init(settings: SegmentationSettings, seed: UInt64, customers: Int = 400, partitions: Int = 4) {
    let changes = ChangeSettings(shape: .binary, source: "/t", causeTopic: "t")
    segmenter = Segmenter(settings: settings, changes: changes, partitions: (0..<Int32(partitions)).map { $0 })
    random = RandomSource(seed: seed)
    self.customers = customers
  }

  /// Customers `0..<customers` buy, each at its own rate; then every partition is swept once.
  func nextDay() {
    let dayMs = Self.startMs + Int64(day) * 86_400_000
    for customer in 0..<customers where random.below(2 + customer % 29) == 0 {
      buy("customer-\(customer)", minor: Int64(100 + random.below(100 + 40 * customer)), ms: dayMs + Int64(customer))
    }
    for partition in segmenter.partitions {
      segmenter.sweep(partition, rows: .max, clockMs: segmenter.clockMs(of: partition), origin: .live)
    }
    segmenter.removeChanges()
    day += 1
  }

  private func buy(_ id: String, minor: Int64, ms: Int64) {
    let bytes = Array(id.utf8)
    bytes.withUnsafeBufferPointer { id in
      guard let base = id.baseAddress else { preconditionFailure("an id has a byte") }
      let hash = hashBytes(base, count: id.count)
      var record = PurchaseRecord(
        customerID: base, customerIDCount: Int32(id.count),
        partition: Int32(hash >> 40) % Int32(segmenter.partitions.count), customerHash: hash, transactionHash: 0,
        orderHash: 0, amountMinor: minor, timestampMs: ms, offset: ms, clockMs: 0, index: 0, kind: .purchase)
      var letters: [DeadLetter] = []
      withUnsafeMutablePointer(to: &record) {
        segmenter.setClocks(UnsafeMutableBufferPointer(start: $0, count: 1))
        segmenter.apply(UnsafeBufferPointer(start: $0, count: 1), origin: .live, deadLetters: &letters)
      }
    }
  }

  /// The key and the value of each partition's statistics and sample, in a random order.
  func records() -> [(key: [UInt8], value: [UInt8])] {
    var records: [(key: [UInt8], value: [UInt8])] = []
    for partition in segmenter.partitions {
      let statistics = StatisticsRecord(
        of: partition, from: segmenter, sequence: day, member: "a-\(partition)", offset: Int64(day) * 9, lag: nil)
      records.append((Array(StatisticsRecord.key(of: partition).utf8), statistics.bytes()))
      let sample = segmenter.sampleRecord(of: partition)
      records.append((Array(SampleRecord.key(of: partition).utf8), sample.bytes()))
      guard let watch = segmenter.watch(of: partition), let model = segmenter.model else { continue }
      let watched = WatchRecord(partition: partition, features: model.features, watch: watch)
      records.append((Array(WatchRecord.key(of: partition).utf8), watched.bytes()))
    }
    return records.shuffled(using: &random)
  }

  /// The newest clock of its partitions.
  var clockMs: Int64 { segmenter.partitions.map(segmenter.clockMs).max() ?? .min }
}
