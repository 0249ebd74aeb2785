import Testing

@testable import Segmentation

@Suite("Partition clock")
struct PartitionClockTests {
  @Test("The clock is the third newest of the customers' newest purchases and never goes back")
  func followsTheThirdNewest() {
    for seed in UInt64(1)...300 {
      var random = SplitMix64(seed: seed)
      let customers = random.int(1...8)
      var clock = PartitionClock()
      var newest: [UInt64: Int64] = [:]
      var expected = Int64.min
      for step in 0..<random.int(1...120) {
        let customer = UInt64(random.next(below: customers)) + 1
        let ms = Int64(step * 10 + random.next(below: 200)) + (random.chance(0.05) ? 100_000 : 0)
        clock.observe(customerHash: customer, timestampMs: ms)
        newest[customer] = max(newest[customer] ?? .min, ms)
        let times = newest.values.sorted(by: >)
        expected = max(expected, times.count < 3 ? times[times.count - 1] : times[2])
        #expect(clock.nowMs == expected, "seed \(seed), step \(step)")
      }
    }
  }

  @Test("The clock goes on with the wall clock, and then with purchases that three customers have beyond it")
  func followsTheWallClock() {
    for seed in UInt64(1)...200 {
      var random = SplitMix64(seed: seed)
      var clock = PartitionClock()
      clock.advance(toWallClockMs: 77)
      #expect(clock.nowMs == .min, "a clock without a purchase has not begun")
      var newest: [UInt64: Int64] = [:]
      var expected = Int64.min
      for step in 0..<100 {
        if step > 0 && random.chance(0.1) {
          let wallMs = Int64(step * 10 + random.next(below: 300))
          clock.advance(toWallClockMs: wallMs)
          expected = max(expected, wallMs)
        } else {
          let customer = UInt64(random.next(below: 6)) + 1
          let ms = Int64(step * 10 + random.next(below: 200))
          clock.observe(customerHash: customer, timestampMs: ms)
          newest[customer] = max(newest[customer] ?? .min, ms)
          let times = newest.values.sorted(by: >)
          expected = max(expected, times.count < 3 ? times[times.count - 1] : times[2])
        }
        #expect(clock.nowMs == expected, "seed \(seed), step \(step)")
      }
    }
  }

  @Test("Records of one customer 30 days ahead do not move the clock")
  func oneCustomerAhead() {
    var clock = PartitionClock()
    for customer in UInt64(1)...50 { clock.observe(customerHash: customer, timestampMs: Int64(customer) * 1000) }
    #expect(clock.nowMs == 48_000)
    clock.observe(customerHash: 7, timestampMs: 30 * msPerDay)
    // The third newest of 30 days, 50 s and 49 s.
    #expect(clock.nowMs == 49_000)
    for step in 0..<20 { clock.observe(customerHash: 7, timestampMs: 30 * msPerDay + Int64(step)) }
    #expect(clock.nowMs == 49_000)
  }
}
