import Glibc

/// The customers that a generation was fitted to, with whom those of later walks are compared.
public struct ModelReference: Sendable, Equatable {
  /// The clock of the fit, ms since 1970.
  public var clockMs: Int64
  /// The customers of the sample.
  public var customers: Int
  /// The mean squared distance to the nearest centroid as it was fitted.
  public var inertia: Double
  /// Customers by feature and bin, as in `ModelWatch.bins`.
  public var bins: [Int64]

  /// Makes one of its parts.
  package init(clockMs: Int64, customers: Int, inertia: Double, bins: [Int64]) {
    self.clockMs = clockMs
    self.customers = customers
    self.inertia = inertia
    self.bins = bins
  }

  /// What a fitted model is of the sample that it was fitted to.
  init(_ sample: CustomerSample, model: Model, clockMs: Int64) {
    let count = model.features.count
    let shifts = (0..<count).map { ModelWatch.shift(clamp: model.scaler.clamp($0)) }
    var bins = [Int64](repeating: 0, count: count * ModelWatch.binCount)
    var inertia = 0.0
    for entry in sample.entries {
      let z = model.scaler.scaled(entry.features, count: count)
      for index in 0..<count {
        let bin = ModelWatch.binCount / 2 + Int(fixedPoint(z[index])) >> Int(shifts[index])
        bins[index * ModelWatch.binCount + min(bin, ModelWatch.binCount - 1)] += 1
      }
      inertia += model.segments.reduce(.infinity) { min($0, squaredDistance($1.centroid, z)) }
    }
    self.clockMs = clockMs
    self.customers = sample.entries.count
    self.inertia = inertia / Double(max(1, sample.entries.count))
    self.bins = bins
  }
}

/// How far a population has moved from another: the population stability index, Σ (a − e) · ln(a / e) over ten groups.
///
/// `reference` and `present` are customers by bin, in the same bins. The groups are runs of bins, cut where the
/// reference reaches each tenth of its customers, so that no group is nearly empty there; to each group half a customer
/// is added, so that an empty one has a logarithm. `nil` where one of both has no customers.
///
/// Below 0.1 the population is taken as stable, up to 0.25 as moved, above as shifted (Siddiqi, Credit Risk Scorecards,
/// 2006, chapter 9). By chance alone it comes to about 9 · (1/n + 1/m) with n and m customers (Yurdakul, Statistical
/// Properties of Population Stability Index, 2018).
package func populationStability(reference: ArraySlice<Int64>, present: ArraySlice<Int64>) -> Double? {
  let total = reference.reduce(0, &+)
  guard total > 0, present.reduce(0, &+) > 0 else { return nil }
  var groups: [(reference: Double, present: Double)] = []
  var group = (reference: 0.0, present: 0.0)
  var seen: Int64 = 0
  var tenth: Int64 = 1
  for (before, now) in zip(reference, present) {
    group.reference += Double(before)
    group.present += Double(now)
    seen &+= before
    if 10.0 * Double(seen) >= Double(tenth) * Double(total) && seen < total {
      groups.append(group)
      group = (0, 0)
      tenth = Int64(10.0 * Double(seen) / Double(total)) + 1
    }
  }
  groups.append(group)
  let half = Double(groups.count) / 2
  let (before, now) = groups.reduce(into: (half, half)) { sums, group in
    sums.0 += group.reference
    sums.1 += group.present
  }
  return groups.reduce(0) { sum, group in
    let expected = (group.reference + 0.5) / before
    let actual = (group.present + 0.5) / now
    return sum + (actual - expected) * log(actual / expected)
  }
}
