/// The offsets of a time zone as a table, so that the core needs no time zone library.
public struct ZoneTable: Sendable, Equatable {
  /// From `localMs` on (ms since 1970 as if the local time were UTC) the zone is `offsetMs` ahead of UTC.
  public struct Entry: Sendable, Equatable {
    /// The first local instant at which the offset holds.
    public var localMs: Int64
    /// UTC = local − `offsetMs`.
    public var offsetMs: Int64
  }

  /// The entries by `localMs`; the first holds for everything before the second.
  public let entries: [Entry]

  /// Coordinated universal time.
  public static let utc = ZoneTable(initialOffsetMs: 0, transitions: [])

  /// Makes a table of a zone's transitions (UTC instant in ms, offset from then on in ms), in ascending order.
  ///
  /// A local time that occurs twice is read as the first; one that does not occur is moved forward by the gap.
  public init(initialOffsetMs: Int64, transitions: [(utcMs: Int64, offsetMs: Int64)]) {
    var entries = [Entry(localMs: .min, offsetMs: initialOffsetMs)]
    for transition in transitions {
      // Both for a gap and for an overlap the old offset holds until the old local time of the transition:
      // in an overlap that is the end of the first pass; in a gap `local − old offset` lands behind the gap.
      let before = entries[entries.count - 1].offsetMs
      let overlap = before > transition.offsetMs
      let localMs = transition.utcMs + (overlap ? before : transition.offsetMs)
      entries.append(Entry(localMs: localMs, offsetMs: transition.offsetMs))
    }
    self.entries = entries
  }

  /// The UTC instant of a local time, both in ms since 1970.
  public func utcMs(localMs: Int64) -> Int64 {
    var low = 0
    var high = entries.count
    while high - low > 1 {
      let middle = (low + high) / 2
      if entries[middle].localMs <= localMs { low = middle } else { high = middle }
    }
    return localMs &- entries[low].offsetMs
  }
}
