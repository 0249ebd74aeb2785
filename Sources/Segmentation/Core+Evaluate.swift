/// The record behind an evaluation.
struct Cause {
  var reason: ChangeReason
  var timestampMs: Int64
  var offset: Int64
}

extension Core {
  /// Evaluates a customer with a purchase because of a record: the learner sees customers on the sweep only.
  @inline(__always)
  mutating func evaluate(
    _ row: UnsafeMutablePointer<CustomerRow>, number: Int, partition: UnsafeMutablePointer<Partition>,
    tables: UnsafePointer<ModelTables>, clockMs: Int64, cause: Cause, origin: ChangeOrigin
  ) {
    if tables.pointee.isRules {
      return evaluateByRule(
        row, number: number, partition: partition, tables: tables, clockMs: clockMs, mode: .record, cause: cause,
        origin: origin)
    }
    let z = tables.pointee.scaled(features.raw(row, clockMs: clockMs))
    let segment = row.pointee.since.tag
    let current = segment == 0 ? -1 : tables.pointee.cluster(ofSegment: segment)
    let nearest = tables.pointee.nearest(z, current: current)
    if nearest.cluster != current {
      considerMove(
        row, number: number, partition: partition, tables: tables, clockMs: clockMs, z: z, current: current,
        nearest: nearest, cause: cause, origin: origin)
    } else if layout.hasCandidate {
      layout.candidate(row).pointee = TaggedNumber()
    }
    row.pointee.evaluated.number = clockMs
  }

  /// Evaluates a customer with a purchase on the sweep; learns, counts and publishes as the mode says.
  @inline(__always)
  private mutating func visit(
    _ row: UnsafeMutablePointer<CustomerRow>, number: Int, partition: UnsafeMutablePointer<Partition>,
    tables: UnsafePointer<ModelTables>, clockMs: Int64, mode: SweepMode, origin: ChangeOrigin
  ) {
    if tables.pointee.isRules {
      return evaluateByRule(
        row, number: number, partition: partition, tables: tables, clockMs: clockMs, mode: mode, cause: nil,
        origin: origin)
    }
    let z = tables.pointee.scaled(features.raw(row, clockMs: clockMs))
    let segment = row.pointee.since.tag
    let current = segment == 0 ? -1 : tables.pointee.cluster(ofSegment: segment)
    let nearest = tables.pointee.nearest(z, current: current)
    if mode.learns {
      learn(
        row, z, number: number, cluster: nearest.cluster, squared: nearest.squared, clockMs: clockMs,
        partition: partition, tables: tables)
    }
    guard mode.publishes else { return }
    if nearest.cluster != current {
      considerMove(
        row, number: number, partition: partition, tables: tables, clockMs: clockMs, z: z, current: current,
        nearest: nearest, cause: nil, origin: origin)
      if mode.learns { watchHeld(row, current: current, nearest: nearest, partition: partition, tables: tables) }
    } else if layout.hasCandidate {
      layout.candidate(row).pointee = TaggedNumber()
    }
    row.pointee.evaluated.number = clockMs
  }

  /// Rows are asked for this many visits ahead.
  private static let sweepPrefetchDistance = 6

  /// Visits rows of a partition, going round; learns and publishes as the mode says. Where a log is kept it goes round
  /// without a model too, so that every walk states all rows.
  mutating func sweep(_ index: Int, rows: Int, clockMs: Int64, mode: SweepMode, origin: ChangeOrigin) {
    guard tables != nil || keepsLog else { return }
    let partition = partitions + index
    let rowCount = partition.pointee.table.rowCount
    guard rowCount > 0 else { return }
    let visits = min(rows, rowCount)
    if !mode.learns || !mode.publishes { partition.pointee.watch.isWhole = false }
    for _ in 0..<visits {
      let number = partition.pointee.cursor
      if number &+ Self.sweepPrefetchDistance < rowCount {
        partition.pointee.table.prefetchRow(number: number &+ Self.sweepPrefetchDistance)
      }
      let row = partition.pointee.table.row(number)
      if row.pointee.isInUse {
        note(row, number: number, partition: partition)
        if row.pointee.hasPurchase, let tables {
          visit(
            row, number: number, partition: partition, tables: tables, clockMs: clockMs, mode: mode, origin: origin)
        }
      }
      partition.pointee.cursor = number &+ 1
      if number &+ 1 == rowCount {
        partition.pointee.cursor = 0
        partition.pointee.sweeps += 1
        partition.pointee.watch.endWalk(sweep: partition.pointee.sweeps, rowCount: rowCount)
      }
      if mode.learns && !partition.pointee.warmth.isWarm { warm(partition, endsWalk: number &+ 1 == rowCount) }
    }
    counters.rowsSwept += visits
  }

  /// Moves the warmth on after a visit; the cursor already stands at the next row.
  private func warm(_ partition: UnsafeMutablePointer<Partition>, endsWalk: Bool) {
    if case .behind(let start) = partition.pointee.warmth, endsWalk { partition.pointee.warmth = .ahead(start: start) }
    if case .ahead(let start) = partition.pointee.warmth, partition.pointee.cursor == start {
      partition.pointee.warmth = .warm
    }
  }

  // MARK: Moves

  /// Whether the nearest centroid is nearer by the margin that holds at a clock; rules know no margin.
  func isBeyondMargin(
    _ row: UnsafePointer<CustomerRow>, nearest: (cluster: Int, squared: Double, currentSquared: Double),
    tables: UnsafePointer<ModelTables>, clockMs: Int64
  ) -> Bool {
    if tables.pointee.isRules { return true }
    let left = row.pointee.left
    let isReturn =
      left.tag != 0 && tables.pointee.cluster(ofSegment: left.tag) == nearest.cluster
      && clockMs &- left.number <= settings.returnMs
    let kept = 1 - (isReturn ? settings.returnMargin : settings.margin)
    return nearest.squared < nearest.currentSquared && nearest.squared <= kept * kept * nearest.currentSquared
  }

