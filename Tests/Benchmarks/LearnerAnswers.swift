import Glibc
import Pipeline
import Segmentation

/// Answers the requests of `Tests/reference/check_learner.py`: a JSON array of objects on stdin, each with an `op`; a
/// JSON array of the answers on stdout, in the same order.
///
/// Numbers are written as the shortest decimals that read back as the same. Points are lists of coordinates, row by
/// row.
func answerLearnerRequests() {
  guard let requests = JSONValue(readAll())?.array else { stop(65, "stdin is not a JSON array of requests") }
  var out = "["
  for (index, request) in requests.enumerated() {
    if index > 0 { out += ",\n" }
    out += answer(LearnerRequest(json: request))
  }
  print(out + "]")
}

/// The answer as a JSON object.
private func answer(_ request: LearnerRequest) -> String {
  switch request.text("op") {
  case "lloyd": lloyd(request)
  case "seeds": seeds(request)
  case "fit": fit(request)
  case "fixed_point": object(("integers", list(request.numbers("values").map { Int(fixedPoint($0)) })))
  case "cuts": cuts(request)
  case "quality": quality(request)
  case "adjusted_rand":
    object(("value", number(adjustedRandIndex(request.integers("one"), request.integers("other")))))
  case "assignment":
    object(("columns", list(leastCostAssignment(request.rows("cost")))))
  case "choose_k": chooseK(request)
  case "stream": LearnerStream(request).answer()
  default: stop(65, "there is no op `\(request.text("op"))`")
  }
}

// MARK: k-means

private func lloyd(_ request: LearnerRequest) -> String {
  let kMeans = KMeans(points: request.numbers("points"), features: request.integer("features"))
  let fit = kMeans.lloyd(from: request.numbers("start"))
  return object(
    ("centroids", list(fit.centroids)), ("inertia", number(fit.inertia)), ("labels", list(kMeans.clusters())),
    ("converged", fit.hasConverged ? "true" : "false"))
}

/// The starts of `repeats` seeds from `seed` on.
private func seeds(_ request: LearnerRequest) -> String {
  let kMeans = KMeans(points: request.numbers("points"), features: request.integer("features"))
  let first = request.integer("seed")
  let starts = (first..<first + request.integer("repeats")).map { seed in
    var random = SplitMix64(seed: UInt64(seed))
    return list(kMeans.seeds(k: request.integer("k"), random: &random))
  }
  return object(("starts", "[" + starts.joined(separator: ",") + "]"))
}

/// The inertias of whole fits with `repeats` seeds from `seed` on.
private func fit(_ request: LearnerRequest) -> String {
  let kMeans = KMeans(points: request.numbers("points"), features: request.integer("features"))
  let first = request.integer("seed")
  let inertias = (first..<first + request.integer("repeats")).map { seed in
    var random = SplitMix64(seed: UInt64(seed))
    return kMeans.fit(k: request.integer("k"), restarts: request.integer("restarts"), random: &random).inertia
  }
  return object(("inertias", list(inertias)))
}

private func chooseK(_ request: LearnerRequest) -> String {
  let (points, features) = (request.numbers("points"), request.integer("features"))
  let kMeans = KMeans(points: points, features: features)
  var random = SplitMix64(seed: UInt64(request.integer("seed")))
  let (_, choice) = kMeans.fitChoosingK(
    points: points, features: features, generation: 1, present: nil, restarts: Trainer.restarts, random: &random)
  return object(
    ("chosen", "\(choice.chosen)"), ("best", choice.best.map { "\($0)" } ?? "null"),
    ("elbow", choice.elbow.map { "\($0)" } ?? "null"), ("inertias", list(choice.candidates.map(\.inertia))),
    ("silhouettes", "[" + choice.candidates.map { number($0.silhouette) }.joined(separator: ",") + "]"))
}

// MARK: Measures

private func quality(_ request: LearnerRequest) -> String {
  guard
    let quality = ClusterQuality(
      points: request.numbers("points"), features: request.integer("features"), labels: request.integers("labels"))
  else { return object(("silhouettes", "null")) }
  return object(
    ("silhouettes", list(quality.silhouettes)), ("silhouette", number(quality.silhouette)),
    ("simplified_silhouettes", list(quality.simplifiedSilhouettes)),
    ("simplified_silhouette", number(quality.simplifiedSilhouette)),
    ("calinski_harabasz", number(quality.calinskiHarabasz)), ("davies_bouldin", number(quality.daviesBouldin)))
}

private func cuts(_ request: LearnerRequest) -> String {
  var histogram = Histogram()
  for value in request.integers("values") { histogram.add(Int64(value)) }
  return object(("cuts", list(request.numbers("quantiles").map { Int(histogram.cut($0)) })))
}

// MARK: Texts

/// A JSON object of members that are JSON already.
func object(_ members: (String, String)...) -> String {
  "{" + members.map { "\"\($0)\":\($1)" }.joined(separator: ",") + "}"
}

/// A number; what JSON has no number for is null.
func number(_ value: Double?) -> String { value.map { $0.isFinite ? "\($0)" : "null" } ?? "null" }

/// A list of numbers.
func list(_ values: [Double]) -> String { "[" + values.map { number($0) }.joined(separator: ",") + "]" }

/// A list of integers.
func list(_ values: [Int]) -> String { "[" + values.map { "\($0)" }.joined(separator: ",") + "]" }

/// All of stdin.
func readAll() -> [UInt8] {
  var bytes: [UInt8] = []
  var piece = [UInt8](repeating: 0, count: 1 << 16)
  while true {
    let count = read(0, &piece, piece.count)
    if count <= 0 { return bytes }
    bytes += piece[..<count]
  }
}
