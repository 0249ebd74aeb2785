import Foundation

/// The offsets of a time zone from 1970 to 2100, as plain numbers.
package struct ZoneTransitions: Sendable {
  /// From `utcMs` on (ms since 1970) the zone is `offsetMs` ahead of UTC.
  package struct Transition: Sendable, Equatable {
    /// The instant.
    package let utcMs: Int64
    /// UTC = local − `offsetMs`.
    package let offsetMs: Int64
  }

  /// The offset before the first transition.
  package let initialOffsetMs: Int64
  /// The changes of the offset in ascending order.
  package let transitions: [Transition]

  /// Reads the transitions of a zone of the IANA database; `nil` where there is no such zone.
  package init?(zone name: String) {
    guard let zone = TimeZone(identifier: name) else { return nil }
    let end = Date(timeIntervalSince1970: 4_102_444_800)
    var date = Date(timeIntervalSince1970: 0)
    var offset = zone.secondsFromGMT(for: date)
    var transitions: [Transition] = []
    initialOffsetMs = Int64(offset) * 1000
    while let next = zone.nextDaylightSavingTimeTransition(after: date), next > date, next < end {
      date = next
      let after = zone.secondsFromGMT(for: date)
      guard after != offset else { continue }
      offset = after
      transitions.append(
        Transition(utcMs: Int64(date.timeIntervalSince1970.rounded()) * 1000, offsetMs: Int64(offset) * 1000))
    }
    self.transitions = transitions
  }
}
