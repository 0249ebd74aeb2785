import Testing

@testable import Segmentation

/// The scanner and the slow reference agree on what is JSON. A record is an object: anything else is wrapped in one.
@Suite("JSON validity")
struct JSONValidityTests {
  private static func isAccepted(_ bytes: [UInt8], _ decoder: inout RecordDecoder, _ memory: GuardedBytes) -> Bool {
    decoder.one(bytes, in: memory).code != .malformed
  }

  private static func isObject(_ bytes: [UInt8]) -> Bool {
    if case .object(let members) = ReferenceJSON.parse(bytes) {
      return !hasMappedTwice(members) && !hasOddID(members)
    }
    return false
  }

  /// The text of a member of the root, as the reference reads it.
  private static func member(_ name: String, of bytes: [UInt8]) -> [UInt8]? {
    guard case .object(let members) = ReferenceJSON.parse(bytes) else { return nil }
    switch members.first(where: { $0.key == Array(name.utf8) })?.value {
    case .string(let text): return text
    case .number(let digits): return Array(digits.utf8)
    default: return nil
    }
  }

  private static let mapped = RecordMap().names.map { Array($0.utf8) }

  private static func hasMappedTwice(_ members: [(key: [UInt8], value: ReferenceJSON.Value)]) -> Bool {
    mapped.contains { name in members.filter { $0.key == name }.count > 1 }
  }

  private static func hasOddID(_ members: [(key: [UInt8], value: ReferenceJSON.Value)]) -> Bool {
    members.contains { member in
      guard [Array("transaction_id".utf8), Array("order_id".utf8)].contains(member.key) else { return false }
      switch member.value {
      case .bool, .object, .array: return true
      case .null, .number, .string: return false
      }
    }
  }

  @Test(
    "Values that JSON allows are accepted, in any place",
    arguments: [
      "0", "-0", "-1", "1.5", "1e5", "1E+5", "1e-5", "0e0", "0.0e00", "123456789012345678901234567890", "1e999",
      "-1e-999",
      #""""#, #""\"\\\/\b\f\n\r\t""#, #""\u0000\uD834\uDD1E\ud800\uFFFF""#,
      "\"\u{7F}\u{80}\u{7FF}\u{800}\u{FFFF}\u{10FFFF}\"",
      "[]", "{}", "[[]]", "[{}]", #"{"":0}"#, #"{"a":[1,{"b":null}],"a":2}"#, "[ 1 , 2 ]", "{ \"a\" : 1 , \"b\" : 2 }",
      "true", "false", "null", "[\r\n\t 1]", #""1234567""#, #""12345678""#, #""123456789""#,
      #""1234567\n89abcdefghijklmnopq""#,
    ])
  func valid(value: String) throws {
    for json in [
      "{\"x\":\(value)}", " { \"x\" : \(value) , \"y\" : [ \(value) , \(value) ] } \n", "{\"x\":{\"y\":\(value)}}",
    ] {
      let bytes = Array(json.utf8)
      #expect(ReferenceJSON.parse(bytes) != nil, "the reference refuses \(json)")
      let outcome = try decodeOne(json)
      #expect(outcome.code == .missingField, "\(json) gave \(outcome)")
    }
  }

  @Test(
    "Values that JSON does not allow are malformed, in any place",
    arguments: [
      "", "00", "01", "-", "+1", "-01", ".5", "5.", "1.e5", "1e", "1e+", "0x1", "1_0", "NaN", "Infinity", "-a", "1a",
      "- 1",
      #"""#, #""\x""#, #""\u12""#, #""\u12G4""#, #""\uD8""#, #""\"#, "\"\t\"", "\"\n\"", "\"\0\"", "\"\u{1F}\"", "'a'",
      "\"a",
      "[", "]", "[1", "[1,", "[1,]", "[,1]", "[1 2]", "[1}", "{", "{]", "{\"a\"", "{\"a\":", "{\"a\":1", "{\"a\":1,",
      "{\"a\":1,}",
      "{a:1}", "{\"a\" 1}", "{1:1}", "{\"a\":1 \"b\":2}", "{,}", "{\"a\"::1}", "tru", "truE", "nul", "fals", "True",
      "1 1", "1,",
      "/**/1", "\u{FEFF}1", "\u{A0}1", "\u{0B}1", "\0", "1\0",
    ])
  func invalid(value: String) throws {
    for json in [
      "{\"x\":\(value)}", "{\"x\":[\(value)]}", "{\"x\":{\"y\":\(value)},\"z\":\"12345678901234567890123456789012\"}",
    ] {
      let bytes = Array(json.utf8)
      // An empty array is what the empty value makes of the second form.
      if ReferenceJSON.parse(bytes) != nil {
        #expect(value.isEmpty || value == "1,", "the reference accepts \(json)")
        continue
      }
      #expect(try decodeOne(json).code == .malformed, "\(json)")
    }
  }

