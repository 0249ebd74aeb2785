/// A few conditions that nearly describe a segment, so that people can say who is in it.
public struct SurrogateRule: Equatable, Sendable {
  /// A bound on a column.
  public struct Condition: Equatable, Sendable {
    /// The column's index in the matrix.
    public let column: Int
    /// The column's name.
    public let name: String
    /// The bound.
    public let bound: Double
    /// Whether values must be above the bound; else at most it.
    public let isAbove: Bool

    /// Whether the column holds whole numbers only: then the words name whole numbers, too.
    public let isWhole: Bool

    /// Whether a value keeps to it.
    public func holds(_ value: Double) -> Bool { isAbove ? value > bound : value <= bound }
  }

  /// All of them must hold.
  public let conditions: [Condition]
  /// The share of the segment's rows that keep to them.
  public let coverage: Double
  /// The share of the rows that keep to them that are in the segment.
  public let precision: Double
  /// How many rows keep to them.
  public let rowCount: Int

  /// In words, each column once: `income above 52; children at least 1 and at most 2`.
  public var text: String {
    if conditions.isEmpty { return "everyone" }
    var parts: [String] = []
    var told = Set<Int>()
    for condition in conditions where told.insert(condition.column).inserted {
      let same = conditions.filter { $0.column == condition.column }
      let low = same.filter(\.isAbove).map(\.bound).max().map { low in
        condition.isWhole
          ? "at least \(NumberText.short(low.rounded(.down) + 1))" : "above \(NumberText.short(low))"
      }
      let high = same.filter { !$0.isAbove }.map(\.bound).min().map { high in
        "at most \(NumberText.short(condition.isWhole ? high.rounded(.down) : high))"
      }
      parts.append("\(condition.name) " + [low, high].compactMap { $0 }.joined(separator: " and "))
    }
    return parts.joined(separator: "; ")
  }
}

/// Searches for the conditions: to the best few rules found so far the best further bound is added, as long as the
/// harmonic mean of coverage and precision (F1) grows by a hundredth.
struct SurrogateRuleSearch {
  /// Bounds that are tried of a column, at most.
  static let boundsMax = 32
  /// Conditions of a rule, at most: a box in two columns.
  static let conditionsMax = 4
  /// Rules that are followed at once.
  static let beam = 3
  /// Rows that are searched, evenly taken; coverage and precision are counted over all.
  static let rowsMax = 20_000
  /// What a further condition must add to F1.
  static let gainMin = 0.01

  private struct Candidate {
    var conditions: [SurrogateRule.Condition]
    var rows: [Int]
    var score: Double
  }

  private let matrix: FeatureMatrix
  private let labels: [Int]
  /// The rows that are searched.
  private let sample: [Int]
  /// The bounds of each column, rising.
  private let bounds: [[Double]]
  /// Whether a column holds whole numbers only.
  private let areWhole: [Bool]
  /// For each column, by place in the sample, how many of its bounds a value exceeds.
  private let bins: [[Int32]]

  /// Prepares the search in columns of which all values are finite.
  init(_ matrix: FeatureMatrix, labels: [Int]) {
    let count = min(matrix.rowCount, labels.count)
    let taken = min(count, Self.rowsMax)
    let sample = (0..<taken).map { $0 * count / max(1, taken) }
    self.matrix = matrix
    self.labels = labels
    self.sample = sample
    areWhole = (0..<matrix.columnCount).map { column in
      (0..<count).allSatisfy { matrix[$0, column] == matrix[$0, column].rounded() }
    }
    bounds = (0..<matrix.columnCount).map { column in Self.bounds(sample.map { matrix[$0, column] }) }
    bins = bounds.enumerated().map { column, bounds in
      sample.map { row in Int32(Self.place(matrix[row, column], bounds)) }
    }
  }

  /// The rule of a segment.
  func rule(for segment: Int) -> SurrogateRule {
    let wanted = sample.indices.filter { labels[sample[$0]] == segment }.count
    let all = Candidate(
      conditions: [], rows: Array(sample.indices), score: Self.f1(wanted, sample.count, wanted))
    var best = all
    var frontier = [all]
    for _ in 0..<Self.conditionsMax {
      var next: [Candidate] = []
      for candidate in frontier { next += extended(candidate, segment, wanted) }
      // Of equals the one found first.
      let ranked = next.enumerated().sorted { ($1.element.score, $0.offset) < ($0.element.score, $1.offset) }
      frontier = ranked.prefix(Self.beam).map(\.element)
      guard let first = frontier.first, first.score >= best.score + Self.gainMin else { break }
      best = first
    }
    return counted(best.conditions, segment)
  }

