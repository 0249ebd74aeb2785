import Segmentation

/// Which sweeps have been told, and what was warned of: once, until it has been better.
///
/// A sweep is over when every partition with customers has completed another walk than those of the sweep before.
struct HealthWatch {
  /// The last sweep that was told.
  private var told: ModelHealth?
  private var isWarned: Set<String> = []

  /// Goes on behind the last one that is known.
  init(last: ModelHealth?) { told = last }

  /// What the walks come to as the sweep that follows; `nil` while it is not over. What is returned has been told.
  mutating func next(_ health: ModelHealth) -> ModelHealth? {
    var health = health
    if let told {
      let isOver = health.walks.indices.allSatisfy { partition in
        let before = told.walks.indices.contains(partition) ? told.walks[partition] : 0
        return health.walks[partition] == 0 || health.walks[partition] != before
      }
      guard isOver || health.generation > told.generation else { return nil }
      health.sweep = told.sweep + 1
    }
    told = health
    return health
  }

  /// What an operator should look at and has not been told.
  mutating func warnings(_ health: ModelHealth) -> [String] {
    var warnings: [String] = []
    for drift in health.features {
      let name = drift.feature.rawValue
      if let stability = drift.stability,
        isDue("\(name) stability", stability >= ModelHealth.shiftedMin)
      {
        warnings.append(
          "`\(name)` has shifted since model generation \(health.generation) was fitted: PSI "
            + "`\((stability * 1_000).rounded() / 1_000)`; `segmenter state` shows how well segments still fit")
      }
      let share = health.outsideShare(drift)
      if isDue("\(name) bounds", share > ModelHealth.outsideMax) {
        warnings.append(
          "`\((share * 1_000).rounded() / 10)` % of the customers are outside the bounds of `\(name)` that model "
            + "generation \(health.generation) was fitted with: its scaler is stale")
      }
    }
    return warnings
  }

  private mutating func isDue(_ what: String, _ isBad: Bool) -> Bool {
    if !isBad {
      isWarned.remove(what)
      return false
    }
    return isWarned.insert(what).inserted
  }
}
