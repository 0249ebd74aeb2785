import Foundation
import Testing

@testable import Segmentation

@Suite struct LogarithmTests {
  private let logarithm = Logarithm()

  @Test("It is the logarithm of 1 + x to 1e-15 of itself, from the smallest x to the largest")
  func accuracy() {
    var random = SplitMix64(seed: 3)
    for round in 0..<200_000 {
      let exponent = Double(random.next() % 340) - 60
      let x =
        round % 4 == 0
        ? Double(random.next() >> 11) * 0x1p-50 : exp2(exponent) * (1 + Double(random.next() >> 12) * 0x1p-52)
      let expected = log(1 + x)
      #expect(abs(logarithm.onePlus(x) - expected) <= 1e-15 * expected, "x = \(x)")
    }
  }

  @Test("It grows with x, and is 0 at 0")
  func order() {
    #expect(logarithm.onePlus(0) == 0)
    var last = 0.0
    for step in 1...200_000 {
      let value = logarithm.onePlus(Double(step) * 0x1p-13)
      #expect(value > last)
      last = value
    }
  }
}
