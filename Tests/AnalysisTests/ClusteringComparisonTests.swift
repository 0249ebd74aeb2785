import Analysis
import Segmentation
import Testing

/// Whole comparisons: what is chosen, that it repeats, and that odd tables end in words.
struct ClusteringComparisonTests {
  /// Two far groups of 40 rows about (0, 0) and (9, 9).
  private static let twoGroups: [[Double]] = {
    var random = SplitMix64(seed: 5)
    return (0..<80).map { row in (0..<2).map { _ in Double(row % 2) * 9 + random.uniform() } }
  }()

  private static func compare(
    _ rows: [[Double]], names: [String]? = nil, _ change: (inout ClusteringOptions) -> Void = { _ in }
  ) throws(AnalysisError) -> ClusteringComparison {
    var options = ClusteringOptions()
    options.resamples = 4
    change(&options)
    let columns = names ?? (rows.first ?? []).indices.map { "c\($0)" }
    return try ClusteringComparison(
      comparing: FeatureMatrix(names: columns, values: rows.flatMap { $0 }), options: options)
  }

  private static func message(_ body: () throws(AnalysisError) -> ClusteringComparison) -> String? {
    do {
      _ = try body()
      return nil
    } catch {
      return error.description
    }
  }

  @Test("Two far groups are chosen, stable, and the same to all who are told their number")
  func twoFarGroups() throws {
    let comparison = try Self.compare(Self.twoGroups)
    let told = comparison.outcomes.filter { $0.algorithm.takesK }
    #expect(comparison.k == 2 && told.allSatisfy { $0.labels == comparison.labels && $0.stability == [1, 1] })
  }

  @Test("The same table and seed give the same section, byte for byte")
  func repeats() throws {
    let axes = Self.twoGroups.map { (x: $0[0], y: $0[1]) }
    let sections = try (0..<2).map { _ in try Self.compare(Self.twoGroups).section(axes: axes) }
    #expect(sections[0] == sections[1])
  }

  @Test("What an algorithm finds does not depend on what it is compared with")
  func alone() throws {
    let all = try Self.compare(Self.twoGroups)
    let one = try Self.compare(Self.twoGroups) { $0.algorithms = [.affinityPropagation] }
    let among = all.outcomes.first { $0.algorithm == .affinityPropagation }
    #expect(one.labels == among?.labels && one.chosen.stability == among?.stability)
  }

  @Test("Clusters are numbered by falling size")
  func numbering() throws {
    let rows = (0..<60).map { row -> [Double] in [row < 20 ? 50 + Double(row) / 20 : Double(row) / 60] }
    let comparison = try Self.compare(rows) { $0.k = 2 }
    let truth = (0..<60).map { row in row < 20 ? 1 : 0 }
    #expect(comparison.labels == truth && comparison.chosen.sizes == [40, 20])
  }

  @Test("An algorithm that is asked for is taken")
  func asked() throws {
    #expect(try Self.compare(Self.twoGroups) { $0.algorithm = .complete }.chosen.algorithm == .complete)
  }

  /// Few rows, equal rows, one place a cluster, constant columns, huge and tiny numbers.
  private static let odd: [[[Double]]] = [
    [[1], [2]], [[1], [1], [2]], [[0, 0], [0, 0], [1, 1], [1, 1]], [[1], [2], [3], [4], [5]], thirds, ramp,
    [[1e100], [-1e100], [0]], [[5e-324], [0], [1e-320]],
  ]
  private static let thirds: [[Double]] = (0..<40).map { row in [Double(row % 3)] }
  private static let ramp: [[Double]] = (0..<30).map { row in [Double(row), 7, 7] }

  @Test("Odd tables end in a clustering of every row", arguments: odd)
  func oddTables(rows: [[Double]]) throws {
    let comparison = try Self.compare(rows)
    #expect(comparison.outcomes.allSatisfy { $0.labels.count == rows.count } && !comparison.section().blocks.isEmpty)
  }

  @Test("Any number of clusters up to the rows can be asked for", arguments: [1, 2, 5, 6])
  func anyK(k: Int) throws {
    let rows = (0..<6).map { [Double($0 * $0), Double($0)] }
    let comparison = try Self.compare(rows) { $0.k = k }
    #expect(
      comparison.outcomes.filter { $0.algorithm.takesK && $0.algorithm != .miniBatchKMeans }.allSatisfy { $0.k == k })
  }

  @Test("Numbers never read as NaN in the section", arguments: [1, 6])
  func noNaN(k: Int) throws {
    let section = try Self.compare((0..<6).map { [Double($0 * $0)] }) { $0.k = k }.section()
    #expect(!"\(section)".contains("nan"))
  }

  @Test("More clusters than different rows are refused with both numbers")
  func kAboveRows() {
    let message = Self.message { () throws(AnalysisError) in try Self.compare([[1], [1], [2]]) { $0.k = 3 } }
    #expect(message == "k is `3`, but there are only 2 different rows; ask for fewer clusters")
  }

  @Test("Equal rows are refused")
  func equalRows() {
    let message = Self.message { () throws(AnalysisError) in try Self.compare([[1, 2], [1, 2], [1, 2]]) }
    #expect(message == "all 3 rows are equal in the columns chosen: there is nothing to part")
  }

  @Test("One row is refused")
  func oneRow() {
    #expect(Self.message { () throws(AnalysisError) in try Self.compare([[1, 2]]) }?.contains("one row") == true)
  }

  @Test("A table without columns is refused")
  func noColumns() {
    let message = Self.message { () throws(AnalysisError) in try Self.compare([], names: []) }
    #expect(message?.contains("no numeric column") == true)
  }

  @Test("A number that is none is refused with its row and column", arguments: [Double.nan, .infinity, 1e200])
  func notFinite(value: Double) {
    let message = Self.message { () throws(AnalysisError) in try Self.compare([[1], [value]], names: ["age"]) }
    #expect(message?.hasPrefix("`\(value)` in row 2 of `age`") == true)
  }

  @Test("Options that make no sense are refused")
  func options() {
    let changes: [(inout ClusteringOptions) -> Void] = [
      { $0.k = 0 }, { $0.kMax = 1 }, { $0.algorithms = [] }, { $0.eps = 0 }, { $0.minPoints = 0 },
      { $0.resamples = 21 },
      {
        $0.algorithms = [.ward]; $0.algorithm = .kMeans
      },
    ]
    #expect(
      changes.allSatisfy { change in
        Self.message { () throws(AnalysisError) in try Self.compare([[1], [2]], change) } != nil
      })
  }

  @Test("Votes that differ are told, and the greatest silhouette decides between equals")
  func votes() {
    func candidate(_ k: Int, _ inertia: Double, _ silhouette: Double, _ ratio: Double, _ worst: Double)
      -> ClusterCountChoice.Candidate
    {
      .init(k: k, inertia: inertia, silhouette: silhouette, calinskiHarabasz: ratio, daviesBouldin: worst)
    }
    let choice = ClusterCountChoice(
      candidates: [candidate(2, 500, 0.6, 90, 0.9), candidate(3, 100, 0.5, 95, 0.8), candidate(4, 90, 0.4, 99, 0.7)],
      whole: 1_000, features: 2)
    #expect(choice.k == 4 && choice.votes.map(\.k) == [3, 2, 4, 4])
  }
}
