/// How good the answers of a classifier were on rows that it had not seen.
public struct ClassifierQuality: Equatable, Sendable {
  /// How it learns.
  public let method: ClassifierMethod
  /// One for each class; of two classes for the second only.
  public let classes: [ClassQuality]
  /// The share of rows whose likeliest class was theirs.
  public let accuracy: Double
  /// The share of the largest class: what always answering it would have got right.
  public let baseline: Double
  /// The mean of the squared differences of probability and truth (Brier 1950), summed over the classes; of two classes
  /// for the second only. 0 is best.
  public let brier: Double
  /// What the Brier score is when every row gets the classes' shares: more than this is worse than no classifier.
  public let brierBaseline: Double
  /// Tenths of the probabilities of the classes measured: what was said, and what came true.
  public let calibration: [CalibrationBin]

  /// Compares probabilities, one for each row and class, with the labels.
  public init(_ method: ClassifierMethod, probabilities: [[Double]], labels: [Int], classes: [String]) {
    precondition(probabilities.count == labels.count && !labels.isEmpty, "each row has probabilities")
    let measured = classes.count == 2 ? [1] : Array(classes.indices)
    let predicted = probabilities.map { Classifier.likeliest($0) }
    let count = Double(labels.count)
    self.method = method
    self.classes = measured.map { number in
      ClassQuality(
        name: classes[number], scores: probabilities.map { $0[number] }, isClass: labels.map { $0 == number },
        isPredicted: predicted.map { $0 == number })
    }
    accuracy = Double(zip(predicted, labels).count { $0 == $1 }) / count
    let shares = classes.indices.map { number in Double(labels.count { $0 == number }) / count }
    baseline = shares.max() ?? 0
    var (brier, bins) = (0.0, CalibrationBin.Counts())
    for (row, label) in zip(probabilities, labels) {
      for number in measured {
        let truth = label == number ? 1.0 : 0
        brier += (row[number] - truth) * (row[number] - truth)
        bins.add(row[number], truth: truth)
      }
    }
    self.brier = brier / count
    brierBaseline = measured.reduce(0) { $0 + shares[$1] * (1 - shares[$1]) }
    calibration = bins.bins
  }
}

/// How well one class was told from the others.
public struct ClassQuality: Equatable, Sendable {
  /// The class.
  public let name: String
  /// Rows of the class, and rows that were said to be of it.
  public let rowCount: Int, predictedCount: Int
  /// Of those said to be of it the share that is; `nil` where none was said to be.
  public let precision: Double?
  /// Of its rows the share that was found; `nil` without rows.
  public let recall: Double?
  /// The harmonic mean of precision and recall; 0 where nothing was found.
  public let f1: Double
  /// The probability that a row of the class is ranked above one that is not; `nil` where there is only one kind.
  public let areaUnderCurve: Double?

  init(name: String, scores: [Double], isClass: [Bool], isPredicted: [Bool]) {
    self.name = name
    rowCount = isClass.count { $0 }
    predictedCount = isPredicted.count { $0 }
    let right = zip(isClass, isPredicted).count { $0 && $1 }
    precision = predictedCount > 0 ? Double(right) / Double(predictedCount) : nil
    recall = rowCount > 0 ? Double(right) / Double(rowCount) : nil
    f1 = right == 0 ? 0 : 2 * Double(right) / Double(rowCount + predictedCount)
    areaUnderCurve = Self.areaUnderCurve(scores, isClass)
  }

  /// Mann and Whitney's U over the number of pairs; ties count a half (Hanley and McNeil 1982).
  private static func areaUnderCurve(_ scores: [Double], _ isClass: [Bool]) -> Double? {
    let sorted = zip(scores, isClass).sorted { $0.0 < $1.0 }
    // Twice the number of pairs in which the row of the class is above.
    var (twice, below, positives, first) = (0, 0, 0, 0)
    while first < sorted.count {
      var end = first
      var (here, others) = (0, 0)
      while end < sorted.count, sorted[end].0 == sorted[first].0 {
        if sorted[end].1 { here += 1 } else { others += 1 }
        end += 1
      }
      twice += here * (2 * below + others)
      below += others
      positives += here
      first = end
    }
    return positives == 0 || below == 0 ? nil : Double(twice) / (2 * Double(positives) * Double(below))
  }
}

/// Rows to which a probability between two bounds was given.
public struct CalibrationBin: Equatable, Sendable {
  /// The bounds; the upper one belongs to the last bin only.
  public let lower: Double, upper: Double
  /// How many there are.
  public let count: Int
  /// The mean of what was said, and the share that came true.
  public let predicted: Double, observed: Double

  /// Counts probabilities by tenths.
  struct Counts {
    static let binCount = 10
    private var sums = [(count: Int, predicted: Double, observed: Double)](repeating: (0, 0, 0), count: binCount)

    mutating func add(_ probability: Double, truth: Double) {
      let bin = min(Self.binCount - 1, max(0, Int(probability * Double(Self.binCount))))
      sums[bin].count += 1
      sums[bin].predicted += probability
      sums[bin].observed += truth
    }

    /// Those that hold a row.
    var bins: [CalibrationBin] {
      sums.enumerated().filter { $1.count > 0 }.map { bin, sum in
        let width = 1 / Double(Self.binCount)
        return CalibrationBin(
          lower: Double(bin) * width, upper: Double(bin + 1) * width, count: sum.count,
          predicted: sum.predicted / Double(sum.count), observed: sum.observed / Double(sum.count))
      }
    }
  }
}
