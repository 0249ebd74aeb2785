import Segmentation

extension ClusterCountChoice {
  /// k-means' fits from different starts, each number.
  static let restarts = 5

  /// A number that was asked for.
  init(given k: Int) {
    self.init(candidates: [], votes: [], k: k, reason: "k = \(k) was asked for.")
  }

  /// Tries 2 to `most` clusters on points, fewer than there are different rows; each index has a vote, and of numbers
  /// with equally many the one with the greatest silhouette is taken.
  init(_ points: Points, distinct: Int, most: Int, seed: UInt64) {
    let greatest = min(most, distinct - 1)
    guard greatest >= 2 else {
      self.init(
        candidates: [], votes: [], k: 1,
        reason: "k = 1: with \(distinct) different rows no index can compare numbers of clusters.")
      return
    }
    let all = Array(0..<points.count)
    let candidates = concurrentMap(greatest - 1) { place in
      // The greatest first, since it takes longest.
      let k = greatest - place
      var random = SplitMix64(seed: seed &+ UInt64(k))
      let kMeans = KMeans(points: points.values, features: points.features)
      let fit = kMeans.fit(k: k, restarts: Self.restarts, random: &random)
      let labels = kMeans.clusters()
      let isWhole = Set(labels).count == k
      let indices = isWhole ? ClusterIndices(points, labels: labels, sample: all) : nil
      return Candidate(
        k: k, inertia: fit.inertia, silhouette: indices?.silhouette, calinskiHarabasz: indices?.calinskiHarabasz,
        daviesBouldin: indices?.daviesBouldin)
    }
    let whole = KMeans(points: points.values, features: points.features)
      .lloyd(from: Array(points.values[..<points.features])).inertia
    self.init(candidates: candidates.reversed(), whole: whole, features: points.features)
  }

  /// Decides among candidates of consecutive k from 2 on; `whole` is the inertia of one cluster.
  package init(candidates: [Candidate], whole: Double, features: Int) {
    let known = KChoice(
      generation: 1,
      candidates: candidates.map { KChoice.Candidate(k: $0.k, inertia: $0.inertia, silhouette: $0.silhouette) },
      whole: whole, features: features, present: nil)
    let votes = [
      Vote(index: "elbow", k: known.elbow),
      Vote(index: "silhouette", k: known.best),
      Vote(index: "Calinski-Harabasz", k: Self.greatest(candidates) { $0.calinskiHarabasz }),
      Vote(index: "Davies-Bouldin", k: Self.greatest(candidates) { $0.daviesBouldin.map { -$0 } }),
    ]
    func count(_ k: Int) -> Int { votes.count { $0.k == k } }
    func silhouette(_ k: Int) -> Double { candidates.first { $0.k == k }?.silhouette ?? -1 }
    let named = Set(votes.compactMap(\.k)).sorted()
    let most = named.map(count).max() ?? 0
    let leading = named.filter { count($0) == most }
    var k = leading.first ?? 2
    for other in leading where silhouette(other) > silhouette(k) { k = other }
    let reason = Self.reason(k: k, votes: votes, leading: leading, silhouette: silhouette(k))
    self.init(candidates: candidates, votes: votes, k: k, reason: reason)
  }

  /// The k with the greatest value, of equals the least.
  private static func greatest(_ candidates: [Candidate], _ value: (Candidate) -> Double?) -> Int? {
    var best: (k: Int, value: Double)?
    for candidate in candidates {
      if let own = value(candidate), own > best?.value ?? -.infinity { best = (candidate.k, own) }
    }
    return best?.k
  }

  // MARK: Words

  private static func reason(k: Int, votes: [Vote], leading: [Int], silhouette: Double) -> String {
    let naming = votes.filter { $0.k == k }.map(\.index)
    let rest = Set(votes.compactMap(\.k)).subtracting([k]).sorted().map { other in
      "\(listed(votes.filter { $0.k == other }.map(\.index))) for \(other)"
    }
    var text = "k = \(k): \(listed(naming)) \(naming.count == 1 ? "speaks" : "speak") for it"
    text += rest.isEmpty ? "." : ", \(listed(rest))."
    if leading.count > 1 {
      text += " As many indices speak for \(listed(leading.map { "\($0)" })); of these"
      text += " \(k) has the greatest silhouette."
    }
    return text + " A mean silhouette of \(NumberText.fixed(silhouette, 2)) means \(strength(silhouette))."
  }

  /// What a mean silhouette says of the structure (Kaufman and Rousseeuw 1990, "Finding groups in data", table 4).
  private static func strength(_ silhouette: Double) -> String {
    switch silhouette {
    case 0.705...: "that the clusters are far apart"
    case 0.505...: "that the clusters are reasonably apart"
    case 0.255...: "that the clusters are weakly apart: customers lie between them, too"
    default: "that the rows hardly fall into clusters: the borders are drawn through a crowd"
    }
  }
}
