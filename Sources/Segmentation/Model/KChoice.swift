import Glibc

/// The number of clusters that a fit with `k: auto` chose, and what it weighed.
///
/// The greatest simplified silhouette decides; the elbow of the inertia decides where its silhouette is nearly as
/// great. A number that is in use stays unless the other's silhouette is greater by a margin.
public struct KChoice: Sendable, Equatable {
  /// A number of clusters that was tried.
  public struct Candidate: Sendable, Equatable {
    /// The number of clusters.
    public var k: Int
    /// Σ of squared distances to the nearest centroid.
    public var inertia: Double
    /// The mean simplified silhouette, −1 to 1; `nil` where a cluster was left without customers.
    public var silhouette: Double?

    /// Makes one.
    package init(k: Int, inertia: Double, silhouette: Double?) {
      self.k = k
      self.inertia = inertia
      self.silhouette = silhouette
    }
  }

  /// The numbers that are tried.
  static let tried = 2...10
  /// Restarts of each of them: fewer than of a fit, since neighbours are told apart by more than what is left then.
  static let restarts = 4
  /// A silhouette that is less than the greatest by no more than this is as good.
  static let tieTolerance = 0.01
  /// A number other than the one in use must have a silhouette that is greater by this.
  static let changeMargin = 0.03
  /// An inertia below this share of that of one cluster counts as it: its logarithm says nothing.
  private static let inertiaShareMin = 1e-12

  /// The generation that was fitted.
  public var generation: Int
  /// What was tried, by ascending k.
  public let candidates: [Candidate]
  /// The number in use before; `nil` at the first fit, and after one with a fixed number.
  public let present: Int?
  /// The number with the greatest silhouette, of equals the least; `nil` where none has one.
  public let best: Int?
  /// The number where the inertia bends most; `nil` with fewer than two candidates.
  public let elbow: Int?
  /// What was chosen.
  public let chosen: Int

  /// Decides among candidates of consecutive k from 2 on, of points with `features` coordinates; `whole` is the inertia
  /// of one cluster.
  package init(
    generation: Int, candidates: [Candidate], whole: Double, features: Int, present: Int?
  ) {
    precondition(candidates.first?.k == 2, "candidates begin with two clusters")
    self.generation = generation
    self.candidates = candidates
    self.present = present
    elbow = Self.elbow(candidates, whole: whole, features: features)
    func silhouette(_ k: Int?) -> Double? { candidates.first { $0.k == k }?.silhouette }
    var best: (k: Int, silhouette: Double)?
    for candidate in candidates {
      guard let silhouette = candidate.silhouette, silhouette > best?.silhouette ?? -.infinity else { continue }
      best = (candidate.k, silhouette)
    }
    self.best = best?.k
    guard let best else {
      // All customers are in fewer places than any candidate has clusters.
      chosen = 2
      return
    }
    var wanted = best
    if let elbow, let own = silhouette(elbow), own >= best.silhouette - Self.tieTolerance { wanted = (elbow, own) }
    let isBound = silhouette(present).map { wanted.silhouette < $0 + Self.changeMargin } ?? false
    chosen = isBound ? present ?? wanted.k : wanted.k
  }

  /// Where the logarithm of k^(2/features) · inertia has its largest second difference.
  ///
  /// The elbow is Thorndike's (1953, "Who belongs in the family?"); the factor is that of Krzanowski and Lai (1988, "A
  /// criterion for determining the number of groups", section 2): inertia falls by it where there are no groups.
  private static func elbow(_ candidates: [Candidate], whole: Double, features: Int) -> Int? {
    let inertias = [whole] + candidates.map(\.inertia)
    let floor = max(whole * inertiaShareMin, .leastNormalMagnitude)
    let heights = inertias.enumerated().map { index, inertia in
      log(max(inertia, floor)) + 2 / Double(features) * log(Double(index + 1))
    }
    var sharpest: (k: Int, bend: Double)?
    for index in 1..<max(1, heights.count - 1) {
      let bend = heights[index - 1] - 2 * heights[index] + heights[index + 1]
      if bend > sharpest?.bend ?? -.infinity { sharpest = (index + 1, bend) }
    }
    return sharpest?.k
  }
}

extension KMeans {
  /// Fits 2 to 10 clusters to the points, with few restarts, and then the number that is chosen with `restarts`;
  /// `present` is the one in use. There are at most half as many clusters as points.
  ///
  /// `points` are those that it was made of.
  package func fitChoosingK(
    points: [Double], features: Int, generation: Int, present: Int?, restarts: Int, random: inout SplitMix64
  ) -> (fit: Fit, choice: KChoice) {
    let most = max(KChoice.tried.lowerBound, min(KChoice.tried.upperBound, points.count / features / 2))
    let whole = lloyd(from: Array(points[..<features])).inertia
    var candidates: [KChoice.Candidate] = []
    for k in KChoice.tried.lowerBound...most {
      let fit = self.fit(k: k, restarts: KChoice.restarts, random: &random)
      let labels = clusters()
      let isWhole = Set(labels).count == k
      let quality = isWhole ? ClusterQuality(points: points, features: features, labels: labels) : nil
      candidates.append(
        KChoice.Candidate(k: k, inertia: fit.inertia, silhouette: quality?.simplifiedSilhouette))
    }
    let choice = KChoice(
      generation: generation, candidates: candidates, whole: whole, features: features, present: present)
    return (fit(k: choice.chosen, restarts: restarts, random: &random), choice)
  }
}
