/// One input record as a source hands it over: borrowed bytes and where they came from.
public struct RawRecord {
  /// The record's bytes; `nil` for a null value (a tombstone). Borrowed for the length of a call.
  public var value: UnsafeRawPointer?
  /// The number of bytes at `value`.
  public var valueCount: Int
  /// The record's key; `nil` where there is none. Borrowed for the length of a call.
  public var key: UnsafeRawPointer?
  /// The number of bytes at `key`.
  public var keyCount: Int
  /// The time of the record itself, in ms since 1970: Kafka's timestamp, or the wall clock for files.
  public var timestampMs: Int64
  /// Its offset in the partition; in a replay the number of the record over all files, from 0.
  public var offset: Int64
  /// The input partition's number.
  public var partition: Int32

  /// Makes a raw record of borrowed bytes.
  public init(
    value: UnsafeRawPointer?, valueCount: Int, key: UnsafeRawPointer? = nil, keyCount: Int = 0,
    timestampMs: Int64, offset: Int64, partition: Int32
  ) {
    self.value = value
    self.valueCount = valueCount
    self.key = key
    self.keyCount = keyCount
    self.timestampMs = timestampMs
    self.offset = offset
    self.partition = partition
  }
}

/// A decoded purchase record: one purchase or refund of one customer, or the erasure of a customer.
public struct PurchaseRecord {
  /// What a record does to its customer.
  public enum Kind: UInt8, Sendable {
    /// A purchase, or one line of an order.
    case purchase
    /// Money given back.
    case refund
    /// The customer is to be forgotten.
    case erasure
  }

  /// The customer id's bytes (valid UTF-8), borrowed from the raw record or from the decoder until its next batch.
  public var customerID: UnsafePointer<UInt8>
  /// The number of bytes at `customerID`, 1 to the limit (256 by default).
  public var customerIDCount: Int32
  /// The input partition's number.
  public var partition: Int32
  /// `hashBytes` of the customer id.
  public var customerHash: UInt64
  /// `hashBytes` of the transaction id, made odd; 0 where there is none.
  public var transactionHash: UInt64
  /// `hashBytes` of the order id, made odd; 0 where there is none.
  public var orderHash: UInt64
  /// Money in minor units of the configured currency, never negative: `kind` says the direction.
  public var amountMinor: Int64
  /// The purchase's own time, in ms since 1970.
  public var timestampMs: Int64
  /// The record's offset, as in `RawRecord`.
  public var offset: Int64
  /// The clock at which the record is evaluated, in ms since 1970; set by the clock after decoding.
  public var clockMs: Int64
  /// The index of the raw record in its batch.
  public var index: Int32
  /// What the record does.
  public var kind: Kind

  /// Makes a record of decoded values.
  package init(
    customerID: UnsafePointer<UInt8>, customerIDCount: Int32, partition: Int32, customerHash: UInt64,
    transactionHash: UInt64, orderHash: UInt64, amountMinor: Int64, timestampMs: Int64, offset: Int64,
    clockMs: Int64, index: Int32, kind: Kind
  ) {
    self.customerID = customerID
    self.customerIDCount = customerIDCount
    self.partition = partition
    self.customerHash = customerHash
    self.transactionHash = transactionHash
    self.orderHash = orderHash
    self.amountMinor = amountMinor
    self.timestampMs = timestampMs
    self.offset = offset
    self.clockMs = clockMs
    self.index = index
    self.kind = kind
  }
}
