@testable import Segmentation

/// Random purchases, refunds and late records of customers with different habits, a day at a time.
struct Traffic {
  private var random: SplitMix64
  private let names: [String]
  private let partitions: Int32
  private let rates: [Double]
  private var recentOrders: [Int: [String]] = [:]
  private var offset: Int64 = 0
  private(set) var day = 0

  static let startMs: Int64 = 1_767_225_600_000

  init(seed: UInt64, customers: Int, partitions: Int32 = 1) {
    random = SplitMix64(seed: seed)
    self.partitions = partitions
    var rates: [Double] = []
    for _ in 0..<customers { rates.append(random.pick([0.5, 0.15, 0.05, 0.02]) * (0.5 + random.uniform())) }
    self.rates = rates
    names = (0..<customers).map { "customer-\($0)" }
  }

  /// The clock at the end of the days so far.
  var clockMs: Int64 { Self.startMs + Int64(day) * msPerDay }

  /// The next day's records, in time order but for the late ones.
  mutating func nextDay() -> [TestRecord] {
    var records: [TestRecord] = []
    for customer in names.indices where random.chance(rates[customer] * (day > 60 && customer % 3 == 0 ? 0.02 : 1)) {
      let ms = clockMs + Int64(random.next(below: Int(msPerDay)))
      let scale = [2000, 9000, 40_000][customer % 3]
      var record = TestRecord.purchase(Int64(random.int(1...scale)), by: names[customer], at: ms)
      if random.chance(0.5) {
        record.order = random.chance(0.7) ? "o\(offset)" : recentOrders[customer]?.last ?? "o\(offset)"
        recentOrders[customer, default: []].append(record.order ?? "")
      }
      if random.chance(0.12) {
        record.kind = .refund
        record.order = random.chance(0.5) ? recentOrders[customer]?.last : nil
      }
      if random.chance(0.12) { record.ms -= Int64(random.next(below: Int(40 * msPerDay))) }
      record.clockMs = ms
      record.partition = Int32(customer) % partitions
      records.append(record)
      offset += 1
    }
    records.sort { ($0.clockMs ?? 0, $0.customer.count) < ($1.clockMs ?? 0, $1.customer.count) }
    for index in records.indices { records[index].offset = offset * 1000 + Int64(index) }
    day += 1
    return records
  }
}

/// A segmenter with its trainer, a day at a time: records, sweep, fit or new version.
struct Days {
  let segmenter: Segmenter
  let shape: ChangeSettings.Shape
  var traffic: Traffic
  private var trainer: Trainer
  private let partitions: Int32
  /// Every model by generation and version.
  private(set) var models: [[Int]: Model] = [:]

  init(
    seed: UInt64, customers: Int, settings: SegmentationSettings, partitions: Int32 = 1,
    shape: ChangeSettings.Shape = .binary
  ) {
    self.shape = shape
    self.partitions = partitions
    traffic = Traffic(seed: seed, customers: customers, partitions: partitions)
    trainer = Trainer(settings: settings)
    segmenter = Segmenter(
      settings: settings, changes: ChangeSettings(shape: shape, source: "/test", causeTopic: "transactions"),
      partitions: Array(0..<partitions))
  }

  /// Applies a day's records and returns them with the changes.
  mutating func applyDay() -> (records: [TestRecord], changes: [SeenChange]) {
    let records = traffic.nextDay()
    segmenter.apply(records)
    return (records, segmenter.takeChanges(shape))
  }

  /// Sweeps everything at the end of the day and returns the changes.
  mutating func sweepDay() -> [SeenChange] {
    for partition in 0..<partitions {
      segmenter.sweep(partition, rows: .max, clockMs: traffic.clockMs, origin: .replay)
    }
    return segmenter.takeChanges(shape)
  }

  /// Fits a new generation where one is due (or wanted), or moves the centroids.
  mutating func train(fits: Bool = false) {
    if fits || trainer.needsFit(customers: segmenter.buyers, clockMs: traffic.clockMs) {
      var sample = CustomerSample()
      segmenter.collect(into: &sample, clockMs: traffic.clockMs)
      adopt(trainer.fit(sample, clockMs: traffic.clockMs))
    } else if let statistics = segmenter.statistics(), let newer = trainer.update(statistics) {
      adopt(newer)
    }
  }

  private mutating func adopt(_ model: Model) {
    models[[model.generation, model.version]] = model
    segmenter.adopt(model)
  }
}
