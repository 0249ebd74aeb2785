import Foundation
import Segmentation

/// Rows of finite numbers, row by row: what the algorithms see of a matrix.
package struct Points: Sendable {
  /// rows · features numbers.
  package let values: [Double]
  /// The numbers of a row, one at least.
  package let features: Int
  /// The rows.
  package let count: Int

  /// Takes rows · features numbers.
  package init(values: [Double], features: Int) {
    precondition(features > 0 && values.count.isMultiple(of: features), "rows are whole")
    self.values = values
    self.features = features
    count = values.count / features
  }

  /// Some of the rows, in the order given.
  func rows(_ rows: [Int]) -> Points {
    var chosen: [Double] = []
    chosen.reserveCapacity(rows.count * features)
    for row in rows { chosen += values[row * features..<(row + 1) * features] }
    return Points(values: chosen, features: features)
  }

  /// The squared Euclidean distance of two rows.
  func squaredDistance(_ one: Int, _ other: Int) -> Double {
    values.withUnsafeBufferPointer { Self.squaredDistance($0, one &* features, $0, other &* features, features) }
  }

  /// The squared Euclidean distance of two points that begin at these places.
  @inline(__always)
  static func squaredDistance(
    _ points: UnsafeBufferPointer<Double>, _ point: Int, _ others: UnsafeBufferPointer<Double>, _ other: Int,
    _ features: Int
  ) -> Double {
    // Two sums at a time: the additions of one would wait for each other.
    var sums = SIMD2<Double>.zero
    var feature = 0
    while feature &+ 1 < features {
      let one = SIMD2(points[point &+ feature], points[point &+ feature &+ 1])
      let difference = one - SIMD2(others[other &+ feature], others[other &+ feature &+ 1])
      sums += difference * difference
      feature &+= 2
    }
    if feature < features {
      let difference = points[point &+ feature] - others[other &+ feature]
      sums[0] += difference * difference
    }
    return sums[0] + sums[1]
  }

  /// The number of the nearest of `targets` for each row (of equals the first), and its squared distance; there is a
  /// target.
  func nearest(of targets: Points) -> (index: [Int], squared: [Double]) {
    precondition(targets.count > 0 && targets.features == features, "there is a target, of the same columns")
    let blocks = concurrentMap((count + Self.blockRows - 1) / Self.blockRows) { block in
      values.withUnsafeBufferPointer { values in
        targets.values.withUnsafeBufferPointer { others in
          (block * Self.blockRows..<min(count, (block + 1) * Self.blockRows)).map { row in
            var (best, squared) = (0, Double.infinity)
            for target in 0..<targets.count {
              let own = Self.squaredDistance(values, row &* features, others, target &* features, features)
              if own < squared { (best, squared) = (target, own) }
            }
            return (best, squared)
          }
        }
      }
    }
    let all = blocks.flatMap { $0 }
    return (all.map(\.0), all.map(\.1))
  }

  /// Lloyd's iterations from given centroids on all cores; see `KMeans.lloyd(points:features:from:)`.
  package func lloyd(
    from start: [Double], tolerance: Double = 0, iterations: Int = KMeans.iterationCountMax
  ) -> (fit: KMeans.Fit, labels: [Int32]) {
    KMeans.lloyd(
      points: values, features: features, from: start, tolerance: tolerance, iterations: iterations
    ) { count, body in DispatchQueue.concurrentPerform(iterations: count, execute: body) }
  }

  /// How many different rows there are; counting ends at `most`.
  func distinctCount(most: Int) -> Int {
    var seen = Set<[Double]>()
    for row in 0..<count {
      seen.insert(Array(values[row * features..<(row + 1) * features]))
      if seen.count >= most { return most }
    }
    return seen.count
  }

  /// Rows that a thread takes at a time.
  static let blockRows = 256

  /// `size` different row numbers below `count`, ascending, each set with the same chance (Knuth, "The Art of Computer
  /// Programming" 2, algorithm 3.4.2S); all of them where there are no more.
  static func sample(_ size: Int, of count: Int, random: inout SplitMix64) -> [Int] {
    if count <= size { return Array(0..<count) }
    var chosen: [Int] = []
    chosen.reserveCapacity(size)
    for row in 0..<count where random.next(below: count - row) < size - chosen.count { chosen.append(row) }
    return chosen
  }
}

/// The values of `body` for 0 to `count` − 1, in that order, made on all cores.
func concurrentMap<Value: Sendable>(_ count: Int, _ body: @Sendable (Int) -> Value) -> [Value] {
  if count < 2 { return (0..<count).map(body) }
  var values = [Value?](repeating: nil, count: count)
  values.withUnsafeMutableBufferPointer { buffer in
    nonisolated(unsafe) let slots = buffer
    // Each call writes its own slot, and all have ended when `concurrentPerform` returns.
    DispatchQueue.concurrentPerform(iterations: count) { slots[$0] = body($0) }
  }
  return values.compactMap { $0 }
}
