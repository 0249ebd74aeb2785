/// What the currencies that records name are worth, found by their packed codes.
struct CurrencyTable {
  enum Match {
    /// The configured currency, or none is named.
    case own
    /// One with a rate, by index.
    case rate(Int)
    /// The first one named, where none is configured.
    case first
    case unknown
  }

  /// Codes have at most as many letters as a word has bytes.
  static let codeBytesMax = 8

  /// More than three letters can be.
  private static let noLetters = UInt32.max

  private var own: UInt64 = 0
  /// The own code's three letters as they stand in a record, if it has three: the usual case at the price of a word.
  private var ownLetters = noLetters
  private var codes: [UInt64] = []
  private(set) var rates: [Currency.Rate] = []

  init(_ currency: Currency) throws(RecordMapError) {
    for code in [currency.code].compactMap({ $0 }) + currency.rates.keys where Self.pack(code) == 0 {
      throw RecordMapError("the currency `\(code)` is no code: it takes 1 to \(Self.codeBytesMax) letters or digits")
    }
    guard (0...3).contains(currency.digits) else {
      throw RecordMapError("a currency with \(currency.digits) digits is not known; 0, 2 or 3 are")
    }
    for (code, rate) in currency.rates.sorted(by: { $0.key < $1.key }) {
      guard rate.mantissa > 0, (-18...18).contains(rate.scale) else {
        throw RecordMapError("the rate of `\(code)` must be above 0 and have at most 18 digits behind the point")
      }
      codes.append(Self.pack(code))
      rates.append(rate)
    }
    if let code = currency.code { fix(code) }
  }

  mutating func fix(_ code: String) {
    own = Self.pack(code)
    ownLetters = Self.noLetters
    // The packed word has the first letter highest, memory has it lowest.
    if own >> 16 != 0 && own >> 24 == 0 { ownLetters = UInt32(truncatingIfNeeded: own).byteSwapped >> 8 }
  }

  /// Whether a text is the own code, as it is usually written.
  @inline(__always)
  func isOwn(_ text: Bytes, count: Int) -> Bool {
    count == 3 && UInt32(load16(text)) | UInt32(text[2]) &<< 16 == ownLetters
  }

  @inline(never)
  func match(_ text: Bytes, count: Int) -> Match {
    let code = Self.pack(text, count: count)
    if code == own && code != 0 { return .own }
    if code == 0 { return .unknown }
    if let index = codes.firstIndex(of: code) { return .rate(index) }
    return own == 0 ? .first : .unknown
  }

  /// A code's letters in upper case as one word; 0 if it is no code.
  @inline(__always)
  static func pack(_ text: Bytes, count: Int) -> UInt64 {
    if count > codeBytesMax { return 0 }
    var word: UInt64 = 0
    for index in 0..<count {
      var byte = text[index]
      if byte &- UInt8(ascii: "a") < 26 { byte &-= 32 }
      guard byte &- UInt8(ascii: "A") < 26 || byte &- Byte.zero < 10 else { return 0 }
      word = word &<< 8 | UInt64(byte)
    }
    return word
  }

  private static func pack(_ code: String) -> UInt64 {
    let bytes = Array(code.utf8)
    return bytes.withUnsafeBufferPointer { pack($0.baseAddress ?? emptyBytes, count: $0.count) }
  }
}
