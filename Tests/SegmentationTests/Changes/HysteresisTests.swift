import Glibc
import Testing

@testable import Segmentation

private let startMs: Int64 = 1_767_225_600_000
private let minuteMs: Int64 = 60_000

/// A segmenter of one partition whose customers lie on a line between segments.
private struct Line {
  let segmenter: Segmenter

  init(_ feature: Feature, dwellMs: Int64 = 0, margin: Double = 0.2) {
    var settings = SegmentationSettings()
    settings.k = 2
    settings.features = [WeightedFeature(feature)]
    settings.dwellMs = dwellMs
    settings.margin = margin
    segmenter = Segmenter(
      settings: settings, changes: ChangeSettings(shape: .binary, source: "/test", causeTopic: "test"),
      partitions: [0])
    segmenter.adopt(.plain([feature], [(1, "Low", [0]), (2, "High", [1])]))
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

/// The ms of recency at which 0.5 · log1p(days / 30) is `z`.
private func recencyMs(_ z: Double) -> Double { 30 * Double(msPerDay) * (exp(2 * z) - 1) }

@Suite("Hysteresis")
struct HysteresisTests {
  @Test("A silent customer moves when the margin of 20 % is reached, effective in the minute in which it was")
  func elapsed() {
    for margin in [0, 0.2, 0.5] {
      let line = Line(.recency, margin: margin)
      #expect(line.apply(.purchase(100, at: startMs)).map(\.reason) == ["first_seen"])
      // |z − 1| = (1 − margin) · z.
      let crossesMs = startMs + Int64(recencyMs(1 / (2 - margin)).rounded(.up))
      let before = (crossesMs - startMs) / msPerDay * msPerDay + startMs - msPerDay
      for clockMs in stride(from: startMs, through: before, by: Int(msPerDay)) {
        #expect(line.sweep(clockMs).isEmpty, "margin \(margin)")
      }
      let laterMs = crossesMs + 3 * msPerDay + 12_345
      let changes = line.sweep(laterMs)
      #expect(changes.map(\.reason) == ["elapsed"] && changes.map(\.from) == ["s1"] && changes.map(\.to) == ["s2"])
      let minute = (crossesMs + minuteMs - 1) / minuteMs * minuteMs
      #expect(changes.map(\.effectiveMs) == [minute] && changes.map(\.evaluatedMs) == [laterMs], "margin \(margin)")
      #expect(changes.allSatisfy { $0.type == "segmenter.customer.moved.v1" && $0.causeOffset == nil })
      #expect(line.sweep(laterMs + msPerDay).isEmpty)
    }
  }

  @Test("A crossing within the last minute before a sweep is effective at the sweep's clock, not behind it")
  func crossingInTheLastMinute() {
    let line = Line(.recency)
    _ = line.apply(.purchase(100, at: startMs))
    let crossesMs = startMs + Int64(recencyMs(1 / 1.8).rounded(.up)) + 1
    #expect(line.sweep(crossesMs - 10).isEmpty)
    #expect(line.sweep(crossesMs).map(\.effectiveMs) == [crossesMs])
  }

  @Test("Going back within 7 days needs 30 %, and 20 % when they are over")
  func goingBack() {
    let line = Line(.refundShare)
    _ = line.apply(.purchase(1000, at: startMs))
    #expect(line.apply(.refund(550, at: startMs)).isEmpty, "0.55 is not nearer to 1 by 20 %")
    let left = line.apply(.refund(50, at: startMs + 1000))
    #expect(left.map(\.reason) == ["refund"] && left.map(\.to) == ["s2"])
    // 0.4286: nearer to 0 by 25 %.
    #expect(line.apply(.purchase(400, at: startMs + 2000)).isEmpty)
    let endMs = startMs + 1000 + 7 * msPerDay
    #expect(line.sweep(endMs - 5000).isEmpty)
    #expect(line.sweep(endMs).isEmpty, "7 days are not over")
    let back = line.sweep(endMs + 10 * minuteMs)
    #expect(back.map(\.reason) == ["elapsed"] && back.map(\.to) == ["s1"])
    #expect(back.map(\.effectiveMs) == [(endMs / minuteMs + 1) * minuteMs])
    // 0.4: nearer to 0 by 33 %, so it goes back at once.
    let other = Line(.refundShare)
    for record in [TestRecord.purchase(1000, at: startMs), .refund(600, at: startMs)] { _ = other.apply(record) }
    let returned = other.apply(.purchase(500, at: startMs + 2000))
    #expect(returned.map(\.reason) == ["purchase"] && returned.map(\.to) == ["s1"] && returned.map(\.number) == [3])
  }

  @Test("A move to a third segment within 7 days needs 20 %: it is not a return")
  func thirdSegment() {
    let line = Line(.refundShare)
    line.segmenter.adopt(
      .plain(version: 2, [.refundShare], [(1, "Low", [0]), (2, "High", [1]), (3, "Middle", [0.4])]))
    for record in [TestRecord.purchase(1000, at: startMs), .refund(900, at: startMs)] { _ = line.apply(record) }
    // 0.6716: 0.3284 from 1, 0.2716 from 0.4, 17.3 % nearer; 0.6667: 20 %, exactly in decimals, 0.66 surely.
    #expect(line.apply(.purchase(340, at: startMs)).isEmpty)
    #expect(line.apply(.purchase(24, at: startMs)).map(\.to) == ["s3"])
  }

  @Test("A customer whose segment was retired moves at once, as reassigned, from the segment it was in")
  func retired() {
    for dwellMs in [0, msPerDay] {
      let line = Line(.refundShare, dwellMs: dwellMs)
      for record in [TestRecord.purchase(1000, at: startMs), .refund(490, at: startMs)] { _ = line.apply(record) }
      line.segmenter.adopt(
        .plain(
          generation: 2, version: 2, [.refundShare], [(3, "New low", [0]), (4, "New high", [1])],
          retired: [.init(number: 1, name: "Low"), .init(number: 2, name: "High")]))
      let changes = line.sweep(startMs + 5)
      #expect(changes.map(\.from) == ["s1"] && changes.map(\.to) == ["s3"])
      #expect(changes.map(\.reason) == ["model_changed"])
      #expect(changes.map(\.type) == ["segmenter.customer.reassigned.v1"])
      #expect(changes.map(\.effectiveMs) == [startMs + 5])
      #expect(changes.allSatisfy { $0.previousDistance == nil && $0.margin == nil })
      #expect(changes.allSatisfy { $0.text.contains(#""from":{"id":"s1","name":"Low"}"#) })
    }
  }

  @Test("A model that moves the border past a customer reassigns it at the clock of the sweep")
  func modelChanged() {
    let line = Line(.refundShare)
    for record in [TestRecord.purchase(1000, at: startMs), .refund(500, at: startMs)] { _ = line.apply(record) }
    line.segmenter.adopt(.plain(version: 2, [.refundShare], [(1, "Low", [0]), (2, "High", [0.6])]))
    let changes = line.sweep(startMs + 77_000)
    #expect(changes.map(\.reason) == ["model_changed"] && changes.map(\.effectiveMs) == [startMs + 77_000])
    #expect(changes.map(\.type) == ["segmenter.customer.reassigned.v1"])
  }

  @Test("Where the model would have moved a customer at its last evaluation, even elsewhere, the model is the reason")
  func modelChangedThenTime() {
    let line = Line(.recency)
    _ = line.apply(.purchase(100, at: startMs))
    let lastMs = startMs + Int64(recencyMs(0.3))
    #expect(line.sweep(lastMs).isEmpty)
    line.segmenter.adopt(.plain(version: 2, [.recency], [(1, "Low", [-1]), (2, "High", [0.9]), (3, "Middle", [0.3])]))
    // At the last evaluation the new model would have said s3; now it says s2.
    let clockMs = startMs + Int64(recencyMs(0.85))
    let changes = line.sweep(clockMs)
    #expect(changes.map(\.to) == ["s2"] && changes.map(\.reason) == ["model_changed"])
    #expect(changes.map(\.effectiveMs) == [clockMs])
  }

  @Test("Nobody moves between centroids that are equally far", arguments: [0, 0.2])
  func ties(margin: Double) {
    let line = Line(.refundShare, margin: margin)
    for record in [TestRecord.purchase(1000, at: startMs), .refund(900, at: startMs)] { _ = line.apply(record) }
    line.segmenter.adopt(.plain(version: 2, [.refundShare], [(1, "Low", [0.9]), (2, "High", [0.9])]))
    #expect(line.sweep(startMs + 1).isEmpty)
    line.segmenter.adopt(.plain(version: 3, [.refundShare], [(1, "Low", [0.4]), (2, "High", [1.4])]))
    #expect(line.sweep(startMs + 2).isEmpty)
  }
}
