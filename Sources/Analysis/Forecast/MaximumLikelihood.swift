import CNLopt
import Foundation

/// Finds the maximum of a log-likelihood over logarithms of parameters, from several starts, by NLopt.
///
/// Each start goes by L-BFGS with the exact gradient, and the best end is polished by the method of Newton with
/// differences of the gradient, which no tolerance of a line search holds up.
struct MaximumLikelihood {
  /// The mean log-likelihood a customer and its gradient, at the logarithms of the parameters.
  let value: ([Double]) -> (value: Double, gradient: [Double])
  /// Parameters stay within exp(± this): beyond, a model says no more than at its bound.
  static let bound = 14.0
  /// A gradient of the mean log-likelihood that is as good as zero.
  static let gradientMax = 1e-6
  /// Evaluations of one start at most; a fit that converges takes under a hundred.
  static let evaluationMax: Int32 = 2000

  /// The best of all starts.
  func maximum(starts: [[Double]]) -> (logarithms: [Double], convergence: Convergence) {
    var ends: [(logarithms: [Double], value: Double)] = []
    var evaluationCount = 0
    for start in starts {
      let end = climb(from: start)
      evaluationCount += end.evaluationCount
      let found = value(end.logarithms)
      if found.value.isFinite { ends.append((end.logarithms, found.value)) }
    }
    guard var best = ends.max(by: { $0.value < $1.value }) else {
      return (starts[0], .none(startCount: starts.count))
    }
    let agreeing = ends.count { best.value - $0.value <= 1e-6 * max(1, abs(best.value)) }
    best = polished(best, evaluationCount: &evaluationCount)
    let gradient = value(best.logarithms).gradient.map { abs($0) }.max() ?? .infinity
    let isInside = best.logarithms.allSatisfy { abs($0) < Self.bound - 0.5 }
    return (
      best.logarithms,
      Convergence(
        isReached: gradient <= Self.gradientMax && isInside, gradient: gradient, startCount: starts.count,
        agreeingCount: agreeing, evaluationCount: evaluationCount)
    )
  }

  /// Where L-BFGS ends; also where it gives up, which the gradient tells.
  private func climb(from start: [Double]) -> (logarithms: [Double], evaluationCount: Int) {
    let dimension = UInt32(start.count)
    guard let optimiser = nlopt_create(NLOPT_LD_LBFGS, dimension) else { return (start, 0) }
    defer { nlopt_destroy(optimiser) }
    let problem = LikelihoodProblem(value)
    nlopt_set_max_objective(optimiser, evaluateLikelihood, Unmanaged.passUnretained(problem).toOpaque())
    nlopt_set_lower_bounds1(optimiser, -Self.bound)
    nlopt_set_upper_bounds1(optimiser, Self.bound)
    nlopt_set_ftol_rel(optimiser, 1e-14)
    nlopt_set_xtol_rel(optimiser, 1e-10)
    nlopt_set_maxeval(optimiser, Self.evaluationMax)
    var (point, found) = (start.map { min(max($0, -Self.bound), Self.bound) }, 0.0)
    withExtendedLifetime(problem) { _ = nlopt_optimize(optimiser, &point, &found) }
    return (point.allSatisfy(\.isFinite) ? point : start, problem.evaluationCount)
  }

  /// A few steps of Newton, as long as each leads higher or makes the gradient smaller.
  private func polished(
    _ start: (logarithms: [Double], value: Double), evaluationCount: inout Int
  ) -> (logarithms: [Double], value: Double) {
    var best = start
    for _ in 0..<8 {
      let here = value(best.logarithms)
      let size = here.gradient.map { abs($0) }.max() ?? 0
      guard size > 1e-12, let step = newtonStep(at: best.logarithms, gradient: here.gradient) else { break }
      let next = zip(best.logarithms, step).map { min(max($0 - $1, -Self.bound), Self.bound) }
      let there = value(next)
      evaluationCount += 2 + 2 * next.count
      let isBetter = (there.gradient.map { abs($0) }.max() ?? .infinity) < size
      guard there.value.isFinite, isBetter, there.value >= here.value - 1e-12 * abs(here.value) else { break }
      best = (next, there.value)
    }
    return best
  }

  /// H⁻¹ g, with H from central differences of the gradient; `nil` where H is singular.
  private func newtonStep(at point: [Double], gradient: [Double]) -> [Double]? {
    let width = 1e-5
    var rows = [[Double]](repeating: [], count: point.count)
    for index in point.indices {
      var (low, high) = (point, point)
      low[index] -= width
      high[index] += width
      let (below, above) = (value(low).gradient, value(high).gradient)
      for row in point.indices { rows[row].append((above[row] - below[row]) / (2 * width)) }
    }
    return solved(rows, gradient)
  }
}

/// The solution of a small system of linear equations by elimination with pivots; `nil` where it has none.
private func solved(_ matrix: [[Double]], _ right: [Double]) -> [Double]? {
  var rows = zip(matrix, right).map { $0 + [$1] }
  let count = rows.count
  for column in 0..<count {
    let pivot = (column..<count).max { abs(rows[$0][column]) < abs(rows[$1][column]) } ?? column
    guard abs(rows[pivot][column]) > 1e-14 else { return nil }
    rows.swapAt(column, pivot)
    for row in 0..<count where row != column {
      let factor = rows[row][column] / rows[column][column]
      for index in column...count { rows[row][index] -= factor * rows[column][index] }
    }
  }
  let solution = (0..<count).map { rows[$0][count] / rows[$0][$0] }
  return solution.allSatisfy(\.isFinite) ? solution : nil
}

/// What NLopt calls back, with a count of its calls.
private final class LikelihoodProblem {
  let value: ([Double]) -> (value: Double, gradient: [Double])
  var evaluationCount = 0

  init(_ value: @escaping ([Double]) -> (value: Double, gradient: [Double])) { self.value = value }
}

/// NLopt's objective: `context` is the `LikelihoodProblem`, which outlives the call.
private func evaluateLikelihood(
  count: UInt32, point: UnsafePointer<Double>?, gradient: UnsafeMutablePointer<Double>?,
  context: UnsafeMutableRawPointer?
) -> Double {
  guard let point, let context else { return -Double.greatestFiniteMagnitude }
  let problem = Unmanaged<LikelihoodProblem>.fromOpaque(context).takeUnretainedValue()
  problem.evaluationCount += 1
  let found = problem.value(Array(UnsafeBufferPointer(start: point, count: Int(count))))
  if let gradient {
    for index in 0..<Int(count) { gradient[index] = found.gradient[index].isFinite ? found.gradient[index] : 0 }
  }
  return found.value.isFinite ? found.value : -1e300
}

extension Convergence {
  /// Of a fit in which no start gave a likelihood.
  static func none(startCount: Int) -> Convergence {
    Convergence(isReached: false, gradient: .infinity, startCount: startCount, agreeingCount: 0, evaluationCount: 0)
  }
}
