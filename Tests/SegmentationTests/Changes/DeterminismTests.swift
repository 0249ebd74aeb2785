import Testing

@testable import Segmentation

/// One segmenter of all partitions, or several that share them; fed, swept and trained alike.
private struct Shared {
  private let segmenters: [Segmenter]
  private var trainer: Trainer
  private(set) var output: [[UInt8]] = []

  init(_ ownership: [[Int32]], settings: SegmentationSettings) {
    let changes = ChangeSettings(shape: .structured, source: "/test", causeTopic: "transactions")
    segmenters = ownership.map { Segmenter(settings: settings, changes: changes, partitions: $0) }
    trainer = Trainer(settings: settings)
  }

  mutating func day(_ records: [TestRecord], clockMs: Int64) {
    for segmenter in segmenters { segmenter.apply(records) }
    for segmenter in segmenters {
      for partition in segmenter.partitions {
        segmenter.sweep(partition, rows: .max, clockMs: clockMs, origin: .replay)
      }
    }
    var written: [SeenChange] = []
    for segmenter in segmenters {
      segmenter.sortChanges()
      written += segmenter.takeChanges(.structured)
    }
    written.sort { ($0.partition, $0.row, $0.sequence) < ($1.partition, $1.row, $1.sequence) }
    output += written.compactMap(\.value)
    train(clockMs)
  }

  private mutating func train(_ clockMs: Int64) {
    if trainer.needsFit(customers: segmenters.reduce(0) { $0 + $1.buyers }, clockMs: clockMs) {
      var sample = CustomerSample(limit: 100)
      for segmenter in segmenters { segmenter.collect(into: &sample, clockMs: clockMs) }
      adopt(trainer.fit(sample, clockMs: clockMs))
    } else if let statistics, let newer = trainer.update(statistics) {
      adopt(newer)
    }
  }

  /// The sum of all segmenters' statistics.
  var statistics: PartitionStatistics? {
    var total: PartitionStatistics?
    for segmenter in segmenters {
      guard let part = segmenter.statistics() else { return nil }
      if total == nil { total = part } else { total?.add(part) }
    }
    return total
  }

  private func adopt(_ model: Model) { for segmenter in segmenters { segmenter.adopt(model) } }
}

@Suite("Determinism")
struct DeterminismTests {
  @Test("One segmenter of eight partitions and three that share them write the same bytes", arguments: [1, 2, 3])
  func sharing(seed: UInt64) {
    var settings = SegmentationSettings()
    settings.k = 4
    settings.seed = seed
    var one = Shared([Array(0..<8)], settings: settings)
    var three = Shared([[5, 0, 3], [1, 7], [2, 4, 6]], settings: settings)
    var traffic = Traffic(seed: seed, customers: 300, partitions: 8)
    for _ in 0..<70 {
      let records = traffic.nextDay()
      one.day(records, clockMs: traffic.clockMs)
      three.day(records, clockMs: traffic.clockMs)
      #expect(one.statistics == three.statistics, "seed \(seed), day \(traffic.day)")
    }
    #expect(one.output == three.output, "seed \(seed)")
    #expect(one.output.count > 300)
  }

  @Test("Records in batches of any size give the same changes")
  func batches() {
    func run(batch: Int) -> [[UInt8]] {
      var days = Days(seed: 4, customers: 80, settings: SegmentationSettings())
      var output: [[UInt8]] = []
      for day in 0..<60 {
        let records = days.traffic.nextDay()
        for start in stride(from: 0, to: records.count, by: batch) {
          days.segmenter.apply(Array(records[start..<min(start + batch, records.count)]))
        }
        output += days.segmenter.takeChanges().compactMap(\.value) + days.sweepDay().compactMap(\.value)
        if day > 5 { days.train(fits: day == 15) }
      }
      return output
    }
    let whole = run(batch: .max / 2)
    #expect(whole.count > 80 && run(batch: 1) == whole && run(batch: 7) == whole)
  }
}
