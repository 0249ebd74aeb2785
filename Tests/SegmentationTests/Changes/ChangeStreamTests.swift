import Testing

@testable import Segmentation

/// What a subscriber knows of a customer, and what the published changes must agree with.
private struct Known {
  var segment: String?
  var sequence = 0
  var left: (segment: String, ms: Int64)?
  var evaluatedMs: Int64 = 0
}

private func smallSettings(_ seed: UInt64) -> SegmentationSettings {
  var settings = SegmentationSettings()
  settings.k = 4
  settings.seed = seed
  return settings
}

/// The margin that a move to `segment` at a clock takes.
private func neededMargin(_ known: Known, to segment: String, clockMs: Int64) -> Double {
  if let left = known.left, left.segment == segment, clockMs - left.ms <= 7 * msPerDay { return 0.3 }
  return 0.2
}

/// Where the model moves a customer with these features; `nil` where it stays.
private func target(_ z: [Double], _ known: Known, model: Model, clockMs: Int64) -> String? {
  let distances = model.distances(z)
  guard let current = model.segments.firstIndex(where: { $0.id == known.segment }) else { return nil }
  let nearest = distances.indices.min { distances[$0] < distances[$1] } ?? 0
  if nearest == current { return nil }
  let id = model.segments[nearest].id
  let margin = neededMargin(known, to: id, clockMs: clockMs)
  return distances[nearest] <= (1 - margin) * distances[current] ? id : nil
}

@Suite("Stream of changes")
struct ChangeStreamTests {
  @Test("Changes follow one another without gaps, for the reasons and by the rules of the model", arguments: 1...3)
  func follow(seed: Int) {
    var days = Days(seed: UInt64(seed), customers: 150, settings: smallSettings(UInt64(seed)))
    var known: [[UInt8]: Known] = [:]
    var reasons: [String: Int] = [:]
    var newest: [[UInt8]: Int64] = [:]
    var late: Set<Int64> = []
    for day in 0..<130 {
      let (records, onRecords) = days.applyDay()
      var byOffset: [Int64: TestRecord] = [:]
      for record in records {
        byOffset[record.offset] = record
        guard record.kind == .purchase else { continue }
        if record.ms < newest[record.customer] ?? .min { late.insert(record.offset) }
        newest[record.customer] = max(record.ms, newest[record.customer] ?? .min)
      }
      for change in onRecords {
        follow(change, record: byOffset[change.causeOffset ?? -1], &known, days.models)
        guard change.from != nil, let offset = change.causeOffset, let record = byOffset[offset] else { continue }
        let purchase = late.contains(offset) ? "late_purchase" : "purchase"
        #expect(change.reason == (record.kind == .refund ? "refund" : purchase), "\(change.text)")
      }
      let onSweep = days.sweepDay()
      for change in onSweep { follow(change, record: nil, &known, days.models) }
      for change in onRecords + onSweep { reasons[change.reason, default: 0] += 1 }
      if let model = days.segmenter.model { expectAtRest(days, known, model) }
      if day > 5 { days.train(fits: day == 20 || day == 90) }
    }
    #expect(Set(reasons.keys) == Set(ChangeReason.allCases.map(\.rawValue)), "seed \(seed): \(reasons)")
    for (index, reason) in ChangeReason.allCases.enumerated() {
      #expect(days.segmenter.counters.changes[index] == reasons[reason.rawValue, default: 0])
    }
  }

  private func follow(
    _ change: SeenChange, record: TestRecord?, _ known: inout [[UInt8]: Known], _ models: [[Int]: Model]
  ) {
    let before = known[change.key] ?? Known()
    #expect(change.from == before.segment && change.number == before.sequence + 1, "\(change.text)")
    #expect(change.from != change.to && (change.reason == "first_seen") == (change.from == nil), "\(change.text)")
    let type = change.reason == "model_changed" ? "reassigned" : "moved"
    #expect(change.type == "segmenter.customer.\(type).v1" && change.id.hasSuffix("-\(change.number)"))
    #expect(readMs(change.time) == change.effectiveMs)
    if let record {
      #expect(change.effectiveMs == record.ms && change.evaluatedMs == record.clockMs, "\(change.text)")
    } else {
      #expect(["elapsed", "model_changed", "first_seen"].contains(change.reason) && change.causeOffset == nil)
    }
    expectRecomputes(change, before, models)
    known[change.key] = Known(
      segment: change.to, sequence: change.number, left: change.from.map { ($0, change.evaluatedMs) })
  }

