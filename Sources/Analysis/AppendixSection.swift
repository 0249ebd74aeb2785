/// How the report was made: parameters, seed, input, command.
struct AppendixSection {
  let options: AnalysisOptions
  let data: AnalysisData
  let isLog: Bool

  /// The section "appendix".
  var section: ReportSection {
    var inputs = DataTable("The files that were read", columns: [.init("File"), .init("SHA-256")])
    inputs.rows = options.inputs.map { [$0.path, $0.sha256 ?? "standard input: not kept"] }
    var table = DataTable("The parameters", columns: [.init("Parameter"), .init("Value")])
    table.rows = parameters.map { [$0.0, $0.1] }
    return ReportSection(
      id: "appendix", title: "Appendix",
      blocks: [
        .paragraph("The same files, options and seed give the same report, whatever the number of threads."),
        .table(table), .table(inputs),
      ])
  }

  private var parameters: [(String, String)] {
    let preparation = options.preparation
    var rows: [(String, String)] = [
      ("Command", options.command), ("Program", "segmenter \(options.version)"), ("Seed", String(options.seed)),
      ("Segments", options.k.map(String.init) ?? "chosen by the indices"),
      ("Missing values", preparation.missing == .median ? "median of numbers, mode of categories" : "rows left out"),
      (
        "Outliers",
        "\(preparation.outliers.rawValue), by \(preparation.outlierRule.rawValue), fence "
          + Plain.number(preparation.fence)
      ),
      ("Scaling", preparation.scaling.rawValue), ("Encoding of categories", preparation.encoding.rawValue),
      ("Horizon", "\(Plain.number(options.horizonDays)) days"),
      ("Clustered", data.features.names.joined(separator: ", ")),
    ]
    if isLog {
      rows.append(("Map", options.map ?? "none: the default names"))
    } else {
      rows.append(("Groups clustered", options.groups.map(\.rawValue).sorted().joined(separator: ", ")))
      rows.append(("Response", preparation.response ?? "none"))
    }
    return rows
  }
}
