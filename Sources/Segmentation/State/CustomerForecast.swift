/// Where a customer goes who neither buys nor refunds any more, under the present model.
package enum SilentForecast: Sendable, Equatable {
  /// It moves to a segment, by number, at a time: in ms since 1970, to the minute.
  case moves(to: Int, atMs: Int64)
  /// It stays in its segment up to a time at least, ms since 1970.
  case stays(untilMs: Int64)
}

/// How far a customer is from a segment.
package struct SegmentDistance: Sendable, Equatable {
  /// The segment's number.
  package var segment: Int
  /// Its name.
  package var name: String
  /// In the model's scaled space.
  package var distance: Double
}

/// Where a customer stands between the segments at a clock.
package struct CustomerStanding: Sendable, Equatable {
  /// The distances to all segments, the nearest first; none with rules.
  package var distances: [SegmentDistance]
  /// The distance to the customer's own segment; `nil` without one, or where the model no longer has it.
  package var own: SegmentDistance?
  /// The nearest segment that is not its own.
  package var next: SegmentDistance?
  /// 1 − the distance to `next` / the distance to its own; below 0 where its own is nearer.
  package var margin: Double?
  /// The margin that a move to `next` takes at the clock.
  package var marginNeeded: Double
  /// When and where it goes if it stays silent.
  package var forecast: SilentForecast
}

extension Segmenter {
  /// Where the one customer of a segmenter stands; `nil` without a model, or without a purchase.
  ///
  /// The customer's silence is simulated up to `horizonMs` after the clock.
  package func standing(clockMs: Int64, horizonMs: Int64) -> CustomerStanding? {
    core.standing(clockMs: clockMs, horizonMs: horizonMs)
  }
}

extension Core {
  /// The simulation looks once an hour, as a slow sweep would; a crossing is then found to the minute.
  private static let stepMs: Int64 = 3_600_000

  fileprivate func standing(clockMs: Int64, horizonMs: Int64) -> CustomerStanding? {
    guard let tables, partitions[0].table.rowCount == 1 else { return nil }
    let row = partitions[0].table.row(0)
    guard row.pointee.hasPurchase else { return nil }
    let model = tables.pointee.model
    let z = tables.pointee.scaled(features.raw(row, clockMs: clockMs))
    let distances = (tables.pointee.isRules ? 0..<0 : model.segments.indices).map { cluster in
      let segment = model.segments[cluster]
      let squared = tables.pointee.nearest(z, current: cluster).currentSquared
      return SegmentDistance(segment: segment.number, name: segment.name, distance: squared.squareRoot())
    }.sorted { ($0.distance, $0.segment) < ($1.distance, $1.segment) }
    let own = distances.first { $0.segment == Int(row.pointee.since.tag) }
    let next = distances.first { $0.segment != own?.segment }
    let margin = own.flatMap { own in next.map { own.distance > 0 ? 1 - $0.distance / own.distance : -.infinity } }
    return CustomerStanding(
      distances: distances, own: own, next: next, margin: margin.flatMap { $0.isFinite ? $0 : nil },
      marginNeeded: marginNeeded(row, to: next?.segment ?? 0, clockMs: clockMs),
      forecast: forecast(row, clockMs: clockMs, untilMs: clockMs + horizonMs, tables: tables))
  }

  /// Walks a silent customer forward by the rules of `considerMove`.
  private func forecast(
    _ row: UnsafeMutablePointer<CustomerRow>, clockMs: Int64, untilMs: Int64, tables: UnsafePointer<ModelTables>
  ) -> SilentForecast {
    func number(_ cluster: Int) -> Int { tables.pointee.model.segments[cluster].number }
    let current = tables.pointee.cluster(ofSegment: row.pointee.since.tag)
    if current < 0 {
      return .moves(to: number(bestCluster(row, clockMs: clockMs, tables: tables)), atMs: clockMs)
    }
    let dwellMs = layout.hasCandidate ? settings.dwellMs : 0
    var candidate = layout.hasCandidate ? layout.candidate(row).pointee : TaggedNumber()
    var evaluatedMs = row.pointee.evaluated.number
    var nowMs = clockMs
    while nowMs <= untilMs {
      let cluster = target(row, clockMs: nowMs, current: current, tables: tables)
      if cluster < 0 {
        candidate = TaggedNumber()
      } else {
        if Int(candidate.tag) != number(cluster) {
          // What would have moved at the last evaluation, and has not, is news of the model and moves now.
          let wasHeld = target(row, clockMs: evaluatedMs, current: current, tables: tables) == cluster
          let sinceMs =
            wasHeld
            ? nowMs
            : crossing(
              row, fromMs: evaluatedMs, toMs: nowMs, current: current, cluster: cluster, tables: tables)
          candidate = TaggedNumber(sinceMs, tag: UInt16(number(cluster)))
        }
        if nowMs - candidate.number >= dwellMs {
          return .moves(to: number(cluster), atMs: candidate.number + dwellMs)
        }
      }
      evaluatedMs = nowMs
      nowMs += Self.stepMs
    }
    return .stays(untilMs: untilMs)
  }

  /// The margin that a move to a segment takes.
  private func marginNeeded(_ row: UnsafePointer<CustomerRow>, to segment: Int, clockMs: Int64) -> Double {
    if settings.kind == .rules { return 0 }
    let left = row.pointee.left
    let isReturn = left.tag != 0 && Int(left.tag) == segment && clockMs - left.number <= settings.returnMs
    return isReturn ? settings.returnMargin : settings.margin
  }
}
