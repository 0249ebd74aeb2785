/// Finds all itemsets that are frequent, level by level, with exact counts (Agrawal and Srikant, Fast Algorithms for
/// Mining Association Rules, 1994).
///
/// Each frequent item keeps a bit for each basket; the count of a candidate is that of the bits all its items share:
///
///     item 7   0110 0101 …          candidates {7, 9, x} share the bits of {7, 9}, which are made once
///     item 9   0100 0101 …
struct Apriori {
  /// Bits of all items together at most: 128 MB.
  static let bitsMax = 1 << 30
  /// Candidates of one level at most: what two cores count in some seconds.
  static let candidatesMax = 2_000_000
  /// Itemsets at most, over all levels: more than anyone reads.
  static let itemsetsMax = 100_000
  /// Items of an itemset at most: each more doubles the rules of it.
  static let lengthMax = 8

  /// By length, then by the numbers of the items.
  private(set) var itemsets: [Itemset] = []
  /// What was cut short: sentences.
  private(set) var notes: [String] = []

  private let words: Int
  private let minimumCount: Int
  /// Bits of the frequent items, `words` each, and their numbers, rising.
  private var bits: [UInt64] = []
  private var items: [Int32] = []

  /// The least count whose share of the baskets is at least `support`, as correctly rounded quotients compare.
  static func minimumCount(support: Double, basketCount: Int) -> Int {
    let total = Double(basketCount)
    var count = max(1, Int(min(max(support, 0), 1) * total) - 1)
    while count < basketCount, Double(count) / total < support { count += 1 }
    return count
  }

  /// Searches baskets of rising item numbers below `itemCount`, for itemsets of up to `maximumLength` items.
  init(_ baskets: [[Int32]], itemCount: Int, minimumCount: Int, maximumLength: Int) {
    words = (baskets.count + 63) / 64
    self.minimumCount = max(1, minimumCount)
    let counts = takeItems(baskets, itemCount: itemCount)
    itemsets = zip(items, counts).map { Itemset(items: [$0], count: $1) }
    var level = items.indices.map { [Int32($0)] }
    var length = 1
    while level.count > 1, length < min(maximumLength, Self.lengthMax) {
      length += 1
      guard let (next, counts) = nextLevel(level) else {
        notes.append(
          "The search stopped before itemsets of \(length) items: there are too many; ask for a greater support.")
        break
      }
      itemsets += zip(next, counts).map { Itemset(items: $0.map { items[Int($0)] }, count: $1) }
      level = next
    }
    bits = []
  }

  /// Keeps the frequent items with their bits; answers their counts.
  private mutating func takeItems(_ baskets: [[Int32]], itemCount: Int) -> [Int] {
    var counts = [Int](repeating: 0, count: itemCount)
    for basket in baskets { for item in basket { counts[Int(item)] += 1 } }
    var frequent = counts.indices.filter { counts[$0] >= minimumCount }
    let room = min(Self.itemsetsMax, Self.bitsMax / max(1, words * 64))
    if frequent.count > room {
      notes.append(
        "Only the \(room) most frequent of \(frequent.count) items were searched; ask for a greater support.")
      frequent = frequent.sorted { (counts[$1], $0) < (counts[$0], $1) }.prefix(room).sorted()
    }
    items = frequent.map { Int32($0) }
    var places = [Int](repeating: -1, count: itemCount)
    for (place, item) in frequent.enumerated() { places[item] = place }
    bits = [UInt64](repeating: 0, count: frequent.count * words)
    for (number, basket) in baskets.enumerated() {
      for item in basket where places[Int(item)] >= 0 {
        bits[places[Int(item)] * words + number / 64] |= 1 << (number % 64)
      }
    }
    return frequent.map { counts[$0] }
  }

  /// The frequent itemsets of one item more, as places in `items`; `nil` where they or their candidates are too many.
  private func nextLevel(_ level: [[Int32]]) -> (itemsets: [[Int32]], counts: [Int])? {
    let known = Set(level)
    var (found, counts): ([[Int32]], [Int]) = ([], [])
    var candidateCount = 0
    var first = 0
    var shared = [UInt64](repeating: 0, count: words)
    while first < level.count {
      // Those that begin alike stand together; each pair of them makes a candidate.
      let prefix = level[first].dropLast()
      var end = first + 1
      while end < level.count, level[end].dropLast() == prefix { end += 1 }
      for one in first..<end where one + 1 < end {
        share(level[one], into: &shared)
        for other in one + 1..<end {
          let candidate = level[one] + [level[other][level[other].count - 1]]
          guard hasFrequentParts(candidate, known) else { continue }
          candidateCount += 1
          guard candidateCount <= Self.candidatesMax else { return nil }
          let count = sharedCount(shared, with: Int(candidate[candidate.count - 1]))
          if count >= minimumCount {
            found.append(candidate)
            counts.append(count)
          }
        }
        guard itemsets.count + found.count <= Self.itemsetsMax else { return nil }
      }
      first = end
    }
    return (found, counts)
  }

  /// Whether all itemsets of one item less are frequent; those without one of the last two are, by how it was made.
  private func hasFrequentParts(_ candidate: [Int32], _ known: Set<[Int32]>) -> Bool {
    for left in 0..<max(0, candidate.count - 2) {
      var part = candidate
      part.remove(at: left)
      if !known.contains(part) { return false }
    }
    return true
  }

  /// The bits that all items of an itemset share.
  private func share(_ itemset: [Int32], into shared: inout [UInt64]) {
    for word in 0..<words { shared[word] = bits[Int(itemset[0]) * words + word] }
    for place in itemset.dropFirst() {
      for word in 0..<words { shared[word] &= bits[Int(place) * words + word] }
    }
  }

  private func sharedCount(_ shared: [UInt64], with place: Int) -> Int {
    shared.withUnsafeBufferPointer { shared in
      bits.withUnsafeBufferPointer { bits in
        var count = 0
        for word in 0..<words { count += (shared[word] & bits[place * words + word]).nonzeroBitCount }
        return count
      }
    }
  }
}
