extension SavedClassifier {
  /// What a table's rows are told: their probabilities, row by row.
  public struct Scores: Equatable, Sendable {
    /// Who the rows are.
    public let ids: [String]
    /// The name of the column of ids.
    public let idName: String
    /// What was asked.
    public let target: String
    /// The classes.
    public let classes: [String]
    /// For each row the probability of each class.
    public let probabilities: [[Double]]

    /// A CSV file: the id, the likeliest class, its probability and that of every class; no cell begins a formula.
    public var csv: String {
      var writer = CSVWriter()
      writer.append(
        [.text(idName), .text(target), .text("probability")] + classes.map { .text("probability_\($0)") })
      for (id, row) in zip(ids, probabilities) {
        let best = Classifier.likeliest(row)
        writer.append([.text(id), .text(classes[best]), .number(row[best])] + row.map { .number($0) })
      }
      return writer.text
    }
  }

  /// Asks about every row of a file. Fails where it cannot be read, or a column is missing: the sentence names it.
  public func scores(of bytes: [UInt8], name: String) throws(AnalysisError) -> Scores {
    let prepared = try preparation.apply(to: bytes, name: name)
    let features: FeatureMatrix
    do throws(AnalysisError) {
      features = try Predictor.matrix(predictors, of: prepared.table)
    } catch {
      throw AnalysisError(error.kind, "`\(name)`: \(error)")
    }
    return Scores(
      ids: prepared.customerIDs, idName: preparation.id ?? "row", target: target, classes: classifier.classes,
      probabilities: (0..<features.rowCount).map { classifier.probabilities(features.row($0)) })
  }
}
