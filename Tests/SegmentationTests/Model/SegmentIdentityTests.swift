import Testing

@testable import Segmentation

private let features: [Feature] = [.recency, .frequency]

/// A model with segments `s1`, `s2`, …, each of a cell.
private func model(_ cells: [String]) -> Model {
  var model = Model.plain(features, cells.enumerated().map { ($0.offset + 1, $0.element, [Double($0.offset), 0]) })
  for index in model.segments.indices { model.segments[index].cell = cells[index] }
  return model
}

private func cluster(_ shared: [Int], of customers: Int, typical: Scores = Scores(r: 5, f: 5, m: 5))
  -> SegmentIdentity.Cluster
{
  SegmentIdentity.Cluster(centroid: [0, 0], typical: typical, customers: customers, shared: shared)
}

/// The most customers that clusters can share with their matches, every way tried; matches share a third.
private func best(_ clusters: [SegmentIdentity.Cluster], _ sizes: [Int], from row: Int = 0, free: Set<Int>) -> Int {
  if row == clusters.count { return 0 }
  var most = best(clusters, sizes, from: row + 1, free: free)
  for old in free {
    let shared = clusters[row].shared[old]
    let union = clusters[row].customers + sizes[old] - shared
    guard Double(shared) / Double(union) >= 1.0 / 3 else { continue }
    most = max(most, shared + best(clusters, sizes, from: row + 1, free: free.subtracting([old])))
  }
  return most
}

@Suite("Identity of segments")
struct SegmentIdentityTests {
  @Test("Matches share at least a third of their customers, and no other matches share more in all")
  func matches() {
    var random = SplitMix64(seed: 4)
    var kept = 0
    for _ in 0..<300 {
      let (new, old) = (random.int(2...5), random.int(2...5))
      var clusters = (0..<new).map { _ in cluster([Int](repeating: 0, count: old), of: 0) }
      var sizes = [Int](repeating: 0, count: old)
      let home = (0..<old).map { _ in random.next(below: new) }
      for _ in 0..<60 {
        let from = random.next(below: old)
        let to = random.chance(0.7) ? home[from] : random.next(below: new)
        clusters[to].customers += 1
        clusters[to].shared[from] += 1
        sizes[from] += 1
      }
      // Places tell the clusters apart in the result.
      for index in clusters.indices { clusters[index].centroid = [Double(index), 0] }
      var identity = SegmentIdentity(previous: model((0..<old).map { "Name \($0)" }), features: features, names: [:])
      let segments = identity.segments(clusters, sizes: sizes, tellsTruth: false)
      var shared = 0
      for segment in segments where segment.number <= old {
        let own = clusters[Int(segment.centroid[0])].shared[segment.number - 1]
        let union = clusters[Int(segment.centroid[0])].customers + sizes[segment.number - 1] - own
        #expect(Double(own) / Double(union) >= 1.0 / 3)
        #expect(segment.name == "Name \(segment.number - 1)")
        shared += own
        kept += 1
      }
      #expect(shared == best(clusters, sizes, free: Set(0..<old)))
      #expect(Set(segments.map(\.number)).count == new && Set(segments.map(\.name)).count == new)
      #expect(identity.lastNumber == old + segments.count { $0.number > old })
    }
    #expect(kept > 300)
  }

  @Test("In a refit a segment whose name has come to lie is another; in a contest, or under a name of one's own, not")
  func names() {
    let before = model(["Champions", "Lost"])
    let typical = [
      (Scores(r: 4, f: 4, m: 4), true), (Scores(r: 3, f: 3, m: 3), false), (Scores(r: 1, f: 1, m: 1), false),
    ]
    for (scores, isTrue) in typical {
      let clusters = [
        cluster([50, 0], of: 50, typical: scores), cluster([0, 50], of: 50, typical: Scores(r: 1, f: 1, m: 1)),
      ]
      func numbers(_ names: [String: String], tellsTruth: Bool) -> [Int] {
        var identity = SegmentIdentity(previous: before, features: features, names: names)
        return identity.segments(clusters, sizes: [50, 50], tellsTruth: tellsTruth).map(\.number)
      }
      #expect(numbers([:], tellsTruth: true) == (isTrue ? [1, 2] : [2, 3]), "\(scores)")
      #expect(numbers([:], tellsTruth: false) == [1, 2])
      #expect(numbers(["s1": "Our best"], tellsTruth: true) == [1, 2])
    }
  }

  @Test("Steps to a cell are those to the nearest scores that bear its name; words that are no cell's have none")
  func steps() {
    #expect(Scores(r: 5, f: 5, m: 5).steps(to: "Champions", of: .standard) == 0)
    #expect(Scores(r: 1, f: 1, m: 1).steps(to: "Lost", of: .standard) == 0)
    #expect(Scores(r: 1, f: 1, m: 1).steps(to: "Champions", of: .standard) == 4)
    #expect(Scores(r: 3, f: 3, m: 3).steps(to: "Loyal", of: .standard) == 1)
    #expect(Scores(r: 3, f: 3, m: 3).steps(to: "Our best", of: .standard) == nil)
    for index in Cell.table.indices {
      let scores = Scores(r: index / 25 + 1, f: index / 5 % 5 + 1, m: index % 5 + 1)
      #expect(Cell.allCases.filter { scores.steps(to: $0.rawValue, of: .standard) == 0 } == [scores.cell])
    }
  }
}
