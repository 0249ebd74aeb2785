/// Makes purchase records of raw bytes, a batch at a time, and dead letters of what cannot be used.
///
/// A scanner (`JSONScanner`, `DelimitedScanner`) validates a record and finds its mapped values in one pass; then they
/// are read in the order in which their errors count: one record has one code. No bytes whatever stop it, and no byte
/// beyond a record is read. It is not thread-safe; each thread has its own.
public struct RecordDecoder: ~Copyable {
  /// What the record key has to be.
  public enum KeyPolicy: Sendable {
    /// Files have none, and a producer may take care of the partition itself.
    case ignored
    /// The customer id, or the record is a `key_mismatch`.
    case mustBeCustomerID
  }

  /// The money that amounts are kept in, with the code that the first record named where none was configured.
  public internal(set) var currency: Currency

  let map: RecordMap
  let limits: RecordLimits
  let keyPolicy: KeyPolicy
  let plan: FieldPlan
  let slots: UnsafeMutablePointer<Slot>
  let state: UnsafeMutablePointer<ScanState>
  var json: JSONScanner
  var delimited: DelimitedScanner
  var currencies: CurrencyTable
  var timestamps: TimestampReader
  /// Ids that had to be rewritten, until the next batch.
  var arena: ByteArena
  var scratch: ByteScratch
  /// Whether amounts have been made with `currency.digits`.
  var hasDecodedAmounts: Bool
  private var needsHeader: Bool
  private let constantBytes: UnsafeMutablePointer<UInt8>

  /// Makes a decoder. Throws where the map cannot be followed: a place that the format does not have, a pattern
  /// without a date, a constant that cannot be read, limits or currency out of bounds.
  public init(
    map: RecordMap, currency: Currency, limits: RecordLimits = RecordLimits(), keyPolicy: KeyPolicy = .ignored
  ) throws(RecordMapError) {
    try Self.check(limits)
    let plan = try FieldPlan(map)
    let timestamps = try TimestampReader(format: map.timeFormat, zone: map.zone)
    let currencies = try CurrencyTable(currency)
    var delimiter = UInt8(ascii: ",")
    var quote = Byte.quote
    var needsHeader = false
    if case .csv(let mapDelimiter, let mapQuote, let header) = map.format {
      guard mapDelimiter != mapQuote, mapDelimiter != Byte.lineFeed, mapQuote != Byte.lineFeed else {
        throw RecordMapError("`delimiter` and `quote` must differ, and neither can be a line break")
      }
      (delimiter, quote, needsHeader) = (mapDelimiter, mapQuote, header)
    }
    let columnSlots = map.format == .json || needsHeader ? [] : try plan.columnSlots(header: [])
    // All that can fail is done: from here on there is memory to give back.
    let slotCount = plan.tree.nodes.count
    slots = .allocate(capacity: slotCount)
    slots.initialize(repeating: .absent, count: slotCount)
    state = .allocate(capacity: 1)
    state.initialize(to: ScanState(position: emptyBytes))
    constantBytes = .allocate(capacity: plan.constantBytesCount + 1)
    plan.fillConstants(slots, constantBytes)
    json = JSONScanner(
      members: JSONMembers(plan.tree), slots: slots, state: state, depthMax: limits.jsonDepthMax)
    delimited = DelimitedScanner(delimiter: delimiter, quote: quote, slots: slots, state: state)
    delimited.columnSlots = columnSlots
    arena = ByteArena()
    scratch = ByteScratch()
    hasDecodedAmounts = false
    self.needsHeader = needsHeader
    self.map = map
    self.currency = currency
    self.limits = limits
    self.keyPolicy = keyPolicy
    self.plan = plan
    self.timestamps = timestamps
    self.currencies = currencies
  }

  deinit {
    slots.deallocate()
    state.deallocate()
    constantBytes.deallocate()
  }

  private static func check(_ limits: RecordLimits) throws(RecordMapError) {
    guard limits.recordBytesMax > 0, limits.recordBytesMax <= Int(Int32.max) else {
      throw RecordMapError("the longest record is `\(limits.recordBytesMax)` bytes; it takes 1 to \(Int32.max)")
    }
    guard limits.customerIDBytesMax > 0, limits.customerIDBytesMax <= Int(UInt16.max) else {
      throw RecordMapError("the longest customer id is `\(limits.customerIDBytesMax)` bytes; it takes 1 to 65535")
    }
    guard limits.jsonDepthMax > 0, limits.jsonDepthMax <= 1 << 20 else {
      throw RecordMapError("the deepest JSON nesting is `\(limits.jsonDepthMax)`; it takes 1 to 1048576")
    }
    guard limits.futureMsMax >= 0 else {
      throw RecordMapError("the furthest future is `\(limits.futureMsMax)` ms; it cannot be negative")
    }
  }

  /// Takes the currency's code that another decoder has found, so that several agree.
  public mutating func fixCurrency(_ currency: Currency) {
    if let code = currency.code { currencies.fix(code) }
    self.currency = currency
  }

  /// Takes the first record of a CSV file, which names the columns: before the first `decode`, and again for each file.
  /// Throws where a mapped column is not among them, or is there twice.
  public mutating func setHeader(_ record: UnsafeRawBufferPointer) throws(RecordMapError) {
    let start = record.baseAddress.map { $0.assumingMemoryBound(to: UInt8.self) } ?? emptyBytes
    let names = try delimited.headerNames(start, start + record.count)
    delimited.columnSlots = try plan.columnSlots(header: names)
    delimited.headerCount = names.count
    needsHeader = false
  }

  /// Decodes raw records in their order. Writes the purchase records that come of them to `records`, which has room for
  /// `raw.count`, appends a dead letter for each other one, and returns how many were written. Their customer ids point
  /// into the raw records or into memory of the decoder, which the next call reuses.
  public mutating func decode(
    _ raw: UnsafeBufferPointer<RawRecord>, into records: UnsafeMutablePointer<PurchaseRecord>,
    deadLetters: inout [DeadLetter]
  ) -> Int {
    precondition(!needsHeader, "a map with `header` needs setHeader before decode")
    arena.reset()
    var written = 0
    for index in 0..<raw.count {
      let rejection = decode(raw[index], index: index, into: records + written)
      if rejection == .none {
        written &+= 1
      } else {
        deadLetters.append(
          DeadLetter(code: rejection.code, message: explain(rejection, raw[index]), index: index))
      }
    }
    return written
  }

  @inline(__always)
  private mutating func decode(
    _ raw: RawRecord, index: Int, into record: UnsafeMutablePointer<PurchaseRecord>
  ) -> Rejection {
    guard let value = raw.value else { return erase(raw, index: index, into: record) }
    guard raw.valueCount <= limits.recordBytesMax else { return .tooLarge }
    let start = value.assumingMemoryBound(to: UInt8.self)
    let end = start + raw.valueCount
    let present: UInt64
    switch map.format {
    case .json: present = json.scan(start, end)
    case .csv: present = delimited.scanCSV(start, end)
    case .columns: present = delimited.scanColumns(start, end)
    }
    if present == 0 { return state.pointee.rejection }
    return read(raw, present | plan.constants, index: index, into: record)
  }
}
