import Testing

@testable import Segmentation

private let startMs: Int64 = 1_767_225_600_000
private let minuteMs: Int64 = 60_000

extension Model {
  /// A model of the program's own table, its segments in the order of the names.
  fileprivate static func rules(
    generation: Int = 1, version: Int = 1, recency: [Double] = [10, 20, 30, 40], table: RuleTable = .standard
  ) -> Model {
    let segments = table.names.enumerated().map { index, name in
      Model.Segment(number: index + 1, name: name, cell: name, centroid: [])
    }
    return Model(
      generation: generation, version: version, features: [],
      scaler: Scaler(mean: [], sd: [], lower: [], upper: []), segments: segments,
      cuts: ScoreCuts(recency: recency, frequency: [1, 2, 3, 4], monetary: [1000, 2000, 3000, 4000]),
      lastSegmentNumber: segments.count, kind: .rules, rules: table)
  }
}

/// A segmenter of one partition by rules.
private struct Ruled {
  let segmenter: Segmenter

  init(dwellMs: Int64 = 0, recency: [Double] = [10, 20, 30, 40]) {
    var settings = SegmentationSettings()
    settings.kind = .rules
    settings.dwellMs = dwellMs
    segmenter = Segmenter(
      settings: settings, changes: ChangeSettings(shape: .binary, source: "/test", causeTopic: "test"), partitions: [0])
    segmenter.adopt(.rules(recency: recency))
  }

  func apply(_ record: TestRecord) -> [SeenChange] {
    segmenter.apply([record])
    return segmenter.takeChanges()
  }

  func sweep(_ clockMs: Int64) -> [SeenChange] {
    segmenter.sweep(0, rows: .max, clockMs: clockMs, origin: .live)
    return segmenter.takeChanges()
  }
}

private func name(_ change: SeenChange) -> String { (change.data["to"] as? [String: Any])?["name"] as? String ?? "" }
private func score(_ change: SeenChange) -> String { (change.data["rfm"] as? [String: Any])?["score"] as? String ?? "" }

@Suite("Segments by rules")
struct RulesTests {
  @Test("A customer is in the segment of its cell, without features, distances and margin")
  func cells() throws {
    let ruled = Ruled()
    let first = try #require(ruled.apply(.purchase(500, at: startMs)).first)
    #expect(first.to == "s4" && name(first) == "New" && score(first) == "511" && first.reason == "first_seen")
    let second = try #require(ruled.apply(.purchase(5000, at: startMs + 1)).first)
    // F 2 and M 5: their mean is 4 when it is rounded up.
    #expect(second.from == "s4" && name(second) == "Champions" && score(second) == "525")
    #expect(second.reason == "purchase" && second.causeOffset == 0)
    #expect(second.text.contains(#""features":null,"distance":null,"previous_distance":null,"margin":null,"rfm""#))
  }

  @Test("Time alone moves a customer effective in the minute in which the cut was passed, with or without a dwell")
  func elapsed() {
    for (dwellMs, cut) in [(0, 10.0), (0, 10.00037), (3 * msPerDay, 10)] as [(Int64, Double)] {
      let ruled = Ruled(dwellMs: dwellMs, recency: [cut, 20, 30, 40])
      _ = ruled.apply(.purchase(500, at: startMs))
      let passesMs = startMs + Int64(cut * Double(msPerDay)) + 1
      let minute = (passesMs + minuteMs - 1) / minuteMs * minuteMs
      #expect(ruled.sweep(startMs + 9 * msPerDay).isEmpty)
      var changes = ruled.sweep(startMs + 12 * msPerDay + 777)
      if dwellMs > 0 {
        #expect(changes.isEmpty)
        changes = ruled.sweep(startMs + 14 * msPerDay)
      }
      #expect(changes.map(\.reason) == ["elapsed"] && changes.map(name) == ["Promising"], "\(dwellMs)")
      #expect(changes.map(\.effectiveMs) == [minute + dwellMs], "\(dwellMs), \(cut)")
    }
  }

  @Test("Where only the cuts have moved a customer is reassigned, and silent time in between is told from it")
  func movedCuts() {
    let ruled = Ruled()
    _ = ruled.apply(.purchase(500, at: startMs))
    #expect(ruled.sweep(startMs + 8 * msPerDay).isEmpty)
    ruled.segmenter.adopt(.rules(version: 2, recency: [5, 20, 30, 40]))
    let changes = ruled.sweep(startMs + 9 * msPerDay)
    #expect(changes.map(\.reason) == ["model_changed"] && changes.map(\.to) == ["s5"])
    #expect(changes.map(\.type) == ["segmenter.customer.reassigned.v1"])
    #expect(changes.map(\.effectiveMs) == [startMs + 9 * msPerDay] && changes.map(\.version) == [2])
  }

