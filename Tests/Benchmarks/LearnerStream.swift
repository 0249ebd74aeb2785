import Segmentation

/// A stream of purchases through the core as a daemon turns it: records, sweeps in slices, a fit, versions; at its end
/// the sums of what every customer contributes under one model and at one clock.
///
/// Request: `purchases` of [customer, ms, minor units], in the order of arrival; `partitions`, `half_life_days`, `k`,
/// the records in a batch (`batch`), and the batch after which the first model is fitted (`fit_after`).
struct LearnerStream {
  private let settings: SegmentationSettings
  private let purchases: [[Double]]
  private let partitions: Int
  private let batch: Int
  private let fitAfter: Int

  /// Reads a request.
  init(_ request: LearnerRequest) {
    var settings = SegmentationSettings()
    settings.k = request.integer("k")
    settings.halfLifeDays = request.number("half_life_days")
    settings.currency = Currency(code: "EUR")
    self.settings = settings
    purchases = request.rows("purchases")
    partitions = request.integer("partitions")
    batch = request.integer("batch")
    fitAfter = request.integer("fit_after")
  }

  /// Runs the stream.
  func answer() -> String {
    let segmenter = Segmenter(
      settings: settings, changes: ChangeSettings(shape: .binary, source: "/oracle", causeTopic: "oracle"),
      partitions: (0..<partitions).map(Int32.init))
    var trainer = Trainer(settings: settings)
    var clockMs = Int64.min
    for (number, start) in stride(from: 0, to: purchases.count, by: batch).enumerated() {
      let rows = purchases[start..<min(start + batch, purchases.count)]
      clockMs = max(clockMs, Int64(rows.map { $0[1] }.max() ?? 0))
      apply(rows, from: start, clockMs: clockMs, to: segmenter)
      if number == fitAfter {
        var sample = CustomerSample()
        segmenter.collect(into: &sample, clockMs: clockMs)
        segmenter.adopt(trainer.fit(sample, clockMs: clockMs))
      }
      // Every partition goes on at its own pace, so that at the end all stand within a sweep.
      for partition in segmenter.partitions {
        segmenter.sweep(partition, rows: 7 + 5 * Int(partition), clockMs: clockMs, origin: .live)
      }
      if let statistics = segmenter.statistics(), let model = trainer.update(statistics) { segmenter.adopt(model) }
      segmenter.removeChanges()
    }
    for partition in segmenter.partitions {
      segmenter.sweep(partition, rows: segmenter.rowCount(of: partition), clockMs: clockMs, origin: .live)
    }
    return report(segmenter, clockMs: clockMs)
  }

  private func apply(_ rows: ArraySlice<[Double]>, from start: Int, clockMs: Int64, to segmenter: Segmenter) {
    let ids = UnsafeMutablePointer<UInt8>.allocate(capacity: 8 * rows.count)
    defer { ids.deallocate() }
    var records: [PurchaseRecord] = []
    for (index, row) in rows.enumerated() {
      let (customer, id) = (Int(row[0]), ids + 8 * index)
      for (position, byte) in "c\(1_000_000 + customer)".utf8.enumerated() { (id + position).initialize(to: byte) }
      records.append(
        PurchaseRecord(
          customerID: id, customerIDCount: 8, partition: Int32(customer % partitions),
          customerHash: hashBytes(id, count: 8), transactionHash: 0, orderHash: 0, amountMinor: Int64(row[2]),
          timestampMs: Int64(row[1]), offset: Int64(start + index), clockMs: clockMs, index: Int32(index),
          kind: .purchase))
    }
    var letters: [DeadLetter] = []
    records.withUnsafeBufferPointer { segmenter.apply($0, origin: .live, deadLetters: &letters) }
    guard letters.isEmpty else { stop(65, "a purchase of the request cannot be used: \(letters[0].message)") }
  }

  private func report(_ segmenter: Segmenter, clockMs: Int64) -> String {
    guard let statistics = segmenter.statistics(), let model = segmenter.model else {
      stop(65, "the stream ended before `fit_after`")
    }
    var customers: [String] = []
    for partition in segmenter.partitions {
      segmenter.forEachCustomer(of: partition, clockMs: clockMs) { customer in
        guard let bought = customer.purchases else { return }
        let number = customer.id.dropFirst().reduce(0) { 10 * $0 + Int($1) - 48 } - 1_000_000
        let scaled = model.features.indices.map { bought.scaled[$0] }
        customers.append(
          object(
            ("customer", "\(number)"), ("frequency", "\(bought.decayedFrequency)"),
            ("monetary_minor", "\(bought.decayedMonetaryMinor)"), ("scaled", list(scaled))))
      }
    }
    return object(
      ("clock_ms", "\(clockMs)"), ("generation", "\(model.generation)"), ("version", "\(model.version)"),
      ("customers", "[" + customers.joined(separator: ",") + "]"),
      ("centroids", "[" + model.segments.map { list($0.centroid) }.joined(separator: ",") + "]"),
      ("mean", list(model.scaler.mean)), ("sd", list(model.scaler.sd)), ("lower", list(model.scaler.lower)),
      ("upper", list(model.scaler.upper)), ("counts", list(statistics.counts.map { Int($0) })),
      ("sums", list(statistics.sums.map { Int($0) })), ("squares", list(statistics.squares.map { Int($0) })),
      ("total", "\(statistics.customers)"))
  }
}
