import Glibc
import Testing

@testable import Segmentation

@Suite("Decay")
struct DecayTests {
  @Test("A weight is 2^(−age/half-life), to 1e-15 of itself", arguments: [1.0, 90.0, 3650.0])
  func isExponential(halfLifeDays: Double) {
    let halfLifeMs = halfLifeDays * Double(msPerDay)
    let decay = Decay(halfLifeMs: halfLifeMs)
    var random = SplitMix64(seed: 20)
    for step in 1...40_000 {
      let ageMs = Int64(random.next() % UInt64(halfLifeMs * (step % 2 == 0 ? 2 : 900)))
      let expected = exp2(-Double(ageMs) / halfLifeMs)
      // The age over the half-life is itself rounded, which a large power makes a larger part of the weight.
      let allowed = 1e-15 * (1 + Double(ageMs) / halfLifeMs)
      #expect(abs(decay.weight(ageMs) - expected) <= allowed * expected, "age \(ageMs) ms")
    }
  }

  @Test("A weight is 1 at age 0, a half after the half-life, and falls with the age")
  func fixedPoints() {
    let decay = Decay(halfLifeMs: 256_000)
    #expect(decay.weight(0) == 1)
    #expect(decay.weight(256_000) == 0.5)
    #expect(decay.weight(2_560_000) == 1.0 / 1024)
    for ageMs in 1...20_000 { #expect(decay.weight(Int64(ageMs)) < decay.weight(Int64(ageMs - 1))) }
  }

  @Test("Ages beyond a thousand half-lives, and those below 0, are answered as the library does")
  func extremes() {
    let decay = Decay(halfLifeMs: 1000)
    #expect(decay.weight(1_050_000) == exp2(-1050))
    #expect(decay.weight(.max) == 0)
    #expect(decay.weight(-1000) == 2)
  }
}
