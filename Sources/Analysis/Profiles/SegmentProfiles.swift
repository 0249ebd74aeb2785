/// What one segment is like.
public struct SegmentProfile: Equatable, Sendable {
  /// Its name, unique among the segments.
  public let name: String
  /// Its customers, and what they are of all, 0 to 1.
  public let size: Int, share: Double
  /// The median of each column.
  public let medians: [Double]
  /// The mean of each column.
  public let means: [Double]
  /// How many standard deviations of all customers its mean lies from their mean, for each column; NaN of a constant.
  public let standardised: [Double]
  /// Its mean / the mean of all − 1, for each column; NaN where it says nothing: values below zero, a mean of zero.
  public let importance: [Double]
  /// Who is in it, in a few conditions.
  public let rule: SurrogateRule
  /// What its customers are worth together, in major units, and of the value of all, 0 to 1; NaN without a value.
  public let value: Double, valueShare: Double
}

/// The segments of an analysis, described by all columns of numbers.
public struct SegmentProfiles: Sendable {
  /// The columns that describe.
  public let columns: [String]
  /// How many of the columns, from the first, were clustered.
  public let clusteredCount: Int
  /// One a cluster, in the order of the labels.
  public let segments: [SegmentProfile]
  /// Customers in no segment.
  public let noiseCount: Int
  /// All customers.
  public let customerCount: Int
  /// The mean of each column over all customers.
  public let means: [Double]
  /// What customers are worth; `nil` where nothing says so.
  public let values: CustomerValues?
  /// The segment of each customer, from 0; −1 is none.
  public let labels: [Int]

  /// The segments' names.
  public var names: [String] { segments.map(\.name) }

  /// Describes segments; labels run from 0, −1 is none.
  public init(_ data: AnalysisData, labels: [Int], names: [String]? = nil) {
    self.init(
      described: data.described, clusteredCount: data.features.columnCount, labels: labels,
      values: CustomerValues(data), names: names)
  }

  /// Describes the rows of a matrix; without `names` segments are named by what distinguishes them.
  public init(
    described: FeatureMatrix, clusteredCount: Int, labels: [Int], values: CustomerValues? = nil,
    names: [String]? = nil
  ) {
    let count = labels.count
    let k = (labels.max() ?? -1) + 1
    var members = [[Int]](repeating: [], count: max(0, k))
    for (row, label) in labels.enumerated() where label >= 0 { members[label].append(row) }
    columns = described.names
    self.clusteredCount = min(clusteredCount, described.columnCount)
    self.labels = labels
    customerCount = count
    noiseCount = count - members.reduce(0) { $0 + $1.count }
    self.values = values
    let summaries = (0..<described.columnCount).map { ColumnSummary(described.column($0), members) }
    means = summaries.map(\.mean)
    let standardised = members.indices.map { segment in summaries.map { $0.standardised[segment] } }
    let given = names.map { $0.count == k ? $0 : nil } ?? nil
    let names =
      given
      ?? SegmentNaming.names(
        columns: Array(described.names.prefix(self.clusteredCount)), standardised: standardised,
        means: members.indices.map { segment in summaries.map { $0.means[segment] } },
        isBinary: summaries.map(\.isBinary))
    let search = SurrogateRuleSearch(described, labels: labels)
    let total = values?.total ?? .nan
    segments = members.indices.map { segment in
      let value = values.map { values in members[segment].reduce(0) { $0 + values.values[$1] } } ?? .nan
      return SegmentProfile(
        name: names[segment], size: members[segment].count,
        share: Double(members[segment].count) / Double(max(1, count)),
        medians: summaries.map { $0.medians[segment] }, means: summaries.map { $0.means[segment] },
        standardised: standardised[segment], importance: summaries.map { $0.importance(segment) },
        rule: search.rule(for: segment), value: value, valueShare: total > 0 ? value / total : .nan)
    }
  }
}

/// A column over all rows and over those of each segment.
struct ColumnSummary {
  let mean: Double
  let isBinary: Bool
  let hasNegative: Bool
  let means: [Double]
  let medians: [Double]
  let standardised: [Double]

  init(_ column: [Double], _ members: [[Int]]) {
    let finite = column.filter(\.isFinite)
    let mean = Self.mean(finite)
    let deviation = Self.mean(finite.map { ($0 - mean) * ($0 - mean) }).squareRoot()
    self.mean = mean
    isBinary = !finite.isEmpty && finite.allSatisfy { $0 == 0 || $0 == 1 }
    hasNegative = finite.contains { $0 < 0 }
    let parts = members.map { rows in rows.compactMap { column[$0].isFinite ? column[$0] : nil } }
    means = parts.map(Self.mean)
    medians = parts.map(Self.median)
    // Rounding leaves a little of a deviation that is none.
    let isConstant = !(deviation > 1e-12 * max(1e-300, abs(mean)))
    standardised = means.map { isConstant ? .nan : ($0 - mean) / deviation }
  }

  func importance(_ segment: Int) -> Double {
    !hasNegative && mean > 0 && mean.isFinite ? means[segment] / mean - 1 : .nan
  }

  /// NaN of nothing.
  static func mean(_ values: [Double]) -> Double {
    values.isEmpty ? .nan : values.reduce(0) { $0 + $1 / Double(values.count) }
  }

  static func median(_ values: [Double]) -> Double {
    guard !values.isEmpty else { return .nan }
    let sorted = values.sorted()
    let half = sorted.count / 2
    return sorted.count.isMultiple(of: 2) ? sorted[half - 1] / 2 + sorted[half] / 2 : sorted[half]
  }
}
