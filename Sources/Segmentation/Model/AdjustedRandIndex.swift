/// How far two labellings of the same points agree on who belongs together: 1 is wholly, 0 is by chance, and less
/// is below that. What the labels are called does not matter.
///
/// Hubert and Arabie 1985, "Comparing partitions", formula 5, over pairs as Steinley 2004 writes it. Where every pair
/// is alike in both it is 1, as it is for no point.
package func adjustedRandIndex(_ one: [Int], _ other: [Int]) -> Double {
  precondition(one.count == other.count, "both labellings are of the same points")
  struct Pair: Hashable {
    var one: Int
    var other: Int
  }
  let both = pairs(zip(one, other).map { Pair(one: $0, other: $1) })
  let ones = pairs(one)
  let others = pairs(other)
  let count = one.count
  let all = count * max(0, count - 1) / 2
  // Pairs that are together in one labelling only.
  let (onlyOne, onlyOther) = (ones - both, others - both)
  if onlyOne == 0 && onlyOther == 0 { return 1 }
  let neither = all - ones - others + both
  let (together, apart) = (Double(both), Double(neither))
  let (first, second) = (Double(onlyOne), Double(onlyOther))
  return 2 * (together * apart - first * second)
    / ((together + first) * (first + apart) + (together + second) * (second + apart))
}

/// The pairs of points that bear the same label.
private func pairs<Label: Hashable>(_ labels: [Label]) -> Int {
  var counts: [Label: Int] = [:]
  for label in labels { counts[label, default: 0] += 1 }
  return counts.values.reduce(0) { $0 + $1 * ($1 - 1) / 2 }
}
