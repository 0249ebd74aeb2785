/// Where the fields of a purchase record are found in the input.
public struct RecordMap: Sendable, Equatable {
  /// How records are written.
  public enum Format: Sendable, Equatable {
    /// One JSON object a record (RFC 8259).
    case json
    /// RFC 4180 with any one-byte delimiter and quote. `header`: the first record of a file names the columns.
    case csv(delimiter: UInt8, quote: UInt8, header: Bool)
    /// Columns separated by runs of spaces or tabs, by number only.
    case columns
  }

  /// One place in a record.
  public enum Place: Sendable, Equatable {
    /// A JSON member by path (`data.customer.id` is three steps), or a CSV column by name (one step).
    case path([String])
    /// A column by number, from 1.
    case column(Int)
    /// The same value for every record.
    case constant(String)
  }

  /// How a timestamp is written.
  public enum TimeFormat: Sendable, Equatable {
    /// A string is ISO 8601; a number is epoch seconds below 10¹¹ in size, else epoch milliseconds.
    case automatic
    /// ISO 8601 with or without zone.
    case iso8601
    /// Seconds since 1970, fractions allowed.
    case epochSeconds
    /// Milliseconds since 1970.
    case epochMs
    /// A `strptime` pattern: %Y %y %m %d %e %H %I %p %M %S %f %z %b %B %a %A %j %T %F %D %R %n %t %%.
    case pattern(String)
  }

  /// The format of a record.
  public var format = Format.json
  /// The customer id.
  public var customerID = Place.path(["customer_id"])
  /// Whether a customer id such as `17850.0` or `17850` is a number whose integer part is meant.
  public var customerIDIsInteger = false
  /// The factors of the amount: one place, or two that are multiplied exactly and rounded half to even once.
  public var amount = [Place.path(["amount"])]
  /// The timestamp.
  public var timestamp = Place.path(["timestamp"])
  /// How the timestamp is written.
  public var timeFormat = TimeFormat.automatic
  /// What local time means where the timestamp has no zone.
  public var zone = ZoneTable.utc
  /// The transaction id, if there is one.
  public var transactionID: Place? = .path(["transaction_id"])
  /// The order id, if there is one.
  public var orderID: Place? = .path(["order_id"])
  /// The currency, if it is named.
  public var currency: Place? = .path(["currency"])
  /// `purchase` or `refund`, if it is named.
  public var type: Place? = .path(["type"])

  /// The default map: JSON with the members' own names.
  public init() {}
}

/// The bounds of one record. Each is configurable.
public struct RecordLimits: Sendable, Equatable {
  /// The longest record, in bytes.
  public var recordBytesMax = 1 << 20
  /// The longest customer id, in bytes; at most 65,535.
  public var customerIDBytesMax = 256
  /// The deepest JSON nesting; the root counts.
  public var jsonDepthMax = 32
  /// How far a timestamp may lie beyond the record's own, in ms.
  public var futureMsMax: Int64 = 24 * 3_600_000

  /// The default limits.
  public init() {}
}

/// The money that amounts are kept in.
public struct Currency: Sendable, Equatable {
  /// An exact decimal factor: `mantissa` · 10^−`scale`.
  public struct Rate: Sendable, Equatable {
    /// The digits without the point, above 0.
    public var mantissa: Int64
    /// The number of digits behind the point.
    public var scale: Int

    /// Makes a rate of `mantissa` · 10^−`scale`.
    public init(mantissa: Int64, scale: Int) {
      self.mantissa = mantissa
      self.scale = scale
    }
  }

  /// The ISO 4217 code; `nil` until the first record names one (a replay), and then that one.
  public var code: String?
  /// The digits of a minor unit: 0, 2 or 3.
  public var digits: Int
  /// What one unit of another currency is worth in this one.
  public var rates: [String: Rate]

  /// Makes a currency; `digits` follows ISO 4217 where it is not given (2 where the code is unknown).
  public init(code: String?, digits: Int? = nil, rates: [String: Rate] = [:]) {
    self.code = code
    self.digits = digits ?? code.map(Currency.digits(of:)) ?? 2
    self.rates = rates
  }

  /// The digits of a minor unit by ISO 4217: 0, 2 or 3.
  public static func digits(of code: String) -> Int {
    switch code {
    case "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND", "VUV", "XAF",
      "XOF", "XPF":
      0
    case "BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND": 3
    default: 2
    }
  }
}
