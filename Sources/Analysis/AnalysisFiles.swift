import Foundation

/// The folder that an analysis is written to.
public struct AnalysisFiles: Sendable {
  /// The path as given.
  public let path: String

  /// Makes the folder, and one for charts in it, unless they are there. Throws where that cannot be.
  public init(path: String) throws(AnalysisError) {
    self.path = path
    var made = path.hasPrefix("/") ? "/" : ""
    for part in (path + "/charts").split(separator: "/") {
      made += (made.isEmpty || made == "/" ? "" : "/") + part
      if mkdir(made, 0o777) == 0 { continue }
      let code = errno
      var isFolder: ObjCBool = false
      if FileManager.default.fileExists(atPath: made, isDirectory: &isFolder), isFolder.boolValue { continue }
      throw AnalysisError(
        .cannotCreate,
        "the folder `\(made)` cannot be created: "
          + (code == EEXIST ? "a file of that name is there" : String(cString: strerror(code))))
    }
    // What is there may still not be writable: known before the work is done.
    guard access(path, W_OK) == 0, access(path + "/charts", W_OK) == 0 else {
      throw AnalysisError(.cannotCreate, "`\(path)` cannot be written to: \(String(cString: strerror(errno)))")
    }
  }

  /// Charts and models that an earlier analysis says it wrote here; nobody else's files are among them.
  private var filesBefore: [String] {
    struct Before: Decodable {
      let charts: [String]
    }
    guard let data = FileManager.default.contents(atPath: path + "/summary.json"),
      let before = try? JSONDecoder().decode(Before.self, from: data)
    else { return [] }
    let charts = before.charts.filter { !$0.contains("/") && $0.hasSuffix(".svg") }
    return charts.map { "charts/\($0)" } + LookAhead.modelFiles
  }

  /// Writes `report.html`, `segments.csv`, `summary.json`, models and `charts/*.svg`; charts and models of an earlier
  /// analysis go.
  public func write(_ analysis: CustomerAnalysis) throws(AnalysisError) {
    let charts = analysis.report.charts.map { ("charts/\($0.id).svg", $0.svg + "\n") }
    let models = analysis.models.map { ($0.file, $0.classifier.json) }
    let written = Set((models + charts).map(\.0))
    for name in filesBefore where !written.contains(name) {
      try? FileManager.default.removeItem(atPath: path + "/" + name)
    }
    var summary = analysis.summary
    summary.charts = analysis.report.charts.map { "\($0.id).svg" }
    let files = [
      ("report.html", analysis.report.html), ("segments.csv", analysis.segmentsFile),
      ("summary.json", summary.json),
    ]
    for (name, text) in files + models + charts {
      do {
        try Data(text.utf8).write(to: URL(fileURLWithPath: path + "/" + name), options: .atomic)
      } catch {
        let reason = (error as NSError).userInfo[NSUnderlyingErrorKey].map { "\($0)" } ?? error.localizedDescription
        throw AnalysisError(.cannotCreate, "`\(path)/\(name)` cannot be created: \(reason)")
      }
    }
  }
}
