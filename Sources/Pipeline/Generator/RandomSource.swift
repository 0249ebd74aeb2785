import Glibc

/// Random numbers, the same for the same seed: xoshiro256++ (Blackman, Vigna 2019).
struct RandomSource: RandomNumberGenerator {
  private var s0: UInt64
  private var s1: UInt64
  private var s2: UInt64
  private var s3: UInt64

  /// The state is filled by splitmix64, as its authors advise.
  init(seed: UInt64) {
    var state = seed
    func splitMix() -> UInt64 {
      state &+= 0x9E37_79B9_7F4A_7C15
      var z = state
      z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
      z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
      return z ^ (z >> 31)
    }
    s0 = splitMix()
    s1 = splitMix()
    s2 = splitMix()
    s3 = splitMix()
  }

  @inline(__always)
  mutating func next() -> UInt64 {
    let sum = s0 &+ s3
    let result = ((sum << 23) | (sum >> 41)) &+ s0
    let t = s1 << 17
    s2 ^= s0
    s3 ^= s1
    s1 ^= s2
    s0 ^= s3
    s2 ^= t
    s3 = (s3 << 45) | (s3 >> 19)
    return result
  }

  /// A whole number in `0..<bound`, `bound` above 0 (Lemire's multiplication; its bias is below 2^-32 for our bounds).
  @inline(__always)
  mutating func below(_ bound: Int) -> Int {
    Int(truncatingIfNeeded: next().multipliedFullWidth(by: UInt64(truncatingIfNeeded: bound)).high)
  }

  /// Uniform in `[0, 1)`, in steps of 2^-53.
  @inline(__always)
  mutating func uniform() -> Double {
    Double(next() >> 11) * 0x1p-53
  }

  /// Exponential with mean 1.
  @inline(__always)
  mutating func exponential() -> Double {
    -log(1 - uniform())
  }

  /// Standard normal (Box and Muller; the second of the pair is not kept).
  @inline(__always)
  mutating func normal() -> Double {
    (2 * exponential()).squareRoot() * cos(2 * .pi * uniform())
  }
}
