import Testing

@testable import Segmentation

@Suite("Record decoder")
struct RecordDecoderTests {
  @Test("A whole record comes out field by field")
  func wholeRecord() throws {
    let json =
      #"{"customer_id":"c0000042","transaction_id":"t00000000001","order_id":"o00000000001","amount":12.34,"#
      + #""currency":"EUR","type":"purchase","timestamp":"2026-08-02T10:00:00.123Z"}"#
    let record = try #require(try decodeOne(json).record)
    #expect(record.customer == Array("c0000042".utf8))
    #expect(record.minor == 1234)
    #expect(record.kind == .purchase)
    #expect(record.ms == 1_785_664_800_123)
    #expect(record.transaction == hash(Array("t00000000001".utf8)) | 1)
    #expect(record.order == hash(Array("o00000000001".utf8)) | 1)
  }

  @Test(
    "Each flaw has its code",
    arguments: [
      ("", DeadLetterCode.malformed), ("   \n", .malformed), ("[]", .malformed), ("null", .malformed),
      ("{", .malformed),
      ("\u{FEFF}" + purchase(), .malformed), (purchase() + "x", .malformed), (purchase() + purchase(), .malformed),
      (purchase(more: #""customer_id":"c2""#), .malformed), (purchase(more: #""customer\u005fid":"c2""#), .malformed),
      (purchase(more: #""order_id":true"#), .malformed), (purchase(more: #""transaction_id":[1]"#), .malformed),
      (purchase(more: #""note":"\x""#), .malformed), (purchase(more: #""note":01"#), .malformed),
      ("{}", .missingField), (purchase(customer: nil), .missingField), (purchase(amount: nil), .missingField),
      (purchase(timestamp: nil), .missingField), (purchase(customer: "null"), .missingField),
      (purchase(amount: "null"), .missingField), (purchase(timestamp: "null"), .missingField),
      (purchase(customer: "\"\""), .missingField),
      (purchase(customer: "true"), .invalidCustomerID), (purchase(customer: "1.0"), .invalidCustomerID),
      (purchase(customer: "1e3"), .invalidCustomerID), (purchase(customer: "{\"a\":1}"), .invalidCustomerID),
      (purchase(customer: #""\ud800""#), .invalidCustomerID),
      (purchase(customer: "\"\(String(repeating: "a", count: 257))\""), .invalidCustomerID),
      (purchase(amount: "\"abc\""), .invalidAmount), (purchase(amount: "true"), .invalidAmount),
      (purchase(amount: "\"\""), .invalidAmount), (purchase(amount: "\"1,5\""), .invalidAmount),
      (purchase(amount: "[1]"), .invalidAmount), (purchase(amount: "-1", more: #""type":"purchase""#), .invalidAmount),
      (purchase(more: #""type":"gift""#), .invalidAmount), (purchase(more: #""type":1"#), .invalidAmount),
      (purchase(amount: "1e999"), .amountOverflow), (purchase(amount: "92233720368547758.08"), .amountOverflow),
      (purchase(amount: "-92233720368547758.08"), .amountOverflow), (purchase(amount: "\"1e999\""), .amountOverflow),
      (purchase(more: #""currency":"USD""#), .unknownCurrency), (purchase(more: #""currency":7"#), .unknownCurrency),
      (purchase(timestamp: "\"yesterday\""), .invalidTimestamp), (purchase(timestamp: "true"), .invalidTimestamp),
      (purchase(timestamp: "\"2026-02-29T00:00:00Z\""), .invalidTimestamp),
      (purchase(timestamp: "\"2099-01-01T00:00:00Z\""), .futureTimestamp),
    ])
  func codes(json: String, code: DeadLetterCode) throws {
    let outcome = try decodeOne(json)
    #expect(outcome.code == code, "\(json.prefix(200)) gave \(outcome)")
  }

  @Test("Of several flaws the first in the order of the codes counts")
  func orderOfChecks() throws {
    func json(_ flaws: Set<Int>) -> String {
      purchase(
        customer: flaws.contains(1) ? nil : flaws.contains(2) ? "true" : "\"c1\"",
        amount: flaws.contains(4) ? "\"x\"" : "1",
        timestamp: flaws.contains(6) ? "\"x\"" : flaws.contains(7) ? "\"2099-01-01\"" : "\"2026-01-01\"",
        more: flaws.contains(5) ? #""currency":"XXX""# : #""note":1"#) + (flaws.contains(0) ? "}" : "")
    }
    let codes: [DeadLetterCode] = [
      .malformed, .missingField, .invalidCustomerID, .keyMismatch, .invalidAmount, .unknownCurrency, .invalidTimestamp,
      .futureTimestamp,
    ]
    for (first, code) in codes.enumerated() {
      for last in first..<codes.count {
        let flaws = Set(first...last)
        let outcome = try decodeOne(json(flaws), key: flaws.contains(3) ? "x" : "c1", keyPolicy: .mustBeCustomerID)
        #expect(outcome.code == code, "\(json(flaws)) gave \(outcome)")
      }
    }
  }

  @Test("A record above the limit is too large, one at the limit is not")
  func tooLarge() throws {
    var limits = RecordLimits()
    limits.recordBytesMax = purchase().utf8.count
    #expect(try decodeOne(purchase(), limits: limits).record != nil)
    #expect(try decodeOne(purchase() + " ", limits: limits).code == .tooLarge)
  }

  @Test("The depth limit counts the root")
  func depth() throws {
    func nested(_ depth: Int) -> String {
      purchase(more: "\"x\":" + String(repeating: "[", count: depth - 1) + String(repeating: "]", count: depth - 1))
    }
    #expect(try decodeOne(nested(32)).record != nil)
    #expect(try decodeOne(nested(33)).code == .malformed)
    #expect(try decodeOne(nested(10_000)).code == .malformed)
    var limits = RecordLimits()
    limits.jsonDepthMax = 10_000
    #expect(try decodeOne(nested(10_000), limits: limits).record != nil)
    limits.jsonDepthMax = 1
    #expect(try decodeOne(purchase(), limits: limits).record != nil)
    #expect(try decodeOne(purchase(more: "\"x\":{}"), limits: limits).code == .malformed)
  }

  @Test(
    "A key must be the customer id where the policy says so",
    arguments: [
      (nil, DeadLetterCode.keyMismatch as DeadLetterCode?), ("", .keyMismatch), ("c2", .keyMismatch), ("c1", nil),
      ("c11", .keyMismatch),
    ])
  func keys(key: String?, code: DeadLetterCode?) throws {
    #expect(try decodeOne(purchase(), key: key, keyPolicy: .mustBeCustomerID).code == code)
    #expect(try decodeOne(purchase(), key: key).code == nil)
  }

  @Test("A null value erases the customer whose id is the key")
  func erasure() throws {
    let record = try #require(try decodeOne(nil, key: "c9", timestampMs: 77).record)
    #expect(record.customer == Array("c9".utf8) && record.kind == .erasure && record.ms == 77 && record.minor == 0)
    #expect(try decodeOne(nil, key: nil).code == .missingField)
    #expect(try decodeOne(nil, key: "").code == .missingField)
    #expect(try decodeOne(nil, key: String(repeating: "k", count: 257)).code == .invalidCustomerID)
    var decoder = try RecordDecoder(map: RecordMap(), currency: Currency(code: "EUR"))
    let memory = GuardedBytes(capacity: 1)
    #expect(decoder.one(nil, key: [0xFF], in: memory).code == .invalidCustomerID)
  }

  @Test("A customer id is a string or an integer, its escapes undone, its digits as they are")
  func customerIDs() throws {
    let ids: [(String, String)] = [
      ("\"a b\"", "a b"), (#""\u00e9\ud83d\ude00\n""#, "é😀\n"), ("\"é😀\"", "é😀"), ("17850", "17850"), ("-0", "-0"),
      ("123456789012345678901234567890", "123456789012345678901234567890"),
      ("\"\(String(repeating: #"\u0061"#, count: 256))\"", String(repeating: "a", count: 256)),
    ]
    for (json, id) in ids {
      #expect(try decodeOne(purchase(customer: json)).record?.customer == Array(id.utf8), "\(json)")
    }
    #expect(
      try decodeOne(purchase(customer: "\"\(String(repeating: #"\u0061"#, count: 257))\"")).code == .invalidCustomerID)
  }

  @Test("Ids at the largest limit are unescaped and kept, too")
  func longestIDs() throws {
    var limits = RecordLimits()
    limits.customerIDBytesMax = 65_535
    let escaped = String(repeating: #"\u0061"#, count: 65_535)
    let outcome = try decodeOne(purchase(customer: "\"\(escaped)\""), limits: limits)
    #expect(outcome.record?.customer.count == 65_535)
    #expect(
      try decodeOne(purchase(customer: "\"\(escaped)a\""), limits: limits).code == .invalidCustomerID)
  }

  @Test("A customer id that is a number by the map loses fraction zeros, exponent and leading zeros")
  func integerCustomerIDs() throws {
    var map = RecordMap()
    map.customerIDIsInteger = true
    let ids: [(String, String?)] = [
      ("17850.0", "17850"), ("17850", "17850"), ("\"17850.0\"", "17850"), ("1.785e4", "17850"), ("\"0017\"", "17"),
      ("-0.0", "0"), ("-5", "-5"), ("9223372036854775807", "9223372036854775807"),
      ("9223372036854775808.0", "9223372036854775808"), ("9999999999999999999", "9999999999999999999"),
      ("17850.5", nil), ("\"a\"", nil), ("\"\\u0031.0\"", "1"),
      ("123456789012345678901234567890.000", "123456789012345678901234567890"), ("1e300", nil), ("true", nil),
    ]
    for (json, id) in ids {
      let outcome = try decodeOne(purchase(customer: json), map: map)
      #expect(outcome.record?.customer == id.map { Array($0.utf8) }, "\(json)")
      if id == nil { #expect(outcome.code == .invalidCustomerID) }
    }
    let keyed = try decodeOne(purchase(customer: "17850.0"), key: "17850", map: map, keyPolicy: .mustBeCustomerID)
    #expect(keyed.record != nil)
    #expect(try decodeOne(nil, key: "17850.0", map: map).record?.customer == Array("17850".utf8))
  }

  @Test("Optional ids are hashed without escapes, and are absent when null or empty")
  func optionalIDs() throws {
    let odd = hash(Array("t/1".utf8)) | 1
    #expect(try decodeOne(purchase(more: #""transaction_id":"t/1""#)).record?.transaction == odd)
    #expect(try decodeOne(purchase(more: #""transaction_id":"t\/1""#)).record?.transaction == odd)
    #expect(try decodeOne(purchase(more: #""order_id":12.50"#)).record?.order == hash(Array("12.50".utf8)) | 1)
    for absent in [#""order_id":null"#, #""order_id":"""#, #""x":1"#] {
      #expect(try decodeOne(purchase(more: absent)).record?.order == 0)
    }
  }

  @Test("Members are found by path, whatever stands around them")
  func paths() throws {
    var map = RecordMap()
    map.customerID = .path(["data", "customer", "id"])
    map.amount = [.path(["data", "total"])]
    map.timestamp = .path(["time"])
    let json =
      #"{"specversion":"1.0","data":{"x":[{"customer":{"id":"no"}}],"customer":{"name":"n","id":"c7"},"total":5},"#
      + #""time":"2026-01-01","id":"no"}"#
    #expect(try decodeOne(json, map: map).record?.customer == Array("c7".utf8))
    let twice = #"{"data":{"customer":{"id":"a"}},"data":{"total":1},"time":"2026-01-01"}"#
    #expect(try decodeOne(twice, map: map).code == .malformed)
    #expect(try decodeOne(#"{"data":7,"time":"2026-01-01"}"#, map: map).code == .missingField)
    #expect(try decodeOne(#"{"data":[{"customer":{"id":"a"}}],"time":"2026-01-01"}"#, map: map).code == .missingField)
  }

  @Test("Two fields may be read from one member, and a constant stands for every record")
  func sharedAndConstant() throws {
    var map = RecordMap()
    map.orderID = .path(["id"])
    map.transactionID = .path(["id"])
    map.currency = .constant("GBP")
    map.amount = [.constant("2.5"), .path(["n"])]
    let json = #"{"id":"x","n":3,"customer_id":"c","timestamp":1}"#
    let record = try #require(try decodeOne(json, map: map, currency: Currency(code: "GBP")).record)
    #expect(record.order == record.transaction && record.order == hash([0x78]) | 1 && record.minor == 750)
    #expect(try decodeOne(json, map: map).code == .unknownCurrency)
    map.amount = [.constant("a lot")]
    #expect(throws: RecordMapError.self) { try decodeOne(json, map: map) }
  }

  @Test(
    "A message says what and where, with the value in backquotes, cut and without control characters",
    arguments: [
      (purchase(amount: "\"a lot\""), "the amount `amount` is `a lot`, not a decimal number such as 12.34"),
      (
        purchase(customer: nil),
        "the customer id (`customer_id`) is absent, null or empty; fill it, or map another place"
      ),
      (
        purchase(more: #""type":"x\u0007`""#),
        #"the type `type` is `x\u0007\#u{FFFD}`; `purchase` and `refund` are allowed"#
      ),
      (purchase() + "}", "at byte \(purchase().utf8.count + 1), `}`: more behind the end of the object"),
      ("{\"a\":1,", "at the end: expected a member's name in double quotes"),
      (
        purchase(timestamp: "\"\(String(repeating: "x", count: 65))\""),
        "the timestamp `timestamp` is `\(String(repeating: "x", count: 64))…`, not ISO 8601 text "
          + "(2026-08-02T10:00:00Z) or epoch seconds or milliseconds; correct it, or set the map's `format`"
      ),
    ])
  func messages(json: String, message: String) throws {
    #expect(try decodeOne(json).message == message)
  }

  @Test("Decoding does not depend on what was decoded before, and ids keep their bytes for a batch")
  func batches() throws {
    var decoder = try RecordDecoder(map: RecordMap(), currency: Currency(code: "EUR"))
    let values = (0..<300).map { index in
      index % 3 == 0
        ? Array(purchase(customer: #""\u0063\#(index)""#).utf8)
        : index % 3 == 1
          ? Array(#"{ "timestamp" : 1785664800, "amount" : 1, "customer_id" : "c\#(index)" }"#.utf8)
          : Array("{\"customer_id\":".utf8)
    }
    let memories = values.map { bytes in
      let memory = GuardedBytes(capacity: bytes.count)
      return (memory, memory.hold(bytes), bytes.count)
    }
    let raw = memories.map { _, start, count in
      RawRecord(value: start, valueCount: count, timestampMs: 2_000_000_000_000, offset: 0, partition: 0)
    }
    let room = UnsafeMutablePointer<PurchaseRecord>.allocate(capacity: raw.count)
    defer { room.deallocate() }
    var dead: [DeadLetter] = []
    let count = raw.withUnsafeBufferPointer { decoder.decode($0, into: room, deadLetters: &dead) }
    #expect(count == 200 && dead.map(\.index) == Array(stride(from: 2, to: 300, by: 3)))
    for index in 0..<count {
      let id = String(
        decoding: UnsafeBufferPointer(start: room[index].customerID, count: Int(room[index].customerIDCount)),
        as: UTF8.self)
      #expect(id == "c\(room[index].index)" && room[index].index % 3 != 2)
    }
    withExtendedLifetime(memories) {}
  }
}
