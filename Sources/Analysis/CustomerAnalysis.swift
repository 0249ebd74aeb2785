/// A whole analysis: customers cleaned, clustered, described, looked ahead, and a report of it.
public struct CustomerAnalysis: Sendable {
  /// Told what is being done and, where it is known, how far it is (0 to 1).
  public typealias Progress = @Sendable (_ stage: String, _ share: Double?) -> Void

  /// What was analysed.
  public let data: AnalysisData
  /// What was found and cleaned.
  public let quality: DataQuality
  /// How a table was prepared, to prepare others the same way; `nil` of a log.
  public let preparation: TablePreparation?
  /// The segment of each customer, from 0; −1 is none.
  public let labels: [Int]
  /// The segments' names.
  public let names: [String]
  /// The clusterings that were compared.
  public let comparison: ClusteringComparison?
  /// What was understood of the segments.
  public let understanding: CustomerUnderstanding?
  /// What comes of them.
  public let ahead: LookAhead?
  /// The report.
  public let report: HTMLReport
  /// `segments.csv`: customer, segment, scores, value.
  public let segmentsFile: String
  /// Classifiers that score other tables, by the name of their files.
  public let models: [(file: String, classifier: SavedClassifier)]
  /// The numbers for machines: `summary.json`.
  public let summary: AnalysisSummary

  /// Analyses customers. Throws where the input cannot be used; the report tells what cannot be said of this input.
  public static func run(
    _ input: AnalysisInput, _ options: AnalysisOptions, progress: Progress = { _, _ in }
  ) throws(AnalysisError) -> CustomerAnalysis {
    progress("cleaning", nil)
    var found = try AnalysisRun(input, options)
    try found.checkK()
    try found.segment(progress)
    found.lookAhead(progress)
    progress("writing the report", nil)
    return found.finished()
  }
}
