/// How columns go together: Pearson's coefficient of each two.
public struct Correlations: Equatable, Sendable {
  /// The columns' names.
  public let names: [String]
  /// The coefficients, −1 to 1; NaN with a column that is the same for all.
  public let values: [[Double]]

  /// Finds the coefficients of the columns of a matrix.
  public init(_ matrix: FeatureMatrix) {
    names = matrix.names
    let standardised = (0..<matrix.columnCount).map { index -> [Double]? in
      let column = matrix.column(index)
      let (mean, deviation) = ColumnStatistics.meanAndDeviation(column)
      return deviation > 0 ? column.map { ($0 - mean) / deviation } : nil
    }
    let rows = Double(max(1, matrix.rowCount))
    var values = [[Double]](
      repeating: [Double](repeating: .nan, count: matrix.columnCount), count: matrix.columnCount)
    for left in standardised.indices {
      for right in left..<standardised.count {
        guard let a = standardised[left], let b = standardised[right] else { continue }
        let sum = zip(a, b).reduce(0) { $0 + $1.0 * $1.1 }
        values[left][right] = left == right ? 1 : min(1, max(-1, sum / rows))
        values[right][left] = values[left][right]
      }
    }
    self.values = values
  }

  /// The pairs whose coefficients are greatest in size, the greatest first.
  public func strongest(_ count: Int) -> [(left: String, right: String, value: Double)] {
    var pairs: [(left: Int, right: Int)] = []
    for left in names.indices {
      for right in names.indices.dropFirst(left + 1) where values[left][right].isFinite { pairs.append((left, right)) }
    }
    return pairs.sorted {
      (-abs(values[$0.left][$0.right]), $0.left, $0.right) < (-abs(values[$1.left][$1.right]), $1.left, $1.right)
    }
    .prefix(count).map { (names[$0.left], names[$0.right], values[$0.left][$0.right]) }
  }
}
