import Testing

@testable import Segmentation

@Suite("CSV headers")
struct HeaderTests {
  @Test("Optional fields that a map does not mention need no column")
  func absentColumns() throws {
    var map = RecordMap()
    map.format = .csv(delimiter: UInt8(ascii: ","), quote: UInt8(ascii: "\""), header: true)
    #expect(throws: Never.self) { try read("customer_id,amount,timestamp", by: map) }
    #expect(throws: Never.self) { try read("timestamp,order_id,amount,customer_id", by: map) }
  }

  @Test("A field that is needed, or mapped to a name of its own, needs its column")
  func neededColumns() throws {
    var map = RecordMap()
    map.format = .csv(delimiter: UInt8(ascii: ","), quote: UInt8(ascii: "\""), header: true)
    #expect(throws: RecordMapError.self) { try read("customer_id,amount", by: map) }
    map.orderID = .path(["invoice"])
    #expect(throws: RecordMapError.self) { try read("customer_id,amount,timestamp", by: map) }
  }

  private func read(_ header: String, by map: RecordMap) throws {
    var decoder = try RecordDecoder(map: map, currency: Currency(code: "EUR"))
    try Array(header.utf8).withUnsafeBytes { try decoder.setHeader($0) }
  }
}
