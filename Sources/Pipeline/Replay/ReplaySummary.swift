import Segmentation

/// What a replay did, in numbers.
package struct ReplaySummary {
  /// A segment at the end.
  package struct Segment {
    /// The stable id.
    package var id: String
    /// The name.
    package var name: String
    /// Customers as published.
    package var customers: Int
    /// Of the customers in a segment, 0 to 1.
    package var share: Double
    /// Days; `nil` without customers.
    package var medianRecencyDays: Double?
    /// Orders; `nil` without customers.
    package var medianOrders: Double?
    /// Net / orders, minor units; `nil` without customers.
    package var medianAverageOrderMinor: Double?
    /// Of the net of all customers in a segment.
    package var revenueShare: Double
  }

  /// Records in the files.
  package var recordsRead: Int
  /// Records that changed a customer.
  package var applied: Int
  /// Records that could not be used.
  package var deadLetters: [DeadLetterCode: Int]
  /// Repeats, by transaction id.
  package var duplicates: Int
  /// Applied records that fell outside a window.
  package var outsideWindow: Int
  /// Records behind the time at which the replay was to stop.
  package var leftOut: Int
  /// Records older than the clock when they came.
  package var behindClock: Int
  /// Customers, whether they have bought or not.
  package var customers: Int
  /// Changes in the order of `ChangeReason.allCases`.
  package var changes: [Int]
  /// The segments, by number; none without a model.
  package var segments: [Segment]
  /// What each fit with `k: auto` weighed and chose.
  package var kChoices: [KChoice]
  /// What is lacking for a model, in words; `nil` with a model.
  package var lack: String?
  /// The final clock, ms.
  package var clockMs: Int64?
  /// The currency.
  package var currencyCode: String?
  /// The digits of its minor unit.
  package var digits: Int
  /// How the last model fits everybody at the final clock; `nil` without a model.
  package var health: ModelHealth?
  /// From start to end.
  package var seconds: Double

  /// Records read a second.
  package var recordsPerSecond: Double { seconds > 0 ? Double(recordsRead) / seconds : 0 }
  /// All dead letters.
  package var deadLetterCount: Int { deadLetters.values.reduce(0, +) }

  /// One JSON object.
  package var json: [UInt8] {
    var out = ByteBuffer()
    out.append("{\"records_read\":")
    out.append(integer: Int64(recordsRead))
    append(&out, ",\"applied\":", applied)
    out.append(",\"dead_letters\":{")
    for (position, code) in DeadLetterCode.allCases.enumerated() {
      if position > 0 { out.append(",") }
      out.append(jsonString: code.rawValue)
      append(&out, ":", deadLetters[code] ?? 0)
    }
    append(&out, "},\"duplicates\":", duplicates)
    append(&out, ",\"outside_window\":", outsideWindow)
    append(&out, ",\"left_out\":", leftOut)
    append(&out, ",\"behind_clock\":", behindClock)
    append(&out, ",\"customers\":", customers)
    out.append(",\"changes\":{")
    for (position, reason) in ChangeReason.allCases.enumerated() {
      if position > 0 { out.append(",") }
      out.append(jsonString: reason.rawValue)
      append(&out, ":", changes[position])
    }
    out.append("},\"clock\":")
    if let clockMs {
      out.append("\"")
      out.append(timeMs: clockMs)
      out.append("\"")
    } else {
      out.append("null")
    }
    out.append(",\"currency\":")
    if let currencyCode { out.append(jsonString: currencyCode) } else { out.append("null") }
    out.append(",\"segments\":[")
    for (position, segment) in segments.enumerated() {
      if position > 0 { out.append(",") }
      append(&out, segment)
    }
    out.append("],\"k_choices\":[")
    for (position, choice) in kChoices.enumerated() {
      if position > 0 { out.append(",") }
      out.append(choice.json)
    }
    out.append("],\"insufficient_data\":")
    if let lack { out.append(jsonString: lack) } else { out.append("null") }
    out.append(",\"health\":")
    if let health { out.append(health.finalBytes()) } else { out.append("null") }
    out.append(",\"seconds\":")
    out.append(decimal: seconds, places: 3)
    out.append(",\"records_per_second\":")
    out.append(decimal: recordsPerSecond, places: 0)
    out.append("}\n")
    return out.bytes
  }

  private func append(_ out: inout ByteBuffer, _ name: StaticString, _ value: Int) {
    out.append(name)
    out.append(integer: Int64(value))
  }

  private func append(_ out: inout ByteBuffer, _ segment: Segment) {
    out.append("{\"id\":")
    out.append(jsonString: segment.id)
    out.append(",\"name\":")
    out.append(jsonString: segment.name)
    append(&out, ",\"customers\":", segment.customers)
    out.append(",\"share\":")
    out.append(decimal: segment.share, places: 6)
    for (name, value) in [
      (",\"median_recency_days\":", segment.medianRecencyDays), (",\"median_frequency\":", segment.medianOrders),
    ] {
      out.append(Array(name.utf8))
      if let value { out.append(decimal: value, places: 6) } else { out.append("null") }
    }
    out.append(",\"median_average_order\":")
    if let minor = segment.medianAverageOrderMinor {
      out.append("\"")
      out.append(minor: Int64(minor.rounded(.toNearestOrEven)), digits: digits)
      out.append("\"")
    } else {
      out.append("null")
    }
    out.append(",\"revenue_share\":")
    out.append(decimal: segment.revenueShare, places: 6)
    out.append("}")
  }
}
