/// The number of clusters, and the indices that speak for it.
public struct ClusterCountChoice: Equatable, Sendable {
  /// A number of clusters that was tried with k-means.
  public struct Candidate: Equatable, Sendable {
    /// The number of clusters.
    public let k: Int
    /// Σ of squared distances to the nearest centroid.
    public let inertia: Double
    /// The mean silhouette, −1 to 1; `nil` where a cluster is empty.
    public let silhouette: Double?
    /// Caliński and Harabasz' ratio, 0 and up.
    public let calinskiHarabasz: Double?
    /// Davies and Bouldin's measure, 0 and up, less is better.
    public let daviesBouldin: Double?

    /// A number that was tried, with what came out.
    package init(
      k: Int, inertia: Double, silhouette: Double?, calinskiHarabasz: Double?, daviesBouldin: Double?
    ) {
      self.k = k
      self.inertia = inertia
      self.silhouette = silhouette
      self.calinskiHarabasz = calinskiHarabasz
      self.daviesBouldin = daviesBouldin
    }
  }

  /// An index and the number of clusters that it speaks for.
  public struct Vote: Equatable, Sendable {
    /// The index.
    public let index: String
    /// The number of clusters where it is best; `nil` where it has no answer.
    public let k: Int?
  }

  /// What was tried, by ascending k; empty where there are too few different rows.
  public let candidates: [Candidate]
  /// What each index speaks for: elbow, silhouette, Calinski-Harabasz, Davies-Bouldin.
  public let votes: [Vote]
  /// What was chosen.
  public let k: Int
  /// Why, in a sentence or two.
  public let reason: String
}
