import Testing

@testable import Segmentation

/// Decimal digits by hand, one at a time: the slow reference for amounts.
private struct ReferenceDecimal {
  /// Most significant first.
  var digits: [Int]
  /// Digits behind the point.
  var scale: Int
  var isNegative: Bool

  init(_ text: String) {
    var text = Substring(text)
    isNegative = text.first == "-"
    if text.first == "-" || text.first == "+" { text = text.dropFirst() }
    var power = 0
    if let e = text.lowercased().firstIndex(of: "e") {
      power = Int(text.lowercased()[e...].dropFirst()) ?? 0
      text = text.prefix(text.lowercased().distance(from: text.lowercased().startIndex, to: e))
    }
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    digits = text.filter { $0 != "." }.compactMap(\.wholeNumberValue)
    scale = (parts.count > 1 ? parts[1].count : 0) - power
  }

  func times(_ other: ReferenceDecimal) -> ReferenceDecimal {
    var result = self
    var sums = [Int](repeating: 0, count: digits.count + other.digits.count)
    for i in digits.indices {
      for j in other.digits.indices { sums[i + j + 1] += digits[i] * other.digits[j] }
    }
    for i in sums.indices.reversed() where sums[i] > 9 {
      sums[i - 1] += sums[i] / 10
      sums[i] %= 10
    }
    result.digits = sums
    result.scale += other.scale
    result.isNegative = isNegative != other.isNegative
    return result
  }

  /// Minor units, half to even; `nil` above Int64.
  func minor(_ minorDigits: Int) -> Int64? {
    var whole = digits
    let cut = scale - minorDigits
    if !whole.contains(where: { $0 != 0 }) { return 0 }
    if cut <= 0 {
      whole += [Int](repeating: 0, count: -cut)
      return Self.value(whole)
    }
    if cut > whole.count { whole = [Int](repeating: 0, count: cut - whole.count) + whole }
    let kept = Array(whole.dropLast(cut))
    let rest = Array(whole.suffix(cut))
    let half = [5] + [Int](repeating: 0, count: cut - 1)
    let isOdd = (kept.last ?? 0) % 2 == 1
    let up = half.lexicographicallyPrecedes(rest) || (rest == half && isOdd)
    guard let value = Self.value(kept) else { return nil }
    return up ? (value == .max ? nil : value + 1) : value
  }

  private static func value(_ digits: [Int]) -> Int64? {
    var value: Int64 = 0
    for digit in digits {
      let (tens, overflow) = value.multipliedReportingOverflow(by: 10)
      let (sum, overflows) = tens.addingReportingOverflow(Int64(digit))
      if overflow || overflows { return nil }
      value = sum
    }
    return value
  }
}

@Suite("Amounts")
struct AmountTests {
  private static func randomNumber(_ numbers: inout SeededNumbers) -> String {
    func digits(_ count: UInt64) -> String {
      let style = numbers.next() % 3
      return (0..<count).map { _ in
        style == 0 ? String(numbers.next() % 10) : style == 1 ? (numbers.next() % 8 == 0 ? "5" : "0") : "9"
      }.joined()
    }
    let whole = digits(1 + numbers.next() % (numbers.next() % 4 == 0 ? 25 : 4))
    var text = numbers.next() % 4 == 0 ? "-" : ""
    text += String(whole.drop { $0 == "0" })
    if text.isEmpty || text == "-" { text += "0" }
    if numbers.next() % 4 != 0 { text += "." + digits(1 + numbers.next() % (numbers.next() % 4 == 0 ? 30 : 4)) }
    if numbers.next() % 8 == 0 { text += "e\(Int(numbers.next() % 40) - 20)" }
    return text
  }

  @Test("An amount is the exact decimal, rounded half to even once", arguments: [0, 2, 3])
  func rounding(digits: Int) throws {
    var numbers = SeededNumbers(seed: 11)
    let rate = Currency.Rate(mantissa: 92_345, scale: 5)
    let currency = Currency(code: "EUR", digits: digits, rates: ["USD": rate])
    var map = RecordMap()
    var single = try RecordDecoder(map: map, currency: currency)
    map.amount = [.path(["quantity"]), .path(["price"])]
    var product = try RecordDecoder(map: map, currency: currency)
    let memory = GuardedBytes(capacity: 1_000)
    for round in 0..<6_000 {
      let first = Self.randomNumber(&numbers)
      let second = Self.randomNumber(&numbers)
      let quote = numbers.next() % 2 == 0 ? "\"" : ""
      let usesRate = numbers.next() % 3 == 0
      let more = "\"currency\":\"\(usesRate ? "USD" : "EUR")\""
      var expected = ReferenceDecimal(first)
      let outcome: Outcome
      if round % 2 == 0 {
        outcome = single.one(Array(purchase(amount: quote + first + quote, more: more).utf8), in: memory)
      } else {
        expected = expected.times(ReferenceDecimal(second))
        let json = purchase(amount: nil, more: "\"quantity\":\(first),\"price\":\(quote + second + quote),\(more)")
        outcome = product.one(Array(json.utf8), in: memory)
      }
      if usesRate { expected = expected.times(ReferenceDecimal("0.92345")) }
      let minor = expected.minor(digits)
      #expect(outcome.record?.minor == minor, "\(first) × \(round % 2 == 0 ? "1" : second): \(outcome)")
      if let minor {
        #expect(outcome.record?.kind == (expected.isNegative && minor != 0 ? .refund : .purchase))
      } else {
        #expect(outcome.code == .amountOverflow)
      }
    }
  }

