/// Small statistics of a column of finite numbers.
enum ColumnStatistics {
  /// The value below which the share `quantile` of ascending numbers lies, straight between neighbours (type 7 of
  /// Hyndman and Fan 1996, numpy's default); NaN of none.
  static func quantile(_ sorted: [Double], _ quantile: Double) -> Double {
    guard let last = sorted.last else { return .nan }
    let place = quantile * Double(sorted.count - 1)
    let index = Int(place)
    guard index + 1 < sorted.count else { return last }
    return sorted[index] + (place - Double(index)) * (sorted[index + 1] - sorted[index])
  }

  /// The median; NaN of none.
  static func median(_ values: [Double]) -> Double { quantile(values.sorted(), 0.5) }

  /// The mean; NaN of none.
  static func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }

  /// The mean and the standard deviation with n in the denominator, in two passes; NaN of none.
  static func meanAndDeviation(_ values: [Double]) -> (mean: Double, deviation: Double) {
    let mean = mean(values)
    let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    return (mean, (squares / Double(values.count)).squareRoot())
  }
}
