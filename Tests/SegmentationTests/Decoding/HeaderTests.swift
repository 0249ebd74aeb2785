import Testing

@testable import Segmentation

@Suite("CSV headers")
struct HeaderTests {
  @Test("Optional fields that a map does not mention need no column")
  func absentColumns() throws {
    var map = RecordMap()
    map.format = .csv(delimiter: UInt8(ascii: ","), quote: UInt8(ascii: "\""), header: true)
    let decoder = try decoderWithHeader(map, "customer_id,amount,timestamp")
    #expect(decoder)
    #expect(try decoderWithHeader(map, "timestamp,order_id,amount,customer_id"))
  }

  @Test("A field that is needed, or mapped to a name of its own, needs its column")
  func neededColumns() throws {
    var map = RecordMap()
    map.format = .csv(delimiter: UInt8(ascii: ","), quote: UInt8(ascii: "\""), header: true)
    #expect(throws: RecordMapError.self) { try decoderWithHeader(map, "customer_id,amount") }
    map.orderID = .path(["invoice"])
    #expect(throws: RecordMapError.self) { try decoderWithHeader(map, "customer_id,amount,timestamp") }
  }

  private func decoderWithHeader(_ map: RecordMap, _ header: String) throws -> Bool {
    var decoder = try RecordDecoder(map: map, currency: Currency(code: "EUR"))
    try Array(header.utf8).withUnsafeBytes { try decoder.setHeader($0) }
    return true
  }
}
