extension Trainer {
  /// Whether there is a model that challengers may take the place of.
  public var holdsContests: Bool { model?.kind == .kmeans && !isOutdated && !settings.isFrozen }

  /// Holds the contest of this number on the sample of a sweep at a clock: what it found, or `nil` where the sample is
  /// too small for one.
  ///
  /// A challenger that wins twice running founds a new generation, fitted to the whole sample from its centroids.
  public mutating func contest(_ sample: CustomerSample, clockMs: Int64, number: Int) -> Contest? {
    memory.contest = number
    var sample = sample
    sample.trim()
    guard holdsContests, let model, sample.entries.count >= settings.firstFitCustomers,
      let challenger = Challenger(
        model, sample: sample, features: settings.features, seed: settings.seed, number: number)
    else { return nil }
    memory.streak = challenger.contest.isWon ? memory.streak + 1 : 0
    if memory.streak >= Contest.winsNeeded {
      memory.founded += 1
      let (scaler, count) = (challenger.clustering.scaler, settings.features.count)
      let kMeans = KMeans(points: scaler.points(of: sample), features: count)
      let fit = kMeans.lloyd(from: challenger.clustering.centroids.flatMap { $0 })
      // Refits go on as if there had been none: they alone see to it that names tell the truth.
      let (customers, spanMs) = (memory.fittedCustomers, memory.fittedSpanMs)
      _ = found(
        Clustering(scaler: scaler, flat: fit.centroids, features: count), on: sample, clockMs: clockMs, isRefit: false)
      (memory.fittedCustomers, memory.fittedSpanMs) = (customers, spanMs)
    }
    return challenger.contest
  }

  /// Holds no contest of this number, because a fit to the same sample takes its place.
  package mutating func passOver(contest number: Int) { memory.contest = number }

  /// Takes over how the contests of another trainer of the same generation stand: a new version that says so, where
  /// its streak is another.
  package mutating func takeContests(of other: TrainerMemory) -> Model? {
    let isNews = other.streak != memory.streak
    (memory.contest, memory.streak) = (other.contest, other.streak)
    if isNews { model?.version += 1 }
    return isNews ? model : nil
  }
}
