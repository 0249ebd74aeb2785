import Segmentation

/// What is known of customers and their segments: profiles, named cells, moves, cohorts, the best customers.
///
/// It makes the sections `profiles`, `rfm`, `actions` and `in-five-sentences` of the report.
public struct CustomerUnderstanding: Sendable {
  /// The segments.
  public let profiles: SegmentProfiles
  /// Recency, frequency and monetary value; `nil` where the input does not tell all three.
  public let rfm: RFMAnalysis?
  /// Moves between named cells; only of logs.
  public let migration: CellMigration?
  /// Who bought again, by when they came; only of logs.
  public let cohorts: CohortRetention?
  /// How much the best bring; `nil` where nothing says what customers are worth.
  public let concentration: ValueConcentration?
  /// The customers' ids.
  public let customerIDs: [String]

  /// The segments' names, in the order of the labels: what other sections call them.
  public var names: [String] { profiles.names }

  /// Understands the customers of an analysis; labels run from 0, −1 is none.
  public init(_ data: AnalysisData, labels: [Int], table: RuleTable = .standard) {
    let rfm = data.log.map { RFMAnalysis($0, table: table) } ?? Self.scored(data, table)
    let plain = SegmentProfiles(data, labels: labels)
    // A log's segments are called by the cells that marketers know; those of a table by what sets them apart.
    if let rfm, data.log != nil {
      let cells = plain.segments.indices.map { segment in
        rfm.typicalScores(labels.indices.filter { labels[$0] == segment }).map(table.name) ?? "Nobody"
      }
      let names = SegmentNaming.names(
        cells: cells, columns: Array(plain.columns.prefix(plain.clusteredCount)),
        standardised: plain.segments.map(\.standardised), means: plain.segments.map(\.means))
      profiles = plain.renamed(names)
    } else {
      profiles = plain
    }
    self.rfm = rfm
    migration = data.log.flatMap { log in rfm.flatMap { CellMigration(log, $0) } }
    cohorts = data.log.flatMap { CohortRetention($0) }
    concentration = profiles.values.flatMap { ValueConcentration($0.values) }
    customerIDs = data.customerIDs
  }

  /// Scores of a table whose columns tell the days since the last purchase, the purchases and the value.
  private static func scored(_ data: AnalysisData, _ table: RuleTable) -> RFMAnalysis? {
    let names = data.described.names
    func column(_ wanted: [String]) -> [Double]? {
      names.firstIndex { wanted.contains($0.lowercased()) }.map { data.described.column($0) }
    }
    guard let values = CustomerValues(data)?.values, let recency = column(["recency", "recency_days", "recency days"]),
      let orders = column(["total purchases", "total_purchases", "purchases", "orders", "frequency"])
    else { return nil }
    return RFMAnalysis(recencyDays: recency, orders: orders, values: values, table: table)
  }
}

extension SegmentProfiles {
  /// The same segments under other names, one each.
  func renamed(_ names: [String]) -> SegmentProfiles {
    SegmentProfiles(
      self,
      segments: zip(segments, names).map { segment, name in
        SegmentProfile(
          name: name, size: segment.size, share: segment.share, medians: segment.medians, means: segment.means,
          standardised: segment.standardised, importance: segment.importance, rule: segment.rule,
          value: segment.value, valueShare: segment.valueShare)
      })
  }

  private init(_ other: SegmentProfiles, segments: [SegmentProfile]) {
    columns = other.columns
    clusteredCount = other.clusteredCount
    self.segments = segments
    noiseCount = other.noiseCount
    customerCount = other.customerCount
    means = other.means
    values = other.values
    labels = other.labels
  }
}
