/// The tree of an agglomerative clustering: n − 1 merges of n rows, the lowest first.
package struct MergeTree: Sendable {
  /// Two clusters that become one. Row i is cluster i; merge j makes cluster n + j.
  package struct Merge: Equatable, Sendable {
    /// The cluster with the smaller number.
    package let first: Int
    /// The other one.
    package let second: Int
    /// Their distance.
    package let height: Double
    /// The rows of both.
    package let size: Int
  }

  /// The rows.
  package let count: Int
  /// By ascending height.
  package let merges: [Merge]

  /// Puts merges of two clusters, each told by one of its rows, in order of their heights; of equals the first comes
  /// first.
  init(count: Int, pairs: [(one: Int, other: Int, height: Double)]) {
    let order = pairs.indices.sorted { (pairs[$0].height, $0) < (pairs[$1].height, $1) }
    var forest = Forest(count: count)
    // The number and the rows of the cluster whose root a row is.
    var numbers = Array(0..<count)
    var sizes = [Int](repeating: 1, count: count)
    var merges: [Merge] = []
    merges.reserveCapacity(pairs.count)
    for index in order {
      let (one, other) = (forest.root(pairs[index].one), forest.root(pairs[index].other))
      let size = sizes[one] + sizes[other]
      merges.append(
        Merge(
          first: min(numbers[one], numbers[other]), second: max(numbers[one], numbers[other]),
          height: pairs[index].height, size: size))
      let root = forest.join(one, other)
      numbers[root] = count + merges.count - 1
      sizes[root] = size
    }
    self.count = count
    self.merges = merges
  }

  /// The labels of `k` clusters, 1 to n, numbered by their first rows: all but the k − 1 highest merges are made.
  package func labels(k: Int) -> [Int] {
    precondition((1...max(1, count)).contains(k), "there are 1 to n clusters")
    var forest = Forest(count: count)
    // A row of each cluster.
    var rows = Array(0..<count)
    for merge in merges.prefix(count - k) {
      rows.append(rows[merge.first])
      _ = forest.join(rows[merge.first], rows[merge.second])
    }
    var numbers: [Int: Int] = [:]
    return (0..<count).map { row in
      let root = forest.root(row)
      if let number = numbers[root] { return number }
      numbers[root] = numbers.count
      return numbers.count - 1
    }
  }
}

/// Disjoint sets of rows, with paths that are halved (Tarjan and van Leeuwen 1984).
private struct Forest {
  private var parents: [Int]

  init(count: Int) { parents = Array(0..<count) }

  mutating func root(_ row: Int) -> Int {
    var row = row
    while parents[row] != row {
      parents[row] = parents[parents[row]]
      row = parents[row]
    }
    return row
  }

  /// Makes one set of two; returns its root.
  mutating func join(_ one: Int, _ other: Int) -> Int {
    let (low, high) = (root(one), root(other))
    parents[max(low, high)] = min(low, high)
    return min(low, high)
  }
}
