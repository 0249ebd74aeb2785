typealias Bytes = UnsafePointer<UInt8>

/// A mapped value as a scanner found it in a record, not yet interpreted.
struct Slot {
  /// What stands there. `string` and `escapedString` are JSON's, `cell` and `escapedCell` are CSV's.
  enum Kind: UInt8 {
    case null
    case boolean
    case object
    case array
    /// A number without fraction and exponent.
    case integer
    /// A number with a fraction or an exponent.
    case fraction
    /// A JSON string without escapes, valid UTF-8.
    case string
    /// A JSON string with escapes, valid UTF-8.
    case escapedString
    /// A cell without doubled quotes, of any bytes; not empty.
    case cell
    /// A quoted cell with doubled quotes.
    case escapedCell

    @inline(__always)
    var isNumber: Bool { self == .integer || self == .fraction }
    @inline(__always)
    var isText: Bool { rawValue >= Kind.string.rawValue }
    @inline(__always)
    var isEscaped: Bool { self == .escapedString || self == .escapedCell }
  }

  /// The first byte: of a string or cell what is between the quotes.
  var start: Bytes
  var count: Int
  /// A JSON number's value, exact unless its exponent is too large for that; not set for other kinds.
  var number: DecimalNumber
  var kind: Kind

  static var absent: Slot { Slot(start: emptyBytes, count: 0, number: .zero, kind: .null) }
}

/// A valid address for no bytes.
var emptyBytes: Bytes { ("" as StaticString).utf8Start }

/// What a scanner reports beside the mask of found slots.
struct ScanState {
  /// Why and where the record was refused.
  var rejection = Rejection.none
  var position: Bytes
  /// The member that the key just read names: a node, 0 for an unmapped one, −1 at the end of the object.
  var node = 0
  /// The mapped members seen so far in this record, a bit each.
  var seen: UInt64 = 0
  /// Whether the string just read has escapes.
  var hasEscapes = false
}

@inline(__always)
func load64(_ bytes: Bytes) -> UInt64 {
  UnsafeRawPointer(bytes).loadUnaligned(as: UInt64.self)
}

@inline(__always)
func load32(_ bytes: Bytes) -> UInt32 {
  UnsafeRawPointer(bytes).loadUnaligned(as: UInt32.self)
}

@inline(__always)
func load16(_ bytes: Bytes) -> UInt16 {
  UnsafeRawPointer(bytes).loadUnaligned(as: UInt16.self)
}

/// Bytes with the names that grammars use.
enum Byte {
  static let tab: UInt8 = 0x09
  static let lineFeed: UInt8 = 0x0A
  static let carriageReturn: UInt8 = 0x0D
  static let space: UInt8 = 0x20
  static let quote: UInt8 = 0x22
  static let plus: UInt8 = 0x2B
  static let comma: UInt8 = 0x2C
  static let minus: UInt8 = 0x2D
  static let point: UInt8 = 0x2E
  static let zero: UInt8 = 0x30
  static let colon: UInt8 = 0x3A
  static let openBracket: UInt8 = 0x5B
  static let backslash: UInt8 = 0x5C
  static let closeBracket: UInt8 = 0x5D
  static let lowercaseE: UInt8 = 0x65
  static let openBrace: UInt8 = 0x7B
  static let closeBrace: UInt8 = 0x7D
}
