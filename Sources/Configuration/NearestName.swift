/// The name of `names` that `name` was most likely meant to be; `nil` where none is near.
///
/// Near is a Damerau-Levenshtein distance (optimal string alignment) of at most a third of the longer name, or the
/// same last part after a dot. Among equals the first in alphabetical order.
package func nearestName(to name: String, among names: some Sequence<String>) -> String? {
  let wanted = Array(name.lowercased().utf8)
  var best: (distance: Int, name: String)?
  for candidate in names.sorted() {
    let letters = Array(candidate.lowercased().utf8)
    let distance = editDistance(wanted, letters)
    let limit = max(wanted.count, letters.count) / 3
    guard distance <= max(1, limit), distance < best?.distance ?? .max else { continue }
    best = (distance, candidate)
  }
  if let best { return best.name }
  guard let last = name.split(separator: ".").last else { return nil }
  return names.sorted().first { $0.hasSuffix(".\(last)") }
}

/// `: did you mean …?`, or nothing where no name is near.
package func suggestion(for name: String, among names: some Sequence<String>) -> String {
  nearestName(to: name, among: names).map { ": did you mean `\($0)`?" } ?? ""
}

private func editDistance(_ a: [UInt8], _ b: [UInt8]) -> Int {
  // A name beyond this length is no slip of the fingers; the bound keeps the table small.
  guard a.count <= 128, b.count <= 128 else { return .max }
  var beforeLast = [Int](repeating: 0, count: b.count + 1)
  var last = Array(0...b.count)
  for i in 0..<a.count {
    var current = [i + 1]
    for j in 0..<b.count {
      var cost = min(current[j] + 1, last[j + 1] + 1, last[j] + (a[i] == b[j] ? 0 : 1))
      if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { cost = min(cost, beforeLast[j - 1] + 1) }
      current.append(cost)
    }
    beforeLast = last
    last = current
  }
  return last[b.count]
}
