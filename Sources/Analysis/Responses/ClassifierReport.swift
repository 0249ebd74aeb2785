/// What a classifier learns by.
public enum ClassifierMethod: String, Equatable, Sendable, CaseIterable {
  /// Logistic regression with a ridge penalty, by liblinear.
  case logisticRegression = "logistic regression"
  /// A small tree of yes-or-no questions (CART, Gini).
  case decisionTree = "decision tree"
}

/// How good the answers of a classifier were on rows that it had not seen.
public struct ClassifierQuality: Equatable, Sendable {
  /// How it learns.
  public let method: ClassifierMethod
  /// One for each class; of a yes-or-no question for `yes` only.
  public let classes: [ClassQuality]
  /// The share of rows whose likeliest class was theirs.
  public let accuracy: Double
  /// The share of the largest class: what always answering it would have got right.
  public let baseline: Double
  /// The mean of the squared differences of probability and truth (Brier 1950), summed over the classes but for a
  /// yes-or-no question; 0 is best.
  public let brier: Double
  /// Tenths of the probabilities of all classes: what was said, and what came true.
  public let calibration: [CalibrationBin]
}

/// How well one class was told from the others.
public struct ClassQuality: Equatable, Sendable {
  /// The class.
  public let name: String
  /// Rows of the class, and rows that were said to be of it.
  public let rowCount: Int, predictedCount: Int
  /// Of those said to be of it the share that is; `nil` where none was said to be.
  public let precision: Double?
  /// Of its rows the share that was found; `nil` without rows.
  public let recall: Double?
  /// The harmonic mean of precision and recall; 0 where nothing was found.
  public let f1: Double
  /// The probability that a row of the class is ranked above one that is not; `nil` where there is only one kind.
  public let areaUnderCurve: Double?
}

/// Rows to which a probability between two bounds was given.
public struct CalibrationBin: Equatable, Sendable {
  /// The bounds; the upper one belongs to the last bin only.
  public let lower: Double, upper: Double
  /// How many there are.
  public let count: Int
  /// The mean of what was said, and the share that came true.
  public let predicted: Double, observed: Double
}

/// What decides a class, by logistic regression: the weight of a feature where all are scaled alike.
public struct FeatureWeight: Equatable, Sendable {
  /// The feature.
  public let feature: String
  /// What one unit of the scaled feature adds to the logarithm of the odds.
  public let weight: Double
}

/// Classifiers for one question, compared by cross-validation.
public struct ClassifierReport: Sendable {
  /// What is asked, as `Response` or `segment`.
  public let target: String
  /// Its classes: `no` and `yes`, or the names of the segments.
  public let classes: [String]
  /// Folds of the cross-validation, and the seed that dealt the rows.
  public let foldCount: Int, seed: UInt64
  /// One for each method.
  public let quality: [ClassifierQuality]
  /// The method that is kept: the one with the smaller Brier score.
  public let chosen: ClassifierMethod
  /// For each class (of a yes-or-no question `yes`) the features by the size of their weights.
  public let weights: [[FeatureWeight]]
  /// The questions of the tree, a line each.
  public let tree: [String]
  /// What a reader must know: sentences.
  public let notes: [String]
}
