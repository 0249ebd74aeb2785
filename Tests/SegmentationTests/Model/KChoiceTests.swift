import Testing

@testable import Segmentation

/// The centres of six groups, each far from all others in each of three features.
private let centres: [[Double]] = [
  [0, 30, 40], [10, 0, 20], [20, 50, 0], [30, 20, 50], [40, 40, 10], [50, 10, 30],
]

/// Customers of `groups` groups, of unequal size; raw features scatter about the centres by `scatter`.
private func plantedSample(_ groups: Int, customers: Int, scatter: Double = 1, seed: UInt64) -> CustomerSample {
  var random = SplitMix64(seed: seed)
  var sample = CustomerSample()
  for index in 0..<customers {
    // Group 0 has twice as many as each other one.
    let group = max(0, random.next(below: groups + 1) - 1)
    var features = FeatureVector()
    for feature in 0..<3 { features[feature] = centres[group][feature] + scatter * random.normal() }
    let entry = CustomerSample.Entry(
      hash: random.next(), features: features, recencyMs: Int64(index) * 60_000, orders: 1, netMinor: 100)
    if sample.count(recencyMs: entry.recencyMs, orders: 1, netMinor: 100, hash: entry.hash) { sample.add(entry) }
  }
  return sample
}

private func automatic(seed: UInt64 = 1) -> SegmentationSettings {
  var settings = SegmentationSettings()
  settings.kIsAuto = true
  settings.seed = seed
  return settings
}

/// A choice among candidates 2 and up with these silhouettes; the inertias bend at `elbow` alone.
private func choice(_ silhouettes: [Double?], elbow: Int, present: Int? = nil) -> KChoice {
  let candidates = silhouettes.enumerated().map { index, silhouette in
    KChoice.Candidate(k: index + 2, inertia: index + 2 < elbow ? 1000 : 10, silhouette: silhouette)
  }
  return KChoice(generation: 1, candidates: candidates, whole: 1000, features: 1_000_000, present: present)
}

@Suite("The choice of k")
struct KChoiceTests {
  @Test("Planted groups, far apart, are found from every seed", arguments: [3, 4, 6])
  func planted(groups: Int) throws {
    for seed in UInt64(1)...20 {
      var trainer = Trainer(settings: automatic(seed: seed))
      let model = trainer.fit(plantedSample(groups, customers: 120, seed: seed), clockMs: 0)
      let choice = try #require(trainer.kChoice)
      #expect([choice.chosen, choice.elbow, choice.best] == [groups, groups, groups], "seed \(seed)")
      #expect(model.segments.count == groups && trainer.memory.k == groups && trainer.memory.kIsAuto, "seed \(seed)")
    }
  }

  @Test("The greatest silhouette decides, of equals the least number")
  func silhouetteDecides() {
    #expect(choice([0.3, 0.5, 0.4, 0.5], elbow: 2).chosen == 3)
    #expect(choice([nil, 0.5, 0.6, nil], elbow: 3).chosen == 4)
  }

  @Test("The elbow decides where its silhouette is less by no more than the tolerance")
  func elbowBreaksTies() {
    let least = 0.5 - KChoice.tieTolerance
    #expect(choice([0.3, 0.5, least + 1e-9, 0.2], elbow: 4).chosen == 4)
    #expect(choice([0.3, 0.5, least - 1e-9, 0.2], elbow: 4).chosen == 3)
    #expect(choice([0.3, 0.5, nil, 0.2], elbow: 4).chosen == 3)
  }

  @Test("The number in use stays until another's silhouette is greater by the margin")
  func presentStays() {
    let enough = 0.5 + KChoice.changeMargin
    #expect(choice([0.5, 0.3, enough - 1e-9, 0.2], elbow: 4, present: 2).chosen == 2)
    #expect(choice([0.5, 0.3, enough + 1e-9, 0.2], elbow: 4, present: 2).chosen == 4)
    // What is not among the candidates any more, or has no silhouette, binds nobody.
    #expect(choice([0.5, 0.3, 0.51, 0.2], elbow: 4, present: 12).chosen == 4)
    #expect(choice([nil, 0.3, 0.31, 0.2], elbow: 4, present: 2).chosen == 4)
  }

  @Test("A tie that the elbow decides does not move the number in use")
  func elbowDoesNotFlap() {
    #expect(choice([0.3, 0.5, 0.495, 0.2], elbow: 4, present: 3).chosen == 3)
    #expect(choice([0.3, 0.5, 0.495, 0.2], elbow: 3, present: 4).chosen == 4)
  }

  @Test("Customers who are all alike get two segments")
  func allAlike() {
    var sample = CustomerSample()
    for index in 0..<50 {
      let entry = CustomerSample.Entry(
        hash: UInt64(index), features: FeatureVector(), recencyMs: 0, orders: 1, netMinor: 1)
      if sample.count(recencyMs: 0, orders: 1, netMinor: 1, hash: entry.hash) { sample.add(entry) }
    }
    var trainer = Trainer(settings: automatic())
    #expect(trainer.fit(sample, clockMs: 0).segments.count == 2 && trainer.kChoice?.best == nil)
  }

  @Test("One blurred crowd keeps its number from one generation to the next, whatever the sample")
  func noFlapping() {
    var trainer = Trainer(settings: automatic())
    var numbers: [Int] = []
    for seed in UInt64(1)...8 {
      let sample = plantedSample(4, customers: 500, scatter: 20, seed: seed)
      numbers.append(trainer.fit(sample, clockMs: 0).segments.count)
    }
    let changes = zip(numbers, numbers.dropFirst()).filter { $0 != $1 }.count
    #expect(changes <= 1, "\(numbers)")
  }

  @Test("A fit is due where k becomes auto, and where it becomes a number that is not the chosen one")
  func settingsChange() {
    var first = Trainer(settings: automatic())
    let model = first.fit(plantedSample(3, customers: 120, seed: 1), clockMs: 0)
    func isOutdated(_ settings: SegmentationSettings, _ memory: TrainerMemory) -> Bool {
      Trainer(settings: settings, model: model, memory: memory).isOutdated
    }
    var fixed = SegmentationSettings()
    fixed.k = 3
    #expect(!isOutdated(automatic(), first.memory) && !isOutdated(fixed, first.memory))
    fixed.k = 4
    #expect(isOutdated(fixed, first.memory))
    var memory = first.memory
    memory.kIsAuto = false
    #expect(isOutdated(automatic(), memory))
  }

  @Test("The first fit with auto waits for as many customers as one of ten segments")
  func minima() {
    var trainer = Trainer(settings: automatic())
    let isDue = (trainer.needsFit(customers: 499, clockMs: 0), trainer.needsFit(customers: 500, clockMs: 0))
    #expect(isDue == (false, true))
    #expect(automatic().leastFitCustomers == 20)
  }
}
