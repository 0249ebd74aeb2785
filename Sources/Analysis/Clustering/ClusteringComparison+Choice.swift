extension ClusteringComparison {
  /// A clustering with more noise leaves too many customers without a segment.
  static let noiseShareMax = 0.2
  /// A cluster with a smaller share of the rows is an outlier rather than a segment.
  static let sizeShareMin = 0.01
  /// Clusters that come back less well in resamples are not to be trusted (Hennig 2007).
  static let stabilityMin = 0.6
  /// Another algorithm must be better than k-means by so much: k-means has a centroid for new customers.
  static let silhouetteMargin = 0.02

  /// Which outcome is taken, and why.
  static func chosen(_ outcomes: [Outcome], options: ClusteringOptions) -> (index: Int, reason: String) {
    if let algorithm = options.algorithm, let index = outcomes.firstIndex(where: { $0.algorithm == algorithm }) {
      return (index, "\(algorithm.rawValue) was asked for.".capitalizedFirst)
    }
    let flaws = outcomes.map { flaw($0, options: options) }
    let fit = outcomes.indices.filter { flaws[$0] == nil }
    let passed = outcomes.indices.compactMap { index in
      flaws[index].map { "\(outcomes[index].algorithm.rawValue) (\($0))" }
    }
    let others = passed.isEmpty ? "" : " Passed over: \(listed(passed))."
    let kMeans = outcomes.firstIndex { $0.algorithm == .kMeans }
    guard var best = fit.first else {
      let index = kMeans ?? outcomes.firstIndex { $0.algorithm.takesK } ?? 0
      let name = outcomes[index].algorithm.rawValue.capitalizedFirst
      return (index, "\(name) is taken for want of a better one.\(others)")
    }
    for index in fit where score(outcomes[index]) > score(outcomes[best]) { best = index }
    if let kMeans, fit.contains(kMeans), score(outcomes[kMeans]) + silhouetteMargin >= score(outcomes[best]) {
      let own = NumberText.fixed(score(outcomes[kMeans]), 3)
      let rival = outcomes[best].algorithm.rawValue
      let text =
        best == kMeans
        ? "k-means has the greatest silhouette, \(own)."
        : "k-means is taken: \(rival) has a silhouette of \(NumberText.fixed(score(outcomes[best]), 3)), which is not "
          + "better than its \(own) by \(NumberText.fixed(silhouetteMargin, 2)), and its centroids place new customers."
      return (kMeans, text.capitalizedFirst + others)
    }
    let name = outcomes[best].algorithm.rawValue.capitalizedFirst
    return (best, "\(name) has the greatest silhouette, \(NumberText.fixed(score(outcomes[best]), 3)).\(others)")
  }

  /// The silhouette with noise counted as 0.
  private static func score(_ outcome: Outcome) -> Double { (outcome.silhouette ?? -1) * (1 - outcome.noiseShare) }

  /// Why an outcome cannot be taken; `nil` if it can.
  private static func flaw(_ outcome: Outcome, options: ClusteringOptions) -> String? {
    if !outcome.hasConverged { return "it did not converge" }
    if outcome.k < 2 { return outcome.k == 0 ? "all is noise" : "one cluster" }
    if let k = options.k, outcome.k != k { return "\(NumberText.count(outcome.k)) clusters are not the \(k) asked for" }
    if options.k == nil, outcome.k > options.kMax {
      return "\(NumberText.count(outcome.k)) clusters are more than \(options.kMax)"
    }
    if outcome.noiseShare > noiseShareMax { return "\(NumberText.percent(outcome.noiseShare)) noise" }
    guard outcome.silhouette != nil, let least = outcome.sizes.last else { return "each row is a cluster" }
    if Double(least) < sizeShareMin * Double(outcome.labels.count) {
      return "its smallest cluster has \(least == 1 ? "1 row" : "\(NumberText.count(least)) rows")"
    }
    if let stability = outcome.meanStability, stability < stabilityMin {
      return "a stability of \(NumberText.fixed(stability, 2))"
    }
    return nil
  }

  /// What holds for all of it.
  static func notes(_ count: Int, options: ClusteringOptions) -> [String] {
    var notes: [String] = []
    if count > ClusteringRun.pairRowsMax {
      notes.append(
        "Silhouettes, and the number of clusters, come from \(NumberText.count(ClusteringRun.pairRowsMax)) random rows "
          + "of \(NumberText.count(count)); Calinski-Harabasz and Davies-Bouldin of the algorithms from all.")
    }
    if count > agreementRowsMax {
      notes.append("Agreement comes from \(NumberText.count(agreementRowsMax)) random rows.")
    }
    if options.resamples > 0 {
      let sizes = options.algorithms.map { ClusterStability.rows($0, of: count) }
      let least = sizes.min() ?? 0
      let most = sizes.max() ?? 0
      notes.append(
        "Stability comes from \(options.resamples) bootstrap resamples of "
          + (least == most ? NumberText.count(most) : "\(NumberText.count(least)) to \(NumberText.count(most))")
          + " rows.")
    }
    return notes
  }
}

extension String {
  /// The same with a great first letter, but for names that begin with a small one and a dash: k-means stays.
  fileprivate var capitalizedFirst: String {
    hasPrefix("k-means") ? self : prefix(1).uppercased() + dropFirst()
  }
}
