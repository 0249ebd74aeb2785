import Glibc

/// Exponential decay with a half-life.
struct Decay {
  /// −1 / half-life, per ms.
  private let rate: Double

  init(halfLifeMs: Double) { rate = -1 / halfLifeMs }

  /// 2^(−`ageMs`/half-life); 1 at age 0.
  @inline(__always)
  func weight(_ ageMs: Int64) -> Double {
    ageMs == 0 ? 1 : exp2(Double(ageMs) * rate)
  }
}

/// The UTC day of an instant, days since 1970.
@inline(__always)
func dayNumber(_ timeMs: Int64) -> Int64 {
  // A shift to positive numbers makes the division one without a correction.
  Int64(UInt64(bitPattern: timeMs &+ 719_468 &* msPerDay) / UInt64(msPerDay)) &- 719_468
}
