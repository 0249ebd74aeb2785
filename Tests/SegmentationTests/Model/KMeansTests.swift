import Testing

@testable import Segmentation

/// Lloyd's iterations as the textbook has them; `inertias` are those of each assignment.
private func slowLloyd(_ points: [[Double]], from start: [[Double]])
  -> (centroids: [[Double]], labels: [Int], inertias: [Double])
{
  var centroids = start
  var labels: [Int] = []
  var inertias: [Double] = []
  while true {
    let next = points.map { point in
      centroids.indices.min { squaredDistance(point, centroids[$0]) < squaredDistance(point, centroids[$1]) } ?? 0
    }
    inertias.append(points.indices.reduce(0) { $0 + squaredDistance(points[$1], centroids[next[$1]]) })
    if next == labels { return (centroids, labels, inertias) }
    labels = next
    for cluster in centroids.indices {
      let members = points.indices.filter { labels[$0] == cluster }.map { points[$0] }
      if members.isEmpty { continue }
      for feature in centroids[cluster].indices {
        centroids[cluster][feature] = members.reduce(0) { $0 + $1[feature] } / Double(members.count)
      }
    }
  }
}

private func rows(_ flat: [Double], _ features: Int) -> [[Double]] {
  stride(from: 0, to: flat.count, by: features).map { Array(flat[$0..<$0 + features]) }
}

