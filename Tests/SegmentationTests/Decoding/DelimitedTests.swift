import Testing

@testable import Segmentation

@Suite("CSV and columns")
struct DelimitedTests {
  private static func retail() -> RecordMap {
    var map = RecordMap()
    map.format = .csv(delimiter: UInt8(ascii: ","), quote: UInt8(ascii: "\""), header: true)
    map.customerID = .path(["CustomerID"])
    map.customerIDIsInteger = true
    map.orderID = .path(["InvoiceNo"])
    map.transactionID = nil
    map.amount = [.path(["Quantity"]), .path(["UnitPrice"])]
    map.timestamp = .path(["InvoiceDate"])
    map.timeFormat = .pattern("%Y-%m-%d %H:%M:%S")
    map.currency = .constant("GBP")
    map.type = nil
    return map
  }

  private static let header = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country"

  /// Three cells in the order customer, amount, timestamp.
  private static func plain(quote: UInt8 = UInt8(ascii: "\""), delimiter: UInt8 = UInt8(ascii: ",")) -> RecordMap {
    var map = RecordMap()
    map.format = .csv(delimiter: delimiter, quote: quote, header: false)
    map.customerID = .column(1)
    map.amount = [.column(2)]
    map.timestamp = .column(3)
    map.orderID = .column(4)
    map.currency = .column(5)
    map.type = .column(6)
    map.transactionID = nil
    return map
  }

  @Test("A line of Online Retail comes out field by field")
  func onlineRetail() throws {
    let line =
      "536365,85123A,\"WHITE \"\"HANGING\"\" HEART, T-LIGHT\",6,2010-12-01 08:26:00,2.55,17850.0,United Kingdom"
    let outcome = try decodeOne(line, map: Self.retail(), currency: Currency(code: "GBP"), header: Self.header)
    let record = try #require(outcome.record, "\(outcome)")
    #expect(record.customer == Array("17850".utf8) && record.minor == 1530 && record.ms == 1_291_191_960_000)
    #expect(record.order == hash(Array("536365".utf8)) | 1 && record.transaction == 0 && record.kind == .purchase)
    let noCustomer = "536414,22139,,56,2010-12-01 11:52:00,0.0,,United Kingdom"
    let dead = try decodeOne(noCustomer, map: Self.retail(), currency: Currency(code: "GBP"), header: Self.header)
    #expect(dead.code == .missingField && dead.message.contains("`CustomerID`"))
    let refund = "C536379,D,Discount,-1,2010-12-01 09:41:00,27.50,14527.0,United Kingdom"
    let back = try decodeOne(refund, map: Self.retail(), currency: Currency(code: "GBP"), header: Self.header)
    #expect(back.record?.kind == .refund && back.record?.minor == 2750)
  }