  @Test(
    "Edges of amounts come out right",
    arguments: [
      ("0", 0 as Int64?), ("-0", 0), ("0.005", 0), ("0.015", 2), ("0.025", 2), ("0.0250000000000000000000000000001", 3),
      ("-0.004", 0), ("-0.005", 0), ("92233720368547758.07", .max), ("92233720368547758.0749", .max),
      ("92233720368547758.075", nil), ("92233720368547758.08", nil), ("1e16", 1_000_000_000_000_000_000), ("1e17", nil),
      ("1e-999", 0), ("1e-99999999999999999999", 0), ("0e99999999999999999999", 0), ("1e99999999999999999999", nil),
      ("1E2", 10_000), ("12345678901234567890123456789e-20", 12_345_678_901),
      ("0.00000000000000000000000000000001e34", 10_000),
    ])
  func edges(text: String, minor: Int64?) throws {
    for json in [text, "\"\(text)\"", "\" \(text)\\t\""] {
      let outcome = try decodeOne(purchase(amount: json))
      #expect(outcome.record?.minor == minor, "\(json) gave \(outcome)")
      #expect(outcome.record?.kind ?? .purchase == .purchase)
      if minor == nil { #expect(outcome.code == .amountOverflow) }
    }
  }

  @Test("A string may write a number more freely than JSON does, and nothing else is one")
  func texts() throws {
    for (text, minor) in [("+1.5", 150), (".5", 50), ("5.", 500), ("007", 700), ("1\\u0032", 1200)] {
      #expect(try decodeOne(purchase(amount: "\"\(text)\"")).record?.minor == Int64(minor), "\(text)")
    }
    for text in ["", " ", ".", "-", "+", "e5", "1e", "1 2", "1,5", "$5", "5 EUR", "0x10", "NaN", "--1", "1.2.3", "１"] {
      #expect(try decodeOne(purchase(amount: "\"\(text)\"")).code == .invalidAmount, "\(text)")
    }
  }

  @Test("The type wins over the sign, and a purchase below zero is none")
  func types() throws {
    let cases: [(String, String, PurchaseRecord.Kind?)] = [
      ("5", "refund", .refund), ("-5", "refund", .refund), ("-5", "REFUND", .refund), ("5", "Purchase", .purchase),
      ("-0.001", "purchase", .purchase), ("0", "refund", .refund), ("-5", "purchase", nil), ("5", "return", nil),
      ("5", "purchasE", .purchase), ("5", "r\\u0065fund", .refund), ("5", "", nil),
    ]
    for (amount, type, kind) in cases {
      let outcome = try decodeOne(purchase(amount: amount, more: "\"type\":\"\(type)\""))
      #expect(outcome.record?.kind == kind, "\(amount) \(type): \(outcome)")
      #expect(outcome.record?.minor ?? 0 >= 0)
      if kind == nil { #expect(outcome.code == .invalidAmount) }
    }
    #expect(try decodeOne(purchase(more: "\"type\":\"gift\"")).message.contains("`purchase` and `refund` are allowed"))
    #expect(try decodeOne(purchase(amount: "-7", more: "\"type\":null")).record?.kind == .refund)
  }

  @Test("More than a thousand digits are exact alone, and refused in a product")
  func longNumbers() throws {
    let tie = "0.025" + String(repeating: "0", count: 5_000)
    #expect(try decodeOne(purchase(amount: tie)).record?.minor == 2)
    #expect(try decodeOne(purchase(amount: tie + "1")).record?.minor == 3)
    var map = RecordMap()
    map.amount = [.path(["a"]), .path(["b"])]
    #expect(try decodeOne(purchase(amount: nil, more: "\"a\":\(tie),\"b\":1"), map: map).record?.minor == 2)
    #expect(try decodeOne(purchase(amount: nil, more: "\"a\":\(tie)1,\"b\":1"), map: map).code == .invalidAmount)
  }

  @Test("The first currency that is named is the one, where none is configured")
  func firstCurrency() throws {
    let memory = GuardedBytes(capacity: 1_000)
    func json(_ code: String) -> [UInt8] { Array(purchase(amount: "5", more: "\"currency\":\"\(code)\"").utf8) }
    var decoder = try RecordDecoder(map: RecordMap(), currency: Currency(code: nil))
    #expect(decoder.one(Array(purchase().utf8), in: memory).record?.minor == 1234)
    #expect(decoder.currency.code == nil)
    let digits = decoder.one(json("JPY"), in: memory)
    #expect(digits.code == .unknownCurrency && digits.message.contains("set the currency"))
    #expect(decoder.one(json("GBP"), in: memory).record?.minor == 500)
    #expect(decoder.currency.code == "GBP")
    #expect(decoder.one(json("EUR"), in: memory).code == .unknownCurrency)
    #expect(decoder.one(json("gbp"), in: memory).record?.minor == 500)
    #expect(decoder.one(Array(purchase(more: "\"currency\":null").utf8), in: memory).record?.minor == 1234)

    var yen = try RecordDecoder(map: RecordMap(), currency: Currency(code: nil))
    #expect(yen.one(json("JPY"), in: memory).record?.minor == 5)
    #expect(yen.currency.code == "JPY" && yen.currency.digits == 0)
    var other = try RecordDecoder(map: RecordMap(), currency: Currency(code: nil))
    other.fixCurrency(yen.currency)
    #expect(other.one(json("GBP"), in: memory).code == .unknownCurrency)
    #expect(other.one(json("JPY"), in: memory).record?.minor == 5)
  }

  @Test("A dead letter does not fix the currency")
  func deadCurrency() throws {
    var decoder = try RecordDecoder(map: RecordMap(), currency: Currency(code: nil))
    let memory = GuardedBytes(capacity: 1_000)
    let dead = Array(purchase(timestamp: "\"x\"", more: "\"currency\":\"GBP\"").utf8)
    #expect(decoder.one(dead, in: memory).code == .invalidTimestamp)
    #expect(decoder.currency.code == nil)
  }
}
