import Glibc

/// Exponential decay with a half-life.
///
/// 2^x is taken without a call, since every record needs it: with 256 x = k + r, |r| ≤ 1/2, it is
/// 2^(k div 256) · 2^((k mod 256) / 256) · 2^(r/256), the last by its series to r⁴. The relative error is below 1e-15.
/// (Tang 1989, Table-driven implementation of the exponential function in IEEE floating-point arithmetic.)
struct Decay {
  /// −256 / half-life, per ms.
  private let rate: Double
  /// Of higher ages the weight is left to the library: it is below 2⁻¹⁰⁰⁰.
  private let ageMsMax: UInt64
  private let powers = Decay.shared

  private static let pieceCount = 256
  private static let leastPower = 1000.0
  /// Adding it leaves the integer, rounded half to even, in the low 51 bits.
  private static let rounder = 0x1.8p52

  /// 2^(i/256), made once for the process, and read by all.
  nonisolated(unsafe) private static let shared: UnsafePointer<Double> = {
    let powers = UnsafeMutablePointer<Double>.allocate(capacity: pieceCount)
    for index in 0..<pieceCount { (powers + index).initialize(to: exp2(Double(index) / Double(pieceCount))) }
    return UnsafePointer(powers)
  }()

  init(halfLifeMs: Double) {
    rate = -Double(Self.pieceCount) / halfLifeMs
    ageMsMax = UInt64(min(halfLifeMs * Self.leastPower, 0x1p62))
  }

  /// 2^(−`ageMs`/half-life); 1 at age 0.
  @inline(__always)
  func weight(_ ageMs: Int64) -> Double {
    if ageMs == 0 { return 1 }
    // An age below 0 is a large one to it.
    if UInt64(bitPattern: ageMs) > ageMsMax { return exp2(Double(ageMs) * rate / Double(Self.pieceCount)) }
    let scaled = Double(ageMs) * rate
    let shifted = scaled + Self.rounder
    let k = Int64(bitPattern: shifted.bitPattern)
    let r = scaled - (shifted - Self.rounder)
    let power = powers[Int(truncatingIfNeeded: k) & (Self.pieceCount &- 1)]
    // (ln 2 / 256)^n / n!
    let series =
      (0x1.62e42fefa39efp-9 + r * 0x1.ebfbdff82c58fp-19)
      + (r * r) * (0x1.c6b08d704a0c0p-29 + r * 0x1.3b2ab6fba4e77p-39)
    let value = power + power * (r * series)
    return Double(bitPattern: value.bitPattern &+ UInt64(bitPattern: (k &>> 8) &<< 52))
  }
}

/// The UTC day of an instant, days since 1970.
@inline(__always)
func dayNumber(_ timeMs: Int64) -> Int64 {
  // A shift to positive numbers makes the division one without a correction.
  Int64(UInt64(bitPattern: timeMs &+ 719_468 &* msPerDay) / UInt64(msPerDay)) &- 719_468
}
