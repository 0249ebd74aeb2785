import Foundation

/// How one clustered feature comes of a column: transformed, fenced, scaled, weighed.
public struct FeatureScale: Codable, Equatable, Sendable {
  /// Its name: the column's, or `column = level`.
  public var name: String
  /// The column.
  public var column: String
  /// Of one-hot encoding: the level that is 1.
  public var level: String?
  /// Whether log1p of the value is taken (a negative value counts as 0).
  public var isLogged = false
  /// What is taken as it is after the transformation; beyond it the bound holds. `nil` for all.
  public var low: Double?
  /// The upper end of it.
  public var high: Double?
  /// What is subtracted.
  public var centre = 0.0
  /// What it is divided by.
  public var spread = 1.0
  /// What the result is multiplied by.
  public var weight = 1.0

  /// A column as it is: not logged, fenced, scaled or weighed yet.
  public init(name: String, column: String, level: String? = nil, isLogged: Bool = false) {
    self.name = name
    self.column = column
    self.level = level
    self.isLogged = isLogged
  }

  /// The value as it is clustered.
  public func apply(_ value: Double) -> Double {
    var value = isLogged ? log1p(max(0, value)) : value
    if let low { value = max(low, value) }
    if let high { value = min(high, value) }
    return (value - centre) / spread * weight
  }

  /// The value in natural units that is clustered as this one.
  public func inverse(_ scaled: Double) -> Double {
    let value = scaled / weight * spread + centre
    return isLogged ? expm1(value) : value
  }

  /// Finds centre and spread of values after transformation and fences. A spread is never 0.
  package mutating func fit(_ values: [Double], _ scaling: PreparationOptions.Scaling) {
    (centre, spread) = (0, 1)
    let transformed = values.map { apply($0) / weight }
    switch scaling {
    case .none: break
    case .standard: (centre, spread) = ColumnStatistics.meanAndDeviation(transformed)
    case .minMax:
      let (least, most) = (transformed.min() ?? 0, transformed.max() ?? 0)
      (centre, spread) = (least, most - least)
    case .robust:
      let sorted = transformed.sorted()
      centre = ColumnStatistics.quantile(sorted, 0.5)
      spread = ColumnStatistics.quantile(sorted, 0.75) - ColumnStatistics.quantile(sorted, 0.25)
      // Half of the values are equal: the deviation is the next best width.
      if !(spread > 0) { spread = ColumnStatistics.meanAndDeviation(transformed).deviation }
    }
    if !(spread > 0) { spread = 1 }
  }
}