  @Test(
    "Quotes follow RFC 4180, and a bare one inside a cell is a letter",
    arguments: [
      ("\"c1\",1,2026-01-01", "c1" as String?), ("\"c\"\"1\",1,2026-01-01", "c\"1"),
      ("\"c,\n1\",1,2026-01-01", "c,\n1"),
      ("c\"1,1,2026-01-01", "c\"1"), ("c1\",1,2026-01-01", "c1\""), ("\"\"\"\",1,2026-01-01", "\""),
      ("\"a very long cell with a \"\" in it\",1,2026-01-01", "a very long cell with a \" in it"),
      ("c1,\"1\",\"2026-01-01\"", "c1"), ("c1,1,2026-01-01,,,", "c1"), ("c1,1,2026-01-01,\"\"", "c1"),
      ("\"c1\"x,1,2026-01-01", nil), ("\"c1,1,2026-01-01", nil), ("c1,1,\"2026-01-01", nil),
      ("\"c1\" ,1,2026-01-01", nil),
      ("\"c1\"\",1,2026-01-01", nil),
    ])
  func quotes(line: String, customer: String?) throws {
    let outcome = try decodeOne(line, map: Self.plain())
    #expect(outcome.record?.customer == customer.map { Array($0.utf8) }, "\(outcome)")
    if customer == nil { #expect(outcome.code == .malformed) }
  }

  @Test("Delimiter and quote are whatever the map says")
  func otherDelimiters() throws {
    let semicolon = Self.plain(quote: UInt8(ascii: "'"), delimiter: UInt8(ascii: ";"))
    #expect(try decodeOne("'c;''1';1.5;2026-01-01", map: semicolon).record?.customer == Array("c;'1".utf8))
    let tab = Self.plain(delimiter: Byte.tab)
    #expect(try decodeOne("c 1\t1.5\t2026-01-01\t\t\trefund", map: tab).record?.kind == .refund)
  }

  @Test("An empty cell is absent, an empty line malformed")
  func emptyCells() throws {
    let full = try decodeOne("c,1,2026-01-01,o,EUR,purchase", map: Self.plain())
    #expect(full.record?.order == hash([0x6F]) | 1)
    #expect(try decodeOne("c,1,2026-01-01,,,", map: Self.plain()).record?.order == 0)
    for line in [",1,2026-01-01", "c,,2026-01-01", "c,1,", "c,1", "c", "\"\",1,2026-01-01", ",,"] {
      #expect(try decodeOne(line, map: Self.plain()).code == .missingField, "\(line)")
    }
    for line in ["", " ", "\r\n", "\t "] {
      #expect(try decodeOne(line, map: Self.plain()).code == .malformed)
    }
  }

  @Test("Only the customer id has to be UTF-8")
  func latin1() throws {
    var decoder = try RecordDecoder(map: Self.plain(), currency: Currency(code: "EUR"))
    let memory = GuardedBytes(capacity: 1_000)
    #expect(decoder.one([0xE9] + Array(",1,2026-01-01".utf8), in: memory).code == .invalidCustomerID)
    let quoted = [Byte.quote, 0xE9, Byte.quote, Byte.quote, Byte.quote] + Array(",1,2026-01-01".utf8)
    #expect(decoder.one(quoted, in: memory).code == .invalidCustomerID)
    #expect(decoder.one(Array("c,1,2026-01-01,".utf8) + [0xE9], in: memory).record != nil)
    #expect(decoder.one(Array("é,1,2026-01-01".utf8), in: memory).record?.customer == Array("é".utf8))
    let zeros = [UInt8](repeating: 0, count: 10) + Array("T10:00:00Z".utf8)
    #expect(decoder.one(Array("c,1,".utf8) + zeros, in: memory).code == .invalidTimestamp)
  }

  @Test("A cell of digits is an epoch, but eight of them may be a date and are refused")
  func epochCells() throws {
    #expect(try decodeOne("c,1,1785664800", map: Self.plain()).record?.ms == 1_785_664_800_000)
    #expect(try decodeOne("c,1,1785664800123", map: Self.plain()).record?.ms == 1_785_664_800_123)
    #expect(try decodeOne("c,1,19970101", map: Self.plain()).code == .invalidTimestamp)
    #expect(try decodeOne("c,\" 1.5 \",2026-01-01", map: Self.plain()).record?.minor == 150)
  }

  @Test("Columns are separated by runs of blanks, as in CDNOW")
  func columns() throws {
    var map = RecordMap()
    map.format = .columns
    map.customerID = .column(1)
    map.timestamp = .column(3)
    map.timeFormat = .pattern("%Y%m%d")
    map.amount = [.column(5)]
    map.transactionID = nil
    map.orderID = nil
    map.currency = .constant("USD")
    map.type = nil
    let usd = Currency(code: "USD")
    let outcome = try decodeOne(" 00004  0001 19970101  2 \t 29.33 ", map: map, currency: usd)
    #expect(outcome.record?.customer == Array("00004".utf8) && outcome.record?.minor == 2933)
    #expect(outcome.record?.ms == 852_076_800_000)
    #expect(try decodeOne("00004 0001 19970101 2", map: map, currency: usd).code == .missingField)
    #expect(try decodeOne("  ", map: map, currency: usd).code == .malformed)
    map.customerID = .path(["id"])
    #expect(throws: RecordMapError.self) { _ = try RecordDecoder(map: map, currency: usd) }
  }

  @Test("A header that lacks a mapped column is refused with the columns there are and the nearest")
  func missingColumn() throws {
    let error = #expect(throws: RecordMapError.self) {
      try decodeOne(
        "", map: Self.retail(), currency: Currency(code: "GBP"), header: "Invoice,CustomerId,\"a \"\"b\"\"\"")
    }
    let message = try #require(error?.message)
    #expect(message.contains("`CustomerID`") && message.contains("the nearest is `CustomerId`"))
    #expect(message.contains("`a \"b\"`"))
  }

