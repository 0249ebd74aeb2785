/// Why exactly a record could not be used, before it is put in words.
enum Rejection: UInt8 {
  case none
  case tooLarge
  // The bytes are no record.
  case empty
  case notAnObject
  case unclosedObject
  case unclosedArray
  case unclosedString
  case keyExpected
  case colonExpected
  case valueExpected
  case commaExpected
  case invalidNumber
  case invalidEscape
  case invalidUTF8
  case controlInString
  case tooDeep
  case memberTwice
  case trailingBytes
  case unclosedQuote
  case textAfterQuote
  case tooManyColumns
  case transactionIDKind
  case orderIDKind
  // A member is absent, null or empty.
  case noCustomerID
  case noAmount
  case noFactor
  case noTimestamp
  case noKeyToErase
  // The customer id.
  case customerIDKind
  case customerIDLong
  case customerIDNotUTF8
  case customerIDSurrogate
  case customerIDNotInteger
  case noKey
  case otherKey
  // The amount.
  case amountNotNumber
  case factorNotNumber
  case amountTooLong
  case amountOverflow
  case unknownType
  case negativePurchase
  // The currency.
  case unknownCurrency
  case currencyDigits
  // The timestamp.
  case timestampUnreadable
  case timestampFuture

  /// The code that dead letters and counters carry.
  var code: DeadLetterCode {
    switch self {
    case .none: preconditionFailure("a usable record has no code")
    case .tooLarge: .tooLarge
    case .empty, .notAnObject, .unclosedObject, .unclosedArray, .unclosedString, .keyExpected, .colonExpected,
      .valueExpected, .commaExpected, .invalidNumber, .invalidEscape, .invalidUTF8, .controlInString, .tooDeep,
      .memberTwice, .trailingBytes, .unclosedQuote, .textAfterQuote, .tooManyColumns, .transactionIDKind, .orderIDKind:
      .malformed
    case .noCustomerID, .noAmount, .noFactor, .noTimestamp, .noKeyToErase: .missingField
    case .customerIDKind, .customerIDLong, .customerIDNotUTF8, .customerIDSurrogate, .customerIDNotInteger:
      .invalidCustomerID
    case .noKey, .otherKey: .keyMismatch
    case .amountNotNumber, .factorNotNumber, .amountTooLong, .unknownType, .negativePurchase: .invalidAmount
    case .amountOverflow: .amountOverflow
    case .unknownCurrency, .currencyDigits: .unknownCurrency
    case .timestampUnreadable: .invalidTimestamp
    case .timestampFuture: .futureTimestamp
    }
  }

  /// What a malformed record lacks at the byte where reading stopped.
  var syntax: String {
    switch self {
    case .empty: "the record is empty"
    case .notAnObject: "expected `{`: a record is one JSON object"
    case .unclosedObject: "the record ends inside an object"
    case .unclosedArray: "the record ends inside an array"
    case .unclosedString: "the record ends inside a string"
    case .keyExpected: "expected a member's name in double quotes"
    case .colonExpected: "expected `:` behind a member's name"
    case .valueExpected: "expected a JSON value"
    case .commaExpected: "expected `,` or a closing brace or bracket behind a value"
    case .invalidNumber: "a number that JSON does not allow"
    case .invalidEscape: "an escape that JSON does not allow"
    case .invalidUTF8: "a string that is not UTF-8"
    case .controlInString: "a control character in a string; it has to be escaped"
    case .tooDeep: "objects and arrays are nested deeper than the limit"
    case .memberTwice: "a mapped member comes twice"
    case .trailingBytes: "more behind the end of the object"
    case .unclosedQuote: "a quoted cell is not closed"
    case .textAfterQuote: "text between a closing quote and the next delimiter"
    case .tooManyColumns: "more cells than the header has columns"
    default: "the record is malformed"
    }
  }
}