  @Test("Within 7 days of leaving a cell only a record leads back to it; afterwards time does")
  func goingBack() {
    for buys in [false, true] {
      let ruled = Ruled()
      _ = ruled.apply(.purchase(500, at: startMs))
      let leftMs = startMs + 11 * msPerDay
      #expect(ruled.sweep(leftMs).map(\.to) == ["s5"])
      ruled.segmenter.adopt(.rules(version: 2, recency: [25, 26, 30, 40]))
      #expect(ruled.sweep(leftMs + msPerDay).isEmpty, "the cuts alone lead back")
      if buys {
        let back = ruled.apply(.refund(1, at: leftMs + 2 * msPerDay))
        #expect(back.map(\.to) == ["s4"] && back.map(\.reason) == ["refund"])
      } else {
        #expect(ruled.sweep(leftMs + 7 * msPerDay).isEmpty)
        let back = ruled.sweep(leftMs + 8 * msPerDay)
        #expect(back.map(\.to) == ["s4"] && back.map(\.reason) == ["elapsed"])
        #expect(back.map(\.effectiveMs) == [leftMs + 7 * msPerDay + minuteMs])
      }
    }
  }

  @Test("A customer whose cell the rules no longer have moves at once, even back to the cell that it left")
  func retired() throws {
    let ruled = Ruled()
    _ = ruled.apply(.purchase(500, at: startMs))
    let leftMs = startMs + 11 * msPerDay
    #expect(ruled.sweep(leftMs).map(\.to) == ["s5"])
    let ranges: [(String, ClosedRange<Int>)] = [("A", 1...1), ("B", 2...2), ("C", 3...3), ("D", 4...5)]
    let table = try RuleTable(ranges.map { RuleTable.Line(name: $0.0, r: $0.1, f: 1...5, m: 1...5) })
    ruled.segmenter.adopt(.rules(generation: 2, version: 2, table: table))
    let changes = ruled.sweep(leftMs + msPerDay)
    #expect(changes.map(\.to) == ["s4"] && changes.map(\.reason) == ["model_changed"])
  }

  @Test("A model of clusters is not adopted by a segmenter of rules, nor the other way round")
  func kinds() {
    let ruled = Ruled()
    ruled.segmenter.adopt(.plain(generation: 9, version: 9, [.recency], [(1, "Low", [0]), (2, "High", [1])]))
    #expect(ruled.segmenter.model?.kind == .rules)
    var settings = SegmentationSettings()
    settings.features = [WeightedFeature(.recency)]
    let clustered = Segmenter(
      settings: settings, changes: ChangeSettings(shape: .binary, source: "/t", causeTopic: "t"), partitions: [0])
    clustered.adopt(.rules())
    #expect(clustered.model == nil)
  }

  @Test("Over random days everybody's segment is the name of the cell by the scores, asked slowly")
  func randomDays() throws {
    var settings = SegmentationSettings()
    settings.kind = .rules
    settings.returnMs = 0
    var days = Days(seed: 8, customers: 300, settings: settings)
    var changes: [String: SeenChange] = [:]
    for day in 0..<60 {
      for change in days.applyDay().changes + days.sweepDay() {
        changes[String(decoding: change.key, as: UTF8.self)] = change
      }
      days.train()
      guard let model = days.segmenter.model else { continue }
      #expect(model.kind == .rules && model.generation == 1, "day \(day)")
      for change in days.sweepDay() { changes[String(decoding: change.key, as: UTF8.self)] = change }
      days.segmenter.forEachCustomer(of: 0, clockMs: days.traffic.clockMs) { customer in
        guard let purchases = customer.purchases else { return }
        let scores = model.cuts.scores(
          recencyMs: purchases.recencyMs, orders: Int32(customer.orders),
          netMinor: customer.grossMinor - customer.refundedMinor)
        #expect(customer.segmentName == scores.cell.rawValue && purchases.scores?.cell == scores.cell.rawValue)
      }
    }
    #expect(changes.count > 200 && (days.segmenter.model?.version ?? 0) == 1)
  }
}
