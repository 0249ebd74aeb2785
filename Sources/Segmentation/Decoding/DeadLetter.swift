/// Why an input record could not be used. The raw value is the code that dead letters and counters carry.
public enum DeadLetterCode: String, CaseIterable, Sendable {
  /// The bytes are not a record of the configured format.
  case malformed
  /// A required member is absent, null or empty.
  case missingField = "missing_field"
  /// The customer id is of the wrong type, too long, or not UTF-8.
  case invalidCustomerID = "invalid_customer_id"
  /// The Kafka key is not the customer id.
  case keyMismatch = "key_mismatch"
  /// The amount is not a number, or contradicts the type.
  case invalidAmount = "invalid_amount"
  /// The amount, or a sum with it, does not fit 64 bits of minor units.
  case amountOverflow = "amount_overflow"
  /// The timestamp cannot be read.
  case invalidTimestamp = "invalid_timestamp"
  /// The timestamp is more than 24 h beyond the record's own.
  case futureTimestamp = "future_timestamp"
  /// The currency is not the configured one and has no rate.
  case unknownCurrency = "unknown_currency"
  /// The record is longer than the limit.
  case tooLarge = "too_large"
}

/// A record that could not be used: data to be counted and kept, never thrown.
public struct DeadLetter: Sendable {
  /// Why.
  public var code: DeadLetterCode
  /// What, where and what to do, with the offending value in backquotes.
  public var message: String
  /// The index of the raw record in its batch.
  public var index: Int

  /// Makes a dead letter for the raw record at `index` of a batch.
  public init(code: DeadLetterCode, message: String, index: Int) {
    self.code = code
    self.message = message
    self.index = index
  }
}
