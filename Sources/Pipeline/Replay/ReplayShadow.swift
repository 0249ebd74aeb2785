import Segmentation

/// Replays the same files under two configurations, and compares where the customers end and what was published.
package struct ReplayShadow {
  /// What is left of a replay.
  private struct Outcome {
    let summary: ReplaySummary
    let model: Model?
    /// The number of each customer's segment, 0 for none; of those with a purchase.
    let segments: [String: Int]
  }

  private let paths: [String]
  private let present: ReplayOptions
  private let proposed: ReplayOptions

  /// Makes a comparison of the options now with others; the files are read twice.
  package init(paths: [String], present: ReplayOptions, proposed: ReplayOptions) {
    (self.paths, self.present, self.proposed) = (paths, present, proposed)
  }

  /// Runs both. Throws as a replay does.
  package func run() throws -> ShadowReport {
    let (before, after) = (try replay(present), try replay(proposed))
    let numbers = Self.matched(before, after)
    var tally = ShadowTally()
    for (id, segment) in after.segments { tally.count(from: before.segments[id] ?? 0, to: numbers[segment] ?? 0) }
    var model = after.model
    model?.retired = []
    for index in model?.segments.indices ?? 0..<0 {
      if let number = model?.segments[index].number { model?.segments[index].number = numbers[number] ?? 0 }
    }
    return ShadowReport(
      group: nil, source: "files", clockMs: after.summary.clockMs, presentModel: before.model?.recordKey,
      proposedModel: after.model?.recordKey, isFitted: false, notes: [], customers: tally.customers,
      unpublished: tally.unpublished, moved: tally.moved, due: nil, moves: tally.moves,
      segments: tally.segments(present: before.model, proposed: model), nextDayBefore: nil, nextDayAfter: nil,
      followed: ShadowReport.Followed(
        seconds: nil, records: after.summary.recordsRead, published: before.summary.changes,
        proposed: after.summary.changes))
  }

  private func replay(_ options: ReplayOptions) throws -> Outcome {
    let reader = try FileReader(
      paths: paths, format: options.map.format, limits: options.limits, wallClockMs: options.wallClockMs)
    let replay = try Replay(options, outputs: Replay.Outputs())
    try replay.run(reader)
    var segments: [String: Int] = [:]
    replay.forEachCustomer { customer in
      if customer.purchases != nil { segments[String(decoding: customer.id, as: UTF8.self)] = customer.segment }
    }
    return Outcome(summary: replay.summary(seconds: 0), model: replay.model, segments: segments)
  }

  /// The number by which each segment of `after` goes in the report: that of the segment of `before` with which it
  /// shares the most customers (Hungarian method), or one that no segment has.
  private static func matched(_ before: Outcome, _ after: Outcome) -> [Int: Int] {
    guard let old = before.model?.segments.map(\.number), let new = after.model?.segments.map(\.number) else {
      return [:]
    }
    var shared: [Int: [Int: Int]] = [:]
    for (id, segment) in after.segments { shared[segment, default: [:]][before.segments[id] ?? 0, default: 0] += 1 }
    // Columns that stand for "none" make room for segments that are new.
    let cost = new.map { segment in
      old.map { -Double(shared[segment]?[$0] ?? 0) } + new.map { _ in 0.0 }
    }
    var numbers: [Int: Int] = [:]
    var next = before.model?.lastSegmentNumber ?? 0
    for (row, column) in leastCostAssignment(cost).enumerated() {
      if column < old.count && cost[row][column] < 0 {
        numbers[new[row]] = old[column]
      } else {
        next += 1
        numbers[new[row]] = next
      }
    }
    return numbers
  }
}
