extension RecordDecoder {
  /// A text without its escapes.
  typealias Text = (bytes: Bytes, count: Int)

  /// Reads the slots of one record, in the order in which their errors count.
  @inline(__always)
  mutating func read(
    _ raw: RawRecord, _ present: UInt64, index: Int, into record: UnsafeMutablePointer<PurchaseRecord>
  ) -> Rejection {
    let transactionHash = optionalIDHash(plan.transactionID, present)
    let orderHash = optionalIDHash(plan.orderID, present)
    if transactionHash == Self.notAnID || orderHash == Self.notAnID {
      return transactionHash == Self.notAnID ? .transactionIDKind : .orderIDKind
    }
    let absent = missingField(present)
    if absent != .none { return absent }
    var customer: Text = (slots[plan.customerID].start, slots[plan.customerID].count)
    if slots[plan.customerID].kind == .string && !map.customerIDIsInteger {
      if customer.count > limits.customerIDBytesMax { return .customerIDLong }
    } else {
      let rejection = customerID(slots[plan.customerID], &customer)
      if rejection != .none { return rejection }
    }
    if keyPolicy == .mustBeCustomerID {
      let rejection = compareKey(raw, customer)
      if rejection != .none { return rejection }
    }
    var money = Money()
    let rejection = readMoney(present, &money)
    if rejection != .none { return rejection }
    let timestampMs = readTimestamp()
    if timestampMs == .min { return .timestampUnreadable }
    if isFuture(timestampMs, raw) { return .timestampFuture }
    hasDecodedAmounts = true
    if money.fixesCurrency { fixCurrency(by: slots[plan.currency]) }
    record.initialize(
      to: PurchaseRecord(
        customerID: customer.bytes, customerIDCount: Int32(truncatingIfNeeded: customer.count),
        partition: raw.partition, customerHash: hashBytes(customer.bytes, count: customer.count),
        transactionHash: transactionHash, orderHash: orderHash, amountMinor: money.minor, timestampMs: timestampMs,
        offset: raw.offset, clockMs: 0, index: Int32(truncatingIfNeeded: index), kind: money.kind))
    return .none
  }

  /// A null value: the customer whose id is the key is to be forgotten.
  mutating func erase(
    _ raw: RawRecord, index: Int, into record: UnsafeMutablePointer<PurchaseRecord>
  ) -> Rejection {
    guard let key = raw.key, raw.keyCount > 0 else { return .noKeyToErase }
    var customer: Text = (key.assumingMemoryBound(to: UInt8.self), raw.keyCount)
    let slot = Slot(start: customer.bytes, count: customer.count, number: .zero, kind: .cell)
    let rejection = customerID(slot, &customer)
    if rejection != .none { return rejection }
    record.initialize(
      to: PurchaseRecord(
        customerID: customer.bytes, customerIDCount: Int32(truncatingIfNeeded: customer.count),
        partition: raw.partition, customerHash: hashBytes(customer.bytes, count: customer.count),
        transactionHash: 0, orderHash: 0, amountMinor: 0, timestampMs: raw.timestampMs, offset: raw.offset,
        clockMs: 0, index: Int32(truncatingIfNeeded: index), kind: .erasure))
    return .none
  }

  /// What `optionalIDHash` returns for a value that is no id: even, as no hash is, and not 0.
  private static var notAnID: UInt64 { 2 }

  /// The hash of an id, made odd; 0 where it is absent, null or empty.
  @inline(__always)
  private mutating func optionalIDHash(_ slot: Int, _ present: UInt64) -> UInt64 {
    guard has(slot, present) else { return 0 }
    let kind = slots[slot].kind
    if kind == .null || slots[slot].count == 0 { return 0 }
    if kind == .string || kind == .cell || kind.isNumber {
      return hashBytes(slots[slot].start, count: slots[slot].count) | 1
    }
    guard kind.isEscaped else { return Self.notAnID }
    let plain = text(slots[slot])
    return hashBytes(plain.bytes, count: plain.count) | 1
  }

  @inline(__always)
  func has(_ slot: Int, _ present: UInt64) -> Bool {
    present &>> UInt64(truncatingIfNeeded: slot) & 1 != 0 && slot != 0
  }

  @inline(__always)
  private func missingField(_ present: UInt64) -> Rejection {
    let customer = slots[plan.customerID]
    if present & plan.required == plan.required, customer.kind != .null, customer.count > 0,
      slots[plan.amount].kind != .null, slots[plan.timestamp].kind != .null, plan.factor == 0
    {
      return .none
    }
    func isMissing(_ slot: Int) -> Bool { !has(slot, present) || slots[slot].kind == .null }
    if isMissing(plan.customerID) || customer.count == 0 { return .noCustomerID }
    if isMissing(plan.amount) { return .noAmount }
    if plan.factor != 0 && isMissing(plan.factor) { return .noFactor }
    return isMissing(plan.timestamp) ? .noTimestamp : .none
  }

  /// The text of a string or cell; an escaped one is good until the next call.
  @inline(__always)
  mutating func text(_ slot: Slot) -> Text {
    slot.kind.isEscaped ? unescaped(slot) : (slot.start, slot.count)
  }

  @inline(never)
  private mutating func unescaped(_ slot: Slot) -> Text {
    let target = scratch.room(slot.count)
    if slot.kind == .escapedString {
      return (Bytes(target), EscapedText.unescapeJSON(slot.start, count: slot.count, to: target).count)
    }
    let count = EscapedText.unescapeCell(slot.start, count: slot.count, quote: delimited.quote, to: target)
    return (Bytes(target), count)
  }