  @Test(
    "Bytes that are not UTF-8 are malformed in a string",
    arguments: [
      [0x80], [0xBF], [0xC0, 0x80], [0xC1, 0xBF], [0xC3], [0xC3, 0x28], [0xE0, 0x80, 0x80], [0xE0, 0x9F, 0xBF],
      [0xE2, 0x82],
      [0xED, 0xA0, 0x80], [0xED, 0xBF, 0xBF], [0xEF, 0xBF], [0xF0, 0x80, 0x80, 0x80], [0xF0, 0x8F, 0xBF, 0xBF],
      [0xF0, 0x9F, 0x98], [0xF4, 0x90, 0x80, 0x80], [0xF5, 0x80, 0x80, 0x80], [0xFE], [0xFF],
    ] as [[UInt8]])
  func notUTF8(bytes: [UInt8]) throws {
    var decoder = try RecordDecoder(map: RecordMap(), currency: Currency(code: "EUR"))
    let memory = GuardedBytes(capacity: 200)
    for lead in 0..<20 {
      for place in ["customer_id", "x"] {
        let json =
          Array("{\"\(place)\":\"".utf8) + [UInt8](repeating: 0x61, count: lead) + bytes + Array("\",\"y\":1}".utf8)
        #expect(ReferenceJSON.parse(json) == nil)
        #expect(!Self.isAccepted(json, &decoder, memory))
        let key = Array("{\"".utf8) + [UInt8](repeating: 0x61, count: lead) + bytes + Array("\":1}".utf8)
        #expect(!Self.isAccepted(key, &decoder, memory))
      }
    }
  }

  @Test("Producers that put white space in different places are read alike, in whatever order their records come")
  func spaces() throws {
    let texts = ["", " ", "\n\t", "   "].flatMap { before in
      ["", " ", "  "].map { behind in
        #"{"customer_id"~:^"c1"~,^"amount"~:^12.34~,^"timestamp"~:^1785664800123~,^"order_id"~:^null~,^"x"~:^{"y":1}}"#
          .replacing("~", with: before).replacing("^", with: behind)
      }
    }
    let memory = GuardedBytes(capacity: 1_000)
    let wanted = try decodeOne(texts[0])
    #expect(wanted.record != nil)
    for first in texts {
      for second in texts {
        var decoder = try RecordDecoder(map: RecordMap(), currency: Currency(code: "EUR"))
        // The second time the decoder expects what the first producer writes.
        for text in [first, first, second, first] {
          #expect(decoder.one(Array(text.utf8), in: memory) == wanted, "\(text) after \(first)")
        }
      }
    }
  }

