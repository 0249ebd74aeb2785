extension RecordDecoder {
  /// What amount, currency and type come to.
  struct Money {
    var minor: Int64 = 0
    var kind = PurchaseRecord.Kind.purchase
    /// Whether the record names the first currency.
    var fixesCurrency = false
  }

  /// What the digits of an amount count.
  private struct Unit {
    var digits: Int
    var rate: Currency.Rate?
  }

  private enum TypeName {
    case none
    case purchase
    case refund
    case other
  }

  /// Reads amount, type and currency; an error of the amount goes before one of the currency.
  @inline(__always)
  mutating func readMoney(_ present: UInt64, _ money: inout Money) -> Rejection {
    var unit = Unit(digits: currency.digits, rate: nil)
    var currencyRejection = Rejection.none
    if has(plan.currency, present), slots[plan.currency].kind != .null {
      let slot = slots[plan.currency]
      if slot.kind.isEscaped || !slot.kind.isText || !currencies.isOwn(slot.start, count: slot.count) {
        currencyRejection = readCurrency(slot, &unit, &money)
      }
    }
    var isNegative = false
    let rejection = readAmount(unit, &money.minor, &isNegative)
    if rejection != .none { return rejection }
    // The sign counts after rounding: what is rounded to zero is a purchase.
    if money.minor == 0 { isNegative = false }
    switch typeName(present) {
    case .none: money.kind = isNegative ? .refund : .purchase
    case .refund: money.kind = .refund
    case .purchase:
      if isNegative { return .negativePurchase }
    case .other: return .unknownType
    }
    return currencyRejection
  }

  /// The unit of a currency that is not written just as the configured one.
  @inline(never)
  private mutating func readCurrency(_ slot: Slot, _ unit: inout Unit, _ money: inout Money) -> Rejection {
    guard slot.kind.isText else { return .unknownCurrency }
    if slot.count == 0 { return .none }
    let plain = text(slot)
    switch currencies.match(plain.bytes, count: plain.count) {
    case .own: return .none
    case .rate(let index): unit.rate = currencies.rates[index]
    case .first:
      money.fixesCurrency = true
      unit.digits = Currency.digits(of: code(slot))
      if unit.digits != currency.digits && hasDecodedAmounts { return .currencyDigits }
    case .unknown: return .unknownCurrency
    }
    return .none
  }

  /// The amount's size in minor units, and its sign.
  @inline(__always)
  private mutating func readAmount(
    _ unit: Unit, _ minor: inout Int64, _ isNegative: inout Bool
  ) -> Rejection {
    let slot = slots[plan.amount]
    if slot.kind.isNumber, slot.number.isExact, plan.factor == 0, unit.rate == nil {
      isNegative = slot.number.isNegative
      let exponent = Int(slot.number.exponent) &+ unit.digits
      guard let size = Scaling.magnitude(slot.number.mantissa, exponent: exponent, .halfToEven) else {
        return .amountOverflow
      }
      minor = size
      return .none
    }
    return readAnyAmount(digits: unit.digits, rate: unit.rate, &minor, &isNegative)
  }

  @inline(never)
  private mutating func readAnyAmount(
    digits: Int, rate: Currency.Rate?, _ minor: inout Int64, _ isNegative: inout Bool
  ) -> Rejection {
    guard let first = number(slots[plan.amount]) else { return .amountNotNumber }
    var second = DecimalNumber.one
    if plan.factor != 0 {
      guard let factor = number(slots[plan.factor]) else { return .factorNotNumber }
      second = factor
    }
    isNegative = first.isNegative != second.isNegative
    let rateNumber = DecimalNumber(
      mantissa: UInt64(rate?.mantissa ?? 1), exponent: Int32(-(rate?.scale ?? 0)), isNegative: false, isExact: true)
    let product = first.mantissa.multipliedReportingOverflow(by: second.mantissa)
    let worth = product.partialValue.multipliedReportingOverflow(by: rateNumber.mantissa)
    if first.isExact, second.isExact, !product.overflow, !worth.overflow {
      let exponent = Int(first.exponent) + Int(second.exponent) + Int(rateNumber.exponent) + digits
      guard let size = Scaling.magnitude(worth.partialValue, exponent: exponent, .halfToEven) else {
        return .amountOverflow
      }
      minor = size
      return .none
    }
    var long = longDecimal(first, slots[plan.amount])
    if plan.factor != 0 {
      guard let both = long.multiplied(by: longDecimal(second, slots[plan.factor])) else { return .amountTooLong }
      long = both
    }
    if rate != nil {
      guard let converted = long.multiplied(by: LongDecimal(rateNumber)) else { return .amountTooLong }
      long = converted
    }
    guard let size = long.magnitude(shift: digits, .halfToEven) else { return .amountOverflow }
    minor = size
    return .none
  }

  private mutating func number(_ slot: Slot) -> DecimalNumber? {
    if slot.kind.isNumber { return slot.number }
    guard slot.kind.isText else { return nil }
    let plain = text(slot)
    return DecimalNumber.parse(plain.bytes, count: plain.count)
  }

  private mutating func longDecimal(_ number: DecimalNumber, _ slot: Slot) -> LongDecimal {
    if number.isExact { return LongDecimal(number) }
    let plain = text(slot)
    return LongDecimal(text: plain.bytes, count: plain.count)
  }

  @inline(__always)
  private mutating func typeName(_ present: UInt64) -> TypeName {
    guard has(plan.type, present), slots[plan.type].kind != .null else { return .none }
    let slot = slots[plan.type]
    guard slot.kind.isText else { return .other }
    let plain = text(slot)
    let lowercase: UInt64 = 0x2020_2020_2020_2020
    if plain.count == 8 {
      return load64(plain.bytes) | lowercase == 0x6573_6168_6372_7570 ? .purchase : .other
    }
    guard plain.count == 6 else { return .other }
    let isRefund =
      load32(plain.bytes) | 0x2020_2020 == 0x7566_6572 && load16(plain.bytes + 4) | 0x2020 == 0x646E
    return isRefund ? .refund : .other
  }

  /// The code that a slot names, in upper case.
  mutating func code(_ slot: Slot) -> String {
    let plain = text(slot)
    return String(decoding: UnsafeBufferPointer(start: plain.bytes, count: plain.count), as: UTF8.self).uppercased()
  }

  @inline(never)
  mutating func fixCurrency(by slot: Slot) {
    let code = code(slot)
    currency.code = code
    currency.digits = Currency.digits(of: code)
    currencies.fix(code)
  }
}
