import Foundation

/// A classifier that has learnt: rows of numbers in natural units become a probability for each class.
public struct Classifier: Codable, Equatable, Sendable {
  /// How it learns.
  public let method: ClassifierMethod
  /// The names of its classes.
  public let classes: [String]
  /// The names of its numbers.
  public let features: [String]
  /// What is subtracted from each number, and what the rest is divided by: mean and standard deviation of the rows that
  /// it learnt from. A tree takes numbers as they are.
  public let centres: [Double], spreads: [Double]
  /// For each class the regression that tells it from all others; of two classes that of the second only.
  public let regressions: [LogisticRegression]
  /// The tree.
  public let tree: DecisionTree?

  /// Learns from rows in natural units; each label is a number of `classes`.
  public init(_ method: ClassifierMethod, _ features: FeatureMatrix, labels: [Int], classes: [String]) {
    precondition(classes.count >= 2 && labels.allSatisfy(classes.indices.contains), "each label has a class")
    self.method = method
    self.classes = classes
    self.features = features.names
    switch method {
    case .logisticRegression:
      let scaling = Self.scaling(of: features)
      (centres, spreads) = scaling
      let scaled = FeatureMatrix(
        names: features.names,
        values: (0..<labels.count).flatMap { Self.scaled(features.row($0), scaling.centres, scaling.spreads) })
      regressions = (classes.count == 2 ? 1..<2 : classes.indices).map { positive in
        LogisticRegression(scaled, isPositive: labels.map { $0 == positive })
      }
      tree = nil
    case .decisionTree:
      (centres, spreads, regressions) = ([], [], [])
      tree = DecisionTree(features, labels: labels, classCount: classes.count)
    }
  }

  /// The probability of each class, of a row in natural units; they add up to 1.
  public func probabilities(_ row: ArraySlice<Double>) -> [Double] {
    if let tree { return tree.probabilities(row) }
    let scaled = Self.scaled(row, centres, spreads)
    let found = regressions.map { $0.probability(scaled) }
    if classes.count == 2, let positive = found.first { return [1 - positive, positive] }
    let sum = found.reduce(0, +)
    return sum > 0 ? found.map { $0 / sum } : found.map { _ in 1 / Double(classes.count) }
  }

  /// The likeliest class; of equals the first.
  static func likeliest(_ probabilities: [Double]) -> Int {
    probabilities.indices.reduce(0) { probabilities[$1] > probabilities[$0] ? $1 : $0 }
  }

  /// Whether all parts fit each other, as those of a file need not.
  var isWhole: Bool {
    guard classes.count >= 2, !features.isEmpty, Set(classes).count == classes.count else { return false }
    switch method {
    case .logisticRegression:
      let count = features.count
      let numbers = regressions.flatMap { $0.weights + [$0.intercept] } + centres + spreads
      return regressions.count == (classes.count == 2 ? 1 : classes.count) && centres.count == count
        && spreads.count == count && regressions.allSatisfy { $0.weights.count == count }
        && numbers.allSatisfy(\.isFinite) && spreads.allSatisfy { $0 > 0 } && tree == nil
    case .decisionTree:
      return tree.map {
        DecisionTree(nodes: $0.nodes, featureCount: features.count, classCount: classes.count) != nil
      } ?? false
    }
  }

  private static func scaling(of features: FeatureMatrix) -> (centres: [Double], spreads: [Double]) {
    let (rowCount, columnCount) = (Double(features.rowCount), features.columnCount)
    var (sums, squares) = ([Double](repeating: 0, count: columnCount), [Double](repeating: 0, count: columnCount))
    for row in 0..<features.rowCount { for column in 0..<columnCount { sums[column] += features[row, column] } }
    let means = sums.map { $0 / rowCount }
    for row in 0..<features.rowCount {
      for column in 0..<columnCount {
        let difference = features[row, column] - means[column]
        squares[column] += difference * difference
      }
    }
    // A column that is the same for all tells nothing: its weight stays 0, whatever it is divided by.
    return (means, squares.map { $0 > 0 ? ($0 / rowCount).squareRoot() : 1 })
  }

  private static func scaled(_ row: ArraySlice<Double>, _ centres: [Double], _ spreads: [Double]) -> [Double] {
    row.enumerated().map { ($1 - centres[$0]) / spreads[$0] }
  }
}
