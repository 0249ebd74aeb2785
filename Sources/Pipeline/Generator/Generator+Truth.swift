extension Generator {
  /// Writes what was planted and what came of it, as CSV with a header, one line a customer.
  ///
  /// `customer_id`, `segment`, `rate_per_day` (planned orders), `basket_mean` (EUR), `silent_from` (empty for never),
  /// `last_state` (`active`, `silent`, or `none` without a purchase), `orders` placed, `gross` and `refunded` (EUR),
  /// `last_purchase`: repeats count once, broken records not at all.
  package mutating func writeTruth(to output: OutputFile) throws(FileError) {
    try output.write(
      "customer_id,segment,rate_per_day,basket_mean,silent_from,last_state,orders,gross,refunded,last_purchase\n")
    let line = UnsafeMutablePointer<UInt8>.allocate(capacity: GeneratedBatch.recordBytesMax)
    defer { line.deallocate() }
    for index in population.customers.indices {
      let count = putTruth(of: index, to: line)
      try output.write(UnsafeRawBufferPointer(start: line, count: count))
    }
  }

  private mutating func putTruth(of index: Int, to line: UnsafeMutablePointer<UInt8>) -> Int {
    let customer = population.customers[index]
    var out = ByteCursor(at: line)
    writer.putCustomer(Int32(index), to: &out)
    out.put(",")
    out.put(PlantedSegment.all[Int(customer.segment)].name)
    out.put(",")
    // A rate is written with four digits behind the point.
    let rate = Int64((Double(customer.ratePerDay) * 10_000).rounded())
    out.putNumber(rate / 10_000)
    out.put(".")
    out.put(rate % 10_000, digits: 4)
    out.put(",")
    out.putMoney(Int64((Double(customer.basketMean) * 100).rounded()))
    out.put(",")
    if customer.silentFromMs != .max { writer.putTime(customer.silentFromMs, to: &out) }
    let isSilent = customer.silentFromMs <= Int64(nowMs)
    out.put(customer.orders == 0 ? ",none," : isSilent ? ",silent," : ",active,")
    out.putNumber(Int64(customer.orders))
    out.put(",")
    out.putMoney(customer.grossMinor)
    out.put(",")
    out.putMoney(customer.refundedMinor)
    out.put(",")
    if customer.orders > 0 { writer.putTime(customer.lastPurchaseMs, to: &out) }
    out.put("\n")
    return out.count
  }
}
