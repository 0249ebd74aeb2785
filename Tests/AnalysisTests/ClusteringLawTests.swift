import Analysis
import Segmentation
import Testing

/// Laws of the algorithms, on groups of points that are drawn by a seed.
struct ClusteringLawTests {
  /// Groups of `size` points each about corners of a square of side 10, each coordinate within 1 of its corner.
  private static func groups(_ count: Int, size: Int, features: Int = 2, seed: UInt64 = 1) -> [[Double]] {
    var random = SplitMix64(seed: seed)
    return (0..<count * size).map { row in
      (0..<features).map { feature in
        10 * Double((row % count) >> (feature % 2) & 1) + 2 * random.uniform() - 1
      }
    }
  }

  private static func points(_ rows: [[Double]]) -> Points {
    Points(values: rows.flatMap { $0 }, features: rows[0].count)
  }

  private static func matrix(_ rows: [[Double]]) -> FeatureMatrix {
    FeatureMatrix(names: rows[0].indices.map { "c\($0)" }, values: rows.flatMap { $0 })
  }

  private static func options(k: Int? = nil, resamples: Int = 3) -> ClusteringOptions {
    var options = ClusteringOptions()
    options.k = k
    options.resamples = resamples
    return options
  }

  @Test("Rows in another order are parted in the same way by every algorithm", arguments: ClusteringAlgorithm.allCases)
  func permutation(algorithm: ClusteringAlgorithm) throws {
    let rows = Self.groups(4, size: 30)
    let order = rows.indices.sorted { ($0 * 37 % rows.count, $0) < ($1 * 37 % rows.count, $1) }
    var options = Self.options(k: 4, resamples: 0)
    options.algorithms = [algorithm]
    let one = try ClusteringComparison(comparing: Self.matrix(rows), options: options).labels
    let other = try ClusteringComparison(comparing: Self.matrix(order.map { rows[$0] }), options: options).labels
    #expect(adjustedRandIndex(order.map { one[$0] }, other) == 1)
  }

  @Test("Lloyd's iterations give the same bits however the blocks are run")
  func blockOrder() {
    let rows = Self.groups(4, size: 2_200, features: 3)
    let (points, start) = (Self.points(rows), Array(rows[0...4].joined()))
    let threaded = points.lloyd(from: start)
    let backwards = KMeans.lloyd(points: points.values, features: 3, from: start) { count, body in
      for block in (0..<count).reversed() { body(block) }
    }
    #expect(threaded.fit.centroids == backwards.fit.centroids && threaded.labels == backwards.labels)
  }

  @Test("Lloyd's iterations in blocks end where those on columns do")
  func blocksAndColumns() {
    let rows = Self.groups(4, size: 700, features: 5)
    let (points, start) = (Self.points(rows), Array(rows[0...3].joined()))
    let kMeans = KMeans(points: points.values, features: 5)
    _ = kMeans.lloyd(from: start)
    #expect(points.lloyd(from: start).labels.map(Int.init) == kMeans.clusters())
  }

  @Test("Every row twice merges with its copy first, at height 0", arguments: Linkage.allCases)
  func duplicates(linkage: Linkage) {
    let rows = Self.groups(3, size: 20)
    let tree = MergeTree(points: Self.points(rows + rows), linkage: linkage)
    #expect(tree.merges.prefix(rows.count).allSatisfy { $0.height == 0 && $0.second - $0.first == rows.count })
  }

  @Test("A tree is cut into any number of clusters", arguments: Linkage.allCases)
  func cuts(linkage: Linkage) {
    let rows = Self.groups(3, size: 9)
    let tree = MergeTree(points: Self.points(rows), linkage: linkage)
    #expect((1...rows.count).allSatisfy { Set(tree.labels(k: $0)).count == $0 })
  }

  @Test("Heights never fall", arguments: Linkage.allCases)
  func monotone(linkage: Linkage) {
    let heights = MergeTree(points: Self.points(Self.groups(4, size: 25)), linkage: linkage).merges.map(\.height)
    #expect(heights == heights.sorted())
  }

  @Test("A row of one cluster is a core exactly where enough rows are near it")
  func cores() {
    let points = Points(values: [0, 1, 2, 3, 10], features: 1)
    let clustering = DensityClustering(points, eps: 1, minPoints: 3)
    #expect(clustering.isCore == [false, true, true, false, false] && clustering.labels == [0, 0, 0, 0, -1])
  }

  @Test("A row between two dense clusters belongs to the one that begins first")
  func border() {
    let points = Points(values: [6.2, 6.1, 6, 5, 3, 1, 0, -0.1, -0.2], features: 1)
    let clustering = DensityClustering(points, eps: 2, minPoints: 4)
    #expect(clustering.labels == [0, 0, 0, 0, 0, 1, 1, 1, 1])
  }

  @Test("With more neighbours asked for than there are rows all is noise")
  func noCores() {
    #expect(DensityClustering(Points(values: [1, 1, 1], features: 1), eps: 1, minPoints: 4).labels == [-1, -1, -1])
  }

  @Test("The knee of a curve that is level but for its end is where it begins to rise")
  func knee() {
    let curve = DistanceCurve(Points(values: [0, 1, 2, 3, 4, 5, 6, 7, 8, 30], features: 1), neighbours: 2)
    #expect(curve.knee == 8 && curve.eps > 1 && curve.eps < 22)
  }

  @Test("Two rows elect one exemplar or themselves, and one row itself")
  func fewRows() {
    let one = AffinityPropagation(Points(values: [1], features: 1), seed: 1)
    let two = AffinityPropagation(Points(values: [1, 2], features: 1), seed: 1)
    #expect(one.labels == [0] && two.labels.allSatisfy { (0...1).contains($0) } && two.exemplars.count <= 2)
  }

  @Test("Equal rows elect one exemplar")
  func equalRows() {
    let clustering = AffinityPropagation(Points(values: [3, 3, 3, 3], features: 1), preference: -1, seed: 1)
    #expect(clustering.labels == [0, 0, 0, 0])
  }

  @Test("Mini-batches of far groups end in their means")
  func miniBatches() {
    var random = SplitMix64(seed: 3)
    let rows = Self.groups(4, size: 500)
    let fit = MiniBatchKMeans(Self.points(rows), k: 4, random: &random)
    #expect(adjustedRandIndex(fit.labels, rows.indices.map { $0 % 4 }) == 1)
  }

  @Test("Beyond the bound of what is in proportion to n², rows go with the nearest that were drawn, and it is said")
  func sample() throws {
    var options = Self.options(k: 4, resamples: 0)
    options.algorithms = [.single]
    let rows = Self.groups(4, size: 1_300)
    let outcome = try ClusteringComparison(comparing: Self.matrix(rows), options: options).chosen
    let agreement = adjustedRandIndex(outcome.labels, rows.indices.map { $0 % 4 })
    #expect(agreement == 1 && outcome.notes.contains { $0.hasPrefix("made of 5,000 random rows") })
  }
}
