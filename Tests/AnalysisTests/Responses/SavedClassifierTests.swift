import Foundation
import Testing

@testable import Analysis

@Suite struct SavedClassifierTests {
  private static func row(_ index: Int) -> (age: Int, city: String, spend: Int, answer: Int) {
    let (age, city) = (20 + index * 7 % 50, ["north", "south", "west"][index % 3])
    return (age, city, index * 13 % 90, age < 45 && city != "west" ? 1 : 0)
  }

  /// 150 customers as a file.
  private static let file = Array(
    ("id,age,city,spend,answer\n"
      + (0..<150).map { index in
        let row = row(index)
        return "c\(index),\(row.age),\(row.city),\(row.spend),\(row.answer)\n"
      }.joined()).utf8)

  private func analysis() throws -> CustomerAnalysis {
    var options = AnalysisOptions()
    options.preparation.response = "answer"
    options.k = 3
    return try CustomerAnalysis.run(.table(Self.file, name: "a.csv"), options)
  }

  @Test("A model comes back from its file as it was, and scores as before")
  func roundTrip() throws {
    for (file, model) in try analysis().models {
      let again = try SavedClassifier(json: Array(model.json.utf8), name: file)
      #expect(again == model)
      #expect(try again.scores(of: Self.file, name: "a.csv") == model.scores(of: Self.file, name: "a.csv"))
    }
  }

  @Test("The rows that a model learnt from are scored as the report's classifier scores them")
  func same() throws {
    let analysis = try analysis()
    let model = try #require(analysis.models.first { $0.file == "response-model.json" }?.classifier)
    let scores = try model.scores(of: Self.file, name: "a.csv")
    let features = try Predictor.matrix(model.predictors, of: analysis.data.table)
    #expect(scores.ids == analysis.data.customerIDs && scores.idName == "id")
    #expect(scores.probabilities == (0..<150).map { model.classifier.probabilities(features.row($0)) })
    let right = scores.probabilities.indices.count {
      (scores.probabilities[$0][1] > 0.5) == (Self.row($0).answer == 1)
    }
    #expect(right > 140)
  }

  @Test("A file whose parts do not fit each other is refused, never asked")
  func broken() throws {
    let model = try #require(try analysis().models.first { $0.file == "response-model.json" }?.classifier)
    let json = model.json
    let members = try #require(try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any])
    for name in members.keys {
      var fewer = members
      fewer[name] = nil
      let bytes = try JSONSerialization.data(withJSONObject: fewer)
      #expect(throws: AnalysisError.self) { try SavedClassifier(json: Array(bytes), name: "m.json") }
    }
    for length in [0, 1, json.utf8.count / 2, json.utf8.count - 3] {
      #expect(throws: AnalysisError.self) { try SavedClassifier(json: Array(json.utf8.prefix(length)), name: "m.json") }
    }
    var classifier = try #require(members["classifier"] as? [String: Any])
    for (member, value) in [("features", ["age"]), ("classes", ["yes"]), ("classes", ["a", "a"])] {
      classifier[member] = value
      var other = members
      other["classifier"] = classifier
      let bytes = try JSONSerialization.data(withJSONObject: other)
      #expect(throws: AnalysisError.self) { try SavedClassifier(json: Array(bytes), name: "m.json") }
    }
  }

  @Test("A tree that leads back, or asks a feature that there is not, is no tree")
  func trees() {
    let answer = DecisionTree.Node.answer(shares: [0.5, 0.5], rowCount: 4)
    func question(_ feature: Int, _ below: Int, _ above: Int) -> DecisionTree.Node {
      .question(feature: feature, threshold: 1, below: below, above: above)
    }
    #expect(DecisionTree(nodes: [question(0, 1, 2), answer, answer], featureCount: 1, classCount: 2) != nil)
    for nodes in [[], [question(0, 0, 1), answer], [question(1, 1, 2), answer, answer], [question(0, 1, 3), answer]] {
      #expect(DecisionTree(nodes: nodes, featureCount: 1, classCount: 2) == nil)
    }
    #expect(DecisionTree(nodes: [answer], featureCount: 1, classCount: 3) == nil)
  }

  @Test("Cells of scores never begin a formula")
  func harmless() {
    let scores = SavedClassifier.Scores(
      ids: ["=1+1", "plain"], idName: "@id", target: "-x", classes: ["no", "+yes"],
      probabilities: [[0.25, 0.75], [1, 0]])
    #expect(
      scores.csv == "'@id,'-x,probability,probability_no,probability_+yes\n'=1+1,'+yes,0.75,0.25,0.75\nplain,no,1,1,0\n"
    )
  }
}
