import Segmentation

/// Reads the purchases of event logs in the order of the files, each with its item where the log has one.
package struct PurchaseReader {
  /// A purchase or a refund, borrowed for the length of a call.
  package struct Purchase {
    /// The decoded record; its customer id is borrowed.
    package let record: PurchaseRecord
    /// The item's bytes (valid UTF-8); empty where the record names none.
    package let item: UnsafeBufferPointer<UInt8>
  }

  /// What was read.
  package struct Summary: Sendable {
    /// Records of the files.
    package var records = 0
    /// Records that could not be used, by code.
    package var deadByCode: [DeadLetterCode: Int] = [:]
    /// The first of them: file, line, and why.
    package var firstDead: String?
    /// The currency; its code is `nil` where neither the map nor a record names one.
    package var currency: Currency
    /// The column that items were read from; `nil` where there are none.
    package var itemColumn: String?
  }

  private let map: RecordMap
  private let currency: Currency
  private let limits: RecordLimits
  private let reader: FileReader
  /// Where items may be, the likelier first; only columns that are there are read.
  private let items: [RecordMap.Place]
  private let mustHaveItem: Bool

  /// Opens nothing yet, but fails at once where a path names no readable file. `item` is where items are; without it a
  /// column with one of the names of `usualItems` is taken from a header.
  package init(
    paths: [String], map: RecordMap, currency: Currency, limits: RecordLimits, item: RecordMap.Place?,
    wallClockMs: Int64
  ) throws(FileError) {
    (self.map, self.currency, self.limits) = (map, currency, limits)
    reader = try FileReader(paths: paths, format: map.format, limits: limits, wallClockMs: wallClockMs)
    mustHaveItem = item != nil
    var hasHeader = false
    if case .csv(_, _, header: true) = map.format { hasHeader = true }
    items = item.map { [$0] } ?? (hasHeader ? Self.usualItems.map { .path([$0]) } : [])
  }

  /// The columns that are taken for items unless one is named.
  package static let usualItems = [
    "Description", "description", "item", "Item", "product", "Product", "product_name", "ProductName", "StockCode",
    "stock_code", "sku", "SKU", "product_id", "ProductID", "item_id",
  ]

  /// Reads all files; `progress` is called after each batch with records and bytes.
  package func read(
    _ body: (borrowing Purchase) -> Void,
    progress: (Int, _ bytesRead: Int64, _ bytesTotal: Int64?) -> Void = { _, _, _ in }
  ) throws -> Summary {
    var decoder = try RecordDecoder(map: map, currency: currency, limits: limits)
    var itemReader = ItemReader(items, map, limits, mustHaveItem: mustHaveItem)
    let records = UnsafeMutableBufferPointer<PurchaseRecord>.allocate(capacity: FrameBatch.recordsMax)
    defer { records.deallocate() }
    var summary = Summary(currency: currency)
    while let batch = try reader.next() {
      if let header = batch.header { try decoder.setHeader(header) }
      try itemReader.prepare(header: batch.header)
      guard let base = records.baseAddress else { break }
      var dead: [DeadLetter] = []
      let count = decoder.decode(batch.records, into: base, deadLetters: &dead)
      let names = itemReader.read(batch.records)
      for record in records[..<count] where record.kind != .erasure {
        body(Purchase(record: record, item: names.name(of: Int(record.index))))
      }
      summary.records += batch.records.count
      for letter in dead {
        summary.deadByCode[letter.code, default: 0] += 1
        let place = "\(batch.file):\(batch.line(of: letter.index))"
        summary.firstDead = summary.firstDead ?? "\(place): \(letter.code.rawValue): \(letter.message)"
      }
      reader.recycle(batch)
      let bytes = reader.progress
      progress(summary.records, bytes.bytesRead, bytes.bytesTotal)
    }
    summary.currency = decoder.currency
    summary.itemColumn = itemReader.column
    return summary
  }
}

/// Reads the items of records: a second decoder that takes the item for a customer's id, so that an item is read, and
/// its text checked, as an id is.
private struct ItemReader: ~Copyable {
  private let map: RecordMap
  private let limits: RecordLimits
  private let places: [RecordMap.Place]
  private let mustHaveItem: Bool
  private var decoder: RecordDecoder?
  private var records: UnsafeMutableBufferPointer<PurchaseRecord> = .allocate(capacity: FrameBatch.recordsMax)
  private var slots: UnsafeMutableBufferPointer<UnsafeBufferPointer<UInt8>> = .allocate(capacity: FrameBatch.recordsMax)
  /// The column that items are read from.
  private(set) var column: String?

  init(_ places: [RecordMap.Place], _ map: RecordMap, _ limits: RecordLimits, mustHaveItem: Bool) {
    (self.places, self.map, self.limits, self.mustHaveItem) = (places, map, limits, mustHaveItem)
    slots.initialize(repeating: UnsafeBufferPointer(start: nil, count: 0))
  }

  deinit {
    records.deallocate()
    slots.deallocate()
  }

  /// The items of a batch by the index of the record.
  struct Names {
    fileprivate let slots: UnsafeMutableBufferPointer<UnsafeBufferPointer<UInt8>>

    func name(of index: Int) -> UnsafeBufferPointer<UInt8> { slots[index] }
  }

  /// Finds the column in a header, at the beginning of each file.
  mutating func prepare(header: UnsafeRawBufferPointer?) throws {
    if decoder != nil, header == nil { return }
    for place in places {
      do throws(RecordMapError) {
        var candidate = try Self.decoder(place, map, limits)
        if let header { try candidate.setHeader(header) }
        decoder = consume candidate
        column = Self.words(place)
        return
      } catch {
        if mustHaveItem { throw error }
      }
    }
    decoder = nil
  }

  private static func decoder(
    _ place: RecordMap.Place, _ map: RecordMap, _ limits: RecordLimits
  ) throws(RecordMapError) -> RecordDecoder {
    var map = map
    map.customerID = place
    map.customerIDIsInteger = false
    return try RecordDecoder(map: map, currency: Currency(code: nil), limits: limits)
  }

  private static func words(_ place: RecordMap.Place) -> String {
    switch place {
    case .path(let steps): steps.joined(separator: ".")
    case .column(let number): "column \(number)"
    case .constant(let text): text
    }
  }

  /// The items of raw records; good until the next call.
  mutating func read(_ raw: UnsafeBufferPointer<RawRecord>) -> Names {
    for index in 0..<raw.count { slots[index] = UnsafeBufferPointer(start: nil, count: 0) }
    guard decoder != nil, let base = records.baseAddress else { return Names(slots: slots) }
    var dead: [DeadLetter] = []
    let count = decoder?.decode(raw, into: base, deadLetters: &dead) ?? 0
    for record in records[..<count] {
      slots[Int(record.index)] = UnsafeBufferPointer(start: record.customerID, count: Int(record.customerIDCount))
    }
    return Names(slots: slots)
  }
}
