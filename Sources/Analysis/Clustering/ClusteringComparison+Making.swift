import Foundation
import Segmentation

extension ClusteringComparison {
  /// A number of clusters above it is no summary, and seeding takes time in proportion to it.
  static let kMost = 1_000
  /// Values beyond it overflow when they are squared and added up.
  static let magnitudeMax = 1e100
  /// Rows on which clusterings are compared with each other.
  static let agreementRowsMax = 100_000

  /// Clusters the rows of a matrix, scaled as they should count, with every algorithm asked for, and takes one.
  ///
  /// The same matrix and options give the same comparison but for its times. `progress` is told what is going on.
  /// Throws where options make no sense, there are fewer than two different rows, no columns, numbers that are not
  /// finite or beyond 1e100, or more clusters asked for than there are different rows.
  public init(
    comparing matrix: FeatureMatrix, options: ClusteringOptions = ClusteringOptions(),
    progress: (String) -> Void = { _ in }
  ) throws(AnalysisError) {
    if let problem = options.problem { throw AnalysisError(.usage, problem) }
    let (points, distinct) = try Self.points(matrix, options: options)
    var random = SplitMix64(seed: options.seed)
    let needsNearest = options.algorithms.contains { $0.linkage != nil }
    let sample = ClusteringRun.Sample(of: points, random: &random, findsNearest: needsNearest)
    progress("choosing the number of clusters")
    let choice =
      options.k.map { ClusterCountChoice(given: $0) }
      ?? ClusterCountChoice(
        sample.points, distinct: sample.points.distinctCount(most: min(distinct, options.kMax + 1)),
        most: options.kMax, seed: Self.seed(options, 1))
    progress("clustering \(NumberText.count(points.count)) rows in \(options.algorithms.count) ways")
    let runs = Self.runs(points, k: choice.k, options: options, sample: sample)
    if options.resamples > 0 { progress("clustering \(options.resamples) resamples in each way") }
    let stability = Self.stability(points, runs: runs, k: choice.k, options: options)
    let outcomes = zip(runs, stability).map { Outcome($0.0, stability: $0.1) }
    let (index, reason) = Self.chosen(outcomes, options: options)
    self.init(
      columns: matrix.names, outcomes: outcomes, choice: choice, agreement: Self.agreement(outcomes, options: options),
      chosenIndex: index, reason: reason, centroids: Self.means(points, outcomes[index]),
      wardTree: runs.first { $0.algorithm == .ward }?.run.tree,
      notes: Self.notes(points.count, options: options))
  }

  /// The rows, where they can be clustered, and how many of them differ, counted up to what is needed.
  private static func points(
    _ matrix: FeatureMatrix, options: ClusteringOptions
  ) throws(AnalysisError) -> (Points, distinct: Int) {
    if matrix.names.isEmpty {
      throw AnalysisError(.unusableInput, "there is no numeric column to cluster by; type or choose one")
    }
    for (index, value) in matrix.values.enumerated() where !(value.magnitude <= magnitudeMax) {
      let (row, column) = (index / matrix.columnCount + 1, matrix.names[index % matrix.columnCount])
      throw AnalysisError(
        .unusableInput, "`\(value)` in row \(row) of `\(column)` cannot be clustered; clean or scale the column")
    }
    if matrix.rowCount < 2 {
      throw AnalysisError(
        .unusableInput, "\(matrix.rowCount == 0 ? "no row is" : "one row is not") enough to cluster; give two or more")
    }
    let points = Points(values: matrix.values, features: matrix.columnCount)
    let distinct = points.distinctCount(most: max(options.k ?? 0, options.kMax + 1))
    if distinct < 2 {
      throw AnalysisError(
        .unusableInput,
        "all \(NumberText.count(points.count)) rows are equal in the columns chosen: there is nothing to part")
    }
    if let k = options.k, k > distinct {
      throw AnalysisError(
        .unusableInput,
        "k is `\(k)`, but there are only \(NumberText.count(distinct)) different rows; ask for fewer clusters")
    }
    if let k = options.k, k > kMost {
      throw AnalysisError(.usage, "k is `\(k)`; at most \(NumberText.count(kMost)) clusters are possible")
    }
    return (points, distinct)
  }

  // MARK: Running

  /// An algorithm's run with what is measured of it.
  struct Measured: Sendable {
    /// Which algorithm.
    let algorithm: ClusteringAlgorithm
    /// What came out, with labels that are numbered by size.
    let run: ClusteringRun
    /// The rows of each cluster.
    let sizes: [Int]
    /// How good it is.
    let indices: ClusterIndices
    /// How long it took.
    let seconds: Double
  }

