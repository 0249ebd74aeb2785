/// What can be said about a comparison of clusterings; all of it has a default.
public struct ClusteringOptions: Equatable, Sendable {
  /// The number of clusters, 1 to as many as there are different rows; `nil`: the indices choose it.
  public var k: Int?
  /// The greatest number of clusters that is tried where the indices choose, 2 and up.
  public var kMax = 10
  /// What is compared, each once, in this order; at least one.
  public var algorithms = ClusteringAlgorithm.allCases
  /// Whose labels are taken; `nil`: the comparison decides.
  public var algorithm: ClusteringAlgorithm?
  /// The radius of DBSCAN's neighbourhoods, above 0; `nil`: the knee of the k-distance curve.
  public var eps: Double?
  /// How many rows, itself among them, a row of DBSCAN needs within the radius to be a core; `nil`: twice the columns,
  /// at least 5, but at most a tenth of the rows.
  public var minPoints: Int?
  /// How many bootstrap resamples tell the stability, 0 to 20.
  public var resamples = 20
  /// The seed of every random choice.
  public var seed: UInt64 = 1

  /// The default options.
  public init() {}

  /// The most resamples: after them a mean Jaccard coefficient hardly moves, and each costs a whole clustering.
  public static let resamplesMax = 20

  /// What is wrong, in words; `nil` when the options can be used.
  public var problem: String? {
    if let k, k < 1 { return "k is `\(k)`; it must be 1 or more" }
    if kMax < 2 { return "the greatest k is `\(kMax)`; it must be 2 or more" }
    if kMax > Self.kMaxMost { return "the greatest k is `\(kMax)`; it must be at most \(Self.kMaxMost)" }
    if algorithms.isEmpty { return "no algorithm is to be compared; name one" }
    if Set(algorithms).count != algorithms.count { return "an algorithm is named twice" }
    if let algorithm, !algorithms.contains(algorithm) {
      return "`\(algorithm.rawValue)` is to be taken but not among those compared"
    }
    if let eps, !(eps > 0 && eps.isFinite) { return "eps is `\(eps)`; it must be above 0" }
    if let minPoints, minPoints < 1 { return "the least number of neighbours is `\(minPoints)`; it must be 1 or more" }
    if !(0...Self.resamplesMax).contains(resamples) {
      return "there are `\(resamples)` resamples; 0 to \(Self.resamplesMax) are possible"
    }
    return nil
  }

  /// Nobody reads a curve of more numbers of clusters, and each is a fit.
  static let kMaxMost = 50
}
