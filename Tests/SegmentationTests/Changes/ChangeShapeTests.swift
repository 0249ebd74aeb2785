import Foundation
import Testing

@testable import Segmentation

private let startMs: Int64 = 1_767_225_600_000

private let dataMembers = [
  "customer_id", "sequence", "from", "from.id", "from.name", "to", "to.id", "to.name", "reason", "effective_at",
  "evaluated_at", "model", "model.generation", "model.version", "features", "distance", "previous_distance",
  "margin", "rfm", "rfm.recency_days", "rfm.frequency", "rfm.monetary", "rfm.average_order", "rfm.currency",
  "rfm.decayed_frequency", "rfm.decayed_monetary", "rfm.score", "rfm.cell", "cause", "cause.topic",
  "cause.partition", "cause.offset", "origin",
]

/// The members of a change, without those of what is null.
private func expectedMembers(_ change: SeenChange) -> [String] {
  dataMembers.filter { path in
    !(path.hasPrefix("from.") && change.from == nil) && !(path.hasPrefix("cause.") && change.causeOffset == nil)
  }
}

private func makeSegmenter(
  _ shape: ChangeSettings.Shape, currency: Currency = Currency(code: nil), causePartition: Int32? = nil
) -> Segmenter {
  var settings = SegmentationSettings()
  settings.k = 2
  settings.features = [WeightedFeature(.refundShare)]
  settings.currency = currency
  return Segmenter(
    settings: settings,
    changes: ChangeSettings(
      shape: shape, source: "/test \"source\"", causeTopic: "a\\topic", causePartition: causePartition),
    partitions: [0, 3])
}

private let lineModel = Model.plain([.refundShare], [(1, "Low \"ones\"", [0]), (2, "Höch\n", [1])])

@Suite("Shape of changes")
struct ChangeShapeTests {
  @Test("Every change is JSON with exactly the documented members in their order, and both modes say the same")
  func members() {
    var settings = SegmentationSettings()
    settings.k = 3
    var binary = Days(seed: 9, customers: 60, settings: settings, shape: .binary)
    var structured = Days(seed: 9, customers: 60, settings: settings, shape: .structured)
    let attributes = ["specversion", "source", "id", "subject", "time", "type", "datacontenttype", "data"]
    var count = 0
    for day in 0..<70 {
      let values = binary.applyDay().changes + binary.sweepDay()
      let lines = structured.applyDay().changes + structured.sweepDay()
      #expect(values.count == lines.count)
      for (value, line) in zip(values, lines) {
        let members = expectedMembers(value)
        #expect(memberPaths(value.value ?? []) == members, "\(value.text)")
        #expect(memberPaths(line.value ?? []) == attributes + members.map { "data.\($0)" }, "\(line.text)")
        #expect(line.text.hasSuffix(",\"data\":\(value.text)}\n") && !line.text.dropLast().contains("\n"))
        #expect(value.id == line.id && value.time == line.time && value.type == line.type && value.key == line.key)
        #expect(line.envelope["specversion"] as? String == "1.0" && line.envelope["source"] as? String == "/test")
        #expect(line.envelope["datacontenttype"] as? String == "application/json")
        count += 1
      }
      if day > 5 {
        binary.train(fits: day == 12 || day == 40)
        structured.train(fits: day == 12 || day == 40)
      }
    }
    #expect(count > 100)
  }

  @Test("Any customer id comes through as it is, in both modes", arguments: [ChangeSettings.Shape.binary, .structured])
  func ids(shape: ChangeSettings.Shape) {
    var ids = ["a\"b", "a\\b", "\u{1}\u{1f}\t\r\n\u{8}\u{c}", "\0", "äöü€😀\u{2028}\u{7f}", "/", "\\u0041", "{\"a\":1}"]
    ids.append(String(repeating: "\u{1}", count: 256))
    ids.append(String(repeating: "é", count: 128))
    let segmenter = makeSegmenter(shape)
    segmenter.adopt(lineModel)
    segmenter.apply(ids.map { .purchase(100, by: $0, at: startMs) })
    let changes = segmenter.takeChanges(shape)
    #expect(changes.map { $0.data["customer_id"] as? String } == ids.map { $0 })
    #expect(changes.map { String(decoding: $0.key, as: UTF8.self) } == ids)
  }

