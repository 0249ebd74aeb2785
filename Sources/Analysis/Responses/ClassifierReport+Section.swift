/// The blocks of a classifier in the section of campaigns.
enum ClassifierBlocks {
  /// Weights that are shown of a class.
  private static let weightsMax = 10

  /// What a classifier can tell, or why there is none; `id` begins the names of its charts.
  static func all(_ report: Result<ClassifierReport, AnalysisError>, id: String) -> [ReportSection.Block] {
    switch report {
    case .failure(let error): return [.paragraph("There is no classifier: \(error).")]
    case .success(let report):
      var blocks: [ReportSection.Block] = [.paragraph(summary(report))]
      if !report.notes.isEmpty { blocks.append(.list(report.notes)) }
      blocks.append(.table(qualityTable(report)))
      if report.classes.count > 2 { blocks.append(.table(classTable(report))) }
      blocks.append(.chart(calibration(report, id: id)))
      blocks += weights(report, id: id)
      blocks.append(.paragraph("The decision tree:"))
      blocks.append(.list(report.tree))
      return blocks
    }
  }

  private static func summary(_ report: ClassifierReport) -> String {
    let kept = report.quality.first { $0.method == report.chosen }
    let brier = kept.map { "\(NumberText.fixed($0.brier, 3)) against \(NumberText.fixed($0.brierBaseline, 3))" } ?? ""
    return
      "Learnt from \(NumberText.count(report.rowCount)) customers and measured on customers that were kept back, by "
      + "cross-validation with \(report.foldCount) folds in which every class has its share. Kept is the "
      + "\(report.chosen.rawValue), with the smaller Brier score: \(brier) for giving everyone the classes' shares."
  }

  private static func qualityTable(_ report: ClassifierReport) -> DataTable {
    let isBinary = report.classes.count == 2
    let what = isBinary ? ", of “\(report.classes[1])”" : ", the mean of the classes"
    return DataTable(
      "How good the classifiers are" + what,
      columns: [.init("Classifier")]
        + ["Precision", "Recall", "F1", "AUC", "Brier score", "Accuracy", "Largest class"].map {
          .init($0, isNumeric: true)
        },
      rows: report.quality.map { quality in
        func mean(_ value: (ClassQuality) -> Double?) -> String {
          let values = quality.classes.compactMap(value)
          return values.isEmpty ? NumberText.none : NumberText.fixed(values.reduce(0, +) / Double(values.count), 3)
        }
        return [
          quality.method.rawValue, mean(\.precision), mean(\.recall), mean(\.f1), mean(\.areaUnderCurve),
          NumberText.fixed(quality.brier, 3), NumberText.percent(quality.accuracy),
          NumberText.percent(quality.baseline),
        ]
      })
  }

  private static func classTable(_ report: ClassifierReport) -> DataTable {
    let kept = report.quality.first { $0.method == report.chosen }
    return DataTable(
      "How well the \(report.chosen.rawValue) tells each class",
      columns: [.init("Class")] + ["Customers", "Precision", "Recall", "F1", "AUC"].map { .init($0, isNumeric: true) },
      rows: (kept?.classes ?? []).map { quality in
        func text(_ value: Double?) -> String { value.map { NumberText.fixed($0, 3) } ?? NumberText.none }
        return [
          quality.name, NumberText.count(quality.rowCount), text(quality.precision), text(quality.recall),
          text(quality.f1), text(quality.areaUnderCurve),
        ]
      })
  }

  /// What was said against what came true, a line a classifier; a bin without rows is a gap.
  private static func calibration(_ report: ClassifierReport, id: String) -> Chart {
    let count = CalibrationBin.Counts.binCount
    let centres = (0..<count).map { (Double($0) + 0.5) / Double(count) }
    let series = report.quality.map { quality -> (name: String, values: [Double]) in
      var values = [Double](repeating: .nan, count: count)
      for bin in quality.calibration { values[Int((bin.lower * Double(count)).rounded())] = bin.observed }
      return (quality.method.rawValue, values)
    }
    return Chart.lines(
      id: "\(id)-calibration", title: "Calibration: what was said and what came true",
      alternative: "Of customers to whom a probability in each tenth was given, the share that came true; on the line "
        + "“as said” both are the same.",
      xLabel: "probability given", yLabel: "share that came true", x: centres,
      series: [("as said", centres)] + series)
  }

  private static func weights(_ report: ClassifierReport, id: String) -> [ReportSection.Block] {
    if report.weights.count == 1, let weights = report.weights.first {
      let shown = Array(weights.prefix(weightsMax))
      guard let most = shown.first else { return [] }
      return [
        .chart(
          Chart.bars(
            id: "\(id)-weights", title: "What decides, by logistic regression",
            alternative: "Bars of the weights of one standard deviation each, in logarithms of the odds; "
              + "\(most.feature) weighs most, \(NumberText.fixed(most.weight, 2)).",
            labels: shown.map(\.feature), values: shown.map(\.weight)))
      ]
    }
    let rows = zip(report.classes, report.weights).map { name, weights in
      [
        name,
        weights.prefix(3).map { "\($0.feature) \($0.weight > 0 ? "+" : "")\(NumberText.fixed($0.weight, 2))" }
          .joined(separator: ", "),
      ]
    }
    return [
      .table(
        DataTable(
          "What decides most, by logistic regression: weights of one standard deviation",
          columns: [.init("Class"), .init("Features")], rows: rows))
    ]
  }
}
