import Foundation
import Testing

@testable import Analysis

@Suite struct SegmentProfilesTests {
  /// Two columns; segment 0 is below 10 in the first, 1 is above it and below 5 in the second, 2 the rest.
  private static let matrix = FeatureMatrix(
    names: ["income", "score"], values: (0..<200).flatMap { [Double($0 % 20), Double($0 * 7 % 10)] })
  private static let labels = (0..<200).map { matrix[$0, 0] < 10 ? 0 : matrix[$0, 1] < 5 ? 1 : 2 }

  @Test("Sizes, shares and values of segments and noise add up to all")
  func sums() {
    var labels = Self.labels
    for row in 0..<20 { labels[row] = -1 }
    let values = CustomerValues(name: "spend", values: (0..<200).map(Double.init))
    let profiles = SegmentProfiles(described: Self.matrix, clusteredCount: 2, labels: labels, values: values)
    #expect(profiles.segments.reduce(0) { $0 + $1.size } + profiles.noiseCount == 200 && profiles.noiseCount == 20)
    let noise = (0..<20).reduce(0) { $0 + Double($1) }
    #expect(abs(profiles.segments.reduce(0) { $0 + $1.value } + noise - values.total) < 1e-9)
    #expect(abs(profiles.segments.reduce(0) { $0 + $1.share } - 0.9) < 1e-12)
  }

  @Test("Medians, means, standardised means and relative importance are those of the definition")
  func figures() {
    let matrix = FeatureMatrix(names: ["a", "constant"], values: [1, 4, 2, 4, 3, 4, 10, 4])
    let profiles = SegmentProfiles(described: matrix, clusteredCount: 2, labels: [0, 0, 1, 1])
    let (first, second) = (profiles.segments[0], profiles.segments[1])
    #expect(first.medians == [1.5, 4] && second.medians == [6.5, 4] && first.means == [1.5, 4])
    // Mean 4, deviation of all √(50 / 4).
    #expect(abs(first.standardised[0] - (1.5 - 4) / 12.5.squareRoot()) < 1e-12 && first.standardised[1].isNaN)
    #expect(abs(second.importance[0] - (6.5 / 4 - 1)) < 1e-12 && second.importance[1] == 0)
  }

  @Test("A segment that conditions describe is found by them, all of it and nothing else")
  func rules() {
    let profiles = SegmentProfiles(described: Self.matrix, clusteredCount: 2, labels: Self.labels)
    for segment in profiles.segments {
      #expect(segment.rule.coverage == 1 && segment.rule.precision == 1, "\(segment.rule.text)")
      #expect(segment.rule.rowCount == segment.size && segment.rule.conditions.count <= 2)
    }
    #expect(profiles.segments[0].rule.text == "income at most 9")
  }

  @Test("Coverage and precision of a rule are what counting its rows gives, by any labels")
  func ruleFigures() {
    let labels = (0..<200).map { ($0 * $0 + $0 / 3) % 3 }
    let search = SurrogateRuleSearch(Self.matrix, labels: labels)
    for segment in 0..<3 {
      let rule = search.rule(for: segment)
      let met = (0..<200).filter { row in rule.conditions.allSatisfy { $0.holds(Self.matrix[row, $0.column]) } }
      let hits = met.count { labels[$0] == segment }
      #expect(rule.rowCount == met.count && rule.precision == Double(hits) / Double(met.count))
      #expect(rule.coverage == Double(hits) / Double(labels.count { $0 == segment }))
    }
  }

  @Test("Names tell what distinguishes a segment, and no two are the same")
  func names() {
    let profiles = SegmentProfiles(described: Self.matrix, clusteredCount: 2, labels: Self.labels)
    #expect(profiles.names[0] == "Low income")
    #expect(profiles.names[1] == "Low score, high income")
    #expect(Set(profiles.names[2].lowercased().components(separatedBy: ", ")) == ["high income", "high score"])
    let same = SegmentNaming.names(
      columns: ["a"], standardised: Array(repeating: [1], count: 60), means: Array(repeating: [1], count: 60),
      isBinary: [false])
    #expect(Set(same).count == 60 && same[0] == "High a")
    #expect(SegmentNaming.words("Spending Score (1-100)") == "Spending Score" && SegmentNaming.words("") != "")
    #expect(SegmentNaming.words("Share of spend: Wines") == "share of Wines")
    #expect(SegmentNaming.words("a_b") == "a b" && SegmentNaming.words(String(repeating: "x", count: 99)).count == 32)
  }

  @Test("A level of a category names a segment by its word")
  func levels() {
    let names = SegmentNaming.names(
      columns: ["Gender = Male", "owns_car"], standardised: [[1, 0], [-1, 0], [0, 1]],
      means: [[1, 0], [0, 0], [0, 1]],
      isBinary: [true, true])
    #expect(names == ["Male", "Not Male", "With owns car"])
  }

  @Test(
    "No labels and no numbers trap a section",
    arguments: [[], [0], [-1], [-1, -1, -1], [0, 0, 0], [0, 1, 2], [2, 2, 2], Array(0..<60)])
  func edges(labels: [Int]) {
    for value in [0, 1e300, -1e300, .nan, .infinity] {
      for columns in 0...2 {
        let matrix = FeatureMatrix(
          names: (0..<columns).map { "c\($0)" },
          values: labels.flatMap { _ in [Double](repeating: value, count: columns) })
        let values = CustomerValues(name: "v", values: labels.map { _ in value })
        let profiles = SegmentProfiles(described: matrix, clusteredCount: 2, labels: labels, values: values)
        let page = HTMLReport(title: "t", sections: [profiles.section()]).html
        #expect(!page.contains(">nan<") && !page.contains(">inf<"))
      }
    }
  }
}
