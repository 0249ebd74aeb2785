import Testing

@testable import Segmentation

/// A segmenter after `days` days of traffic, and its trainer after a fit at their end.
private func fitted(
  _ settings: SegmentationSettings, seed: UInt64 = 3
) -> (segmenter: Segmenter, traffic: Traffic, trainer: Trainer) {
  let changes = ChangeSettings(shape: .binary, source: "/t", causeTopic: "t")
  let segmenter = Segmenter(settings: settings, changes: changes, partitions: [0])
  var traffic = Traffic(seed: seed, customers: 500)
  for _ in 0..<50 { segmenter.apply(traffic.nextDay()) }
  var trainer = Trainer(settings: settings)
  _ = trainer.needsFit(customers: segmenter.buyers, clockMs: traffic.clockMs, startMs: Traffic.startMs)
  segmenter.adopt(fit(&trainer, segmenter, traffic.clockMs))
  return (segmenter, traffic, trainer)
}

private func fit(_ trainer: inout Trainer, _ segmenter: Segmenter, _ clockMs: Int64) -> Model {
  var sample = CustomerSample()
  segmenter.collect(into: &sample, clockMs: clockMs)
  return trainer.fit(sample, clockMs: clockMs)
}

@Suite("Trainer's memory")
struct TrainerMemoryTests {
  @Test("A trainer that is made anew every day goes on exactly as one that never stopped")
  func restarts() throws {
    var settings = SegmentationSettings()
    settings.k = 4
    settings.halfLifeDays = 30
    var (segmenter, traffic, trainer) = fitted(settings)
    var generations = 1
    for _ in 0..<120 {
      segmenter.apply(traffic.nextDay())
      segmenter.sweep(0, rows: .max, clockMs: traffic.clockMs, origin: .replay)
      var other = Trainer(settings: settings, model: try #require(trainer.model), memory: trainer.memory)
      let isDue = trainer.needsFit(customers: segmenter.buyers, clockMs: traffic.clockMs, startMs: Traffic.startMs)
      let isOtherDue = other.needsFit(
        customers: segmenter.buyers, clockMs: traffic.clockMs, startMs: Traffic.startMs)
      #expect(isOtherDue == isDue)
      if isDue {
        segmenter.adopt(fit(&trainer, segmenter, traffic.clockMs))
        _ = fit(&other, segmenter, traffic.clockMs)
        generations += 1
      } else if let newer = trainer.update(try #require(segmenter.statistics())) {
        _ = other.update(try #require(segmenter.statistics()))
        segmenter.adopt(newer)
      }
      #expect(other.model == trainer.model && other.memory == trainer.memory)
    }
    #expect(generations > 1)
  }

  @Test("A fit is due at once where k, half-life, features or weights are not those of the model")
  func otherSettings() throws {
    let settings = SegmentationSettings()
    let (segmenter, traffic, trainer) = fitted(settings)
    let model = try #require(trainer.model)
    func isDue(_ change: (inout SegmentationSettings) -> Void) -> Bool {
      var other = settings
      change(&other)
      var next = Trainer(settings: other, model: model, memory: trainer.memory)
      return next.needsFit(customers: segmenter.buyers, clockMs: traffic.clockMs, startMs: Traffic.startMs)
    }
    #expect(!isDue { _ in } && !isDue { $0.margin = 0.5 } && !isDue { $0.seed = 9 })
    #expect(isDue { $0.k = 5 } && isDue { $0.halfLifeDays = 91 } && isDue { $0.features[1].weight = 2 })
    let isFewerDue = isDue { $0.features = [$0.features[0], $0.features[1]] }
    let isOtherOrderDue = isDue { $0.features = $0.features.reversed() }
    #expect(isFewerDue && isOtherOrderDue)
    var few = settings
    few.k = 5
    var next = Trainer(settings: few, model: model, memory: trainer.memory)
    let isFewDue = next.needsFit(customers: 9, clockMs: traffic.clockMs)
    #expect(!isFewDue, "a fit needs two customers a cluster")
  }

  @Test("With the same features ids go on through another k; with others all are new, and none is used again")
  func ids() throws {
    let settings = SegmentationSettings()
    for k in [4, 8] {
      let (segmenter, traffic, trainer) = fitted(settings)
      let model = try #require(trainer.model)
      var other = settings
      other.k = k
      var next = Trainer(settings: other, model: model, memory: trainer.memory)
      let refitted = fit(&next, segmenter, traffic.clockMs)
      let kept = Set(refitted.segments.map(\.number)).intersection(model.segments.map(\.number))
      #expect(refitted.segments.count == k && !kept.isEmpty && refitted.generation == 2)
      #expect(refitted.segments.allSatisfy { kept.contains($0.number) || $0.number > model.lastSegmentNumber })
      #expect(!next.isOutdated && next.memory.k == k)
    }
    let (_, traffic, trainer) = fitted(settings)
    let model = try #require(trainer.model)
    var other = settings
    other.features = [WeightedFeature(.orders), WeightedFeature(.tenure)]
    let changed = fitted(other).segmenter
    var next = Trainer(settings: other, model: model, memory: trainer.memory)
    let refitted = fit(&next, changed, traffic.clockMs)
    #expect(refitted.segments.allSatisfy { $0.number > model.lastSegmentNumber })
    #expect(refitted.version == model.version + 1 && refitted.retired.map(\.number) == Array(1...6))
  }

  @Test("A model of other features than the settings' is not taken over")
  func otherFeatures() throws {
    let settings = SegmentationSettings()
    let (_, _, trainer) = fitted(settings)
    var other = settings
    other.features = [WeightedFeature(.orders)]
    let changes = ChangeSettings(shape: .binary, source: "/t", causeTopic: "t")
    let segmenter = Segmenter(settings: other, changes: changes, partitions: [0])
    segmenter.adopt(try #require(trainer.model))
    #expect(segmenter.model == nil && segmenter.statistics(of: 0).generation == 0)
  }
}