  /// A rule's best further bound in each column and direction.
  private func extended(_ candidate: Candidate, _ segment: Int, _ wanted: Int) -> [Candidate] {
    var found: [(condition: SurrogateRule.Condition, score: Double)] = []
    for column in bounds.indices {
      let bounds = bounds[column]
      guard !bounds.isEmpty else { continue }
      var all = [Int](repeating: 0, count: bounds.count + 1)
      var hits = all
      for place in candidate.rows {
        let bin = Int(bins[column][place])
        all[bin] += 1
        if labels[sample[place]] == segment { hits[bin] += 1 }
      }
      let (total, totalHits) = (all.reduce(0, +), hits.reduce(0, +))
      var (below, hitsBelow) = (0, 0)
      for isAbove in [false, true] {
        var best: (bound: Double, score: Double)?
        (below, hitsBelow) = (0, 0)
        for (index, bound) in bounds.enumerated() {
          below += all[index]
          hitsBelow += hits[index]
          let score =
            isAbove ? Self.f1(totalHits - hitsBelow, total - below, wanted) : Self.f1(hitsBelow, below, wanted)
          if score > best?.score ?? candidate.score { best = (bound, score) }
        }
        if let best {
          found.append(
            (
              .init(
                column: column, name: matrix.names[column], bound: best.bound, isAbove: isAbove,
                isWhole: areWhole[column]), best.score
            ))
        }
      }
    }
    let ranked = found.enumerated().sorted { ($1.element.score, $0.offset) < ($0.element.score, $1.offset) }
    return ranked.prefix(Self.beam).map { _, further in
      Candidate(
        conditions: candidate.conditions + [further.condition],
        rows: candidate.rows.filter { further.condition.holds(matrix[sample[$0], further.condition.column]) },
        score: further.score)
    }
  }

  /// The rule with its figures over all rows.
  private func counted(_ conditions: [SurrogateRule.Condition], _ segment: Int) -> SurrogateRule {
    var (met, hits, size) = (0, 0, 0)
    for row in 0..<min(matrix.rowCount, labels.count) {
      let isMember = labels[row] == segment
      size += isMember ? 1 : 0
      guard conditions.allSatisfy({ $0.holds(matrix[row, $0.column]) }) else { continue }
      met += 1
      hits += isMember ? 1 : 0
    }
    return SurrogateRule(
      conditions: conditions, coverage: size > 0 ? Double(hits) / Double(size) : 0,
      precision: met > 0 ? Double(hits) / Double(met) : 0, rowCount: met)
  }

  private static func f1(_ hits: Int, _ met: Int, _ wanted: Int) -> Double {
    met + wanted > 0 ? 2 * Double(hits) / Double(met + wanted) : 0
  }

  /// Between neighbouring values at even ranks, so that a bound is no value; none for a constant.
  private static func bounds(_ values: [Double]) -> [Double] {
    let sorted = values.filter(\.isFinite).sorted()
    var distinct: [Double] = []
    for value in sorted where distinct.last != value { distinct.append(value) }
    guard distinct.count > 1 else { return [] }
    if distinct.count <= boundsMax + 1 {
      return zip(distinct, distinct.dropFirst()).map { middle($0, $1) }
    }
    var found: [Double] = []
    for step in 1...boundsMax {
      let low = sorted[step * (sorted.count - 1) / (boundsMax + 1)]
      guard let high = sorted[(step * (sorted.count - 1) / (boundsMax + 1))...].first(where: { $0 > low }) else {
        break
      }
      let bound = middle(low, high)
      if found.last != bound { found.append(bound) }
    }
    return found
  }

  /// Half way, and below the upper one whatever rounding does.
  private static func middle(_ low: Double, _ high: Double) -> Double {
    let half = low / 2 + high / 2
    return half < high ? max(half, low) : low
  }

  private static func place(_ value: Double, _ bounds: [Double]) -> Int {
    var (low, high) = (0, bounds.count)
    while low < high {
      let half = (low + high) / 2
      if value > bounds[half] { low = half + 1 } else { high = half }
    }
    return low
  }
}
