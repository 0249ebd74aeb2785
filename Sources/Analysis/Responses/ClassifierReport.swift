import Foundation
import Segmentation

/// What a classifier learns by.
public enum ClassifierMethod: String, Codable, Equatable, Sendable, CaseIterable {
  /// Logistic regression with a ridge penalty, by liblinear; of more than two classes one against the rest.
  case logisticRegression = "logistic regression"
  /// A small tree of yes-or-no questions (CART, Gini).
  case decisionTree = "decision tree"
}

/// What decides a class, by logistic regression: the weight of a feature where all are scaled alike.
public struct FeatureWeight: Equatable, Sendable {
  /// The feature.
  public let feature: String
  /// What one standard deviation of the feature adds to the logarithm of the odds.
  public let weight: Double
}

/// Classifiers for one question, compared by cross-validation.
public struct ClassifierReport: Sendable {
  /// What is asked: the response's column, or `segment`.
  public let target: String
  /// Its classes: `no` and `yes`, or the names of the segments that have enough customers.
  public let classes: [String]
  /// Rows that were learnt from.
  public let rowCount: Int
  /// Folds of the cross-validation, and the seed that dealt the rows.
  public let foldCount: Int, seed: UInt64
  /// One for each method.
  public let quality: [ClassifierQuality]
  /// The method that is kept: the one with the smaller Brier score.
  public let chosen: ClassifierMethod
  /// What was learnt from all rows, by the method that is kept.
  public let classifier: Classifier
  /// For each class (of two: for the second) the features by the size of their weights.
  public let weights: [[FeatureWeight]]
  /// The questions of the tree, a line each.
  public let tree: [String]
  /// What a reader must know: sentences.
  public let notes: [String]

  /// The classes of a yes-or-no question.
  public static let yesOrNo = ["no", "yes"]
  /// Rows that are learnt from at most, of so many columns; of more a sample is taken.
  ///
  /// More rows hardly change what is learnt; more numbers, two million, would take minutes and gigabytes.
  static func rowsMax(columnCount: Int) -> Int { min(20_000, max(1000, 2_000_000 / max(1, columnCount))) }

  /// Rows of a class that can be told from others at least.
  public static let classRowsMin = 10
  /// Folds.
  static let foldMax = 5

  /// Learns who answers yes.
  public init(
    target: String, _ features: FeatureMatrix, isYes: [Bool], seed: UInt64
  ) throws(AnalysisError) {
    try self.init(
      target: target, features, labels: isYes.map { $0 ? 1 : 0 }, classes: Self.yesOrNo, seed: seed)
  }

  /// Learns which class a row is of. Labels that are no number of `classes`, and classes of too few rows, are left out;
  /// fails where fewer than two classes are left, or no feature. `notes` come before its own.
  public init(
    target: String, _ features: FeatureMatrix, labels: [Int], classes: [String], seed: UInt64, notes: [String] = []
  ) throws(AnalysisError) {
    precondition(features.names.isEmpty || features.rowCount == labels.count, "each row has a label")
    guard !features.names.isEmpty else {
      throw AnalysisError(.unusableInput, "`\(target)`: there is no column to learn from")
    }
    var notes = notes
    let sizes = classes.indices.map { number in labels.count { $0 == number } }
    let kept = classes.indices.filter { sizes[$0] >= Self.classRowsMin }
    guard kept.count >= 2 else {
      let found = zip(classes, sizes).map { "\($0) \($1)" }.joined(separator: ", ")
      throw AnalysisError(
        .unusableInput,
        "`\(target)`: nothing can be learnt from \(found): two classes with \(Self.classRowsMin) rows each are needed")
    }
    let small = classes.indices.filter { sizes[$0] > 0 && sizes[$0] < Self.classRowsMin }
    if !small.isEmpty {
      let names = small.map { "\(classes[$0]) (\(sizes[$0]))" }.joined(separator: ", ")
      notes.append("Too small to be learnt, and left out: \(names).")
    }
    var rows = labels.indices.filter { kept.contains(labels[$0]) }
    let rowsMax = Self.rowsMax(columnCount: features.columnCount)
    if rows.count > rowsMax {
      notes.append("Learnt from a sample of \(rowsMax) of \(rows.count) rows.")
      rows = Self.sample(rows, count: rowsMax, seed: seed)
    }
    let numbers = Dictionary(uniqueKeysWithValues: kept.enumerated().map { ($1, $0) })
    let (matrix, names) = (features.rows(rows), kept.map { classes[$0] })
    let truth = rows.map { numbers[labels[$0]] ?? 0 }
    let validation = CrossValidation(labels: truth, classCount: names.count, foldCount: Self.foldMax, seed: seed)
    let methods = ClassifierMethod.allCases
    let found = validation.probabilities(methods, matrix, labels: truth, classes: names)
    let quality = zip(methods, found).map { method, probabilities in
      ClassifierQuality(method, probabilities: probabilities, labels: truth, classes: names)
    }
    let chosen = quality.min { $0.brier < $1.brier }?.method ?? .logisticRegression
    let learnt = methods.map { Classifier($0, matrix, labels: truth, classes: names) }
    if quality.allSatisfy({ $0.brier >= $0.brierBaseline }) {
      notes.append("No classifier is better than the classes' shares: what is known of a row does not tell its class.")
    }
    self.target = target
    self.classes = names
    rowCount = rows.count
    foldCount = validation.foldCount
    self.seed = seed
    self.quality = quality
    self.chosen = chosen
    classifier = learnt.first { $0.method == chosen } ?? learnt[0]
    weights = learnt[0].regressions.map { Self.weights($0, matrix.names) }
    tree = learnt[1].tree?.lines(features: matrix.names, classes: names) ?? []
    self.notes = notes
  }

  private static func weights(_ regression: LogisticRegression, _ names: [String]) -> [FeatureWeight] {
    let all = zip(names, regression.weights).map { FeatureWeight(feature: $0, weight: $1) }
    return all.enumerated().sorted { (-abs($0.element.weight), $0.offset) < (-abs($1.element.weight), $1.offset) }
      .map(\.element)
  }

  /// A sample without repetition, in the order of the rows.
  private static func sample(_ rows: [Int], count: Int, seed: UInt64) -> [Int] {
    var (rows, random) = (rows, SplitMix64(seed: seed))
    for index in 0..<count { rows.swapAt(index, index + random.next(below: rows.count - index)) }
    return rows.prefix(count).sorted()
  }
}
