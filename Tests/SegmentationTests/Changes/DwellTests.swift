import Testing

@testable import Segmentation

private let startMs: Int64 = 1_767_225_600_000
private let dwellMs = 2 * msPerDay

private func makeSegmenter() -> Segmenter {
  var settings = SegmentationSettings()
  settings.k = 2
  settings.features = [WeightedFeature(.refundShare)]
  settings.dwellMs = dwellMs
  settings.returnMs = 0
  let segmenter = Segmenter(
    settings: settings, changes: ChangeSettings(shape: .binary, source: "/test", causeTopic: "test"), partitions: [0])
  segmenter.adopt(.plain([.refundShare], [(1, "Low", [0]), (2, "High", [1])]))
  segmenter.apply([.purchase(1000, at: startMs)])
  segmenter.removeChanges()
  return segmenter
}

extension Segmenter {
  fileprivate func sweepOnce(_ clockMs: Int64) -> [SeenChange] {
    sweep(0, rows: .max, clockMs: clockMs, origin: .live)
    return takeChanges()
  }
}

@Suite("Dwell")
struct DwellTests {
  @Test("With a dwell a customer moves when the condition has held so long, effective at that time")
  func holds() {
    let segmenter = makeSegmenter()
    segmenter.apply([.refund(900, at: startMs + 1000)])
    #expect(segmenter.takeChanges().isEmpty)
    #expect(segmenter.sweepOnce(startMs + 1000 + dwellMs - 1).isEmpty)
    let changes = segmenter.sweepOnce(startMs + dwellMs + 5000)
    #expect(changes.map(\.to) == ["s2"] && changes.map(\.reason) == ["elapsed"])
    #expect(changes.map(\.effectiveMs) == [startMs + 1000 + dwellMs])
  }

  @Test("A condition that ceased in between begins its dwell anew")
  func ceases() {
    let segmenter = makeSegmenter()
    segmenter.apply([.refund(900, at: startMs)])
    segmenter.apply([.purchase(9000, at: startMs + msPerDay)])
    segmenter.apply([.refund(8000, at: startMs + 2 * msPerDay)])
    #expect(segmenter.sweepOnce(startMs + dwellMs + msPerDay).isEmpty)
    #expect(segmenter.sweepOnce(startMs + 2 * msPerDay + dwellMs).map(\.to) == ["s2"])
  }

  @Test("A dwell begun towards a segment does not count towards another that a new generation put in its place")
  func newGeneration() {
    let segmenter = makeSegmenter()
    segmenter.apply([.refund(900, at: startMs)])
    // s1 stays; the place of s2 is taken by s3.
    segmenter.adopt(
      .plain(generation: 2, version: 2, [.refundShare], [(1, "Low", [0]), (3, "Higher", [0.95])]))
    #expect(segmenter.sweepOnce(startMs + dwellMs).isEmpty)
    let changes = segmenter.sweepOnce(startMs + 3 * dwellMs)
    #expect(changes.map(\.to) == ["s3"])
  }

  @Test("A dwell begun before a retired segment was left does not count afterwards")
  func retired() {
    let segmenter = makeSegmenter()
    segmenter.apply([.refund(900, at: startMs)])
    // The customer's own segment is retired, and it goes at once to a new one; s2 is now far away.
    segmenter.adopt(
      .plain(generation: 2, version: 2, [.refundShare], [(2, "High", [3]), (3, "Middle", [0.9])]))
    #expect(segmenter.sweepOnce(startMs + 1).map(\.to) == ["s3"])
    segmenter.adopt(
      .plain(generation: 2, version: 3, [.refundShare], [(2, "High", [0.9]), (3, "Middle", [0])]))
    #expect(segmenter.sweepOnce(startMs + dwellMs + 1).isEmpty, "the dwell begins now")
  }
}
