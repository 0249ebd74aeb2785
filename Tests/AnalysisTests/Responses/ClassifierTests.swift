import Foundation
import Segmentation
import Testing

@testable import Analysis

@Suite struct ClassifierTests {
  /// Rows of three numbers; the first tells the class, the second a little, the third is the same for all.
  private func rows(_ count: Int, classes: Int = 2, seed: UInt64 = 5) -> (FeatureMatrix, [Int]) {
    var random = SplitMix64(seed: seed)
    var (values, labels): ([Double], [Int]) = ([], [])
    for index in 0..<count {
      let label = index % classes
      values += [Double(label) + random.uniform() * 1.3, Double(label) * 0.2 + random.uniform(), 7]
      labels.append(label)
    }
    return (FeatureMatrix(names: ["much", "little", "nothing"], values: values), labels)
  }

  @Test("Probabilities add up to 1, and what is the same for all weighs nothing", arguments: [2, 4])
  func probabilities(classes: Int) {
    let (features, labels) = rows(200, classes: classes)
    for method in ClassifierMethod.allCases {
      let learnt = Classifier(method, features, labels: labels, classes: (0..<classes).map { "c\($0)" })
      for row in 0..<200 {
        let found = learnt.probabilities(features.row(row))
        #expect(abs(found.reduce(0, +) - 1) < 1e-12 && found.allSatisfy { (0...1).contains($0) })
      }
      #expect(learnt.regressions.allSatisfy { $0.weights[2] == 0 })
      #expect(learnt.isWhole)
    }
  }

  @Test("The gradient of the penalised likelihood is zero at the weights")
  func logistic() {
    let (features, labels) = rows(150)
    let fit = LogisticRegression(features, isPositive: labels.map { $0 == 1 }, c: 0.5)
    var gradient = fit.weights + [fit.intercept]
    for row in labels.indices {
      let error = fit.probability(features.row(row)) - Double(labels[row])
      for column in 0..<3 { gradient[column] += 0.5 * error * features[row, column] }
      gradient[3] += 0.5 * error
    }
    #expect(gradient.allSatisfy { abs($0) < 1e-5 })
  }

  @Test("Where all are of one class the probability is near 1, and no weight is made up")
  func oneClass() {
    let (features, _) = rows(40)
    let fit = LogisticRegression(features, isPositive: [Bool](repeating: true, count: 40))
    #expect(fit.weights == [0, 0, 0] && abs(fit.probability([1, 2, 3]) - 40.5 / 41) < 1e-12)
  }