  /// The cluster that the row, as it is, would move to at a clock under the current model; −1 where it would stay.
  func target(
    _ row: UnsafePointer<CustomerRow>, clockMs: Int64, current: Int, tables: UnsafePointer<ModelTables>
  ) -> Int {
    if tables.pointee.isRules {
      let cluster = tables.pointee.ruleCluster(row, clockMs: clockMs)
      let stays = cluster == current || isHeldFromReturning(row, to: cluster, tables, clockMs: clockMs)
      return stays ? -1 : cluster
    }
    let nearest = tables.pointee.nearest(tables.pointee.scaled(features.raw(row, clockMs: clockMs)), current: current)
    if nearest.cluster == current { return -1 }
    return isBeyondMargin(row, nearest: nearest, tables: tables, clockMs: clockMs) ? nearest.cluster : -1
  }

  /// The first whole minute behind `fromMs` at which the row would move to `cluster`, at most `toMs`.
  func crossing(
    _ row: UnsafePointer<CustomerRow>, fromMs: Int64, toMs: Int64, current: Int, cluster: Int,
    tables: UnsafePointer<ModelTables>
  ) -> Int64 {
    var low = fromMs / 60_000
    var high = (toMs + 59_999) / 60_000
    while high - low > 1 {
      let middle = (low + high) / 2
      if target(row, clockMs: middle * 60_000, current: current, tables: tables) == cluster {
        high = middle
      } else {
        low = middle
      }
    }
    return min(high * 60_000, toMs)
  }

  @inline(never)
  mutating func considerMove(
    _ row: UnsafeMutablePointer<CustomerRow>, number: Int, partition: UnsafeMutablePointer<Partition>,
    tables: UnsafePointer<ModelTables>, clockMs: Int64, z: FeatureVector, current: Int,
    nearest: (cluster: Int, squared: Double, currentSquared: Double), cause: Cause?, origin: ChangeOrigin
  ) {
    let segment = row.pointee.since.tag
    var reason = segment == 0 ? ChangeReason.firstSeen : cause?.reason ?? .modelChanged
    var effectiveMs = cause?.timestampMs ?? clockMs
    if current >= 0 {
      if !isBeyondMargin(row, nearest: nearest, tables: tables, clockMs: clockMs) {
        if layout.hasCandidate { layout.candidate(row).pointee = TaggedNumber() }
        return
      }
      let evaluatedMs = row.pointee.evaluated.number
      // Where the row, as it is, would have gone at its last evaluation; a dwell would have kept it all the same.
      let before = cause == nil ? target(row, clockMs: evaluatedMs, current: current, tables: tables) : -1
      let held = before == nearest.cluster
      let wasKept = layout.hasCandidate ? !held : before < 0
      var sinceMs =
        cause == nil && !held
        ? crossing(row, fromMs: evaluatedMs, toMs: clockMs, current: current, cluster: nearest.cluster, tables: tables)
        : clockMs
      var wasCandidate = false
      if layout.hasCandidate {
        let candidate = layout.candidate(row)
        let segment = UInt16(tables.pointee.model.segments[nearest.cluster].number)
        wasCandidate = candidate.pointee.tag == segment
        if wasCandidate {
          sinceMs = candidate.pointee.number
        } else {
          candidate.pointee = TaggedNumber(sinceMs, tag: segment)
        }
        if clockMs - sinceMs < settings.dwellMs { return }
      }
      if cause == nil && (wasKept || wasCandidate) {
        reason = .elapsed
        effectiveMs = sinceMs + settings.dwellMs
      }
    }
    move(
      row, number: number, partition: partition, tables: tables,
      ChangeEvidence(
        reason: reason, effectiveMs: effectiveMs, evaluatedMs: clockMs, cluster: nearest.cluster,
        fromSegment: segment, features: z, distance: nearest.squared.squareRoot(),
        previousDistance: current >= 0 ? nearest.currentSquared.squareRoot() : nil, origin: origin,
        causeOffset: cause?.offset))
  }

  private mutating func move(
    _ row: UnsafeMutablePointer<CustomerRow>, number: Int, partition: UnsafeMutablePointer<Partition>,
    tables: UnsafePointer<ModelTables>, _ evidence: ChangeEvidence
  ) {
    let from: ConstantBytes
    if evidence.fromSegment == 0 {
      from = nullJSON
    } else {
      let cluster = tables.pointee.cluster(ofSegment: evidence.fromSegment)
      from = cluster >= 0 ? tables.pointee.segmentJSON[cluster] : retiredJSON[evidence.fromSegment] ?? nullJSON
      row.pointee.left = TaggedNumber(evidence.evaluatedMs, tag: evidence.fromSegment)
    }
    let to = tables.pointee.model.segments[evidence.cluster].number
    var isPromotion = false
    if layout.hasCandidate {
      isPromotion = layout.candidate(row).pointee.tag == UInt16(to)
      layout.candidate(row).pointee = TaggedNumber()
    }
    row.pointee.since = TaggedNumber(evidence.effectiveMs, tag: UInt16(to))
    row.pointee.sequence += 1
    counters.changes[evidence.reason.index] += 1
    partition.pointee.watch.count(evidence.reason, isPromotion: isPromotion)
    encoder.write(
      evidence, row: row, number: number, id: partition.pointee.table.id(row), partition: partition.pointee.number,
      from: from, model: tables, to: &changes)
  }
}

private let nullJSON = ConstantBytes(json: nil)