@Suite("k-means")
struct KMeansTests {
  @Test("Lloyd's iterations from a given start end where the textbook's do")
  func agreesWithTheTextbook() {
    for seed in UInt64(1)...60 {
      var random = SplitMix64(seed: seed)
      let features = random.int(1...5)
      let count = random.int(1...150)
      let k = random.int(1...8)
      let points = (0..<count).map { _ in (0..<features).map { _ in random.normal() + Double(random.int(0...3)) } }
      var start = (0..<k).map { _ in random.pick(points) }
      // One that nobody is near to keeps its place.
      let hasEmpty = k > 1 && random.chance(0.5)
      if hasEmpty { start[k - 1] = Array(repeating: 1000, count: features) }
      let kMeans = KMeans(points: points.flatMap { $0 }, features: features)
      let fit = kMeans.lloyd(from: start.flatMap { $0 })
      let slow = slowLloyd(points, from: start)
      #expect(fit.hasConverged && kMeans.clusters() == slow.labels, "seed \(seed)")
      for (own, other) in zip(rows(fit.centroids, features), slow.centroids) {
        #expect(zip(own, other).allSatisfy { abs($0 - $1) <= 1e-9 }, "seed \(seed)")
      }
      let last = slow.inertias[slow.inertias.count - 1]
      #expect(abs(fit.inertia - last) <= 1e-9 * max(1, last), "seed \(seed)")
      #expect(fit.inertia <= slow.inertias[0] + 1e-9, "seed \(seed)")
      if hasEmpty { #expect(rows(fit.centroids, features)[k - 1] == start[k - 1], "seed \(seed)") }
    }
  }

  @Test("The inertia never increases from one iteration to the next")
  func inertiaFalls() {
    for seed in UInt64(1)...40 {
      var random = SplitMix64(seed: seed)
      let points = (0..<120).map { _ in [random.normal(), random.normal()] }
      let kMeans = KMeans(points: points.flatMap { $0 }, features: 2)
      var centroids = (0..<5).map { _ in random.pick(points) }
      let end = kMeans.lloyd(from: centroids.flatMap { $0 }).inertia
      var last = Double.infinity
      // Step by step with the textbook's centroids, each a start from which the end must not be worse.
      for _ in 0..<20 {
        let labels = points.map { point in
          centroids.indices.min { squaredDistance(point, centroids[$0]) < squaredDistance(point, centroids[$1]) } ?? 0
        }
        let inertia = points.indices.reduce(0) { $0 + squaredDistance(points[$1], centroids[labels[$1]]) }
        #expect(inertia <= last + 1e-9 && end <= inertia + 1e-9, "seed \(seed)")
        last = inertia
        for cluster in centroids.indices {
          let members = points.indices.filter { labels[$0] == cluster }.map { points[$0] }
          if members.isEmpty { continue }
          centroids[cluster] = (0..<2).map { feature in
            members.reduce(0) { $0 + $1[feature] } / Double(members.count)
          }
        }
      }
    }
  }

  @Test("The fit of well separated blobs finds each of them, for 50 seeds with one restart")
  func findsBlobs() {
    for seed in UInt64(1)...50 {
      var random = SplitMix64(seed: seed)
      let centres = [[0.0, 0, 0], [40, 0, 0], [0, 40, 0], [0, 0, 40], [40, 40, 0], [40, 0, 40]]
      let points = centres.flatMap { centre in
        (0..<random.int(30...120)).map { _ in centre.map { $0 + random.normal() } }
      }
      let kMeans = KMeans(points: random.shuffled(points).flatMap { $0 }, features: 3)
      let fit = kMeans.fit(k: 6, restarts: 1, random: &random)
      for centre in centres {
        let nearest = rows(fit.centroids, 3).map { squaredDistance($0, centre) }.min() ?? .infinity
        #expect(nearest < 1, "seed \(seed), centre \(centre)")
      }
      #expect(fit.inertia / Double(points.count) < 4, "seed \(seed)")
    }
  }

  @Test("More restarts from the same seed are never worse")
  func restarts() {
    for seed in UInt64(1)...30 {
      var random = SplitMix64(seed: seed)
      let points = (0..<200).map { _ in (0..<3).map { _ in random.normal() } }.flatMap { $0 }
      let kMeans = KMeans(points: points, features: 3)
      var (a, b) = (SplitMix64(seed: seed), SplitMix64(seed: seed))
      let one = kMeans.fit(k: 6, restarts: 1, random: &a).inertia
      #expect(kMeans.fit(k: 6, restarts: 10, random: &b).inertia <= one, "seed \(seed)")
    }
  }

  @Test("With more clusters than distinct points each point is a centroid and nothing is left over")
  func fewPoints() {
    for (distinct, k) in [(1, 2), (3, 6), (5, 64)] {
      var random = SplitMix64(seed: UInt64(distinct))
      let points = (0..<100).map { [Double($0 % distinct), Double($0 % distinct) * 2] }
      let kMeans = KMeans(points: points.flatMap { $0 }, features: 2)
      let fit = kMeans.fit(k: k, restarts: 3, random: &random)
      #expect(fit.inertia == 0 && fit.hasConverged && fit.centroids.count == 2 * k)
      #expect(fit.centroids.allSatisfy { $0.isFinite })
      for point in points { #expect(rows(fit.centroids, 2).contains(point)) }
    }
  }
}

@Suite("Least-cost assignment")
struct AssignmentTests {
  /// The least cost of all ways to give rows different columns.
  private func least(_ cost: [[Double]], row: Int = 0, taken: Set<Int> = []) -> Double {
    if row == cost.count { return 0 }
    let free = cost[row].indices.filter { !taken.contains($0) }
    return free.map { cost[row][$0] + least(cost, row: row + 1, taken: taken.union([$0])) }.min() ?? .infinity
  }

  @Test("It costs what the best of all permutations costs, with more columns than rows too")
  func agreesWithAllPermutations() {
    for seed in UInt64(1)...150 {
      var random = SplitMix64(seed: seed)
      let columns = random.int(1...(seed % 15 == 0 ? 7 : 5))
      let rows = random.int(1...columns)
      let isWhole = random.chance(0.5)
      let cost = (0..<rows).map { _ in
        (0..<columns).map { _ in isWhole ? Double(random.int(-3...3)) : random.normal() * 10 }
      }
      let assignment = leastCostAssignment(cost)
      #expect(Set(assignment).count == rows && assignment.allSatisfy { (0..<columns).contains($0) }, "seed \(seed)")
      let total = assignment.enumerated().reduce(0.0) { $0 + cost[$1.offset][$1.element] }
      #expect(abs(total - least(cost)) <= 1e-9, "seed \(seed)")
    }
    #expect(leastCostAssignment([]) == [])
  }
}
