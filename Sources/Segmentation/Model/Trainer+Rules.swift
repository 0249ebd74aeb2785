extension Trainer {
  /// Makes a generation of the settings' rule table, with cuts of the sampled customers.
  mutating func establishRules(_ sample: CustomerSample, clockMs: Int64) -> Model {
    let previous = model
    let table = settings.rules
    // A name keeps its id as long as rules follow rules; a cluster of the same name was something else.
    var numbers: [String: Int] = [:]
    if let previous, previous.kind == .rules {
      for segment in previous.segments { numbers[segment.name] = segment.number }
    }
    var last = max(memory.lastSegmentNumber, previous?.lastSegmentNumber ?? 0)
    var segments = table.names.map { name in
      if numbers[name] == nil { last += 1 }
      return Model.Segment(number: numbers[name] ?? last, name: name, cell: name, centroid: [])
    }
    segments.sort { $0.number < $1.number }
    let established = Model(
      generation: (previous?.generation ?? 0) + 1, version: (previous?.version ?? 0) + 1, features: [],
      scaler: Model.Scaler(mean: [], sd: [], lower: [], upper: []), segments: segments,
      cuts: settings.cuts(of: sample.histograms, after: nil), lastSegmentNumber: last,
      retired: Self.retired(by: segments, after: previous), kind: .rules, rules: table)
    model = established
    remember(sample, clockMs: clockMs, lastNumber: last)
    return established
  }

  /// Takes over the settings' table and fixed cuts, which need no fit; the next version carries them, and is due.
  mutating func takeOverNames() {
    guard !settings.isFrozen, var next = model, next.kind == settings.kind else { return }
    settings.cuts.apply(to: &next.cuts, digits: settings.currency.digits)
    if settings.kind == .kmeans { next.rules = settings.rules }
    guard next != model else { return }
    model = next
    owesVersion = true
  }

  /// Makes the score cuts those of some customers; the next version carries them.
  ///
  /// Without `exactly` a table gives way only where it gains, see `ScoreHistograms.renewed`. With rules a new version
  /// is due when a cut has changed; centroids need none for it.
  package mutating func renewCuts(_ histograms: ScoreHistograms, exactly: Bool = false) {
    guard !settings.isFrozen, let old = model?.cuts, histograms.customers > 0 else { return }
    let new = settings.cuts(of: histograms, after: exactly ? nil : old)
    guard new != old else { return }
    model?.cuts = new
    if model?.kind == .rules { owesVersion = true }
  }

  /// A new version of rules where one is due, or always with `force`; else `nil`.
  package mutating func updateRules(force: Bool = false) -> Model? {
    guard !settings.isFrozen, force || owesVersion, var next = model else { return nil }
    next.version += 1
    owesVersion = false
    model = next
    return next
  }
}

extension SegmentationSettings {
  /// The cuts of some customers, `old` as far as it still holds; what the settings fix is fixed.
  func cuts(of histograms: ScoreHistograms, after old: ScoreCuts?) -> ScoreCuts {
    var cuts = old.map(histograms.renewed) ?? histograms.cuts()
    self.cuts.apply(to: &cuts, digits: currency.digits)
    return cuts
  }
}
