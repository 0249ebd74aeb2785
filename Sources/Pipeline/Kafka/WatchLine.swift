/// A change as one line for people, e.g.
/// `2026-08-02 10:00  c42  Loyal → At risk  silent for 61 days  9 orders, €482.10 (R2 F5 M4)`.
///
/// Bytes that a terminal would obey are escaped.
package func watchLine(_ change: SubscribedChange) -> String {
  let customer = printable(change.customerID)
  guard change.json != nil else {
    let time = change.headers.first { $0.name == "ce_time" }?.text ?? ""
    return "\(minute(time))  \(customer)  erased"
  }
  guard let details = change.details else {
    return "\(customer)  a record that is no change of this program (partition \(change.partition), "
      + "offset \(change.offset))"
  }
  // Two segments may have had the same name one after the other; then their ids tell them apart.
  let isRenewed = details.from?.name == details.to.name
  func label(_ segment: ChangeDetails.Segment) -> String {
    printable(segment.name) + (isRenewed ? " (\(printable(segment.id)))" : "")
  }
  let from = details.from.map { label($0) + " " } ?? ""
  let move = "\(from)→ \(label(details.to))"
  return "\(minute(details.effectiveAt))  \(customer)  \(move)  \(reasonWords(details))  \(valueWords(details.rfm))"
}

/// `2026-08-02T10:00:00.000Z` as `2026-08-02 10:00`.
private func minute(_ time: String) -> String {
  guard time.utf8.count >= 16 else { return "----------------" }
  return printable(String(time.prefix(16)).replacing("T", with: " "))
}

private func reasonWords(_ details: ChangeDetails) -> String {
  switch details.reason {
  case "purchase": "after a purchase"
  case "refund": "after a refund"
  case "late_purchase": "after a purchase that came late"
  case "elapsed": "silent for \(count(details.rfm.recencyDays.rounded(), "day"))"
  case "model_changed": "because the segments moved"
  case "first_seen": "first segment"
  default: printable(details.reason)
  }
}

private func valueWords(_ rfm: ChangeDetails.RFM) -> String {
  let scores = zip("RFM", rfm.score).map { "\($0)\($1)" }.joined(separator: " ")
  return "\(count(Double(rfm.frequency), "order")), \(money(rfm.monetary, rfm.currency)) (\(printable(scores)))"
}

private func count(_ number: Double, _ noun: String) -> String {
  guard let whole = Int(exactly: number) else { return "? \(noun)s" }
  return "\(whole) \(noun)\(whole == 1 ? "" : "s")"
}

private func money(_ amount: String, _ currency: String?) -> String {
  let symbols = ["EUR": "€", "USD": "$", "GBP": "£", "JPY": "¥", "INR": "₹", "KRW": "₩", "UAH": "₴"]
  let amount = printable(amount)
  guard let currency else { return amount }
  guard let symbol = symbols[currency] else { return "\(amount) \(printable(currency))" }
  return amount.hasPrefix("-") ? "-\(symbol)\(amount.dropFirst())" : symbol + amount
}

/// The text with what could steer a terminal, or turn the direction of a line, as `\u{…}`.
func printable(_ text: String) -> String {
  let isPlain = text.unicodeScalars.allSatisfy { !steers($0) }
  if isPlain { return text }
  return text.unicodeScalars.reduce(into: "") { result, scalar in
    if steers(scalar) {
      result += "\\u{\(String(scalar.value, radix: 16))}"
    } else {
      result.unicodeScalars.append(scalar)
    }
  }
}

private func steers(_ scalar: Unicode.Scalar) -> Bool {
  switch scalar.properties.generalCategory {
  case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate: true
  default: false
  }
}
