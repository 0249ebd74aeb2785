import Analysis
import Pipeline
import Segmentation

/// Answers the requests of `Tests/reference/check_clustering.py`: a JSON array of objects on stdin, each with an `op`;
/// a JSON array of the answers on stdout, in the same order. Points are lists of coordinates, row by row.
func answerClusteringRequests() {
  guard let requests = JSONValue(readAll())?.array else { stop(65, "stdin is not a JSON array of requests") }
  print("[" + requests.map { answer(LearnerRequest(json: $0)) }.joined(separator: ",\n") + "]")
}

/// The answer as a JSON object.
private func answer(_ request: LearnerRequest) -> String {
  let points = Points(values: request.numbers("points"), features: request.integer("features"))
  switch request.text("op") {
  case "lloyd": return lloyd(request, points)
  case "linkage": return linkage(request, points)
  case "dbscan": return dbscan(request, points)
  case "distance_curve":
    let curve = DistanceCurve(points, neighbours: request.integer("neighbours"))
    return object(("distances", list(curve.distances)), ("eps", number(curve.eps)))
  case "affinity": return affinity(request, points)
  case "mini_batch":
    let first = request.integer("seed")
    let fits = (first..<first + request.integer("repeats")).map { seed in
      var random = SplitMix64(seed: UInt64(seed))
      return MiniBatchKMeans(points, k: request.integer("k"), random: &random)
    }
    return object(
      ("labels", list(fits[0].labels)), ("centroids", list(fits[0].centroids)), ("inertias", list(fits.map(\.inertia))))
  case "compare": return compare(request, points)
  default: stop(65, "there is no op `\(request.text("op"))`")
  }
}

private func lloyd(_ request: LearnerRequest, _ points: Points) -> String {
  let (fit, labels) = points.lloyd(from: request.numbers("start"))
  return object(
    ("centroids", list(fit.centroids)), ("inertia", number(fit.inertia)), ("labels", list(labels.map(Int.init))),
    ("converged", fit.hasConverged ? "true" : "false"))
}

/// The merges as scipy writes them, four numbers each, and the labels of each number of clusters in `ks`.
private func linkage(_ request: LearnerRequest, _ points: Points) -> String {
  guard let linkage = Linkage(rawValue: request.text("linkage")) else { stop(65, "there is no such linkage") }
  let tree = MergeTree(points: points, linkage: linkage)
  let merges = tree.merges.flatMap { [Double($0.first), Double($0.second), $0.height, Double($0.size)] }
  let labels = request.integers("ks").map { list(tree.labels(k: $0)) }
  return object(("merges", list(merges)), ("labels", "[" + labels.joined(separator: ",") + "]"))
}

private func dbscan(_ request: LearnerRequest, _ points: Points) -> String {
  let clustering = DensityClustering(
    points, eps: request.number("eps"), minPoints: request.integer("min_points"))
  let cores = clustering.isCore.indices.filter { clustering.isCore[$0] }
  return object(("labels", list(clustering.labels)), ("cores", list(cores)))
}

private func affinity(_ request: LearnerRequest, _ points: Points) -> String {
  let clustering = AffinityPropagation(points, seed: UInt64(request.integer("seed")))
  return object(
    ("labels", list(clustering.labels)), ("exemplars", list(clustering.exemplars)),
    ("iterations", "\(clustering.iterations)"), ("converged", clustering.hasConverged ? "true" : "false"))
}

/// A whole comparison; `k` is 0 where the indices choose it.
private func compare(_ request: LearnerRequest, _ points: Points) -> String {
  var options = ClusteringOptions()
  options.k = request.integer("k") == 0 ? nil : request.integer("k")
  options.seed = UInt64(request.integer("seed"))
  let matrix = FeatureMatrix(names: (1...points.features).map { "column \($0)" }, values: points.values)
  do {
    let comparison = try ClusteringComparison(comparing: matrix, options: options)
    let candidates = comparison.choice.candidates.map { candidate in
      object(
        ("k", "\(candidate.k)"), ("inertia", number(candidate.inertia)), ("silhouette", number(candidate.silhouette)),
        ("calinski_harabasz", number(candidate.calinskiHarabasz)), ("davies_bouldin", number(candidate.daviesBouldin)))
    }
    let votes = comparison.choice.votes.map { "[\"\($0.index)\",\($0.k.map { "\($0)" } ?? "null")]" }
    return object(
      ("k", "\(comparison.choice.k)"), ("candidates", "[" + candidates.joined(separator: ",") + "]"),
      ("votes", "[" + votes.joined(separator: ",") + "]"),
      ("outcomes", "[" + comparison.outcomes.map(outcome).joined(separator: ",\n") + "]"),
      ("agreement", list(comparison.agreement.flatMap { $0 })), ("chosen", "\(comparison.chosenIndex)"),
      ("centroids", list(comparison.centroids.flatMap { $0 })),
      ("ward_heights", list(comparison.wardTree?.merges.map(\.height) ?? [])),
      ("words", list([comparison.choice.reason, comparison.reason] + comparison.notes)))
  } catch {
    return object(("error", list([error.description])))
  }
}

private func outcome(_ outcome: ClusteringComparison.Outcome) -> String {
  object(
    ("algorithm", "\"\(outcome.algorithm.rawValue)\""), ("labels", list(outcome.labels)), ("k", "\(outcome.k)"),
    ("sizes", list(outcome.sizes)), ("noise_share", number(outcome.noiseShare)),
    ("silhouette", number(outcome.silhouette)), ("calinski_harabasz", number(outcome.calinskiHarabasz)),
    ("davies_bouldin", number(outcome.daviesBouldin)), ("stability", list(outcome.stability)),
    ("converged", outcome.hasConverged ? "true" : "false"), ("seconds", number(outcome.seconds)),
    ("notes", list(outcome.notes)))
}

/// A list of texts that need no escape but those of `"` and `\`.
private func list(_ texts: [String]) -> String {
  let escaped = texts.map { text in text.map { $0 == "\"" || $0 == "\\" ? "\\\($0)" : "\($0)" }.joined() }
  return "[" + escaped.map { "\"\($0)\"" }.joined(separator: ",") + "]"
}
