import CLAPACK

/// The directions in which rows differ most, by the eigenvectors of their covariance (LAPACK's `dsyevd`).
public struct PrincipalComponents: Equatable, Sendable {
  /// The columns' names.
  public let names: [String]
  /// The mean row, which is subtracted.
  public let means: [Double]
  /// Unit directions, the one with the greatest variance first; the greatest part of each is positive.
  public let components: [[Double]]
  /// The variance along each (n − 1 in the denominator), falling.
  public let variances: [Double]
  /// The share of all variance along each, 0 to 1.
  public let shares: [Double]

  /// Finds the components of at least two rows and one column; `nil` where rows do not differ or LAPACK finds none.
  public init?(_ matrix: FeatureMatrix) {
    let (rows, columns) = (matrix.rowCount, matrix.columnCount)
    guard rows > 1, columns > 0, matrix.values.allSatisfy(\.isFinite) else { return nil }
    var means = [Double](repeating: 0, count: columns)
    for row in 0..<rows { for column in 0..<columns { means[column] += matrix.values[row * columns + column] } }
    for column in 0..<columns { means[column] /= Double(rows) }
    var covariance = Self.covariance(matrix, means)
    var values = [Double](repeating: 0, count: columns)
    let n = Int32(columns)
    let status = LAPACKE_dsyevd(
      LAPACK_ROW_MAJOR, CChar(UInt8(ascii: "V")), CChar(UInt8(ascii: "U")), n, &covariance, n, &values)
    let total = values.reduce(0) { $0 + max(0, $1) }
    guard status == 0, total > 0 else { return nil }
    names = matrix.names
    self.means = means
    // Ascending, and each eigenvector is a column.
    let order = (0..<columns).reversed()
    variances = order.map { max(0, values[$0]) }
    shares = order.map { max(0, values[$0]) / total }
    components = order.map { index in
      let vector = (0..<columns).map { covariance[$0 * columns + index] }
      let greatest = vector.indices.max { (abs(vector[$0]), $1) < (abs(vector[$1]), $0) } ?? 0
      return vector[greatest] < 0 ? vector.map { -$0 } : vector
    }
  }

  private static func covariance(_ matrix: FeatureMatrix, _ means: [Double]) -> [Double] {
    let (rows, columns) = (matrix.rowCount, matrix.columnCount)
    var sums = [Double](repeating: 0, count: columns * columns)
    var centred = [Double](repeating: 0, count: columns)
    for row in 0..<rows {
      for column in 0..<columns { centred[column] = matrix.values[row * columns + column] - means[column] }
      for left in 0..<columns {
        for right in left..<columns { sums[left * columns + right] += centred[left] * centred[right] }
      }
    }
    for left in 0..<columns {
      for right in left..<columns {
        sums[left * columns + right] /= Double(rows - 1)
        sums[right * columns + left] = sums[left * columns + right]
      }
    }
    return sums
  }

  /// Where a row lies along the first components.
  public func project(_ row: ArraySlice<Double>, _ count: Int) -> [Double] {
    components.prefix(count).map { component in
      zip(zip(row, means), component).reduce(0) { $0 + ($1.0.0 - $1.0.1) * $1.1 }
    }
  }
}
