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

  /// Writes `report.html`, `segments.csv`, `summary.json`, models and `charts/*.svg`; charts and models of an earlier
  /// analysis go.
  public func write(_ analysis: CustomerAnalysis) throws(AnalysisError) {
    let charts = analysis.report.charts.map { ("charts/\($0.id).svg", $0.svg + "\n") }
    let written = Set(charts.map(\.0))
    for name in (try? FileManager.default.contentsOfDirectory(atPath: path + "/charts")) ?? []
    where name.hasSuffix(".svg") && !written.contains("charts/\(name)") {
      try? FileManager.default.removeItem(atPath: path + "/charts/" + name)
    }
    let models = analysis.models.map { ($0.file, $0.classifier.json) }
    for name in LookAhead.modelFiles where !models.contains(where: { $0.0 == name }) {
      try? FileManager.default.removeItem(atPath: path + "/" + name)
    }
    let files = [
      ("report.html", analysis.report.html), ("segments.csv", analysis.segmentsFile),
      ("summary.json", analysis.summary.json),
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
