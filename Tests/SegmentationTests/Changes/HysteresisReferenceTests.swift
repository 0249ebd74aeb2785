import Testing

@testable import Segmentation

private let minuteMs: Int64 = 60_000

/// One customer by the rules of hysteresis, as slowly and plainly as they are written. Its only feature is the refunded
/// share, so that nothing but the end of a return's time changes between two records.
private struct SlowCustomer {
  let dwellMs: Int64
  var gross: Int64 = 0
  var refunded: Int64 = 0
  var segment: Int?
  var left: (segment: Int, ms: Int64)?
  var candidate: (segment: Int, ms: Int64)?
  var evaluatedMs: Int64 = 0

  private func squared(_ centroid: Double) -> Double {
    let share = min(1, Double(refunded) / Double(gross))
    return (share - centroid) * (share - centroid)
  }

  private func nearest(_ model: [Int: Double]) -> Int? {
    model.min { (squared($0.value), $0.key) < (squared($1.value), $1.key) }?.key
  }

  /// Where the customer would go at a time; `nil` where it stays.
  private func goal(_ model: [Int: Double], atMs: Int64) -> Int? {
    guard let segment, let own = model[segment], let goal = nearest(model), goal != segment, let centroid = model[goal]
    else { return nil }
    let isReturn = left.map { $0.segment == goal && atMs - $0.ms <= 7 * msPerDay } ?? false
    let kept = isReturn ? 0.7 : 0.8
    return squared(centroid) < squared(own) && squared(centroid) <= kept * kept * squared(own) ? goal : nil
  }

  /// Since when it would have gone to `goal`, within the time since the last evaluation.
  private func since(_ goal: Int, _ model: [Int: Double], clockMs: Int64, isSweep: Bool) -> Int64 {
    guard isSweep, self.goal(model, atMs: evaluatedMs) != goal, let left else { return clockMs }
    // Nothing but the return's time can have ended: the first whole minute behind it.
    return min((left.ms + 7 * msPerDay) / minuteMs * minuteMs + minuteMs, clockMs)
  }

  /// Evaluates; the segment that the customer is moved to.
  mutating func evaluate(_ model: [Int: Double], clockMs: Int64, isSweep: Bool) -> Int? {
    defer { evaluatedMs = clockMs }
    guard let segment, model[segment] != nil else { return move(to: nearest(model), clockMs) }
    guard let goal = goal(model, atMs: clockMs) else {
      candidate = nil
      return nil
    }
    if candidate?.segment != goal || dwellMs == 0 {
      candidate = (goal, since(goal, model, clockMs: clockMs, isSweep: isSweep))
    }
    guard let held = candidate, clockMs - held.ms >= dwellMs else { return nil }
    return move(to: goal, clockMs)
  }

  private mutating func move(to goal: Int?, _ clockMs: Int64) -> Int? {
    if let segment { left = (segment, clockMs) }
    (segment, candidate) = (goal, nil)
    return goal
  }
}

@Suite("Hysteresis beside a slow reference")
struct HysteresisReferenceTests {
  @Test("Margin, return, dwell and retirement decide as the rules say, in any order", arguments: [0, 1, 3, 8])
  func decisions(dwellDays: Int64) {
    var (moves, returns, stays) = (0, 0, 0)
    for seed in UInt64(1)...40 {
      var random = SplitMix64(seed: seed)
      var settings = SegmentationSettings()
      settings.k = 2
      settings.features = [WeightedFeature(.refundShare)]
      settings.dwellMs = dwellDays * msPerDay
      let segmenter = Segmenter(
        settings: settings, changes: ChangeSettings(shape: .binary, source: "/t", causeTopic: "t"), partitions: [0])
      var slow = SlowCustomer(dwellMs: settings.dwellMs)
      var model: [Int: Double] = [1: 0.1, 2: 0.6, 3: 0.9]
      var (version, generation, last) = (1, 1, 3)
      var retired: [Model.RetiredSegment] = []
      var clockMs = Traffic.startMs
      func adopt() {
        segmenter.adopt(
          .plain(
            generation: generation, version: version, [.refundShare],
            model.keys.sorted().map { ($0, "Segment \($0)", [model[$0] ?? 0]) }, retired: retired))
      }
      adopt()
      for step in 0..<150 {
        clockMs += Int64(random.next(below: 2 * Int(msPerDay)))
        let before = slow.segment
        let leftBefore = slow.left?.segment
        let expected: Int?
        switch step == 0 ? 0 : random.next(below: 12) {
        case 0...4:
          let isRefund = step > 0 && random.chance(0.5)
          let minor = Int64(1 + random.next(below: 1 + Int(isRefund ? slow.gross : slow.gross + 1000)))
          if isRefund { slow.refunded += minor } else { slow.gross += minor }
          segmenter.apply([isRefund ? .refund(minor, at: clockMs) : .purchase(minor, at: clockMs)])
          expected = slow.evaluate(model, clockMs: clockMs, isSweep: false)
        case 5:
          version += 1
          let chosen = random.pick(model.keys.sorted())
          if random.chance(0.3) {
            // A new generation in which another segment takes the place of one.
            (generation, last) = (generation + 1, last + 1)
            retired.append(.init(number: chosen, name: "Segment \(chosen)"))
            model[chosen] = nil
            model[last] = random.uniform()
          } else {
            model[chosen] = (model[chosen] ?? 0) + 0.2 * (random.uniform() - 0.5)
          }
          adopt()
          fallthrough
        default:
          segmenter.sweep(0, rows: .max, clockMs: clockMs, origin: .live)
          expected = slow.evaluate(model, clockMs: clockMs, isSweep: true)
        }
        let changes = segmenter.takeChanges()
        #expect(
          changes.map(\.to) == (expected.map { ["s\($0)"] } ?? []), "seed \(seed), step \(step), dwell \(dwellDays)")
        #expect(changes.allSatisfy { $0.from == before.map { "s\($0)" } })
        moves += expected == nil ? 0 : 1
        returns += expected != nil && expected == leftBefore ? 1 : 0
        stays += expected == nil ? 1 : 0
      }
    }
    #expect(moves > 100 && returns > 5 && stays > 100, "\(moves) moves, \(returns) returns, \(stays) stays")
  }
}
