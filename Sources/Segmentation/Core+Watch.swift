extension Core {
  /// Renews what a row contributes to the sums, and counts it: on the sweep, before the row may be moved.
  ///
  /// Where the cluster is the same only the difference is added, which comes to the same sums.
  @inline(__always)
  mutating func learn(
    _ row: UnsafeMutablePointer<CustomerRow>, _ z: FeatureVector, number: Int, cluster: Int, squared: Double,
    clockMs: Int64, partition: UnsafeMutablePointer<Partition>, tables: UnsafePointer<ModelTables>
  ) {
    let contribution = layout.contribution(row)
    let generation = UInt16(truncatingIfNeeded: tables.pointee.model.generation)
    if row.pointee.evaluated.tag != UInt16(truncatingIfNeeded: cluster &+ 1) || row.pointee.birth.tag != generation {
      withdraw(row, partition: partition, tables: tables)
      contribution.update(repeating: 0, count: layout.featureCount)
      partition.pointee.sums.counts[cluster] &+= 1
      row.pointee.evaluated.tag = UInt16(truncatingIfNeeded: cluster &+ 1)
      row.pointee.birth.tag = generation
    }
    let count = tables.pointee.featureCount
    let sums = partition.pointee.sums.sums + cluster &* count
    let counts = partition.pointee.watch.current
    let bins = counts + partition.pointee.watch.binPlace
    let bounds = partition.pointee.watch.bounds
    var square: Int64 = 0
    var isAtBound = false
    @inline(__always)
    func renew(_ index: Int, _ value: Double) {
      let fixed = fixedPoint(value)
      let (new, old) = (Int64(fixed), Int64(contribution[index]))
      contribution[index] = fixed
      sums[index] &+= new &- old
      square &+= (new &* new) &>> 20 &- (old &* old) &>> 20
      bins[index &* WatchCounts.binStride &+ Int(new &>> bounds[index].shift)] &+= 1
      isAtBound = isAtBound || bounds[index].reaches(new)
    }
    // Lane by lane: by a variable index a vector is stored and checked each time.
    renew(0, z.low.x)
    if count > 1 { renew(1, z.low.y) }
    if count > 2 { renew(2, z.low.z) }
    if count > 3 {
      for index in 3..<count { renew(index, z[index]) }
    }
    partition.pointee.sums.squares[cluster] &+= square
    counts[WatchCounts.nearestPlace &+ cluster] &+= 1
    counts[WatchCounts.inertiaPlace] &+= fixedSquare(squared)
    if isAtBound { partition.pointee.watch.countOutside(features.raw(row, clockMs: clockMs)) }
    if number & partition.pointee.watch.marginMask == 0 {
      partition.pointee.watch.countMargin(squared: squared, second: tables.pointee.lastSquared(besides: cluster))
    }
  }

  /// Counts a customer who was not nearest to the segment that it was in, if it still is in it.
  @inline(never)
  mutating func watchHeld(
    _ row: UnsafeMutablePointer<CustomerRow>, current: Int,
    nearest: (cluster: Int, squared: Double, currentSquared: Double), partition: UnsafeMutablePointer<Partition>,
    tables: UnsafePointer<ModelTables>
  ) {
    let segment = row.pointee.since.tag
    guard segment != 0, current >= 0, tables.pointee.cluster(ofSegment: segment) == current else { return }
    partition.pointee.watch.countHeld(in: current, wants: nearest.cluster, by: heldBack(row, nearest))
  }

  /// Why a row stays in its segment though another cluster is nearer.
  private func heldBack(
    _ row: UnsafeMutablePointer<CustomerRow>,
    _ nearest: (cluster: Int, squared: Double, currentSquared: Double)
  ) -> HeldBack {
    if layout.hasCandidate && layout.candidate(row).pointee.tag != 0 { return .dwell }
    let kept = 1 - settings.margin
    let isBeyond = nearest.squared < nearest.currentSquared && nearest.squared <= kept * kept * nearest.currentSquared
    return isBeyond ? .returnMargin : .margin
  }

  /// What a walk over a partition's customers would count at a clock, if it moved nobody.
  func watchNow(_ index: Int, clockMs: Int64) -> ModelWatch? {
    guard let tables, !tables.pointee.isRules else { return nil }
    let partition = partitions + index
    let counts = WatchCounts(tables.pointee.model, isWhole: true, rowCount: 0)
    withUnsafeTemporaryAllocation(of: Int32.self, capacity: FeatureVector.countMax) { contribution in
      guard let fixed = contribution.baseAddress else { return }
      for number in 0..<partition.pointee.table.rowCount {
        let row = partition.pointee.table.row(number)
        guard row.pointee.isInUse && row.pointee.hasPurchase else { continue }
        let raw = features.raw(row, clockMs: clockMs)
        let z = tables.pointee.scaled(raw)
        for feature in 0..<features.count { fixed[feature] = fixedPoint(z[feature]) }
        let segment = row.pointee.since.tag
        let current = segment == 0 ? -1 : tables.pointee.cluster(ofSegment: segment)
        let nearest = tables.pointee.nearest(z, current: current)
        counts.count(raw, fixed, cluster: nearest.cluster, squared: nearest.squared)
        counts.countMargin(squared: nearest.squared, second: tables.pointee.lastSquared(besides: nearest.cluster))
        if nearest.cluster == current { continue }
        if current >= 0 {
          counts.countHeld(in: current, wants: nearest.cluster, by: heldBack(row, nearest))
        } else {
          counts.countUnpublished(nearest.cluster)
        }
      }
    }
    return counts.currentWatch(sweep: partition.pointee.sweeps)
  }
}

extension WatchCounts {
  /// Counts a customer with all its raw and its scaled features, the latter in units of 2⁻²⁰.
  fileprivate func count(
    _ raw: FeatureVector, _ fixed: UnsafePointer<Int32>, cluster: Int, squared: Double
  ) {
    for index in 0..<featureCount {
      current[binPlace + index * Self.binStride + Int(Int64(fixed[index]) >> bounds[index].shift)] += 1
    }
    countOutside(raw)
    current[Self.nearestPlace + cluster] += 1
    current[Self.inertiaPlace] += fixedSquare(squared)
  }
}

extension Segmenter {
  /// What the last complete walk over a partition has counted; `nil` before the first in the model's generation. A walk
  /// that a restart or a new generation has cut counts nothing.
  public func watch(of partition: Int32) -> ModelWatch? {
    core.partitions[core.local(partition)].watch.lastWatch
  }

  /// What a walk over all customers at a clock would count, if it moved nobody; `nil` before the first model.
  public func watchNow(clockMs: Int64) -> ModelWatch? {
    var total: ModelWatch?
    for index in 0..<core.partitionCount {
      guard let watch = core.watchNow(index, clockMs: clockMs) else { return nil }
      if total == nil { total = watch } else { total?.add(watch) }
    }
    return total
  }
}
