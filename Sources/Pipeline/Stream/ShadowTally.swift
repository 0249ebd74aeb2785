import Segmentation

/// Counts where customers are before and after.
struct ShadowTally {
  private struct Pair: Hashable {
    let from: Int
    let to: Int
  }

  private var pairs: [Pair: Int] = [:]

  mutating func count(from: Int, to: Int) { pairs[Pair(from: from, to: to), default: 0] += 1 }

  var customers: Int { pairs.values.reduce(0, +) }
  /// Who has a segment and would have another; who has none yet is not said to move.
  private var moving: [Pair: Int] { pairs.filter { $0.key.from != 0 && $0.key.from != $0.key.to } }
  var moved: Int { moving.values.reduce(0, +) }
  var unpublished: Int { pairs.reduce(0) { $0 + ($1.key.from == 0 ? $1.value : 0) } }

  /// The most first; of as many the lowest numbers.
  var moves: [ShadowReport.Move] {
    moving.sorted {
      ($1.value, $0.key.from, $0.key.to) < ($0.value, $1.key.from, $1.key.to)
    }.map { ShadowReport.Move(from: Self.id($0.key.from), to: Self.id($0.key.to), customers: $0.value) }
  }

  /// All segments that a customer is in, or that one of the models has.
  func segments(present: Model?, proposed: Model?) -> [ShadowReport.Segment] {
    let (now, then) = (Self.names(present), Self.names(proposed))
    let living = [present, proposed].compactMap { $0 }.flatMap { $0.segments.map(\.number) }
    let numbers = Set(living).union(pairs.keys.flatMap { [$0.from, $0.to] }).subtracting([0])
    return numbers.sorted().map { number in
      ShadowReport.Segment(
        id: "s\(number)", name: now[number] ?? then[number] ?? "?",
        newName: now[number] == nil || now[number] == then[number] ? nil : then[number],
        before: pairs.reduce(0) { $0 + ($1.key.from == number ? $1.value : 0) },
        after: pairs.reduce(0) { $0 + ($1.key.to == number ? $1.value : 0) })
    }
  }

  private static func names(_ model: Model?) -> [Int: String] {
    var names: [Int: String] = [:]
    for segment in model?.retired ?? [] { names[segment.number] = segment.name }
    for segment in model?.segments ?? [] { names[segment.number] = segment.name }
    return names
  }

  private static func id(_ number: Int) -> String? { number > 0 ? "s\(number)" : nil }
}
