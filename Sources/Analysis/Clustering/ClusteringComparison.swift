/// Clusterings of the same rows by several algorithms, side by side, and the one that is taken.
///
/// Clusters are numbered from 0 by falling size (of equals the one whose first row comes first); −1 is noise.
public struct ClusteringComparison: Sendable {
  /// What one algorithm made of the rows.
  public struct Outcome: Sendable {
    /// How it was made.
    public let algorithm: ClusteringAlgorithm
    /// The cluster of each row, 0 and up; −1 is noise.
    public let labels: [Int]
    /// How many clusters there are; noise is none.
    public let k: Int
    /// The rows of each cluster.
    public let sizes: [Int]
    /// The share of rows that are noise, 0 to 1.
    public let noiseShare: Double
    /// The mean silhouette, −1 to 1, without noise; `nil` with fewer than 2 clusters, or each row its own.
    public let silhouette: Double?
    /// Caliński and Harabasz' ratio, 0 and up, without noise; `nil` where there is no silhouette.
    public let calinskiHarabasz: Double?
    /// Davies and Bouldin's measure, 0 and up, less is better, without noise; `nil` where there is no silhouette.
    public let daviesBouldin: Double?
    /// The mean Jaccard coefficient of each cluster with the most similar of each resample, 0 to 1; below 0.6 a cluster
    /// is not to be trusted, from 0.75 on it is stable (Hennig 2007, "Cluster-wise assessment of cluster stability").
    /// Empty without resamples.
    public let stability: [Double]
    /// Whether it came to an end by itself.
    public let hasConverged: Bool
    /// How long the clustering took, without indices and resamples. It is no part of a report that must repeat.
    public let seconds: Double
    /// What there is to know: samples, a radius that was chosen, an end that was not reached.
    public let notes: [String]

    /// The mean of the stability, each cluster weighed by its rows; `nil` without resamples or clusters.
    public var meanStability: Double? {
      let rows = sizes.reduce(0, +)
      guard rows > 0, stability.count == sizes.count else { return nil }
      return zip(stability, sizes).reduce(0) { $0 + $1.0 * Double($1.1) } / Double(rows)
    }
  }

  /// The column names of what was clustered.
  public let columns: [String]
  /// One an algorithm, in the order asked for.
  public let outcomes: [Outcome]
  /// How the number of clusters was found.
  public let choice: ClusterCountChoice
  /// The adjusted Rand index of each two outcomes, in their order; noise counts as a cluster.
  public let agreement: [[Double]]
  /// Which of the outcomes is taken.
  public let chosenIndex: Int
  /// Why it is taken, in a sentence or two.
  public let reason: String
  /// The mean row of each cluster that is taken, in the columns' scale.
  public let centroids: [[Double]]
  /// Ward's tree, of a sample of the rows where there are many; `nil` where it was not asked for.
  package let wardTree: MergeTree?
  /// What holds for the whole comparison.
  public let notes: [String]

  /// The outcome that is taken.
  public var chosen: Outcome { outcomes[chosenIndex] }
  /// The cluster of each row that is taken, 0 and up; −1 is noise.
  public var labels: [Int] { chosen.labels }
  /// How many clusters are taken.
  public var k: Int { chosen.k }
}
