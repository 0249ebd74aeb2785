import Glibc

/// A synthetic customer: what was planted, and what has come of it.
struct SyntheticCustomer {
  var segment: UInt8
  /// Planned orders a day.
  var ratePerDay: Float
  /// The mean value of an order, in EUR.
  var basketMean: Float
  /// When the customer stops to buy, in ms since 1970; `Int64.max` for never.
  var silentFromMs = Int64.max
  /// What the records so far come to, repeats and broken ones left out.
  var orders: Int32 = 0
  var grossMinor: Int64 = 0
  var refundedMinor: Int64 = 0
  var lastPurchaseMs = Int64.min
}

/// All synthetic customers, and who orders next.
///
/// Orders are one Poisson process of the sum of all rates; an order belongs to a customer with the probability of its
/// rate (drawn by an alias table, Vose 1991) and is dropped if that customer has fallen silent. One-off customers have
/// a process of their own, which takes them in turn.
struct Population {
  private(set) var customers: [SyntheticCustomer] = []
  /// The mean time between two candidate orders, in ms.
  private(set) var gapMeanMs = 0.0
  private var oneOffs: [Int32] = []
  private var oneOffsTaken = 0
  private var oneOffChance = 0.0
  private var repeaters: [Int32] = []
  private var aliasThreshold: [Float] = []
  private var aliasOther: [Int32] = []

  /// Plants customers and plans their rates so that the orders make about `lines` records in the settings' span.
  init(settings: GeneratorSettings, lines: Double, random: inout RandomSource) {
    plant(settings: settings, random: &random)
    let oneOffLinesMean = PlantedSegment.all[PlantedSegment.oneOff].linesMean
    // Where there are few events not every one-off customer gets its turn.
    let oneOffOrders = min(Double(oneOffs.count), 0.25 * lines / oneOffLinesMean)
    let scale = scaleRates(
      settings: settings, lines: lines - oneOffOrders * oneOffLinesMean)
    let candidates = scale * settings.spanMs + oneOffOrders
    oneOffChance = candidates > 0 ? oneOffOrders / candidates : 0
    gapMeanMs = candidates > 0 ? settings.spanMs / candidates : settings.spanMs
    let oneOffRate = Float(86_400_000 / settings.spanMs)
    for index in oneOffs { customers[Int(index)].ratePerDay = oneOffRate }
    makeAliasTable()
  }

  /// The customer of a candidate order at a time; `nil` where it is dropped.
  mutating func pick(atMs timeMs: Int64, random: inout RandomSource) -> Int? {
    if oneOffChance > 0, random.uniform() < oneOffChance {
      if oneOffsTaken == oneOffs.count { return nil }
      oneOffsTaken += 1
      return Int(oneOffs[oneOffsTaken - 1])
    }
    let slot = random.below(repeaters.count)
    let isOwn = Float(random.uniform()) < aliasThreshold[slot]
    let customer = Int(repeaters[isOwn ? slot : Int(aliasOther[slot])])
    return timeMs < customers[customer].silentFromMs ? customer : nil
  }

  /// Any customer, bought from or not.
  func pickAny(random: inout RandomSource) -> Int { random.below(customers.count) }

  /// Notes a line of an order; `isFirst`: of a new order.
  mutating func notePurchase(_ customer: Int, amountMinor: Int64, timestampMs: Int64, isFirst: Bool) {
    customers[customer].orders += isFirst ? 1 : 0
    customers[customer].grossMinor += amountMinor
    customers[customer].lastPurchaseMs = max(customers[customer].lastPurchaseMs, timestampMs)
  }

  /// Notes money given back.
  mutating func noteRefund(_ customer: Int, amountMinor: Int64) {
    customers[customer].refundedMinor += amountMinor
  }

  private mutating func plant(settings: GeneratorSettings, random: inout RandomSource) {
    customers.reserveCapacity(settings.customers)
    for index in 0..<settings.customers {
      let segment = index == 0 ? PlantedSegment.frequentSmall : drawSegment(settings: settings, random: &random)
      let planted = PlantedSegment.all[segment]
      var customer = SyntheticCustomer(
        segment: UInt8(segment), ratePerDay: Float(planted.ordersPerDay * exp(0.3 * random.normal() - 0.045)),
        basketMean: Float(planted.basketMean * exp(0.2 * random.normal() - 0.02)))
      switch segment {
      case PlantedSegment.oneOff: oneOffs.append(Int32(index))
      case PlantedSegment.fading:
        customer.silentFromMs = settings.startMs + Int64(settings.spanMs * (0.25 + 0.5 * random.uniform()))
        repeaters.append(Int32(index))
      default: repeaters.append(Int32(index))
      }
      customers.append(customer)
    }
  }

  private func drawSegment(settings: GeneratorSettings, random: inout RandomSource) -> Int {
    if random.uniform() < settings.silentShare { return PlantedSegment.fading }
    var rest = random.uniform()
    for (index, segment) in PlantedSegment.all.enumerated() {
      rest -= segment.share
      if rest < 0 { return index }
    }
    return PlantedSegment.frequentSmall
  }

  /// Scales the repeaters' rates to `lines` expected records; returns the sum of their rates, in orders a ms.
  private mutating func scaleRates(settings: GeneratorSettings, lines: Double) -> Double {
    let linesMeans = PlantedSegment.all.map(\.linesMean)
    let dayMs = 86_400_000.0
    var planned = 0.0
    for index in repeaters {
      let customer = customers[Int(index)]
      let activeMs = min(settings.spanMs, Double(customer.silentFromMs &- settings.startMs))
      planned += Double(customer.ratePerDay) * activeMs / dayMs * linesMeans[Int(customer.segment)]
    }
    let factor = Float(lines / planned)
    var sum = 0.0
    for index in repeaters {
      customers[Int(index)].ratePerDay *= factor
      sum += Double(customers[Int(index)].ratePerDay)
    }
    return sum / dayMs
  }

  private mutating func makeAliasTable() {
    let count = repeaters.count
    aliasThreshold = [Float](repeating: 1, count: count)
    aliasOther = (0..<Int32(count)).map { $0 }
    let total = repeaters.reduce(0.0) { $0 + Double(customers[Int($1)].ratePerDay) }
    var weights = repeaters.map { Double(customers[Int($0)].ratePerDay) * Double(count) / total }
    var small = weights.indices.filter { weights[$0] < 1 }
    var large = weights.indices.filter { weights[$0] >= 1 }
    while let low = small.popLast(), let high = large.last {
      aliasThreshold[low] = Float(weights[low])
      aliasOther[low] = Int32(high)
      weights[high] -= 1 - weights[low]
      if weights[high] < 1 {
        large.removeLast()
        small.append(high)
      }
    }
  }
}
