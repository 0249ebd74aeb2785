import Analysis
import Glibc
import Pipeline

/// Answers the requests of `Tests/reference/check_table.py`, as `answerLearnerRequests` does those of the learner's.
func answerTableRequests() {
  guard let requests = JSONValue(readAll())?.array else { stop(65, "stdin is not a JSON array of requests") }
  print("[" + requests.map { answer(LearnerRequest(json: $0)) }.joined(separator: ",\n") + "]")
}

/// The answer as a JSON object.
private func answer(_ request: LearnerRequest) -> String {
  switch request.text("op") {
  case "components": components(request)
  case "scale": scale(request)
  case "correlations": correlations(request)
  case "cells": cells(request)
  default: stop(65, "there is no op `\(request.text("op"))`")
  }
}

private func matrix(_ request: LearnerRequest) -> FeatureMatrix {
  let rows = request.rows("rows")
  return FeatureMatrix(names: (0..<(rows.first?.count ?? 0)).map { "c\($0)" }, values: rows.flatMap { $0 })
}

private func lists(_ rows: [[Double]]) -> String { "[" + rows.map { list($0) }.joined(separator: ",") + "]" }

private func components(_ request: LearnerRequest) -> String {
  let matrix = matrix(request)
  guard let found = PrincipalComponents(matrix) else { return object(("none", "true")) }
  return object(
    ("components", lists(found.components)), ("variances", list(found.variances)), ("shares", list(found.shares)),
    ("first_row", list(found.project(matrix.row(0), matrix.columnCount))))
}

private func scale(_ request: LearnerRequest) -> String {
  guard let scaling = PreparationOptions.Scaling(rawValue: request.text("scaling")) else {
    stop(65, "there is no scaling `\(request.text("scaling"))`")
  }
  let values = request.numbers("values")
  var scale = FeatureScale(name: "c", column: "c")
  scale.fit(values, scaling)
  return object(
    ("scaled", list(values.map { scale.apply($0) })), ("back", list(values.map { scale.inverse(scale.apply($0)) })))
}

private func correlations(_ request: LearnerRequest) -> String {
  object(("values", lists(Correlations(matrix(request)).values)))
}

/// The cells of a text, as lists of code points: no text has to be escaped.
private func cells(_ request: LearnerRequest) -> String {
  let delimiter = UInt8(truncatingIfNeeded: request.integer("delimiter"))
  do {
    let table = try RawTable(Array(request.text("text").utf8), delimiter: delimiter, name: "text")
    let rows = (0..<table.rowCount).map { row in
      let cells = (0..<table.columnCount).map { list(table.text(row, $0).unicodeScalars.map { Int($0.value) }) }
      return "[" + cells.joined(separator: ",") + "]"
    }
    return object(("cells", "[" + rows.joined(separator: ",") + "]"))
  } catch {
    return object(("error", "true"))
  }
}