  @Test("A tree asks what tells classes apart, keeps its leaves full, and stops where nothing is gained")
  func tree() {
    let features = FeatureMatrix(names: ["noise", "age"], values: (0..<40).flatMap { [Double($0 % 7), Double($0)] })
    let tree = DecisionTree(features, labels: (0..<40).map { $0 < 15 ? 0 : 1 }, classCount: 2)
    #expect(
      tree.nodes == [
        .question(feature: 1, threshold: 14.5, below: 1, above: 2), .answer(shares: [1, 0], rowCount: 15),
        .answer(shares: [0, 1], rowCount: 25),
      ])
    let even = DecisionTree(features, labels: (0..<40).map { $0 < 3 ? 0 : 1 }, classCount: 2, leafMin: 10)
    for node in even.nodes { if case .answer(_, let rowCount) = node { #expect(rowCount >= 10) } }
    let same = FeatureMatrix(names: ["x"], values: [Double](repeating: 3, count: 40))
    #expect(DecisionTree(same, labels: (0..<40).map { $0 % 2 }, classCount: 2).nodes.count == 1)
    #expect(tree.lines(features: ["noise", "age"], classes: ["young", "old"]).count == 2)
  }

  @Test("Every fold has its share of every class, and a seed deals alike")
  func folds() {
    let labels = (0..<103).map { $0 % 10 == 0 ? 1 : $0 % 3 == 0 ? 2 : 0 }
    let deal = CrossValidation(labels: labels, classCount: 3, foldCount: 5, seed: 9)
    for number in 0..<3 {
      let counts = (0..<5).map { fold in labels.indices.count { labels[$0] == number && deal.folds[$0] == fold } }
      #expect((counts.max() ?? 0) - (counts.min() ?? 0) <= 1)
    }
    #expect(deal.folds == CrossValidation(labels: labels, classCount: 3, foldCount: 5, seed: 9).folds)
    #expect(deal.folds != CrossValidation(labels: labels, classCount: 3, foldCount: 5, seed: 10).folds)
  }

  @Test("A report is the same every time, and better than the classes' shares where there is something to learn")
  func report() throws {
    let (features, labels) = rows(400)
    let isYes = labels.map { $0 == 1 }
    let reports = try (0..<2).map { _ in try ClassifierReport(target: "answer", features, isYes: isYes, seed: 3) }
    #expect(reports[0].quality == reports[1].quality && reports[0].classifier == reports[1].classifier)
    #expect(reports[0].quality.allSatisfy { $0.brier < $0.brierBaseline && $0.accuracy > 0.8 })
    #expect(reports[0].weights[0][0].feature == "much" && reports[0].notes.isEmpty)
  }

  @Test("Where nothing can be learnt that is said")
  func nothing() throws {
    var random = SplitMix64(seed: 8)
    let features = FeatureMatrix(names: ["noise"], values: (0..<300).map { _ in random.uniform() })
    let labels = (0..<300).map { _ in random.uniform() < 0.5 ? 0 : 1 }
    let report = try ClassifierReport(target: "coin", features, isYes: labels.map { $0 == 1 }, seed: 1)
    #expect(report.notes.contains { $0.hasPrefix("No classifier is better") })
  }

  @Test("One class, no column, classes that are too small: a sentence, no trap")
  func unusable() throws {
    let (features, labels) = rows(30)
    for isYes in [[Bool](repeating: true, count: 30), labels.indices.map { $0 == 0 }] {
      let error = #expect(throws: AnalysisError.self) {
        try ClassifierReport(target: "answer", features, isYes: isYes, seed: 1)
      }
      #expect(error?.description.hasPrefix("`answer`: nothing can be learnt from no ") == true)
    }
    #expect(throws: AnalysisError.self) {
      try ClassifierReport(
        target: "answer", FeatureMatrix(names: [], values: []), isYes: labels.map { $0 == 1 }, seed: 1)
    }
    let three = labels.indices.map { $0 < 4 ? 2 : labels[$0] }
    let report = try ClassifierReport(
      target: "segment", features, labels: three, classes: ["a", "b", "few"], seed: 1)
    #expect(report.classes == ["a", "b"] && report.notes == ["Too small to be learnt, and left out: few (4)."])
  }

  @Test("Of many rows a sample is learnt from, the more columns the smaller, and that is said")
  func sample() throws {
    #expect(ClassifierReport.rowsMax(columnCount: 10) == 20_000)
    #expect(ClassifierReport.rowsMax(columnCount: 200) == 10_000)
    #expect(ClassifierReport.rowsMax(columnCount: 1_000_000) == 1000)
    let narrow = FeatureMatrix(names: ["c0"], values: (0..<21_300).map { Double($0 % 71) })
    let report = try ClassifierReport(
      target: "half", narrow, isYes: narrow.values.map { $0 > 30 }, seed: 1)
    #expect(report.rowCount == 20_000 && report.notes.contains("Learnt from a sample of 20000 of 21300 rows."))
  }

  @Test("The measures of answers that are right, and of answers that are all alike")
  func measures() {
    let labels = [0, 0, 1, 1]
    let right = ClassifierQuality(
      .decisionTree, probabilities: labels.map { $0 == 1 ? [0, 1] : [1, 0] }, labels: labels, classes: ["no", "yes"])
    #expect(right.brier == 0 && right.accuracy == 1 && right.classes[0].areaUnderCurve == 1 && right.classes[0].f1 == 1)
    let alike = ClassifierQuality(
      .decisionTree, probabilities: labels.map { _ in [0.5, 0.5] }, labels: labels, classes: ["no", "yes"])
    #expect(alike.classes[0].areaUnderCurve == 0.5 && alike.classes[0].precision == nil && alike.brier == 0.25)
    let one = ClassifierQuality(
      .decisionTree, probabilities: [[0.2, 0.8]], labels: [1], classes: ["no", "yes"])
    #expect(one.classes[0].areaUnderCurve == nil && one.classes[0].recall == 1)
  }
}
