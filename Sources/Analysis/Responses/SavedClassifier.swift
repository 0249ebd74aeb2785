import Foundation

/// A classifier as a file: what it learnt, and how a table is read, cleaned and made into what it learnt from.
public struct SavedClassifier: Codable, Equatable, Sendable {
  /// What the file is.
  public static let format = "segmenter classifier"
  /// The version of its form.
  public static let version = 1
  /// More than the largest comes to.
  public static let bytesMax = 64 << 20

  /// What it tells: the response's column, or `segment`.
  public let target: String
  /// How tables are read and cleaned.
  public let preparation: TablePreparation
  /// The columns of the cleaned table that are asked.
  public let predictors: [Predictor]
  /// What it learnt.
  public let classifier: Classifier
  /// Rows that it learnt from, and the seed.
  public let rowCount: Int, seed: UInt64
  /// How good it was on rows that it had not seen.
  public let quality: Quality

  /// How good a classifier was on rows that it had not seen.
  public struct Quality: Codable, Equatable, Sendable {
    /// The Brier score, and that of giving every row the classes' shares.
    public let brier: Double, brierBaseline: Double
    /// The share of rows whose likeliest class was theirs.
    public let accuracy: Double
  }

  private let format: String
  private let version: Int

  /// The classifier that a report keeps; a table is prepared as the analysed one was.
  init(_ report: ClassifierReport, _ predictors: [Predictor], preparation: TablePreparation) {
    let kept = report.quality.first { $0.method == report.chosen }
    (format, version) = (Self.format, Self.version)
    target = report.target
    self.preparation = preparation
    self.predictors = predictors
    classifier = report.classifier
    (rowCount, seed) = (report.rowCount, report.seed)
    quality = Quality(
      brier: kept?.brier ?? 0, brierBaseline: kept?.brierBaseline ?? 0, accuracy: kept?.accuracy ?? 0)
  }

  /// The file: one JSON object, whose members are sorted.
  public var json: String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
    // Its numbers are all finite.
    guard let data = try? encoder.encode(self) else { preconditionFailure("a classifier holds finite numbers only") }
    return String(decoding: data, as: UTF8.self) + "\n"
  }

  /// Reads a file that `json` wrote; `name` is the file's, for errors.
  public init(json bytes: [UInt8], name: String) throws(AnalysisError) {
    struct Head: Decodable {
      let format: String
      let version: Int
    }
    let advice = "give a model that `segmenter analyze` wrote"
    let decoder = JSONDecoder()
    guard let head = try? decoder.decode(Head.self, from: Data(bytes)), head.format == Self.format else {
      throw AnalysisError(.unusableInput, "`\(name)`: no classifier: \(advice)")
    }
    guard head.version == Self.version else {
      throw AnalysisError(
        .unusableInput,
        "`\(name)`: a classifier of version `\(head.version)`, this program reads version \(Self.version): write it "
          + "anew with `segmenter analyze`")
    }
    guard let found = try? decoder.decode(Self.self, from: Data(bytes)), found.isWhole else {
      throw AnalysisError(.unusableInput, "`\(name)`: parts of the classifier are missing or broken: \(advice)")
    }
    self = found
  }

  /// Whether all parts fit each other, as those of a file need not.
  private var isWhole: Bool {
    classifier.isWhole && classifier.features == predictors.map(\.name) && preparation.isWhole
  }
}

extension TablePreparation {
  /// What a classifier needs of it: the steps of the columns that predictors are of or made of, and the id.
  ///
  /// `table` is the cleaned table with the columns that were made.
  func reduced(to predictors: [Predictor], of table: Table) -> TablePreparation {
    var reduced = self
    reduced.response = nil
    reduced.steps.removeAll { $0.plan.name == response }
    (reduced.features, reduced.described, reduced.campaigns, reduced.value) = ([], [], [], nil)
    let groups = Set(predictors.compactMap { table[$0.column]?.group })
    var fewer = reduced
    fewer.steps.removeAll { $0.plan.name != id && !groups.contains($0.plan.group) }
    let wanted = Set(predictors.map(\.column))
    let read = Set(fewer.steps.map(\.plan.name))
    let source = Table(columns: table.columns.filter { read.contains($0.name) }, rowCount: table.rowCount)
    let made = makesFeatures ? FeatureMaker(roles: fewer.roles, referenceDay: referenceDay).make(source) : []
    if wanted.isSubset(of: read.union(made.map(\.column.name))) {
      // A column that nothing is made of, and that is not asked, need not be there.
      fewer.steps.removeAll {
        $0.plan.name != id && $0.plan.role == .none && !wanted.contains($0.plan.name)
      }
      return fewer
    }
    return reduced
  }

  /// A preparation of columns of numbers: what is missing becomes the median.
  init(numbers table: Table) {
    self.init()
    makesFeatures = false
    steps = table.columns.map { column in
      let plan = ColumnPlan(name: column.name, kind: .number, group: column.group, role: .none)
      return Step(plan: plan, fill: ColumnStatistics.median(column.numbers ?? [0]), low: nil, high: nil)
    }
  }

  /// Whether its parts fit each other, as those of a file need not.
  var isWhole: Bool {
    features.isEmpty && described.isEmpty && Set(steps.map(\.plan.name)).count == steps.count
      && steps.allSatisfy { step in
        guard step.plan.kind == .category, let fill = step.fill else { return true }
        return fill >= 0 && fill < Double(step.plan.levels.count)
      }
  }
}
