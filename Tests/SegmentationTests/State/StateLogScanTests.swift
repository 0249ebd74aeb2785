import Testing

@testable import Segmentation

private func makeSettings(_ seed: UInt64) -> SegmentationSettings {
  var settings = SegmentationSettings()
  settings.k = 3
  settings.seed = seed
  settings.dwellMs = seed % 2 == 0 ? 0 : 2 * msPerDay
  settings.margin = [0.2, 0, 0.05][Int(seed % 3)]
  return settings
}

/// A segmenter that keeps a log, with a trained model, some walks and erasures.
private struct Logged {
  let settings: SegmentationSettings
  let segmenter: Segmenter
  var trainer: Trainer
  var records: [[UInt8]] = []
  var clockMs: Int64 = 0

  init(seed: UInt64, days: Int) {
    settings = makeSettings(seed)
    segmenter = Segmenter(
      settings: settings, changes: ChangeSettings(shape: .structured, source: "/test", causeTopic: "test"),
      partitions: [0], keepsLog: true)
    trainer = Trainer(settings: settings)
    var traffic = Traffic(seed: seed, customers: 90)
    for day in 0..<days {
      var records = traffic.nextDay()
      if day % 7 == 3 { records.append(TestRecord.erasure("customer-\(day % 90)", at: traffic.clockMs)) }
      clockMs = traffic.clockMs
      segmenter.apply(records)
      for record in records where record.kind == .purchase {
        segmenter.core.partitions[0].clock.observe(
          customerHash: record.withRecord { $0.customerHash }, timestampMs: record.ms)
      }
      segmenter.sweep(0, rows: 40, clockMs: clockMs, origin: .live)
      if day == 20 || day == 50 {
        var sample = CustomerSample()
        segmenter.collect(into: &sample, clockMs: clockMs)
        segmenter.adopt(trainer.fit(sample, clockMs: clockMs))
      }
      _ = segmenter.takeChanges(.structured)
      cut(Int64(day) + 1)
    }
  }

  mutating func cut(_ sequence: Int64) {
    var buffer = ByteBuffer(capacity: 1024)
    for range in segmenter.cut(0, inputOffset: sequence, sequence: sequence, fingerprint: 7, into: &buffer) {
      records.append(Array(UnsafeBufferPointer(start: buffer.base + range.lowerBound, count: range.count)))
    }
  }

  func scan(_ id: String, from start: Int = 0) throws -> StateLogScan {
    let scan = StateLogScan(settings: settings, id: Array(id.utf8), isWhole: start == 0)
    for record in records[start...] { try scan.read(record, fingerprint: 7) }
    return scan
  }
}

extension StateLogScan {
  fileprivate func read(_ record: [UInt8], fingerprint: UInt64) throws {
    _ = try record.withUnsafeBytes { bytes throws(StateLogError) in try read(bytes, fingerprint: fingerprint) }
  }
}

/// What of a customer is compared, as text.
private func text(_ customer: borrowing Customer) -> String {
  var text = "\(customer.segment) \(customer.segmentName ?? "-") \(customer.sinceMs) \(customer.sequence) "
  text += "\(customer.orders) \(customer.grossMinor) \(customer.refundedMinor)"
  guard let purchases = customer.purchases else { return text }
  text += " \(purchases.firstMs) \(purchases.lastMs) \(purchases.decayedFrequency) \(purchases.decayedMonetaryMinor)"
  text += " \(purchases.purchaseDays) \(purchases.firstDaySpendMinor) \(purchases.scores?.cell ?? "-")"
  for index in 0..<3 { text += " \(purchases.scaled[index])" }
  return text
}

@Suite("Looking for one customer in a state log")
struct StateLogScanTests {
  @Test(
    "A scan finds exactly the customers that the table has, with their state", arguments: 1...4 as ClosedRange<UInt64>)
  func sameAsTable(seed: UInt64) throws {
    let logged = Logged(seed: seed, days: 70)
    var expected: [String: String] = [:]
    logged.segmenter.forEachCustomer(of: 0, clockMs: logged.clockMs) {
      expected[String(decoding: $0.id, as: UTF8.self)] = text($0)
    }
    #expect(expected.count > 60)
    for number in 0..<90 {
      let id = "customer-\(number)"
      let scan = try logged.scan(id)
      #expect(scan.isFound == (expected[id] != nil), "seed \(seed), \(id)")
      var found: String?
      try scan.segmenter(settings: logged.settings, model: logged.segmenter.model)?
        .forEachCustomer(of: 0, clockMs: logged.clockMs) { found = text($0) }
      #expect(found == expected[id], "seed \(seed)")
    }
    let summary = try #require(try logged.scan("nobody").summary)
    #expect(summary.rows == logged.segmenter.rowCount(of: 0))
    #expect(summary.clockMs == logged.segmenter.clockMs(of: 0))
    #expect(summary.counters == logged.segmenter.partitionCounters(of: 0))
  }

