import Testing

@testable import Segmentation

/// Points of a few crowds, labelled by the crowd, some of them wrongly.
private func crowds(_ random: inout SplitMix64) -> (points: [[Double]], labels: [Int]) {
  let (features, k, count) = (random.int(1...4), random.int(2...5), random.int(12...60))
  var points: [[Double]] = []
  var labels: [Int] = []
  for index in 0..<count {
    let crowd = index < k ? index : random.next(below: k)
    points.append((0..<features).map { _ in Double(crowd * 3) + random.normal() })
    // Labels need not be 0 and up, nor without gaps.
    labels.append(7 * (random.chance(0.1) && index >= k ? random.next(below: k) : crowd) - 5)
  }
  return (points, labels)
}

private func distance(_ a: [Double], _ b: [Double]) -> Double { squaredDistance(a, b).squareRoot() }

private func mean(_ points: [[Double]]) -> [Double] {
  points[0].indices.map { feature in points.reduce(0) { $0 + $1[feature] } / Double(points.count) }
}

@Suite("Cluster quality")
struct ClusterQualityTests {
  @Test("Silhouettes are as the definition has them, for every point")
  func silhouettes() throws {
    for seed in UInt64(1)...30 {
      var random = SplitMix64(seed: seed)
      let (points, labels) = crowds(&random)
      let quality = try #require(measured(points, labels))
      let own = quality.silhouettes
      for point in points.indices {
        func meanDistance(to label: Int) -> Double {
          let members = points.indices.filter { labels[$0] == label && $0 != point }
          return members.reduce(0) { $0 + distance(points[$1], points[point]) } / Double(members.count)
        }
        let others = Set(labels).subtracting([labels[point]]).map(meanDistance)
        let (a, b) = (meanDistance(to: labels[point]), others.min() ?? 0)
        let isAlone = labels.filter { $0 == labels[point] }.count == 1
        #expect(abs(own[point] - (isAlone ? 0 : (b - a) / max(a, b))) < 1e-12, "seed \(seed)")
      }
      #expect(abs(quality.silhouette - own.reduce(0, +) / Double(own.count)) < 1e-15, "seed \(seed)")
    }
  }

  @Test("Simplified silhouettes are as the definition has them, for every point")
  func simplifiedSilhouettes() throws {
    for seed in UInt64(1)...30 {
      var random = SplitMix64(seed: seed)
      let (points, labels) = crowds(&random)
      let own = try #require(measured(points, labels)).simplifiedSilhouettes
      for point in points.indices {
        func toCentroid(_ label: Int) -> Double {
          distance(points[point], mean(points.indices.filter { labels[$0] == label }.map { points[$0] }))
        }
        let b = Set(labels).subtracting([labels[point]]).map(toCentroid).min() ?? 0
        let a = toCentroid(labels[point])
        let isAlone = labels.filter { $0 == labels[point] }.count == 1
        #expect(abs(own[point] - (isAlone ? 0 : (b - a) / max(a, b))) < 1e-12, "seed \(seed)")
      }
    }
  }

  @Test("Without 2 to n − 1 clusters there is no measure")
  func tooFewOrTooMany() {
    let points = [[0.0], [1], [2]]
    #expect(measured(points, [4, 4, 4]) == nil)
    #expect(measured(points, [0, 1, 2]) == nil)
    #expect(measured(points, [0, 1, 1]) != nil)
    #expect(measured([], []) == nil)
  }

  @Test("Points that all lie in one place have the silhouette 0, Calinski-Harabasz 1 and Davies-Bouldin 0")
  func onePlace() throws {
    let quality = try #require(measured([[3, 4], [3, 4], [3, 4], [3, 4]], [0, 0, 1, 1]))
    #expect(quality.silhouette == 0 && quality.simplifiedSilhouette == 0)
    #expect(quality.calinskiHarabasz == 1 && quality.daviesBouldin == 0)
  }

  @Test("Calinski-Harabasz and Davies-Bouldin of four points on a line are those computed by hand")
  func byHand() throws {
    let quality = try #require(measured([[0], [2], [10], [14]], [1, 1, 2, 2]))
    // Centroids 1 and 12 about 6.5; between 2 · 5.5² · 2, within 1 + 1 + 4 + 4; mean distances 1 and 2, 11 apart.
    #expect(abs(quality.calinskiHarabasz - 121 / (10.0 / 2)) < 1e-12)
    #expect(abs(quality.daviesBouldin - 3.0 / 11) < 1e-12)
  }

  @Test("The adjusted Rand index is 1 for the same groups by any name, and that of Hubert and Arabie's pairs else")
  func adjustedRand() {
    #expect(adjustedRandIndex([1, 1, 2, 2, 9], [5, 5, 0, 0, 3]) == 1)
    #expect(adjustedRandIndex([], []) == 1 && adjustedRandIndex([4], [7]) == 1)
    #expect(adjustedRandIndex([0, 0, 0, 0], [0, 1, 2, 3]) == 0)
    #expect(adjustedRandIndex([0, 0, 1, 1], [0, 1, 0, 1]) == -0.5)
    for seed in UInt64(1)...50 {
      var random = SplitMix64(seed: seed)
      let count = random.int(2...40)
      let one = (0..<count).map { _ in random.int(0...3) }
      let other = one.map { random.chance(0.6) ? $0 : random.int(0...4) }
      // a: together in both, b and c: in one only; the index and its expectation over all pairs.
      var (a, b, c, all) = (0.0, 0.0, 0.0, 0.0)
      for first in 0..<count {
        for second in first + 1..<count {
          let (inOne, inOther) = (one[first] == one[second], other[first] == other[second])
          if inOne && inOther { a += 1 } else if inOne { b += 1 } else if inOther { c += 1 }
          all += 1
        }
      }
      let expected = (a + b) * (a + c) / all
      let most = ((a + b) + (a + c)) / 2
      let index = most == expected ? 1 : (a - expected) / (most - expected)
      #expect(abs(adjustedRandIndex(one, other) - index) < 1e-12, "seed \(seed)")
    }
  }

  private func measured(_ points: [[Double]], _ labels: [Int]) -> ClusterQuality? {
    ClusterQuality(points: points.flatMap { $0 }, features: points.first?.count ?? 1, labels: labels)
  }
}