  /// The customer id of any slot, checked, in memory that lasts until the next batch.
  @inline(never)
  private mutating func customerID(_ slot: Slot, _ customer: inout Text) -> Rejection {
    let countMax = limits.customerIDBytesMax
    guard slot.kind.isText || slot.kind.isNumber else { return .customerIDKind }
    if map.customerIDIsInteger { return integerID(slot, &customer) }
    switch slot.kind {
    case .integer, .string, .cell:
      if slot.count > countMax { return .customerIDLong }
      if slot.kind == .cell && !UTF8Text.isValid(slot.start, count: slot.count) { return .customerIDNotUTF8 }
      customer = (slot.start, slot.count)
    case .escapedString, .escapedCell:
      // One byte of an id takes at most six of an escaped one.
      if slot.count > 6 * countMax { return .customerIDLong }
      let target = scratch.room(slot.count)
      let count: Int
      if slot.kind == .escapedString {
        let plain = EscapedText.unescapeJSON(slot.start, count: slot.count, to: target)
        if !plain.isScalar { return .customerIDSurrogate }
        count = plain.count
      } else {
        count = EscapedText.unescapeCell(slot.start, count: slot.count, quote: delimited.quote, to: target)
        if !UTF8Text.isValid(Bytes(target), count: count) { return .customerIDNotUTF8 }
      }
      if count > countMax { return .customerIDLong }
      let kept = arena.room(count)
      kept.update(from: target, count: count)
      arena.keep(count)
      customer = (Bytes(kept), count)
    default:
      return .customerIDKind
    }
    return .none
  }

  /// The integer part of a number such as `17850.0`: sign and digits without leading zeros.
  private mutating func integerID(_ slot: Slot, _ customer: inout Text) -> Rejection {
    let plain = text(slot)
    guard let number = DecimalNumber.parse(plain.bytes, count: plain.count) else { return .customerIDNotInteger }
    if number.isExact, number.exponent <= 0 {
      return integerID(number, &customer)
    }
    let long = number.isExact ? LongDecimal(number) : LongDecimal(text: plain.bytes, count: plain.count)
    guard long.isWhole(shift: 0) else { return .customerIDNotInteger }
    let countMax = limits.customerIDBytesMax
    let digits = long.digits.isEmpty ? 0 : long.digits.count + long.exponent
    let sign = number.isNegative && digits > 0 ? 1 : 0
    guard digits + sign <= countMax else { return .customerIDLong }
    let target = arena.room(digits + sign + 1)
    if sign == 1 { target[0] = Byte.minus }
    for index in 0..<digits {
      target[sign + index] = Byte.zero + (index < long.digits.count ? long.digits[index] : 0)
    }
    if digits == 0 { target[0] = Byte.zero }
    customer = (Bytes(target), max(digits + sign, 1))
    arena.keep(customer.count)
    return .none
  }

  /// As above, for a number whose integer part fits 64 bits: the usual case, without a list of digits.
  private mutating func integerID(_ number: DecimalNumber, _ customer: inout Text) -> Rejection {
    let exponent = Int(number.exponent)
    guard Scaling.isWhole(number.mantissa, exponent: exponent) else { return .customerIDNotInteger }
    let size = number.mantissa == 0 ? 0 : number.mantissa / Scaling.powersOfTen[-exponent]
    let target = arena.room(DecimalNumber.exactDigitsMax + 1)
    var count = 0
    var rest = size
    repeat {
      target[count] = Byte.zero + UInt8(truncatingIfNeeded: rest % 10)
      count += 1
      rest /= 10
    } while rest > 0
    if number.isNegative && size > 0 {
      target[count] = Byte.minus
      count += 1
    }
    guard count <= limits.customerIDBytesMax else { return .customerIDLong }
    var digits = UnsafeMutableBufferPointer(start: target, count: count)
    digits.reverse()
    customer = (Bytes(target), count)
    arena.keep(count)
    return .none
  }

  @inline(never)
  private mutating func compareKey(_ raw: RawRecord, _ customer: Text) -> Rejection {
    guard let rawKey = raw.key, raw.keyCount > 0 else { return .noKey }
    var key: Text = (rawKey.assumingMemoryBound(to: UInt8.self), raw.keyCount)
    if map.customerIDIsInteger {
      let slot = Slot(start: key.bytes, count: key.count, number: .zero, kind: .cell)
      guard integerID(slot, &key) == .none else { return .otherKey }
    }
    guard key.count == customer.count, equal(key.bytes, customer.bytes, count: key.count) else { return .otherKey }
    return .none
  }

  @inline(__always)
  private mutating func readTimestamp() -> Int64 {
    let slot = slots[plan.timestamp]
    if slot.kind == .string || slot.kind == .cell {
      let ms = timestamps.readFast(slot.start, count: slot.count)
      if ms != .min { return ms }
    }
    return readAnyTimestamp(slot)
  }

  @inline(never)
  private mutating func readAnyTimestamp(_ slot: Slot) -> Int64 {
    if slot.kind.isNumber {
      return timestamps.read(slot.number, slot.start, count: slot.count) ?? .min
    }
    guard slot.kind.isText else { return .min }
    let plain = text(slot)
    let isCell = slot.kind == .cell || slot.kind == .escapedCell
    return timestamps.read(plain.bytes, count: plain.count, isCell: isCell) ?? .min
  }

  /// Kafka's −1 says that a record has no time of its own: then nothing is too far in the future.
  @inline(__always)
  private func isFuture(_ timestampMs: Int64, _ raw: RawRecord) -> Bool {
    let (latest, overflow) = raw.timestampMs.addingReportingOverflow(limits.futureMsMax)
    return timestampMs > latest && !overflow && raw.timestampMs != -1
  }
}