  @Test("The end of a log alone tells the partition's summary, whatever stands before")
  func tail() throws {
    let logged = Logged(seed: 1, days: 30)
    let scan = try logged.scan("", from: logged.records.count - 2)
    #expect(scan.last?.sequence == 30)
    #expect(try scan.summary == logged.scan("").summary)
    #expect(!scan.isFound)
  }

  @Test("State of other settings, a gap and a cut record are refused")
  func refusals() throws {
    let logged = Logged(seed: 1, days: 4)
    let scan = StateLogScan(settings: logged.settings, id: [1])
    let records = logged.records
    #expect(throws: StateLogError.settings(found: 7, expected: 8)) {
      try scan.read(records[0], fingerprint: 8)
    }
    try scan.read(records[0], fingerprint: 7)
    for wrong in [records[2], Array(records[1].dropLast())] {
      #expect(throws: StateLogError.self) {
        try scan.read(wrong, fingerprint: 7)
      }
    }
  }

  @Test("The forecast of silence is what sweeps of a silent customer then do", arguments: 1...6 as ClosedRange<UInt64>)
  func forecast(seed: UInt64) throws {
    let logged = Logged(seed: seed, days: 70)
    var ids: [String] = []
    logged.segmenter.forEachCustomer(of: 0, clockMs: logged.clockMs) {
      if $0.purchases != nil { ids.append(String(decoding: $0.id, as: UTF8.self)) }
    }
    let horizonMs = 200 * msPerDay
    var moves = 0
    for id in ids.prefix(40) {
      let scan = try logged.scan(id)
      let silent = try #require(
        try scan.segmenter(settings: logged.settings, model: logged.segmenter.model))
      let standing = try #require(silent.standing(clockMs: logged.clockMs, horizonMs: horizonMs))
      var first: SeenChange?
      for hour in 0...horizonMs / 3_600_000 where first == nil {
        silent.sweep(0, rows: 1, clockMs: logged.clockMs + hour * 3_600_000, origin: .live)
        first = silent.takeChanges(.structured).first
      }
      switch standing.forecast {
      case .moves(let segment, let atMs):
        moves += 1
        #expect(first?.to == "s\(segment)" && first?.effectiveMs == atMs, "seed \(seed), \(id)")
      case .stays: #expect(first == nil, "seed \(seed), \(id)")
      }
    }
    #expect(moves > 5 && moves < 40, "seed \(seed): both happen")
  }

  @Test("Distances are those of plain arithmetic, and the margin is how much nearer the next segment is")
  func distances() throws {
    let logged = Logged(seed: 2, days: 60)
    let model = try #require(logged.segmenter.model)
    var compared = 0
    for number in 0..<20 {
      guard let silent = try logged.scan("customer-\(number)").segmenter(settings: logged.settings, model: model),
        let standing = silent.standing(clockMs: logged.clockMs, horizonMs: 0)
      else { continue }
      var z: [Double] = []
      silent.forEachCustomer(of: 0, clockMs: logged.clockMs) { customer in
        z = (0..<3).map { customer.purchases?.scaled[$0] ?? 0 }
      }
      let plain = model.distances(z)
      for entry in standing.distances {
        let cluster = try #require(model.segments.firstIndex { $0.number == entry.segment })
        #expect(abs(entry.distance - plain[cluster]) < 1e-12)
      }
      #expect(standing.distances.map(\.distance) == standing.distances.map(\.distance).sorted())
      if let own = standing.own, let next = standing.next, let margin = standing.margin {
        #expect(own.segment != next.segment && abs(margin - (1 - next.distance / own.distance)) < 1e-12)
        compared += 1
      }
    }
    #expect(compared > 5)
  }
}
