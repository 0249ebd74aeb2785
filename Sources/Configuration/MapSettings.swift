/// Where the fields of a purchase record are found, as a map file or `input.map` says it.
package struct MapSettings: Sendable, Equatable {
  /// How records are written.
  package enum Format: Sendable, Equatable {
    /// One JSON object a record.
    case json
    /// Delimited text with quotes (RFC 4180).
    case csv(delimiter: UInt8, quote: UInt8, header: Header)
    /// Columns separated by runs of spaces or tabs.
    case columns
  }

  /// Where the names of CSV columns come from.
  package enum Header: Sendable, Equatable {
    /// There are none: columns have numbers only.
    case absent
    /// The first record of a file names the columns.
    case firstRecord
    /// The map names the columns of files that do not.
    case names([String])
  }

  /// The order in which the records of a file are taken.
  package enum Order: String, Sendable, CaseIterable {
    /// As they stand.
    case file
    /// By their timestamps.
    case time
  }

  /// One place in a record.
  package enum Place: Sendable, Equatable {
    /// A JSON member by its steps, or a CSV column by name (one step).
    case path([String])
    /// A column by number, from 1.
    case column(Int)
    /// The same value for every record.
    case constant(String)
  }

  /// How a timestamp is written.
  package enum TimeFormat: Sendable, Equatable {
    /// ISO 8601, or epoch seconds or milliseconds by size.
    case automatic
    /// ISO 8601 with or without zone.
    case iso8601
    /// Seconds since 1970.
    case epochSeconds
    /// Milliseconds since 1970.
    case epochMs
    /// A `strptime` pattern.
    case pattern(String)
  }

  /// How records are written.
  package var format = Format.json
  /// The order in which a file's records are taken.
  package var order = Order.file
  /// The customer id.
  package var customerID = Place.path(["customer_id"])
  /// Whether a customer id such as `17850.0` means the integer 17850.
  package var customerIDIsInteger = false
  /// The amount: one place, or two factors.
  package var amount = [Place.path(["amount"])]
  /// The timestamp.
  package var timestamp = Place.path(["timestamp"])
  /// How it is written.
  package var timeFormat = TimeFormat.automatic
  /// The zone of local times; `nil` for `input.time_zone`.
  package var zone: String?
  /// The transaction id, if there is one.
  package var transactionID: Place? = .path(["transaction_id"])
  /// The order id, if there is one.
  package var orderID: Place? = .path(["order_id"])
  /// The currency, if it is named.
  package var currency: Place? = .path(["currency"])
  /// `purchase` or `refund`, if it is named.
  package var type: Place? = .path(["type"])

  /// The default map: JSON with the members' own names.
  package init() {}
}
