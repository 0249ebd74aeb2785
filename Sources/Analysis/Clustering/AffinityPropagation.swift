import Segmentation

/// Affinity propagation: rows send each other messages until some of them are the exemplars of all.
///
/// Frey and Dueck 2007, "Clustering by passing messages between data points". The similarity of two rows is minus their
/// squared distance, the preference for each row as an exemplar the median of all similarities. It takes three matrices
/// of n² numbers.
package struct AffinityPropagation: Sendable {
  /// The cluster of each row, by ascending exemplar; −1 for all where no exemplar was found.
  package let labels: [Int]
  /// The rows that stand for the clusters, ascending.
  package let exemplars: [Int]
  /// The iterations made.
  package let iterations: Int
  /// Whether the same exemplars stood for the last `stillIterations`.
  package let hasConverged: Bool

  /// The share of a message that is kept, against oscillation.
  static let damping = 0.5
  /// Iterations at most.
  package static let iterationsMax = 200
  /// It ends when the exemplars have been the same for so many iterations.
  static let stillIterations = 15

  /// Clusters points; `preference` is the similarity of a row with itself, without it the median of all. The seed
  /// breaks ties: similarities are moved by some 1e-16 of themselves.
  package init(_ points: Points, preference: Double? = nil, seed: UInt64) {
    let count = points.count
    var similarities = Self.similarities(points)
    let preference = preference ?? Self.median(similarities)
    if let labels = Self.allAlike(similarities, count: count, preference: preference) {
      self.labels = labels
      exemplars = Array(0...(labels.max() ?? 0))
      (iterations, hasConverged) = (0, true)
      return
    }
    for row in 0..<count { similarities[row * count + row] = preference }
    var random = SplitMix64(seed: seed)
    for index in similarities.indices {
      let amount = similarities[index] * .ulpOfOne + .leastNormalMagnitude * 100
      similarities[index] += amount * (2 * random.uniform() - 1)
    }
    var messages = AffinityMessages(count: count)
    var history = [Int](repeating: 0, count: count)
    var (made, isStill) = (0, false)
    while made < Self.iterationsMax && !isStill {
      messages.pass(similarities, damping: Self.damping)
      made += 1
      // Positive: for how many iterations a row has been an exemplar; negative: has been none.
      var found = 0
      for row in 0..<count {
        let isExemplar = messages.isExemplar(row)
        if isExemplar { found += 1 }
        history[row] = isExemplar ? max(0, history[row]) + 1 : min(0, history[row]) - 1
      }
      isStill = made > Self.stillIterations && found > 0 && history.allSatisfy { abs($0) >= Self.stillIterations }
    }
    let elected = (0..<count).filter { messages.isExemplar($0) }
    (iterations, hasConverged) = (made, isStill)
    (labels, exemplars) = Self.refined(elected, similarities: similarities, count: count)
  }

  // MARK: Similarities

  private static func similarities(_ points: Points) -> [Double] {
    let (count, features) = (points.count, points.features)
    var similarities = [Double](repeating: 0, count: count * count)
    points.values.withUnsafeBufferPointer { values in
      for row in 0..<count {
        for other in 0..<row {
          let squared = Points.squaredDistance(values, row &* features, values, other &* features, features)
          similarities[row &* count &+ other] = -squared
          similarities[other &* count &+ row] = -squared
        }
      }
    }
    return similarities
  }

  /// The median of a whole matrix, the diagonal among it.
  private static func median(_ similarities: [Double]) -> Double {
    let sorted = similarities.sorted()
    let middle = sorted.count / 2
    return sorted.count.isMultiple(of: 2) ? (sorted[middle - 1] + sorted[middle]) / 2 : sorted[middle]
  }

  /// Labels where messages cannot tell rows apart: all similarities of different rows are the same. Then each row is
  /// its own cluster if it is preferred to the others, else all are one.
  private static func allAlike(_ similarities: [Double], count: Int, preference: Double) -> [Int]? {
    if count < 2 { return [Int](repeating: 0, count: count) }
    let first = similarities[1]
    let areAlike = (0..<count).allSatisfy { row in
      (0..<row).allSatisfy { similarities[row * count + $0] == first }
    }
    guard areAlike else { return nil }
    return preference > first ? Array(0..<count) : [Int](repeating: 0, count: count)
  }

  // MARK: Exemplars

  /// Each row goes to its most similar exemplar; then the row that is most similar to the others of its cluster is its
  /// exemplar, and rows go again.
  private static func refined(
    _ elected: [Int], similarities: [Double], count: Int
  ) -> (labels: [Int], exemplars: [Int]) {
    if elected.isEmpty { return ([Int](repeating: -1, count: count), []) }
    func labels(_ exemplars: [Int]) -> [Int] {
      var labels = (0..<count).map { row in
        var best = 0
        for cluster in exemplars.indices
        where similarities[row * count + exemplars[cluster]] > similarities[row * count + exemplars[best]] {
          best = cluster
        }
        return best
      }
      for (cluster, exemplar) in exemplars.enumerated() { labels[exemplar] = cluster }
      return labels
    }
    var members = [[Int]](repeating: [], count: elected.count)
    for (row, cluster) in labels(elected).enumerated() { members[cluster].append(row) }
    let exemplars = members.map { rows in
      var best: (row: Int, sum: Double)?
      for candidate in rows {
        let sum = rows.reduce(0.0) { $0 + similarities[$1 * count + candidate] }
        if sum > best?.sum ?? -.infinity { best = (candidate, sum) }
      }
      return best?.row ?? 0
    }.sorted()
    return (labels(exemplars), exemplars)
  }
}

