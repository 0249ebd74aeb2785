import Testing

@testable import Segmentation

@Suite("Timestamps")
struct TimestampTests {
  private static let far: Int64 = .max

  private static func ms(
    _ json: String, _ format: RecordMap.TimeFormat = .automatic, zone: ZoneTable = .utc
  ) throws -> Int64? {
    var map = RecordMap()
    map.timeFormat = format
    map.zone = zone
    let outcome = try decodeOne(purchase(timestamp: json), map: map, timestampMs: far)
    if outcome.record == nil { #expect(outcome.code == .invalidTimestamp, "\(json) gave \(outcome)") }
    return outcome.record?.ms
  }

  @Test("Every day of the calendar has its number, counted one by one")
  func everyDay() throws {
    var decoder = try RecordDecoder(map: RecordMap(), currency: Currency(code: "EUR"))
    let memory = GuardedBytes(capacity: 1_000)
    let lengths = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    func padded(_ value: Int, _ count: Int) -> String {
      String(repeating: "0", count: count - String(value).count) + String(value)
    }
    var days = -719_162
    for year in 1...9999 {
      let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
      for month in 1...12 {
        let length = lengths[month - 1] + (month == 2 && isLeap ? 1 : 0)
        let isSampled = year < 6 || year > 9996 || (year >= 1896 && year <= 2108) || year % 100 == 0
        if isSampled {
          for day in [1, 2, 27, 28, 29, 30, 31, 32] {
            let json = "\"\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))T00:00:00Z\""
            let outcome = decoder.one(Array(purchase(timestamp: json).utf8), timestampMs: .max, in: memory)
            let expected = day <= length ? Int64(days + day - 1) * 86_400_000 : nil
            #expect(outcome.record?.ms == expected, "\(json)")
          }
        }
        days += length
      }
    }
    #expect(days == 2_932_897)
  }

  @Test(
    "ISO 8601 is read in its usual forms",
    arguments: [
      ("1970-01-01T00:00:00Z", 0 as Int64?), ("1970-01-01", 0), ("1970-01-01 00:00:01", 1_000),
      ("1970-01-01T00:00:00.1Z", 100), ("1970-01-01T00:00:00.12Z", 120), ("1970-01-01T00:00:00.123Z", 123),
      ("1970-01-01T00:00:00.123999999Z", 123), ("1970-01-01T00:00:00,5Z", 500),
      ("1970-01-01T00:00:00.1234567890Z", nil),
      ("1970-01-01T00:00:00.Z", nil), ("1970-01-01T01:00:00+01:00", 0), ("1970-01-01T01:00:00+0100", 0),
      ("1970-01-01T01:00:00+01", 0), ("1969-12-31T23:30:00-00:30", 0), ("1970-01-01T00:01", 60_000),
      ("1970-01-01t00:00:00z", 0), ("2016-12-31T23:59:60Z", 1_483_228_800_000),
      ("2016-12-31T23:59:60.999Z", 1_483_228_800_000),
      ("2016-12-31T23:59:61Z", nil), ("1970-01-01T24:00:00Z", nil), ("1970-01-01T23:60:00Z", nil), ("0000-01-01", nil),
      ("0001-01-01", -62_135_596_800_000), ("9999-12-31T23:59:59.999Z", 253_402_300_799_999), ("10000-01-01", nil),
      ("1970-13-01", nil), ("1970-00-01", nil), ("1970-01-00", nil), ("1970-1-1", nil), ("1970/01/01", nil),
      ("19700101", nil), ("1970-01-01T", nil), ("1970-01-01T00", nil), ("1970-01-01T00:00:00+", nil),
      ("1970-01-01T00:00:00+24:00", nil), ("1970-01-01T00:00:00+01:60", nil), ("1970-01-01T00:00:00Zx", nil),
      ("1970-01-01T00:00:00 Z", nil), ("1970-01-01T0a:00:00Z", nil), ("1970-01-01T00:00:0:Z", nil), ("", nil),
      ("1970-01-01T00-00:00Z", nil), ("1970-01-01T00:00:00.12xZ", nil), ("1970-01-0１T00:00:00Z", nil),
      ("197\\u0030-01-01T00:00:00Z", 0),
    ])
  func iso(text: String, ms: Int64?) throws {
    #expect(try Self.ms("\"\(text)\"") == ms, "\(text)")
    #expect(try Self.ms("\"\(text)\"", .iso8601) == ms, "\(text)")
  }

  @Test("Numbers are epoch seconds or milliseconds, exactly")
  func epochs() throws {
    #expect(try Self.ms("1785664800") == 1_785_664_800_000)
    #expect(try Self.ms("1785664800.123456") == 1_785_664_800_123)
    #expect(try Self.ms("99999999999") == 99_999_999_999_000)
    #expect(try Self.ms("100000000000") == 100_000_000_000)
    #expect(try Self.ms("-1") == -1_000)
    #expect(try Self.ms("-0.0001") == -1)
    #expect(try Self.ms("1.7856648e9") == 1_785_664_800_000)
    #expect(try Self.ms("1e999") == nil)
    #expect(try Self.ms("\"1785664800\"") == nil)
    #expect(try Self.ms("\"1785664800\"", .epochSeconds) == 1_785_664_800_000)
    #expect(try Self.ms("1785664800123.9", .epochMs) == 1_785_664_800_123)
    #expect(try Self.ms("253402300799999", .epochMs) == 253_402_300_799_999)
    #expect(try Self.ms("253402300800000", .epochMs) == nil)
    #expect(try Self.ms("-62135596800000", .epochMs) == -62_135_596_800_000)
    #expect(try Self.ms("-62135596800001", .epochMs) == nil)
    #expect(try Self.ms("1785664800", .iso8601) == nil)
    #expect(try Self.ms("0.0000000000000000000000000000000000000019e38") == 190)
    #expect(try Self.ms("0.0000000000000000000000000000000000000019e39") == 1_900)
  }

  @Test("A local time is read in the zone: the first of two, one that is missing moved on")
  func zones() throws {
    let hour: Int64 = 3_600_000
    // Europe/Berlin in 2026: summer time from 29 March 01:00 UTC to 25 October 01:00 UTC.
    let zone = ZoneTable(
      initialOffsetMs: hour, transitions: [(1_774_746_000_000, 2 * hour), (1_792_890_000_000, hour)])
    #expect(try Self.ms("\"2026-01-01T00:00:00\"", zone: zone) == 1_767_225_600_000 - hour)
    #expect(try Self.ms("\"2026-07-01\"", zone: zone) == 1_782_864_000_000 - 2 * hour)
    #expect(try Self.ms("\"2026-07-01T00:00:00Z\"", zone: zone) == 1_782_864_000_000)
    #expect(try Self.ms("\"2026-10-25T02:30:00\"", zone: zone) == 1_792_890_000_000 - hour / 2)
    #expect(try Self.ms("\"2026-03-29T02:30:00\"", zone: zone) == 1_774_746_000_000 + hour / 2)
  }

  @Test(
    "Patterns follow strptime",
    arguments: [
      ("%Y-%m-%d %H:%M:%S", "2010-12-01 08:26:00", 1_291_191_960_000 as Int64?),
      ("%Y%m%d", "19970101", 852_076_800_000),
      ("%d/%m/%y %R", "01/12/10 08:26", 1_291_191_960_000),
      ("%m/%d/%Y %I:%M %p", "12/1/2010 8:26 AM", 1_291_191_960_000),
      ("%m/%d/%Y %I:%M %p", "12/1/2010 12:26 pm", 1_291_206_360_000),
      ("%F%n%T", "2010-12-01   08:26:00", 1_291_191_960_000),
      ("%a, %d %b %Y %H:%M:%S %z", "Wed, 01 Dec 2010 09:26:00 +0100", 1_291_191_960_000),
      ("%A %e %B %Y", "wednesday  1 december 2010", 1_291_161_600_000), ("%Y-%j", "2010-335", 1_291_161_600_000),
      ("%D %T.%f", "12/01/10 08:26:00.5", 1_291_191_960_500), ("%Y-%j", "2010-366", nil),
      ("%Y-%m-%d", "2010-13-01", nil),
      ("%Y-%m-%d", "2010-12-01x", nil), ("%Y-%m-%d", "2010-12", nil), ("%y%m%d%%", "690101%", -31_536_000_000),
      ("%m/%d/%Y %I:%M %p", "12/1/2010 13:26 PM", nil), ("%d. %B %Y", "1. May 1970", 10_368_000_000),
    ])
  func patterns(pattern: String, text: String, ms: Int64?) throws {
    #expect(try Self.ms("\"\(text)\"", .pattern(pattern)) == ms, "\(pattern) \(text)")
  }

  @Test(
    "A pattern that cannot give a date is refused", arguments: ["", "%H:%M", "%Y-%m", "%Y-%m-%d %", "%Q", "%F %I:%M"])
  func badPatterns(pattern: String) {
    var map = RecordMap()
    map.timeFormat = .pattern(pattern)
    #expect(throws: RecordMapError.self) { _ = try RecordDecoder(map: map, currency: Currency(code: "EUR")) }
  }

  @Test("A timestamp may lie up to the limit beyond the record's own time")
  func future() throws {
    let json = purchase(timestamp: "\"1970-01-02T00:00:00Z\"")
    #expect(try decodeOne(json, timestampMs: 0).record != nil)
    #expect(try decodeOne(purchase(timestamp: "\"1970-01-02T00:00:00.001Z\""), timestampMs: 0).code == .futureTimestamp)
    #expect(try decodeOne(purchase(timestamp: "\"9999-01-01T00:00:00Z\""), timestampMs: .max).record != nil)
    #expect(try decodeOne(purchase(timestamp: "\"2026-01-01T00:00:00Z\""), timestampMs: -1).record != nil)
    #expect(try decodeOne(purchase(timestamp: "\"2026-01-01T00:00:00Z\""), timestampMs: -2).code == .futureTimestamp)
  }
}