  @Test("Every prefix of a record is malformed, and no byte beyond it is read")
  func prefixes() throws {
    let record = Array(
      purchase(more: #""note":"é\n\u00e9 and on and on","x":[1.5e3,{"a":null}],"type":"refund""#).utf8)
    var decoder = try RecordDecoder(map: RecordMap(), currency: Currency(code: "EUR"))
    let memory = GuardedBytes(capacity: record.count)
    // The second time the decoder knows what to expect.
    for _ in 0..<2 {
      #expect(decoder.one(record, in: memory).record != nil)
      for count in 0..<record.count {
        #expect(decoder.one(Array(record[..<count]), in: memory).code == .malformed)
      }
    }
  }

  @Test("Mutated records are accepted exactly when the reference accepts them", arguments: 1...8 as ClosedRange<UInt64>)
  func mutations(seed: UInt64) throws {
    var numbers = SeededNumbers(seed: seed)
    let originals = [
      purchase(), purchase(more: #""order_id":"o1","transaction_id":7,"currency":"EUR","type":"refund""#),
      #"{"x":[1,2.5e-3,{"y":"\u00e9ü"}],"customer_id":"ü\n","amount":"-1.5","timestamp":1785664800,"n":null}"#,
      #" { "timestamp" : "2026-08-02" , "amount" : 5 , "customer_id" : 42 , "deep" : [[[[{"a":[]}]]]] } "#,
    ].map { Array($0.utf8) }
    let spice = Array("{}[]\",:\\0123456789.eE+-truefalsn \n\tu/\u{0}é".utf8) + [0xFF, 0x80, 0xC3]
    var decoder = try RecordDecoder(map: RecordMap(), currency: Currency(code: "EUR"))
    let memory = GuardedBytes(capacity: 1_000)
    for round in 0..<2_000 {
      var bytes = originals[Int(numbers.next() % UInt64(originals.count))]
      for _ in 0...(numbers.next() % 3) {
        let at = Int(numbers.next() % UInt64(bytes.count))
        switch numbers.next() % 5 {
        case 0: bytes.remove(at: at)
        case 1: bytes.insert(spice[Int(numbers.next() % UInt64(spice.count))], at: at)
        case 2: bytes[at] = spice[Int(numbers.next() % UInt64(spice.count))]
        case 3: bytes[at] ^= 1 << UInt8(numbers.next() % 8)
        default:
          let other = min(bytes.count, at + Int(numbers.next() % 20))
          bytes.insert(contentsOf: bytes[at..<other], at: at)
        }
        if bytes.isEmpty { bytes = [0x20] }
      }
      let expected = Self.isObject(bytes)
      let accepted = Self.isAccepted(bytes, &decoder, memory)
      if expected != accepted {
        Issue.record("seed \(seed), round \(round): \(String(decoding: bytes, as: UTF8.self)) expected \(expected)")
      }
      // What a decoder has seen before makes no difference.
      var fresh = try RecordDecoder(map: RecordMap(), currency: Currency(code: "EUR"))
      let outcome = fresh.one(bytes, in: memory)
      #expect(outcome == decoder.one(bytes, in: memory))
      if let record = outcome.record {
        let found = Self.member("customer_id", of: bytes)
        #expect(found == record.customer, "seed \(seed), round \(round): \(String(decoding: bytes, as: UTF8.self))")
      }
    }
  }

  @Test("Members in any order, nested and among strangers, are found as the reference finds them")
  func shuffledMembers() throws {
    var map = RecordMap()
    map.customerID = .path(["data", "customer", "id"])
    map.amount = [.path(["data", "total"])]
    var numbers = SeededNumbers(seed: 5)
    var decoder = try RecordDecoder(map: map, currency: Currency(code: "EUR"))
    let memory = GuardedBytes(capacity: 2_000)
    for round in 0..<3_000 {
      func object(_ members: [String]) -> String {
        let space = ["", " ", "\n  "][Int(numbers.next() % 3)]
        return "{" + members.shuffled(using: &numbers).map { space + $0 }.joined(separator: ",") + space + "}"
      }
      func strangers() -> [String] {
        let all = [
          "\"id\":\"no\"", "\"total\":{\"id\":1}", "\"data2\":{\"customer\":{\"id\":\"no\"}}",
          "\"customer_id\":[{\"id\":2}]",
          "\"amount\":\"é\\u00e9\"", "\"a rather long name of a member that nobody maps\":null", "\"d\\u0061t\":-1.5e3",
          "\"\":[]",
        ]
        return all.filter { _ in numbers.next() % 4 == 0 }
      }
      let colon = ["\":", "\" : "][Int(numbers.next() % 2)]
      let escaped = numbers.next() % 4 == 0
      let inner = object(
        ["\"id\(colon)\"c\(escaped ? "\\u002d" : "-")\(round)\""] + strangers().filter { !$0.hasPrefix("\"id") })
      let data = object(
        ["\"\(escaped ? "cust\\u006fmer" : "customer")\(colon)\(inner)", "\"total\(colon)\(round).25"]
          + strangers().filter { !$0.hasPrefix("\"total") })
      let json = object(
        [
          "\"\(escaped ? "\\u0064ata" : "data")\(colon)\(data)", "\"timestamp\(colon)\"2026-01-01\"",
          "\"order_id\(colon)\(round)",
        ]
          + strangers())
      let record = decoder.one(Array(json.utf8), in: memory).record
      #expect(record?.customer == Array("c-\(round)".utf8), "\(json)")
      #expect(record?.minor == Int64(round * 100 + 25) && record?.order == hash(Array("\(round)".utf8)) | 1)
    }
  }

  @Test("Random bytes are data, never a crash", arguments: 1...4 as ClosedRange<UInt64>)
  func randomBytes(seed: UInt64) throws {
    var numbers = SeededNumbers(seed: seed)
    let alphabet = Array("{}[]\",:\\0123456789.eE+-truefalsn \nu".utf8)
    var decoder = try RecordDecoder(map: RecordMap(), currency: Currency(code: "EUR"))
    let memory = GuardedBytes(capacity: 100)
    for round in 0..<10_000 {
      var bytes = (0..<(numbers.next() % 80)).map { _ in
        round % 2 == 0
          ? UInt8(truncatingIfNeeded: numbers.next()) : alphabet[Int(numbers.next() % UInt64(alphabet.count))]
      }
      if round % 4 > 1 { bytes.insert(UInt8(ascii: "{"), at: 0) }
      #expect(Self.isAccepted(bytes, &decoder, memory) == Self.isObject(bytes), "seed \(seed): \(bytes)")
    }
  }

  @Test("Ten megabytes are read when the limit allows them, and too large when it does not")
  func tenMegabytes() throws {
    let text = String(repeating: "0123456789", count: 1 << 20)
    var limits = RecordLimits()
    #expect(try decodeOne(purchase(more: "\"x\":\"\(text)\"")).code == .tooLarge)
    limits.recordBytesMax = 1 << 24
    #expect(try decodeOne(purchase(more: "\"x\":\"\(text)\""), limits: limits).record != nil)
    #expect(try decodeOne(purchase(amount: "1" + text), limits: limits).code == .amountOverflow)
    #expect(try decodeOne(purchase(amount: "0." + text), limits: limits).record?.minor == 1)
    #expect(try decodeOne(purchase(customer: "\"\(text)\""), limits: limits).code == .invalidCustomerID)
    #expect(try decodeOne(purchase(more: "\"order_id\":\"\(text)\\n\""), limits: limits).record != nil)
    #expect(
      try decodeOne(purchase(timestamp: text.replacing("0", with: "1")), limits: limits).code == .invalidTimestamp)
  }
}

extension RecordMap {
  /// The names of the default map.
  fileprivate var names: [String] {
    ["customer_id", "amount", "timestamp", "transaction_id", "order_id", "currency", "type"]
  }
}
