import Foundation
import Testing

@testable import Configuration

@Suite("Time zones")
struct ZoneTransitionsTests {
  @Test("A zone's transitions give its offset at any instant from 1970 to 2100")
  func everyZone() throws {
    for name in TimeZone.knownTimeZoneIdentifiers {
      let zone = try #require(TimeZone(identifier: name))
      let table = try #require(ZoneTransitions(zone: name))
      var offsetMs = table.initialOffsetMs
      var rest = table.transitions[...]
      // Every 41 h, so that all hours of a day and days of a week are met.
      for second in stride(from: 0, to: 4_102_444_800, by: 41 * 3600) {
        while let next = rest.first, next.utcMs <= second * 1000 {
          offsetMs = next.offsetMs
          rest = rest.dropFirst()
        }
        let expected = zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(second)))
        if offsetMs != Int64(expected) * 1000 {
          Issue.record("\(name) at \(second) s is \(expected) s ahead, not \(offsetMs) ms")
          return
        }
      }
    }
  }

  @Test("London changes in the hour that the law says")
  func london() throws {
    let table = try #require(ZoneTransitions(zone: "Europe/London"))
    // 2026-03-29T01:00:00Z and 2026-10-25T01:00:00Z.
    let spring = ZoneTransitions.Transition(utcMs: 1_774_746_000_000, offsetMs: 3_600_000)
    let autumn = ZoneTransitions.Transition(utcMs: 1_792_890_000_000, offsetMs: 0)
    #expect(table.initialOffsetMs == 3_600_000)
    #expect(table.transitions.contains(spring) && table.transitions.contains(autumn))
    #expect(ZoneTransitions(zone: "UTC")?.transitions.isEmpty == true)
    #expect(ZoneTransitions(zone: "Mars/Base") == nil)
  }
}
