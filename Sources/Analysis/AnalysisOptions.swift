/// How customers are analysed.
public struct AnalysisOptions: Sendable {
  /// The seed of everything random.
  public var seed: UInt64 = 1
  /// The number of segments; `nil` to choose it.
  public var k: Int?
  /// How far ahead purchases and value are expected, in days.
  public var horizonDays = 90.0
  /// What a contact costs; `nil` to take a constant column such as `Z_CostContact`, else unknown.
  public var contactCost: Double?
  /// What a response earns; `nil` to take a constant column such as `Z_Revenue`, else unknown.
  public var responseRevenue: Double?
  /// The groups of columns that are clustered.
  public var groups = Set(FeatureGroup.allCases)
  /// How the table is read and cleaned.
  public var preparation = PreparationOptions()
  /// The algorithm whose segments are taken; `nil`: the comparison decides.
  public var algorithm: ClusteringAlgorithm?
  /// Whether the report tells how long each algorithm took; it is then not the same twice.
  public var showsTimes = false
  /// What is analysed, for the heading: the names of the files.
  public var title = ""
  /// The command that was given, for the appendix.
  public var command = ""
  /// The files that were read, for the appendix.
  public var inputs: [InputFact] = []
  /// Where the fields of a log are, for the appendix.
  public var map: String?
  /// The version of the program, for the appendix.
  public var version = ""

  /// The default options.
  public init() {}
}

/// How a table is read and cleaned.
public struct PreparationOptions: Sendable {
  /// What stands in for a missing value.
  public enum Missing: String, CaseIterable, Codable, Sendable {
    /// The median of numbers, the mode of categories.
    case median
    /// Nothing: the row is left out.
    case drop
  }

  /// What is done with values beyond the fences.
  public enum Outliers: String, CaseIterable, Codable, Sendable {
    /// They become the fence.
    case winsorise
    /// The row is left out.
    case drop
    /// They are counted and kept.
    case keep
  }

  /// Where the fences are.
  public enum OutlierRule: String, CaseIterable, Codable, Sendable {
    /// So many interquartile ranges beyond the quartiles (Tukey, 1977).
    case iqr
    /// So many standard deviations from the mean.
    case z
  }

  /// How categories become numbers that can be clustered.
  public enum Encoding: String, CaseIterable, Codable, Sendable {
    /// They are described, not clustered.
    case none
    /// A column of 0 and 1 for each level; together they weigh as much as one number.
    case oneHot = "one-hot"
    /// The place of the level, in the order given or of the names.
    case ordinal
  }

  /// How columns are made comparable.
  public enum Scaling: String, CaseIterable, Codable, Sendable {
    /// Mean 0, standard deviation 1.
    case standard
    /// From 0 to 1.
    case minMax = "min-max"
    /// Median 0, interquartile range 1.
    case robust
    /// As they are.
    case none
  }

  /// The byte between cells; `nil` to find it.
  public var delimiter: UInt8?
  /// Whether the first record names the columns; `nil` to find out.
  public var hasHeader: Bool?
  /// Whether a date such as 04-09-2012 begins with the day; `nil` to find out (the day where both fit).
  public var dayFirst: Bool?
  /// The columns that are used besides the identifier; empty for all.
  public var columns: [String] = []
  /// The columns that are not.
  public var ignored: [String] = []
  /// Types that are given, not found.
  public var types: [String: ColumnKind] = [:]
  /// Groups that are given, not found.
  public var groups: [String: FeatureGroup] = [:]
  /// Orders of levels, for ordinal encoding.
  public var levels: [String: [String]] = [:]
  /// What a column is in the layout of customer tables (`birth-year`, `spend`, …), given, not found.
  public var roles: [String: ColumnRole] = [:]
  /// The column of customer ids; `nil` to find it.
  public var id: String?
  /// The column that tells who answered the campaign (1, yes, true: answered).
  public var response: String?
  /// What stands in for missing values.
  public var missing = Missing.median
  /// What is done with outliers.
  public var outliers = Outliers.winsorise
  /// Where the fences are.
  public var outlierRule = OutlierRule.iqr
  /// How many interquartile ranges or standard deviations away a fence is.
  public var fence = 3.0
  /// How categories are encoded.
  public var encoding = Encoding.none
  /// How columns are scaled.
  public var scaling = Scaling.standard
  /// Whether features are made of recognised columns.
  public var makesFeatures = true

  /// The default options.
  public init() {}
}