/// The messages of all rows to all: responsibilities and availabilities, row by row.
private struct AffinityMessages {
  private let count: Int
  private var responsibilities: [Double]
  private var availabilities: [Double]
  /// What each column's positive responsibilities add up to, the diagonal's whatever its sign.
  private var support: [Double]

  init(count: Int) {
    self.count = count
    responsibilities = [Double](repeating: 0, count: count * count)
    availabilities = [Double](repeating: 0, count: count * count)
    support = [Double](repeating: 0, count: count)
  }

  /// Whether a row speaks for itself.
  func isExemplar(_ row: Int) -> Bool {
    availabilities[row * count + row] + responsibilities[row * count + row] > 0
  }

  /// One iteration: all responsibilities, then all availabilities.
  mutating func pass(_ similarities: [Double], damping: Double) {
    let count = count
    responsibilities.withUnsafeMutableBufferPointer { responsibilities in
      availabilities.withUnsafeMutableBufferPointer { availabilities in
        support.withUnsafeMutableBufferPointer { support in
          similarities.withUnsafeBufferPointer { similarities in
            support.update(repeating: 0)
            for row in 0..<count {
              let place = row * count
              let own = UnsafeMutableBufferPointer(rebasing: responsibilities[place..<place + count])
              let available = UnsafeMutableBufferPointer(rebasing: availabilities[place..<place + count])
              let similar = UnsafeBufferPointer(rebasing: similarities[place..<place + count])
              Self.respond(own, available, similar, row: row, damping: damping, support: support)
            }
            for row in 0..<count {
              let place = row * count
              let own = UnsafeMutableBufferPointer(rebasing: responsibilities[place..<place + count])
              let available = UnsafeMutableBufferPointer(rebasing: availabilities[place..<place + count])
              Self.offer(available, own, row: row, damping: damping, support: support)
            }
          }
        }
      }
    }
  }

  /// A row's responsibilities: the similarity less the best of the other candidates' similarity and availability.
  private static func respond(
    _ own: UnsafeMutableBufferPointer<Double>, _ available: UnsafeMutableBufferPointer<Double>,
    _ similar: UnsafeBufferPointer<Double>, row: Int, damping: Double, support: UnsafeMutableBufferPointer<Double>
  ) {
    var (best, first, second) = (0, -Double.infinity, -Double.infinity)
    for column in own.indices {
      let value = available[column] + similar[column]
      if value > second {
        if value > first {
          (second, first, best) = (first, value, column)
        } else {
          second = value
        }
      }
    }
    let bestBefore = own[best]
    for column in own.indices { own[column] = own[column] * damping + (similar[column] - first) * (1 - damping) }
    own[best] = bestBefore * damping + (similar[best] - second) * (1 - damping)
    let before = support[row]
    for column in own.indices { support[column] += max(0, own[column]) }
    support[row] = before + own[row]
  }

  /// A row's availabilities: what the other rows' responsibilities leave for each candidate, at most 0 but for itself.
  private static func offer(
    _ available: UnsafeMutableBufferPointer<Double>, _ own: UnsafeMutableBufferPointer<Double>, row: Int,
    damping: Double, support: UnsafeMutableBufferPointer<Double>
  ) {
    let itself = available[row] * damping - (own[row] - support[row]) * (1 - damping)
    for column in own.indices {
      let excess = max(0, own[column]) - support[column]
      available[column] = available[column] * damping - max(0, excess) * (1 - damping)
    }
    available[row] = itself
  }
}
