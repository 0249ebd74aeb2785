/// What decides for a customer's segment.
public enum SegmentKind: String, CaseIterable, Sendable {
  /// The nearest centroid, with a margin.
  case kmeans
  /// The named cell of R, F and M.
  case rules
}

/// Score cuts as the hot path reads them: the scores are those of `ScoreCuts.scores`.
struct FlatCuts {
  private let days: SIMD4<Double>
  private let orders: SIMD4<Int64>
  private let netMinor: SIMD4<Int64>

  init(_ cuts: ScoreCuts) {
    days = SIMD4(cuts.recency)
    orders = SIMD4(cuts.frequency)
    netMinor = SIMD4(cuts.monetary)
  }

  /// The scores of a row with a purchase at a clock.
  @inline(__always)
  func scores(_ row: UnsafePointer<CustomerRow>, clockMs: Int64) -> Scores {
    let age = Double(max(0, clockMs &- row.pointee.lastPurchaseMs)) / Double(msPerDay)
    let (count, net) = (Int64(row.pointee.orders), row.pointee.netMinor)
    var scores = Scores(r: 5, f: 1, m: 1)
    for index in 0..<4 {
      scores.r &-= age > days[index] ? 1 : 0
      scores.f &+= count > orders[index] ? 1 : 0
      scores.m &+= net > netMinor[index] ? 1 : 0
    }
    return scores
  }
}

extension Core {
  /// Evaluates a customer with a purchase by the rule of its cell; nothing is learned.
  @inline(never)
  mutating func evaluateByRule(
    _ row: UnsafeMutablePointer<CustomerRow>, number: Int, partition: UnsafeMutablePointer<Partition>,
    tables: UnsafePointer<ModelTables>, clockMs: Int64, mode: SweepMode, cause: Cause?, origin: ChangeOrigin
  ) {
    guard mode.publishes else { return }
    let segment = row.pointee.since.tag
    let current = segment == 0 ? -1 : tables.pointee.cluster(ofSegment: segment)
    let cluster = tables.pointee.ruleCluster(row, clockMs: clockMs)
    // Whose segment is retired moves at once.
    let stays =
      cluster == current
      || cause == nil && current >= 0 && isHeldFromReturning(row, to: cluster, tables, clockMs: clockMs)
    if !stays {
      considerMove(
        row, number: number, partition: partition, tables: tables, clockMs: clockMs, z: FeatureVector(),
        current: current, nearest: (cluster, 0, 0), cause: cause, origin: origin)
    } else if layout.hasCandidate {
      layout.candidate(row).pointee = TaggedNumber()
    }
    row.pointee.evaluated.number = clockMs
  }

  /// Whether a cell was left so short a time ago that only a record leads back to it.
  ///
  /// Cuts follow the customers: one at the edge of a cell would leave it by time and come back by the next cuts.
  func isHeldFromReturning(
    _ row: UnsafePointer<CustomerRow>, to cluster: Int, _ tables: UnsafePointer<ModelTables>, clockMs: Int64
  ) -> Bool {
    let left = row.pointee.left
    return left.tag != 0 && clockMs &- left.number <= settings.returnMs
      && tables.pointee.cluster(ofSegment: left.tag) == cluster
  }

  /// The cluster to which a row belongs at a clock, whatever its segment is.
  func bestCluster(
    _ row: UnsafePointer<CustomerRow>, clockMs: Int64, tables: UnsafePointer<ModelTables>
  ) -> Int {
    if tables.pointee.isRules { return tables.pointee.ruleCluster(row, clockMs: clockMs) }
    return tables.pointee.nearest(tables.pointee.scaled(features.raw(row, clockMs: clockMs)), current: -1).cluster
  }
}
