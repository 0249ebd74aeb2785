import Foundation

/// The numbers of an analysis for machines: `summary.json`.
public struct AnalysisSummary: Codable, Sendable {
  /// A column that is not used.
  public struct LeftOut: Codable, Sendable {
    /// Its name.
    public var column: String
    /// Why.
    public var reason: String
  }

  /// A segment.
  public struct Segment: Codable, Sendable {
    /// Its number, from 1.
    public var id: Int
    /// Its name.
    public var name: String
    /// Its customers.
    public var customers: Int
    /// Their share, 0 to 1.
    public var share = 0.0
    /// The medians of what was clustered, in natural units.
    public var medians: [String: Double] = [:]
    /// What its customers are worth together, in units of money; `nil` where that is not known.
    public var value: Double?
    /// What they are expected to spend within the horizon; `nil` where that is not known.
    public var expectedValue: Double?
    /// The mean chance that they are still customers; `nil` where that is not known.
    public var aliveProbability: Double?
    /// The share that answered the campaign; `nil` where that is not known.
    public var responseRate: Double?
  }

  /// The version of the program.
  public var version = ""
  /// The command that was given.
  public var command = ""
  /// The seed of everything random.
  public var seed: UInt64 = 0
  /// The files that were read.
  public var inputs: [InputFact] = []
  /// Rows or records read.
  public var rowsRead = 0
  /// Customers analysed.
  public var customers = 0
  /// Missing values found.
  public var missingValues = 0
  /// Values beyond the fences.
  public var outliers = 0
  /// Columns not used.
  public var leftOut: [LeftOut] = []
  /// What was clustered.
  public var features: [String] = []
  /// How the segments were made.
  public var algorithm = ""
  /// The mean silhouette of the segments; `nil` where there is none.
  public var silhouette: Double?
  /// How the number of segments was found.
  public var choiceOfK = ""
  /// The segments.
  public var segments: [Segment] = []
  /// The files of charts in the folder `charts`.
  public var charts: [String] = []
  /// Customers in no segment.
  public var customersWithoutSegment = 0

  /// The numbers as JSON with sorted keys; a number that is not finite is written as a word.
  public var json: String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    encoder.keyEncodingStrategy = .convertToSnakeCase
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    guard let data = try? encoder.encode(self) else { return "{}\n" }
    return String(decoding: data, as: UTF8.self) + "\n"
  }
}
