import Foundation

/// Turns numbers into coordinates, with ticks at round numbers.
struct Scale {
  let low: Double
  let high: Double
  let start: Double
  let end: Double
  let ticks: [Double]

  /// Spans the finite ones of some numbers, and round ones around them unless `isTight`.
  init(
    _ values: some Sequence<Double>, from start: Double, to end: Double, ticks wanted: Int = 5, isTight: Bool = false
  ) {
    // Far numbers are cut, so that no difference of two overflows.
    let finite = values.filter(\.isFinite).map { max(-1e300, min(1e300, $0)) }
    var low = finite.min() ?? 0
    var high = finite.max() ?? 1
    if !(high > low) {
      let around = low == 0 ? 1 : abs(low) * 0.5
      (low, high) = (low - around, high + around)
    }
    // A few whole numbers, such as counts of clusters, get a tick each.
    let isCounted = high - low <= 12 && finite.count > 2 && finite.allSatisfy { $0 == $0.rounded() }
    let step = isCounted && isTight ? 1 : Self.step((high - low) / Double(max(1, wanted)))
    if !isTight {
      low = (low / step + 1e-9).rounded(.down) * step
      high = (high / step - 1e-9).rounded(.up) * step
    }
    self.low = low
    self.high = high
    self.start = start
    self.end = end
    let first = (low / step - 1e-9).rounded(.up)
    let last = (high / step + 1e-9).rounded(.down)
    // At most a few dozen: the step is a fraction of the span.
    self.ticks = last >= first ? (0...Int(min(50, last - first))).map { (first + Double($0)) * step } : []
  }

  /// The nearest of 1, 2, 5 · 10ⁿ from above.
  static func step(_ raw: Double) -> Double {
    guard raw.isFinite, raw > 0 else { return 1 }
    let power = pow(10, log10(raw).rounded(.down))
    guard power > 0, power.isFinite else { return raw }
    for factor in [1.0, 2, 5] where factor * power >= raw * (1 - 1e-9) { return factor * power }
    return 10 * power
  }

  /// The coordinate of a number; NaN has none.
  func callAsFunction(_ value: Double) -> Double {
    let share = (max(low, min(high, value)) - low) / (high - low)
    return value.isNaN ? .nan : start + share * (end - start)
  }

  /// A tick in words, with as many digits as tell it from the next.
  func label(_ tick: Double) -> String {
    let step = ticks.count > 1 ? abs(ticks[1] - ticks[0]) : max(abs(tick), 1)
    let most = ticks.map(abs).max() ?? 0
    let units = [(1e9, "\u{A0}G"), (1e6, "\u{A0}M"), (1e3, "\u{A0}k")]
    let unit = units.first { most >= 10 * $0.0 && step >= $0.0 / 100 } ?? (1, "")
    if most >= 1e14 || step < 1e-9 { return NumberText.short(tick) }
    let value = abs(tick) < step * 1e-6 ? 0 : tick / unit.0
    let decimals = max(0, Int((-log10(step / unit.0) - 1e-9).rounded(.up)))
    return NumberText.fixed(value, decimals) + (value == 0 ? "" : unit.1)
  }
}
