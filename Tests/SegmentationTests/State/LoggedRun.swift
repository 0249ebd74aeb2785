@testable import Segmentation

/// The records of one partition's log, in order, by commit.
struct PartitionLog {
  struct Commit {
    var records: [[UInt8]]
    var walk: Int
  }

  var commits: [Commit] = []
  private(set) var sequence: Int64 = 0

  /// Cuts a partition and keeps its records.
  mutating func cut(_ segmenter: Segmenter, _ partition: Int32, inputOffset: Int64) {
    var buffer = ByteBuffer()
    sequence += 1
    let ranges = segmenter.cut(
      partition, inputOffset: inputOffset, sequence: sequence, fingerprint: testFingerprint, into: &buffer)
    commits.append(
      Commit(
        records: ranges.map { Array(buffer.bytes[$0]) }, walk: segmenter.sweeps(of: partition)))
  }

  /// The places from which the log may be kept: the firsts of the walks that a later one has followed.
  var starts: [Int] {
    let last = commits.last?.walk ?? 0
    var starts = [0]
    for walk in 0..<max(0, last) {
      if let first = commits.firstIndex(where: { $0.walk >= walk }) { starts.append(first) }
    }
    return Array(Set(starts)).sorted()
  }

  /// Reads the log from a commit on into a partition.
  func restore(from start: Int, into segmenter: Segmenter, _ partition: Int32) throws {
    for record in commits[start...].flatMap(\.records) {
      _ = try record.withUnsafeBytes { bytes throws(StateLogError) in
        try segmenter.restore(partition, record: bytes, fingerprint: testFingerprint)
      }
    }
    try segmenter.finishRestore(partition)
  }
}

let testFingerprint: UInt64 = 0x0123_4567_89ab_cdef

extension Segmenter {
  /// All that a partition's rows, clock, sweep, sums and counters say, in words that compare bit for bit.
  func description(of partition: Int32) -> [String] {
    let index = core.local(partition)
    let place = core.partitions + index
    var lines = [
      "clock \(place.pointee.clock.parts)", "cursor \(place.pointee.cursor) sweeps \(place.pointee.sweeps)",
      "warmth \(place.pointee.warmth) generation \(place.pointee.sumsGeneration) buyers \(place.pointee.buyers)",
      "rows \(place.pointee.table.rowCount) free \(place.pointee.table.freeRows.count)",
      "counters \(place.pointee.counters)",
    ]
    let sums = (place.pointee.sums.k, place.pointee.sums.featureCount)
    lines.append("counts \((0..<sums.0).map { place.pointee.sums.counts[$0] })")
    lines.append("sums \((0..<sums.0 * sums.1).map { place.pointee.sums.sums[$0] })")
    lines.append("squares \((0..<sums.0).map { place.pointee.sums.squares[$0] })")
    for number in 0..<place.pointee.table.rowCount {
      let row = place.pointee.table.row(number)
      lines.append(row.pointee.isInUse ? words(row, id: place.pointee.table.id(row), place) : "free")
    }
    return lines
  }

  private func words(
    _ row: UnsafeMutablePointer<CustomerRow>, id: UnsafeBufferPointer<UInt8>, _ place: UnsafeMutablePointer<Partition>
  ) -> String {
    let layout = core.layout
    let generation = UInt16(truncatingIfNeeded: place.pointee.sumsGeneration)
    let fixed = row.pointee
    let contributes = fixed.evaluated.tag != 0 && fixed.birth.tag == generation
    var words = ["\(Array(id))", "\(fixed.flags & 7) last \(fixed.lastPurchaseMs) \(fixed.firstPurchaseMs)"]
    words.append("\(fixed.oldestTransaction)")
    words.append("\(fixed.decayedFrequency.bitPattern) \(fixed.decayedMonetary.bitPattern)")
    words.append("\(fixed.grossMinor) \(fixed.refundedMinor) \(fixed.firstDaySpendMinor) \(fixed.orders)")
    words.append("\(fixed.sequence) \(fixed.recentDays) \(fixed.purchaseDays) \(fixed.birth.number)")
    for tagged in [fixed.since, fixed.left, layout.hasCandidate ? layout.candidate(row).pointee : TaggedNumber()] {
      words.append(tagged.tag == 0 ? "none" : "\(tagged.tag) \(tagged.number)")
    }
    words.append("\(fixed.evaluated.number) \(contributes ? fixed.evaluated.tag : 0)")
    if contributes { words.append("\((0..<layout.featureCount).map { layout.contribution(row)[$0] })") }
    for order in (0..<layout.orderCount).map({ layout.orders(row)[$0] }) where order.hash != 0 {
      words.append("\(order.hash) \(order.timeMs) \(order.grossMinor) \(order.refundedMinor) \(order.share.bitPattern)")
    }
    let bytes = UnsafeRawBufferPointer(
      start: UnsafeRawPointer(row) + layout.transactionsLowOffset, count: layout.transactionCount * 6)
    words.append("\(Array(bytes))")
    return words.joined(separator: " | ")
  }
}
