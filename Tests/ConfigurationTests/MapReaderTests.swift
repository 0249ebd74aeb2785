import Testing

@testable import Configuration

@Suite("Maps")
struct MapReaderTests {
  @Test("The map of the design is read as it says")
  func design() throws {
    let map = try read(
      """
      format: csv
      order: time
      customer_id: {column: CustomerID, integer: true}
      order_id: InvoiceNo
      amount: {product: [Quantity, UnitPrice]}
      timestamp: {column: InvoiceDate, format: "%Y-%m-%d %H:%M:%S", zone: Europe/London}
      currency: {constant: GBP}
      transaction_id: null
      """)
    #expect(map.format == .csv(delimiter: UInt8(ascii: ","), quote: UInt8(ascii: "\""), header: .firstRecord))
    #expect(map.order == .time)
    #expect(map.customerID == .path(["CustomerID"]) && map.customerIDIsInteger)
    #expect(map.orderID == .path(["InvoiceNo"]))
    #expect(map.amount == [.path(["Quantity"]), .path(["UnitPrice"])])
    #expect(map.timestamp == .path(["InvoiceDate"]) && map.timeFormat == .pattern("%Y-%m-%d %H:%M:%S"))
    #expect(map.zone == "Europe/London")
    #expect(map.currency == .constant("GBP"))
    #expect(map.transactionID == nil)
    #expect(map.type == .path(["type"]))
  }

  @Test("JSON members are dotted paths or lists of steps, and default to their own names")
  func json() throws {
    let map = try read("customer_id: data.customer.id\namount: {path: [a.b, c]}\ntimestamp: {format: epoch_ms}\n")
    #expect(map.customerID == .path(["data", "customer", "id"]))
    #expect(map.amount == [.path(["a.b", "c"])])
    #expect(map.timestamp == .path(["timestamp"]) && map.timeFormat == .epochMs)
    #expect(map.orderID == .path(["order_id"]))
    #expect(try read("order: file") == MapSettings())
  }

  @Test("Columns without names go by number, and what is not mapped is absent")
  func columns() throws {
    let map = try read(
      "format: columns\ncustomer_id: 1\ntimestamp: {column: 2, format: \"%Y%m%d\"}\namount: {column: 4}\n")
    #expect(map.format == .columns)
    #expect(map.customerID == .column(1) && map.timestamp == .column(2) && map.amount == [.column(4)])
    #expect(map.transactionID == nil && map.currency == nil && map.orderID == nil && map.type == nil)
    let csv = try read(
      "format: csv\nheader: false\ndelimiter: tab\nquote: \"'\"\ncustomer_id: 1\namount: 2\ntimestamp: 3")
    #expect(csv.format == .csv(delimiter: 9, quote: UInt8(ascii: "'"), header: .absent))
  }

  @Test("Names in the map stand for the numbers of columns; a number in quotes is a name")
  func names() throws {
    let map = try read("format: csv\nheader: [customer_id, when, amount, \"7\"]\ntimestamp: when\norder_id: \"7\"\n")
    #expect(map.customerID == .column(1) && map.timestamp == .column(2) && map.amount == [.column(3)])
    #expect(map.orderID == .column(4))
    #expect(map.currency == nil)
    #expect(try read("format: csv\norder_id: \"7\"").orderID == .path(["7"]))
    #expect(try read("format: csv\norder_id: 7").orderID == .column(7))
  }

  @Test(
    "A mistake names file, line, key, value and what is allowed",
    arguments: [
      ("format: csv\ncustomr_id: a", "m.yaml:2: a map has no `customr_id`: did you mean `customer_id`?"),
      ("format: xml", "m.yaml:1: `format` cannot be `xml`; allowed: json, csv, columns"),
      ("order: up", "m.yaml:1: `order` cannot be `up`; allowed: file, time"),
      ("delimiter: ';'", "m.yaml:1: `delimiter` goes with `format: csv` only"),
      ("format: csv\ndelimiter: ';;'", "m.yaml:2: `delimiter` cannot be `;;`; allowed: one ASCII character"),
      ("format: csv\ndelimiter: '\"'", "m.yaml:2: `delimiter` and `quote` must differ"),
      ("format: csv\nheader: maybe", "m.yaml:2: `header` cannot be `maybe`; allowed: true, false"),
      ("format: columns\namount: 2\ntimestamp: 3", "m.yaml:1: `customer_id` is missing: say in which column"),
      ("format: columns\ncustomer_id: id", "m.yaml:2: `customer_id` cannot be `id`: these columns have no names"),
      ("format: columns\ncustomer_id: 0", "m.yaml:2: `customer_id` cannot be column `0`: columns are counted from 1"),
      ("format: csv\nheader: [custmer, amount, timestamp]\ncustomer_id: customer", "did you mean `custmer`?"),
      ("customer_id: {constant: a}", "m.yaml:1: `customer_id` cannot be a constant"),
      ("customer_id: [a]", "m.yaml:1: `customer_id` cannot be a list; allowed: a name"),
      ("customer_id: {integer: 1}", "`customer_id.integer` cannot be `1`; allowed: false, true"),
      ("customer_id: ''", "`customer_id` is empty"),
      ("amount: {produkt: [a, b]}", "`amount` has no `produkt`: did you mean `product`?"),
      ("amount: {product: [a]}", "`amount.product` is a list of two fields"),
      ("amount: {path: a, constant: b}", "`amount` has both `path` and `constant`"),
      ("order_id: {integer: true}", "`order_id` has no `integer`"),
      ("timestamp: {format: epoch}", "`timestamp.format` cannot be `epoch`; allowed: `iso8601`, `epoch_seconds`"),
      ("timestamp: {format: '%Y-%Q'}", "`timestamp.format` has `%Q`; allowed after %"),
      ("timestamp: {format: '%Y-%'}", "`timestamp.format` has `%`; allowed after %"),
      ("timestamp: {zone: Mars/Base}", "`timestamp.zone` cannot be `Mars/Base`; allowed: a time zone"),
      ("format: csv\namount: {path: a}", "`amount.path` goes with `format: json`: use `column`"),
      ("- a", "m.yaml:1: a map is a mapping of fields"),
    ])
  func mistakes(yaml: String, message: String) throws {
    let error = try #require(throws: ConfigurationError.self) { try read(yaml) }
    #expect(error.messages.first?.contains(message) == true, "\(error.messages)")
    #expect(error.kind == .configuration)
  }

  private func read(_ text: String) throws -> MapSettings {
    let node = try #require(try YAMLReader.read(Array(text.utf8), file: "m.yaml"))
    return try MapReader.read(node, file: "m.yaml")
  }
}
