import Segmentation

/// The trainer of a stream: makes models of the newest statistics and samples of all input partitions.
///
/// It is a deterministic function of its settings, the model record it began with and the records it has taken; their
/// order across partitions does not matter, and it reads the wall clock only to say how long a fit took.
package struct StreamTrainer: Sendable {
  /// A model that is to be published.
  package struct News: Sendable {
    /// The model and the trainer's memory; with the learner's customers of each cluster, after a fit without.
    package var record: ModelRecord
    /// Whether it is a fit, of a new generation.
    package var isFit: Bool
    /// The contest that it is news of.
    package var contest: Contest?
    /// How long it took, in ms.
    package var ms: Int
    /// What it weighed to choose its number of clusters, where it did.
    package var kChoice: KChoice?
  }

  /// A fit or a contest that is due, to be run on any thread.
  package struct Fit: Sendable {
    fileprivate var trainer: Trainer
    fileprivate let settings: SegmentationSettings
    fileprivate let samples: [CustomerSample]
    fileprivate let clockMs: Int64
    fileprivate let isContest: Bool
    /// The contest's number, or of the one that the fit takes the place of; `nil` where a fit has not heard of all.
    fileprivate let number: Int?

    /// Makes the model, unless data are lacking: 60 ms and more, a contest half of that. The outcome is for `finish`.
    package consuming func run() -> FinishedFit {
      let startMs = wallClockMs()
      var merged = CustomerSample()
      for sample in samples { merged.merge(sample) }
      merged.trim()
      let generation = trainer.model?.generation ?? 0
      var held: Contest?
      var lack: InsufficientData?
      if let number, isContest {
        held = trainer.contest(merged, clockMs: clockMs, number: number)
      } else {
        lack = settings.lack(of: merged)
        if lack == nil {
          if let number { trainer.passOver(contest: number) }
          _ = trainer.fit(merged, clockMs: clockMs)
        }
      }
      return FinishedFit(
        trainer: trainer, generation: generation, isContest: isContest, contest: held, lack: lack,
        ms: Int(wallClockMs() - startMs))
    }
  }

  /// The outcome of a fit or a contest.
  package struct FinishedFit: Sendable {
    fileprivate let trainer: Trainer
    /// The generation that it began with.
    fileprivate let generation: Int
    fileprivate let isContest: Bool
    fileprivate let contest: Contest?
    fileprivate let lack: InsufficientData?
    fileprivate let ms: Int
  }

  private let settings: SegmentationSettings
  private var trainer: Trainer
  /// The newest of each partition.
  private var statistics: [StatisticsRecord?]
  private var samples: [SampleRecord?]
  /// Whether a sample has come since the last fit was refused, and since cuts were looked at.
  private var hasSampleForFit = true
  private var hasSampleForCuts = true
  /// What is lacking for the fit that the stream waits for, or that was refused; `nil` where nothing is.
  package private(set) var lack: InsufficientData?
  private var watches: [WatchRecord?]

  /// Makes a trainer of `partitions` input partitions that goes on from the last model record, where there is one.
  package init(settings: SegmentationSettings, partitions: Int, from last: ModelRecord? = nil) {
    self.settings = settings
    trainer =
      last.map { Trainer(settings: settings, model: $0.model, memory: $0.memory) } ?? Trainer(settings: settings)
    statistics = Array(repeating: nil, count: partitions)
    samples = Array(repeating: nil, count: partitions)
    watches = Array(repeating: nil, count: partitions)
  }

  /// The newest model and the trainer's memory; `nil` before the first fit.
  package var record: ModelRecord? {
    trainer.model.map { ModelRecord(model: $0, memory: trainer.memory) }
  }

  /// Goes on from a model that another has made.
  mutating func goOn(from record: ModelRecord) {
    trainer = Trainer(settings: settings, model: record.model, memory: record.memory)
  }

  // MARK: Records

  /// Takes a record of the statistics topic.
  package mutating func take(_ record: TrainingRecord) {
    switch record {
    case .statistics(let record): take(statistics: record)
    case .sample(let record): take(sample: record)
    case .watch(let record):
      if watches.indices.contains(Int(record.partition)) { watches[Int(record.partition)] = record }
    }
  }

  /// Takes a partition's newest statistics; of a partition that is none they are left.
  package mutating func take(statistics record: StatisticsRecord) {
    if statistics.indices.contains(Int(record.partition)) { statistics[Int(record.partition)] = record }
  }

  /// Takes a partition's newest sample; one of other settings, or of a partition that is none, is left.
  package mutating func take(sample record: SampleRecord) {
    guard samples.indices.contains(Int(record.partition)), record.fits(settings) else { return }
    samples[Int(record.partition)] = record
    (hasSampleForFit, hasSampleForCuts) = (true, true)
  }

  /// The commit that a partition's newest statistics are of; `nil` before the first.
  func sequence(of partition: Int32) -> Int? { statistics[Int(partition)]?.sequence }

  // MARK: Models

  /// Fits anew where that is due, else holds the contest that is, else moves the centroids to what has been learned;
  /// `nil` where nothing moved.
  package mutating func closeEpoch() -> News? {
    if let fit = dueFit() { return finish(fit.run()) }
    if let contest = dueContest(), let news = finish(contest.run()) { return news }
    return update()
  }

  /// The fit that is due by the samples' customers and clocks; `nil` where none is.
  package mutating func dueFit() -> Fit? {
    let known = samples.compactMap { $0 }
    guard let clockMs = known.compactMap(\.clockMs).max(), let startMs = known.compactMap(\.startMs).min() else {
      return nil
    }
    // After a change of the settings all partitions make new samples at once; a part of them would be a poor fit.
    if trainer.isOutdated && !samples.indices.allSatisfy({ samples[$0] != nil || isEmpty($0) }) { return nil }
    var next = trainer
    let customers = known.reduce(0) { $0 + $1.sample.customers }
    guard next.needsFit(customers: customers, clockMs: clockMs, startMs: startMs) else {
      lack = waitsFor(customers)
      return nil
    }
    // Of the same samples it would be refused again.
    guard lack == nil || hasSampleForFit else { return nil }
    return Fit(
      trainer: next, settings: settings, samples: known.map(\.sample), clockMs: clockMs, isContest: false,
      number: sweep)
  }

  /// What is lacking while the first fit, or one by other settings, waits for customers.
  private func waitsFor(_ customers: Int) -> InsufficientData? {
    if trainer.model == nil { return .customers(customers, needed: settings.firstFitCustomers) }
    return trainer.isOutdated ? .customers(customers, needed: settings.leastFitCustomers) : nil
  }

  /// The contest of a sweep, once every partition with customers has published its sample of it; `nil` where none is
  /// due.
  ///
  /// Its number is the least of the partitions' walks, so that a new trainer holds none twice that the model record
  /// knows of, nor another after a walk that began anew.
  package func dueContest() -> Fit? {
    let known = samples.compactMap { $0 }
    guard trainer.holdsContests, let sweep, sweep != trainer.memory.contest,
      let clockMs = known.compactMap(\.clockMs).max()
    else { return nil }
    return Fit(
      trainer: trainer, settings: settings, samples: known.map(\.sample), clockMs: clockMs, isContest: true,
      number: sweep)
  }

  /// The least walk of the partitions' samples; `nil` until all with customers have published one.
  private var sweep: Int? {
    var walks: [Int] = []
    for partition in samples.indices where !isEmpty(partition) {
      guard let sample = samples[partition] else { return nil }
      if sample.sample.customers > 0 { walks.append(sample.walk) }
    }
    return walks.min()
  }

  /// Takes over the outcome of a fit or a contest; `nil` where it was refused or changed nothing, or where a newer
  /// generation has been made meanwhile.
  package mutating func finish(_ fit: FinishedFit) -> News? {
    if !fit.isContest { (lack, hasSampleForFit) = (fit.lack, false) }
    guard let model = fit.trainer.model, fit.generation == trainer.model?.generation ?? 0 else { return nil }
    if model.generation == fit.generation {
      guard fit.isContest, trainer.takeContests(of: fit.trainer.memory) != nil else { return nil }
      return record.map { News(record: $0, isFit: false, contest: fit.contest, ms: fit.ms) }
    }
    var fitted = fit.trainer
    // Versions made while the fit ran have used up numbers.
    fitted.advanceVersion(past: trainer.model?.version ?? 0)
    trainer = fitted
    return record.map {
      News(
        record: $0, isFit: true, contest: fit.contest, ms: fit.ms, kChoice: fit.contest == nil ? trainer.kChoice : nil)
    }
  }

  /// Moves the centroids to the means of all partitions' sums; `nil` where nothing moved, or where a partition with
  /// customers has not swept in the model's generation yet or was not heard of.
  package mutating func update() -> News? {
    guard let model = trainer.model else { return nil }
    if model.kind == .rules { return updateRules() }
    var total = PartitionStatistics(
      generation: model.generation, k: model.segments.count, features: model.features.count)
    for partition in statistics.indices {
      guard let record = statistics[partition] else { return nil }
      if record.statistics.generation == model.generation, record.features == model.features,
        record.statistics.counts.count == model.segments.count
      {
        total.add(record.statistics)
      } else if record.statistics.customers > 0 {
        return nil
      }
    }
    var probe = trainer
    guard probe.update(total) != nil else { return nil }
    // Renewed cuts go with a version that is due anyway.
    renewCuts()
    guard trainer.update(total) != nil else { return nil }
    trainer.mark(versionMs: clockMs)
    guard var record else { return nil }
    record.customers = total.counts.map { Int($0) }
    return News(record: record, isFit: false, ms: 0)
  }

  /// A version whose cuts are those of all partitions' newest samples; `nil` where no cut has moved so far.
  private mutating func updateRules() -> News? {
    guard !trainer.isOutdated else { return nil }
    if hasSampleForCuts { renewCuts() }
    hasSampleForCuts = false
    guard trainer.updateRules() != nil else { return nil }
    return record.map { News(record: $0, isFit: false, ms: 0) }
  }

  /// Renews the cuts, once every partition with customers has told of them.
  private mutating func renewCuts() {
    guard samples.indices.allSatisfy({ samples[$0] != nil || isEmpty($0) }) else { return }
    var histograms = ScoreHistograms()
    for case let sample? in samples { histograms.add(sample.sample.histograms) }
    trainer.renewCuts(histograms)
  }

  // MARK: Health

  /// The newest clock that a partition has told; `nil` before the first.
  private var clockMs: Int64? { statistics.compactMap { $0?.clockMs }.max() }

  /// How the model fits the customers of each partition's last complete walk; `nil` until every partition with
  /// customers has completed one in the model's generation.
  package func health() -> ModelHealth? {
    guard let model = trainer.model else { return nil }
    var total: ModelWatch?
    var walks = [Int](repeating: 0, count: statistics.count)
    for partition in statistics.indices {
      guard let told = statistics[partition] else { return nil }
      guard let record = watches[partition], record.watch.generation == model.generation,
        record.features == model.features, record.watch.nearest.count == model.segments.count
      else {
        if told.statistics.customers > 0 { return nil }
        continue
      }
      walks[partition] = record.watch.sweep
      if total == nil { total = record.watch } else { total?.add(record.watch) }
    }
    return total.map { total in
      ModelHealth(
        total, sweep: total.sweep, walks: walks, model: model, memory: trainer.memory, clockMs: clockMs)
    }
  }

  /// Whether a partition is known to have no customer with a purchase.
  private func isEmpty(_ partition: Int) -> Bool { statistics[partition]?.statistics.customers == 0 }
}