  /// The decision follows from the record's features and the model.
  private func expectRecomputes(_ change: SeenChange, _ before: Known, _ models: [[Int]: Model]) {
    guard let model = models[[change.generation, change.version]] else {
      return #expect(Bool(false), "no such model: \(change.text)")
    }
    let distances = model.distances(change.features)
    guard let to = model.segments.firstIndex(where: { $0.id == change.to }) else {
      return #expect(Bool(false), "no such segment: \(change.text)")
    }
    #expect(abs(distances[to] - change.distance) < 5e-6 && distances.allSatisfy { distances[to] < $0 + 5e-6 })
    guard let from = model.segments.firstIndex(where: { $0.id == change.from }) else {
      return #expect(change.previousDistance == nil && change.margin == nil, "\(change.text)")
    }
    guard let previous = change.previousDistance, let margin = change.margin else {
      return #expect(Bool(false), "no margin: \(change.text)")
    }
    #expect(abs(distances[from] - previous) < 5e-6 && abs(margin - (1 - change.distance / previous)) < 1e-4)
    let needed = neededMargin(before, to: change.to, clockMs: change.evaluatedMs)
    #expect(margin >= needed - 1e-6, "\(change.text)")
  }

  /// After a sweep nobody is left whom the rules would move.
  private func expectAtRest(_ days: Days, _ known: [[UInt8]: Known], _ model: Model) {
    let clockMs = days.traffic.clockMs
    days.segmenter.forEachCustomer(of: 0, clockMs: clockMs) { customer in
      guard let purchases = customer.purchases else { return #expect(customer.segment == 0) }
      let key = Array(customer.id)
      guard let entry = known[key] else { return #expect(Bool(false), "a customer without a segment") }
      #expect("s\(customer.segment)" == entry.segment && customer.sequence == entry.sequence)
      #expect(
        target(model.features.indices.map { purchases.scaled[$0] }, entry, model: model, clockMs: clockMs) == nil,
        "\(entry)")
    }
  }

  @Test("Moves on a sweep have the reason and the minute that a scan of every minute gives", arguments: 1...2)
  func minuteScan(seed: Int) {
    var days = Days(seed: UInt64(seed), customers: 60, settings: smallSettings(UInt64(seed)))
    var known: [[UInt8]: Known] = [:]
    var scanned: [String: Int] = [:]
    for day in 0..<120 {
      let (records, onRecords) = days.applyDay()
      for change in onRecords { note(change, &known) }
      for record in records where days.segmenter.model != nil {
        known[record.customer]?.evaluatedMs = record.clockMs ?? 0
      }
      let before = known
      for change in days.sweepDay() {
        note(change, &known)
        guard let entry = before[change.key], let model = days.segmenter.model, change.previousDistance != nil else {
          continue
        }
        expectScan(change, entry, model, days.segmenter)
        scanned[change.reason, default: 0] += 1
      }
      for key in known.keys { known[key]?.evaluatedMs = days.traffic.clockMs }
      if day > 5 { days.train(fits: day == 12) }
    }
    #expect(scanned["elapsed", default: 0] > 10 && scanned["model_changed", default: 0] > 0, "\(scanned)")
  }

  private func note(_ change: SeenChange, _ known: inout [[UInt8]: Known]) {
    known[change.key, default: Known()].segment = change.to
    known[change.key]?.left = change.from.map { ($0, change.evaluatedMs) }
  }

  private func expectScan(_ change: SeenChange, _ entry: Known, _ model: Model, _ segmenter: Segmenter) {
    let keys = segmenter.customerKeys(owner: 0)
    guard let key = keys.first(where: { Array(segmenter.customer($0, clockMs: 0).id) == change.key }) else {
      return #expect(Bool(false), "the customer is there")
    }
    func goal(_ ms: Int64) -> String? {
      let scaled = segmenter.customer(key, clockMs: ms).purchases?.scaled
      let z = model.features.indices.compactMap { scaled?[$0] }
      return target(z, entry, model: model, clockMs: ms)
    }
    let wouldMove = goal(entry.evaluatedMs) != nil
    #expect((change.reason == "model_changed") == wouldMove, "\(change.text), \(entry)")
    if wouldMove { return #expect(change.effectiveMs == change.evaluatedMs) }
    var minute = entry.evaluatedMs / 60_000 + 1
    var crossings: [Int64] = []
    var wasThere = false
    while minute * 60_000 < change.evaluatedMs {
      let isThere = goal(minute * 60_000) == change.to
      if isThere && !wasThere { crossings.append(minute * 60_000) }
      wasThere = isThere
      minute += 1
    }
    if !wasThere { crossings.append(change.evaluatedMs) }
    #expect(crossings.contains(change.effectiveMs), "\(crossings): \(change.text)")
  }
}
