extension RecordDecoder {
  /// As many bytes of an offending value are shown.
  private static var shownBytesMax: Int { 64 }

  /// A rejection in words: what is wrong, where, and what to do. Called before the next record is scanned.
  mutating func explain(_ rejection: Rejection, _ raw: RawRecord) -> String {
    let place = { [plan] (slot: Int) in plan.name(ofSlot: slot) }
    switch rejection {
    case .none: return ""
    case .tooLarge:
      return
        "the record has \(raw.valueCount) bytes, the limit is \(limits.recordBytesMax); split it or raise the limit"
    case .noCustomerID:
      return "the customer id (\(place(plan.customerID))) is absent, null or empty; fill it, or map another place"
    case .noAmount: return "the amount (\(place(plan.amount))) is absent or null; fill it, or map another place"
    case .noFactor: return "a factor of the amount (\(place(plan.factor))) is absent or null; fill it"
    case .noTimestamp:
      return "the timestamp (\(place(plan.timestamp))) is absent or null; fill it, or map another place"
    case .noKeyToErase: return "a null value erases the customer whose id is the key, but the record has no key"
    case .transactionIDKind, .orderIDKind:
      let slot = rejection == .orderIDKind ? plan.orderID : plan.transactionID
      return "the id \(place(slot)) is \(shown(slot)), neither a string nor a number"
    case .customerIDKind, .customerIDLong, .customerIDNotUTF8, .customerIDSurrogate, .customerIDNotInteger:
      return explainCustomerID(rejection, raw)
    case .noKey, .otherKey: return explainKey(rejection, raw)
    case .amountNotNumber, .factorNotNumber, .amountTooLong, .amountOverflow, .unknownType, .negativePurchase:
      return explainAmount(rejection)
    case .unknownCurrency, .currencyDigits: return explainCurrency(rejection)
    case .timestampUnreadable:
      return "the timestamp \(place(plan.timestamp)) is \(shown(plan.timestamp)), not \(timestamps.expectation); "
        + "correct it, or set the map's `format`"
    case .timestampFuture:
      return "the timestamp \(place(plan.timestamp)) is \(shown(plan.timestamp)), more than "
        + "\(limits.futureMsMax / 3_600_000) h beyond the record's own time (\(raw.timestampMs) ms); "
        + "check the producer's clock and the map's `format` and `zone`"
    default: return explainSyntax(rejection, raw)
    }
  }

  private func explainSyntax(_ rejection: Rejection, _ raw: RawRecord) -> String {
    guard let value = raw.value else { return rejection.syntax }
    let start = value.assumingMemoryBound(to: UInt8.self)
    let offset = state.pointee.position - start
    let depth = rejection == .tooDeep ? " of \(limits.jsonDepthMax)" : ""
    guard offset >= 0, offset < raw.valueCount else { return "at the end: \(rejection.syntax)\(depth)" }
    let near = Self.quoted(start + offset, min(raw.valueCount - offset, 16), isWhole: raw.valueCount - offset <= 16)
    return "at byte \(offset + 1), \(near): \(rejection.syntax)\(depth)"
  }

  private func explainCustomerID(_ rejection: Rejection, _ raw: RawRecord) -> String {
    let isErasure = raw.value == nil
    let place = isErasure ? "of the key" : plan.name(ofSlot: plan.customerID)
    let value =
      isErasure
      ? Self.quoted(raw.key?.assumingMemoryBound(to: UInt8.self) ?? emptyBytes, raw.keyCount)
      : shown(plan.customerID)
    let lead = "the customer id \(place) is \(value), "
    switch rejection {
    case .customerIDKind: return lead + "neither a string nor an integer; send it as a string"
    case .customerIDLong: return lead + "longer than the limit of \(limits.customerIDBytesMax) bytes"
    case .customerIDNotUTF8: return lead + "not UTF-8; convert the input"
    case .customerIDSurrogate: return lead + "with half a surrogate pair, which is no text"
    default: return lead + "not an integer as the map's `integer: true` wants it"
    }
  }

  private func explainKey(_ rejection: Rejection, _ raw: RawRecord) -> String {
    let toDo = "produce with the customer id as key, or set `partitioned_by_customer: true`"
    guard rejection == .otherKey, let key = raw.key else { return "the record has no key; \(toDo)" }
    let text = Self.quoted(key.assumingMemoryBound(to: UInt8.self), raw.keyCount)
    return "the key is \(text), the customer id \(shown(plan.customerID)); \(toDo)"
  }

  private func explainAmount(_ rejection: Rejection) -> String {
    let amount = "the amount \(plan.name(ofSlot: plan.amount)) is \(shown(plan.amount))"
    switch rejection {
    case .amountNotNumber: return amount + ", not a decimal number such as 12.34"
    case .factorNotNumber:
      return "the factor \(plan.name(ofSlot: plan.factor)) is \(shown(plan.factor)), not a decimal number such as 12.34"
    case .amountTooLong: return amount + ", to be multiplied; a factor has at most \(LongDecimal.digitsMax) digits"
    case .unknownType:
      return "the type \(plan.name(ofSlot: plan.type)) is \(shown(plan.type)); `purchase` and `refund` are allowed"
    case .negativePurchase: return amount + ", but the type is `purchase`; a refund is `refund`, or has no type"
    default:
      return amount + ", more than \(Int64.max) minor units of \(currency.code.map { "`\($0)`" } ?? "the currency")"
    }
  }

  private mutating func explainCurrency(_ rejection: Rejection) -> String {
    let lead = "the currency \(plan.name(ofSlot: plan.currency)) is \(shown(plan.currency))"
    if rejection == .currencyDigits {
      return lead + ", whose amounts do not have the \(currency.digits) digits of those read before it was named; "
        + "set the currency"
    }
    let own = currency.code.map { ", not `\($0)`," } ?? ""
    return lead + "\(own) and has no rate; add it to `rates`, or set the currency"
  }

  private func shown(_ slot: Int) -> String {
    let value = slots[slot]
    switch value.kind {
    case .null: return "null"
    case .object: return "an object"
    case .array: return "an array"
    default: return Self.quoted(value.start, value.count)
    }
  }

  /// Bytes in backquotes: cut after a while, control characters and backquotes replaced.
  private static func quoted(_ bytes: Bytes, _ count: Int, isWhole: Bool = true) -> String {
    let shown = UnsafeBufferPointer(start: bytes, count: min(count, shownBytesMax))
    var text = ""
    for scalar in String(decoding: shown, as: UTF8.self).unicodeScalars {
      let isPlain = scalar.value >= 0x20 && scalar != "`" && !(0x7F...0x9F).contains(scalar.value)
      text.unicodeScalars.append(isPlain ? scalar : "\u{FFFD}")
    }
    return "`\(text)\(isWhole && count <= shownBytesMax ? "" : "…")`"
  }
}