  @Test("The evidence is the customer's state in words: money, counts, cause, birth and origin")
  func evidence() {
    for origin in [ChangeOrigin.live, .backlog, .replay] {
      let segmenter = makeSegmenter(.binary, currency: Currency(code: "JPY", digits: 0), causePartition: 7)
      segmenter.adopt(lineModel)
      var first = TestRecord.purchase(12_345, by: "c", at: startMs)
      (first.offset, first.partition) = (991, 3)
      var second = TestRecord.refund(12_000, by: "c", at: startMs + 5)
      (second.offset, second.partition, second.clockMs) = (1000, 3, startMs + 2 * msPerDay)
      segmenter.apply([first, second], origin: origin)
      let changes = segmenter.takeChanges()
      #expect(changes.map(\.id) == ["7-991-1", "7-991-2"] && changes.map(\.partition) == [3, 3])
      #expect(changes.map { ($0.data["cause"] as? [String: Any])?["topic"] as? String } == ["a\\topic", "a\\topic"])
      #expect(changes.map { ($0.data["cause"] as? [String: Any])?["partition"] as? Int } == [7, 7])
      #expect(changes.map(\.causeOffset) == [991, 1000])
      #expect(changes.allSatisfy { $0.data["origin"] as? String == origin.rawValue })
      let names = changes.map { ($0.data["to"] as? [String: Any])?["name"] as? String }
      #expect(names == ["Low \"ones\"", "Höch\n"])
      let weight = Decay(halfLifeMs: 90 * Double(msPerDay)).weight(2 * msPerDay)
      let rfm = changes[1].data["rfm"] as? [String: Any] ?? [:]
      #expect(rfm["recency_days"] as? Double == 2 && rfm["frequency"] as? Int == 1)
      #expect(rfm["monetary"] as? String == "345" && rfm["average_order"] as? String == "345")
      #expect(rfm["currency"] as? String == "JPY" && rfm["score"] as? String == "512")
      #expect(rfm["decayed_monetary"] as? String == "\(Int((345 * weight).rounded()))")
      #expect(abs((rfm["decayed_frequency"] as? Double ?? 0) - weight) < 1e-6)
      #expect(rfm["cell"] as? String == Scores(r: 5, f: 1, m: 2).cell.rawValue)
    }
  }

  @Test("Money of 0, 2 and 3 digits has all of them")
  func digits() {
    for (digits, net) in [(0, "-1205"), (2, "-12.05"), (3, "-1.205")] {
      let segmenter = makeSegmenter(.binary, currency: Currency(code: "XXX", digits: digits))
      segmenter.apply([.purchase(100, at: startMs), .refund(1305, at: startMs)])
      segmenter.adopt(lineModel)
      segmenter.sweep(0, rows: 1, clockMs: startMs, origin: .live)
      let rfm = segmenter.takeChanges().first?.data["rfm"] as? [String: Any]
      #expect(rfm?["monetary"] as? String == net && rfm?["average_order"] as? String == net)
    }
  }
}

@Suite("Erasure")
struct ErasureTests {
  @Test("Erasing a customer of whom something was published is its key without a value, and frees its row")
  func published() {
    let segmenter = makeSegmenter(.binary)
    segmenter.adopt(lineModel)
    segmenter.apply([.purchase(100, by: "a", at: startMs), .purchase(100, by: "b", at: startMs)])
    segmenter.sweep(0, rows: 2, clockMs: startMs, origin: .live)
    segmenter.removeChanges()
    segmenter.apply([.erasure("a", at: startMs + 9)])
    let changes = segmenter.takeChanges()
    #expect(changes.count == 1 && changes[0].value == nil && changes[0].key == Array("a".utf8))
    #expect(changes[0].id == "0-0-2" && changes[0].row == 0 && readMs(changes[0].time) == startMs + 9)
    #expect(segmenter.customers == 1 && segmenter.buyers == 1 && segmenter.counters.erased == 1)
    #expect(segmenter.statistics()?.counts == [1, 0], "what it contributed is taken away")
    segmenter.sweep(0, rows: 2, clockMs: startMs, origin: .live)
    #expect(segmenter.statistics()?.counts == [1, 0])
    // Its next life begins as if it had never been there, in the free row.
    var reborn = TestRecord.purchase(100, by: "a", at: startMs + 20)
    reborn.offset = 55
    segmenter.apply([reborn])
    let next = segmenter.takeChanges()
    #expect(next.map(\.id) == ["0-55-1"] && next.map(\.reason) == ["first_seen"] && next.map(\.row) == [0])
    #expect(segmenter.rowCount(of: 0) == 2)
  }

  @Test("Erasing a customer of whom nothing was published, or a stranger, publishes nothing")
  func unpublished() {
    let segmenter = makeSegmenter(.binary)
    segmenter.apply([.purchase(100, by: "a", at: startMs), .refund(5, by: "b", at: startMs)])
    segmenter.adopt(lineModel)
    segmenter.apply([.erasure("a", at: startMs), .erasure("b", at: startMs), .erasure("stranger", at: startMs)])
    #expect(segmenter.changeCount == 0 && segmenter.customers == 0 && segmenter.buyers == 0)
    #expect(segmenter.counters.erased == 2 && segmenter.counters.applied == 5)
    segmenter.sweep(0, rows: 5, clockMs: startMs, origin: .live)
    #expect(segmenter.changeCount == 0)
  }

  @Test("A customer without a purchase has no segment, and gets one with its first purchase")
  func refundFirst() {
    let segmenter = makeSegmenter(.binary)
    segmenter.adopt(lineModel)
    segmenter.apply([.refund(5, by: "b", at: startMs)])
    segmenter.sweep(0, rows: 5, clockMs: startMs, origin: .live)
    #expect(segmenter.changeCount == 0 && segmenter.customers == 1 && segmenter.buyers == 0)
    segmenter.apply([.purchase(500, by: "b", at: startMs)])
    #expect(segmenter.takeChanges().map(\.reason) == ["first_seen"])
  }
}