  @Test("Column names may be quoted or padded; more cells than columns are malformed, fewer are absent")
  func headers() throws {
    var map = Self.plain()
    map.format = .csv(delimiter: UInt8(ascii: ","), quote: UInt8(ascii: "\""), header: true)
    map.customerID = .path(["id"])
    map.amount = [.path(["unit", "price"])]
    map.timestamp = .column(3)
    map.orderID = nil
    map.currency = nil
    map.type = nil
    let header = " id ,\"unit.price\",when"
    #expect(try decodeOne("c,1,2026-01-01", map: map, header: header).record?.minor == 100)
    #expect(try decodeOne("c,1,2026-01-01,x", map: map, header: header).code == .malformed)
    #expect(try decodeOne("c,1", map: map, header: header).code == .missingField)
    for bad in [
      "id,id,unit.price", "\"id,unit.price,when", "\"id\"x,unit.price,when", "id,unit.price", "unit.price,x,id", "",
    ] {
      #expect(throws: RecordMapError.self) { try decodeOne("c,1,2026-01-01", map: map, header: bad) }
    }
  }

  @Test(
    "Random cells never crash the scanner, and join back to what they were", arguments: 1...4 as ClosedRange<UInt64>)
  func randomCells(seed: UInt64) throws {
    var numbers = SeededNumbers(seed: seed)
    let letters = Array("ab\", \n.1é-".utf8)
    var decoder = try RecordDecoder(map: Self.plain(), currency: Currency(code: "EUR"))
    let memory = GuardedBytes(capacity: 200)
    for _ in 0..<5_000 {
      let raw = (0..<(numbers.next() % 40)).map { _ in letters[Int(numbers.next() % UInt64(letters.count))] }
      _ = decoder.one(raw, in: memory)
      let id = (0...(numbers.next() % 20)).map { _ in Array("ab\", \n;".utf8)[Int(numbers.next() % 7)] }
      let quoted = [Byte.quote] + id.flatMap { $0 == Byte.quote ? [$0, $0] : [$0] } + [Byte.quote]
      let outcome = decoder.one(quoted + Array(",1,2026-01-01".utf8), in: memory)
      #expect(outcome.record?.customer == id, "seed \(seed): \(id)")
    }
  }

  @Test("A map that cannot be followed is refused", arguments: 0..<9)
  func badMaps(number: Int) {
    var map = RecordMap()
    var currency = Currency(code: "EUR")
    var limits = RecordLimits()
    switch number {
    case 0: map.customerID = .column(1)
    case 1: map.amount = []
    case 2: map.customerID = .path([])
    case 3: map.format = .csv(delimiter: 0x2C, quote: 0x2C, header: true)
    case 4: map.format = .csv(delimiter: 0x2C, quote: 0x22, header: false)
    case 5: currency.code = "not a code"
    case 6: currency.rates = ["USD": Currency.Rate(mantissa: 0, scale: 0)]
    case 7: limits.customerIDBytesMax = 65_536
    default: map.orderID = .path((0..<70).map { "step\($0)" })
    }
    #expect(throws: RecordMapError.self) { _ = try RecordDecoder(map: map, currency: currency, limits: limits) }
  }
}
