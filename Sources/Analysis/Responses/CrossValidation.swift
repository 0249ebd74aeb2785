import Foundation
import Segmentation

/// Learns from all folds but one and asks about that one, for each fold: every row is asked about once.
package struct CrossValidation {
  /// The fold of each row.
  package let folds: [Int]
  /// How many there are.
  package let foldCount: Int

  /// Deals the rows of each class, shuffled by the seed, over the folds in turn, going on where the last class ended.
  package init(labels: [Int], classCount: Int, foldCount: Int, seed: UInt64) {
    var random = SplitMix64(seed: seed)
    var folds = [Int](repeating: 0, count: labels.count)
    var next = 0
    for number in 0..<classCount {
      var rows = labels.indices.filter { labels[$0] == number }
      for index in rows.indices.dropFirst().reversed() { rows.swapAt(index, random.next(below: index + 1)) }
      for row in rows {
        folds[row] = next
        next = (next + 1) % foldCount
      }
    }
    self.folds = folds
    self.foldCount = foldCount
  }

  /// For each method the probabilities of each row, by a classifier that has not seen it. Runs on all cores; the result
  /// does not depend on their number.
  package func probabilities(
    _ methods: [ClassifierMethod], _ features: FeatureMatrix, labels: [Int], classes: [String]
  ) -> [[[Double]]] {
    let count = methods.count * foldCount
    var parts = [[(row: Int, probabilities: [Double])]](repeating: [], count: count)
    parts.withUnsafeMutableBufferPointer { slots in
      nonisolated(unsafe) let slots = slots
      // Each call writes its own slot, and all have ended when `concurrentPerform` returns.
      DispatchQueue.concurrentPerform(iterations: count) { index in
        let (method, fold) = (methods[index / foldCount], index % foldCount)
        let known = folds.indices.filter { folds[$0] != fold }
        let classifier = Classifier(
          method, features.rows(known), labels: known.map { labels[$0] }, classes: classes)
        slots[index] = folds.indices.filter { folds[$0] == fold }
          .map { ($0, classifier.probabilities(features.row($0))) }
      }
    }
    return methods.indices.map { method in
      var all = [[Double]](repeating: [], count: labels.count)
      for (row, probabilities) in parts[method * foldCount..<(method + 1) * foldCount].joined() {
        all[row] = probabilities
      }
      return all
    }
  }
}
