/// How far one input partition has been read.
///
///     behind ── position reaches the end ──► live ── more than 60 s without reaching it ──► behind
struct InputPosition {
  let partition: Int32
  /// The offset of the next record; −1 before the first news.
  private(set) var next: Int64 = -1
  /// Whether the wall clock may be the partition's.
  private(set) var isLive = false
  /// The wall clock when the end was last reached, in ms.
  private var reachedMs: Int64 = 0
  /// Rows of the sweep that are due by time, with a fraction.
  var rowsDue = 0.0

  /// How long a partition stays live without reaching its end, in ms.
  private static let behindMsMax: Int64 = 60_000

  init(partition: Int32, next: Int64 = -1) {
    self.partition = partition
    self.next = next
  }

  /// A record was taken.
  mutating func take(offset: Int64) {
    next = offset + 1
  }

  /// The end was reached, as librdkafka says once: behind the last record there may be transaction markers.
  mutating func reach(end: Int64, nowMs: Int64) {
    next = max(next, end)
    isLive = true
    reachedMs = nowMs
  }

  /// Compares the position with the latest fetch's end.
  mutating func compare(latestEnd: Int64?, nowMs: Int64) {
    guard let latestEnd, next >= 0 else { return }
    if next >= latestEnd {
      isLive = true
      reachedMs = nowMs
    } else if isLive && nowMs - reachedMs > Self.behindMsMax {
      isLive = false
    }
  }
}
