import CLinear
import Foundation

/// Logistic regression with a ridge penalty: the weights w that make ½ wᵀw + C Σ ln(1 + exp(−y·wᵀx)) smallest, by
/// liblinear's trust region method (`L2R_LR`; Lin, Weng and Keerthi 2008).
///
/// As in liblinear the intercept is the weight of a column of ones, and so bears the penalty too.
public struct LogisticRegression: Codable, Equatable, Sendable {
  /// One for each feature.
  public let weights: [Double]
  /// What is added whatever the features.
  public let intercept: Double

  /// How precise the minimum is: the gradient's size beside that at the start, times the rarer class's share.
  static let tolerance = 1e-8

  /// Takes weights as they are.
  public init(weights: [Double], intercept: Double) {
    self.weights = weights
    self.intercept = intercept
  }

  /// Learns from rows of features that are scaled alike; `c` is C.
  ///
  /// Where all rows are of one class there is nothing to learn: the intercept tells their rate, half a row added to
  /// each side.
  public init(_ features: FeatureMatrix, isPositive: [Bool], c: Double = 1) {
    precondition(features.names.isEmpty || features.rowCount == isPositive.count, "each row has an answer")
    precondition(c > 0, "the cost is above 0")
    let positives = isPositive.count { $0 }
    guard positives > 0, positives < isPositive.count else {
      weights = [Double](repeating: 0, count: features.columnCount)
      intercept = log((Double(positives) + 0.5) / (Double(isPositive.count - positives) + 0.5))
      return
    }
    let found = Self.train(features, isPositive: isPositive, c: c)
    weights = Array(found.dropLast())
    intercept = found[found.count - 1]
  }

  /// The probability of a row that is scaled as those it was learned from.
  public func probability(_ row: some Sequence<Double>) -> Double {
    1 / (1 + exp(-zip(weights, row).reduce(intercept) { $0 + $1.0 * $1.1 }))
  }

  /// The weights, that of the column of ones last.
  private static func train(_ features: FeatureMatrix, isPositive: [Bool], c: Double) -> [Double] {
    _ = silence
    let (rowCount, columnCount) = (isPositive.count, features.columnCount)
    // A row: its numbers, the one of the intercept, the end.
    let width = columnCount + 2
    var nodes = [feature_node](repeating: feature_node(index: -1, value: 0), count: rowCount * width)
    for row in 0..<rowCount {
      for column in 0..<columnCount {
        nodes[row * width + column] = feature_node(index: Int32(column + 1), value: features[row, column])
      }
      nodes[row * width + columnCount] = feature_node(index: Int32(columnCount + 1), value: 1)
    }
    var answers = isPositive.map { $0 ? 1.0 : -1.0 }
    return nodes.withUnsafeMutableBufferPointer { nodes in
      answers.withUnsafeMutableBufferPointer { answers in
        var rows: [UnsafeMutablePointer<feature_node>?] = (0..<rowCount).map { row in
          nodes.baseAddress.map { $0 + row * width }
        }
        return rows.withUnsafeMutableBufferPointer { rows in
          var problem = problem()
          problem.l = Int32(rowCount)
          problem.n = Int32(columnCount + 1)
          problem.y = answers.baseAddress
          problem.x = rows.baseAddress
          problem.bias = 1
          var settings = parameter()
          settings.solver_type = Int32(L2R_LR)
          settings.eps = tolerance
          settings.C = c
          var model = CLinear.train(&problem, &settings)
          defer { free_and_destroy_model(&model) }
          guard let model, let w = model.pointee.w else { return [Double](repeating: 0, count: columnCount + 1) }
          // The sign is that of the class that liblinear has put first.
          let sign = model.pointee.label[0] == 1 ? 1.0 : -1.0
          return (0...columnCount).map { sign * w[$0] }
        }
      }
    }
  }

  /// liblinear writes its progress to stdout unless it is told not to.
  private static let silence: Void = set_print_string_function(saynothing)
}

/// What liblinear's words are given to.
private func saynothing(_ words: UnsafePointer<CChar>?) {}