  /// A seed for one purpose.
  private static func seed(_ options: ClusteringOptions, _ purpose: Int) -> UInt64 {
    options.seed &* 0x2545_f491_4f6c_dd1d &+ UInt64(truncatingIfNeeded: purpose) &* 0x9e6c_63d0_876a_68e3
  }

  private static func plan(_ algorithm: ClusteringAlgorithm, k: Int, options: ClusteringOptions) -> ClusteringRun.Plan {
    ClusteringRun.Plan(algorithm: algorithm, k: k, eps: options.eps, minPoints: options.minPoints)
  }

  /// The place of an algorithm among all of them: its random numbers do not depend on what it is compared with.
  private static func number(_ algorithm: ClusteringAlgorithm) -> Int {
    ClusteringAlgorithm.allCases.firstIndex(of: algorithm) ?? 0
  }

  private static func runs(
    _ points: Points, k: Int, options: ClusteringOptions, sample: ClusteringRun.Sample
  ) -> [Measured] {
    // What takes longest begins first: those named last.
    let order = options.algorithms.indices.sorted {
      number(options.algorithms[$0]) > number(options.algorithms[$1])
    }
    let runs = concurrentMap(order.count) { place in
      let algorithm = options.algorithms[order[place]]
      let start = DispatchTime.now().uptimeNanoseconds
      var run = ClusteringRun(
        plan(algorithm, k: k, options: options), on: points, seed: seed(options, 100 + number(algorithm)),
        sample: sample)
      let seconds = Double(DispatchTime.now().uptimeNanoseconds - start) / 1e9
      let (labels, sizes) = numberedBySize(run.labels)
      run.labels = labels
      if algorithm.takesK && sizes.count < k {
        run.notes.append("\(k) clusters were asked for; only \(sizes.count) have rows")
      }
      return Measured(
        algorithm: algorithm, run: run, sizes: sizes,
        indices: ClusterIndices(points, labels: labels, sample: sample.rows), seconds: seconds)
    }
    return options.algorithms.map { algorithm in
      runs.first { $0.algorithm == algorithm } ?? runs[0]
    }
  }

  /// The stability of each run's clusters, in the order of runs.
  private static func stability(
    _ points: Points, runs: [Measured], k: Int, options: ClusteringOptions
  ) -> [[Double]] {
    let resamples = options.resamples
    // What takes longest begins first: those named last.
    let all = concurrentMap(runs.count * resamples) { place in
      let measured = runs[runs.count - 1 - place / resamples]
      let judged = ClusterStability(
        plan: plan(measured.algorithm, k: k, options: options), labels: measured.run.labels, k: measured.sizes.count)
      return judged.coefficients(
        points, seed: seed(options, 1_000 + 100 * number(measured.algorithm) + place % resamples))
    }
    return runs.indices.map { index in
      let first = (runs.count - 1 - index) * resamples
      return resamples == 0
        ? [] : ClusterStability.mean(Array(all[first..<first + resamples]), k: runs[index].sizes.count)
    }
  }

  private static func agreement(_ outcomes: [Outcome], options: ClusteringOptions) -> [[Double]] {
    let count = outcomes.first?.labels.count ?? 0
    var random = SplitMix64(seed: seed(options, 2))
    let rows = Points.sample(agreementRowsMax, of: count, random: &random)
    let labels = outcomes.map { outcome in rows.map { outcome.labels[$0] } }
    let size = labels.count
    let cells = concurrentMap(size * size) { place in
      place / size < place % size ? adjustedRandIndex(labels[place / size], labels[place % size]) : 1
    }
    return (0..<size).map { row in
      (0..<size).map { column in cells[min(row, column) * size + max(row, column)] }
    }
  }

  private static func means(_ points: Points, _ outcome: Outcome) -> [[Double]] {
    var sums = [[Double]](repeating: [Double](repeating: 0, count: points.features), count: outcome.k)
    for (row, label) in outcome.labels.enumerated() where label >= 0 {
      for feature in 0..<points.features { sums[label][feature] += points.values[row * points.features + feature] }
    }
    return zip(sums, outcome.sizes).map { sum, size in sum.map { $0 / Double(size) } }
  }
}

extension ClusteringComparison.Outcome {
  fileprivate init(_ measured: ClusteringComparison.Measured, stability: [Double]) {
    let count = measured.run.labels.count
    self.init(
      algorithm: measured.algorithm, labels: measured.run.labels, k: measured.sizes.count, sizes: measured.sizes,
      noiseShare: Double(count - measured.sizes.reduce(0, +)) / Double(max(1, count)),
      silhouette: measured.indices.silhouette, calinskiHarabasz: measured.indices.calinskiHarabasz,
      daviesBouldin: measured.indices.daviesBouldin, stability: stability,
      hasConverged: measured.run.hasConverged, seconds: measured.seconds, notes: measured.run.notes)
  }
}
