import Testing

@testable import Segmentation

private let corners = [[0.0, 0.0], [8.0, 0.0], [0.0, 8.0]]

/// A trainer after a fit to a crowd.
private func fitted(_ crowd: SampledCrowd, k: Int = 3) -> Trainer {
  var trainer = Trainer(settings: SampledCrowd.settings(k: k))
  _ = trainer.fit(crowd.sample, clockMs: 0)
  return trainer
}

/// The held-out inertia of a partition by the definition: about the means that the training customers have.
private func judged(_ labels: [Int], _ points: [[Double]], isJudge: [Bool]) -> Double {
  var total = 0.0
  for cluster in Set(labels) {
    let training = points.indices.filter { labels[$0] == cluster && !isJudge[$0] }
    for feature in points[0].indices {
      let mean = training.reduce(0.0) { $0 + points[$1][feature] } / Double(training.count)
      for index in points.indices where labels[index] == cluster && isJudge[index] {
        total += (points[index][feature] - mean) * (points[index][feature] - mean)
      }
    }
  }
  return total
}

@Suite("Challenger")
struct ChallengerTests {
  @Test("The judging half's inertia is that of the definition, and each half judges about as often", arguments: [1, 2])
  func definition(seed: UInt64) throws {
    let before = SampledCrowd(seed: seed, size: 100, centres: corners)
    let trainer = fitted(before)
    let model = try #require(trainer.model)
    let sample = SampledCrowd(seed: seed + 9, size: 100, centres: [[1, 0], [6, 3], [0, 9]]).sample
    for number in 1...5 {
      let settings = SampledCrowd.settings(k: 3)
      let challenger = try #require(
        Challenger(model, sample: sample, features: settings.features, seed: 7, number: number))
      let again = Challenger(model, sample: sample, features: settings.features, seed: 7, number: number)
      #expect(again?.contest == challenger.contest, "the same contest gives the same")
      let scaler = challenger.clustering.scaler
      let points = sample.entries.map { scaler.scaled($0.features, count: 2) }
      let isJudge = sample.entries.map {
        fold($0.hash ^ UInt64(number), 0x9e37_79b9_7f4a_7c15) & 1 == 1
      }
      let judges = isJudge.count { $0 }
      #expect(100...200 ~= judges, "\(judges) of 300 judge")
      let own = judged(challenger.clustering.clusters(of: sample), points, isJudge: isJudge)
      let present = judged(Clustering(model).clusters(of: sample), points, isJudge: isJudge)
      #expect(abs(challenger.contest.challengerInertia - own) < 1e-9 * own)
      #expect(abs(challenger.contest.inertia - present) < 1e-9 * present)
      #expect(challenger.contest.isWon == (own <= (challenger.contest.isStale ? 1.03 : 0.97) * present))
    }
  }

  @Test("Over 1,000 epochs without a structural change no challenger wins: generation, ids and names stay")
  func stationary() throws {
    for seed in UInt64(1)...2 {
      var crowd = SampledCrowd(seed: seed, size: 90, centres: corners, spread: 1.5)
      var trainer = fitted(crowd)
      let first = try #require(trainer.model)
      var contests = 0
      for epoch in 1...1000 {
        crowd.wander(0.05)
        // A sweep takes some epochs.
        if epoch % 10 == 0 {
          let contest = trainer.contest(crowd.sample, clockMs: Int64(epoch), number: epoch)
          contests += contest == nil ? 0 : 1
        } else if epoch % 10 == 5, let model = trainer.model {
          _ = trainer.update(crowd.statistics(model))
        }
        #expect(trainer.model?.generation == 1, "seed \(seed), epoch \(epoch)")
      }
      #expect(contests == 100)
      #expect(trainer.model?.segments.map(\.number) == first.segments.map(\.number))
      #expect(trainer.model?.segments.map(\.name) == first.segments.map(\.name))
    }
  }

  @Test("After a shock the second win running founds a generation as good as a fit; who stays together keeps the id")
  func shock() throws {
    var crowd = SampledCrowd(seed: 3, size: 120, centres: corners)
    var trainer = fitted(crowd)
    let before = try #require(trainer.model)
    let ids = Clustering(before).clusters(of: crowd.sample).map { before.segments[$0].number }
    // The first group splits far apart; the others are where they were, so that one centroid must leave its place.
    for index in 0..<120 { crowd.centres[index] = index % 2 == 0 ? [-30, 0] : [0, -30] }
    let sample = crowd.sample
    let won = trainer.contest(sample, clockMs: 1, number: 1)
    let first = try #require(won)
    #expect(first.isWon && trainer.model == before && trainer.memory.streak == 1)
    // A contest that is not won breaks the streak.
    var other = trainer
    let lost = other.contest(SampledCrowd(seed: 3, size: 120, centres: corners).sample, clockMs: 2, number: 2)
    #expect(lost?.isWon == false && other.memory.streak == 0)
    _ = trainer.contest(sample, clockMs: 2, number: 2)
    let after = try #require(trainer.model)
    #expect(trainer.memory.founded == 1 && trainer.memory.streak == 0)
    #expect(after.generation == 2 && after.version == before.version + 1)
    var fresh = Trainer(settings: SampledCrowd.settings(k: 3))
    let fit = fresh.fit(sample, clockMs: 0)
    func inertia(_ model: Model) -> Double {
      sample.entries.reduce(0) { sum, entry in
        let z = fit.scaler.scaled(entry.features, count: 2)
        return sum + (model.segments.map { squaredDistance($0.centroid, z) }.min() ?? 0)
      }
    }
    #expect(after.scaler == fit.scaler && inertia(after) <= 1.001 * inertia(fit))
    let now = Clustering(after).clusters(of: sample).map { after.segments[$0].number }
    let same = ids.indices.count { ids[$0] == now[$0] }
    #expect(same >= 120, "a whole group at least keeps its id: \(same) customers do")
  }

  @Test("With a stale scaler a challenger that is hardly worse is enough, and its scaler is not stale")
  func stale() throws {
    var crowd = SampledCrowd(seed: 5, size: 120, centres: corners)
    var trainer = fitted(crowd)
    let before = try #require(trainer.model)
    for index in crowd.centres.indices { crowd.centres[index][1] += 3 }
    let sample = crowd.sample
    #expect(before.scaler.isStale(for: sample, count: 2))
    for number in 1...2 {
      let contest = trainer.contest(sample, clockMs: 1, number: number)
      #expect(contest?.isStale == true && contest?.isWon == true)
    }
    let after = try #require(trainer.model)
    #expect(after.generation == 2 && !after.scaler.isStale(for: sample, count: 2))
    #expect(after.segments.map(\.number) == before.segments.map(\.number), "the groups are the same")
  }

  @Test("Too few customers hold no contest, and none is held for a model of other settings")
  func none() throws {
    let few = SampledCrowd(seed: 6, size: 60, centres: corners)
    var trainer = fitted(few)
    let contest = trainer.contest(few.sample, clockMs: 0, number: 4)
    #expect(contest == nil && trainer.memory.contest == 4)
    var other = Trainer(
      settings: SampledCrowd.settings(k: 4), model: try #require(trainer.model), memory: trainer.memory)
    let enough = SampledCrowd(seed: 6, size: 200, centres: corners).sample
    let outdated = other.contest(enough, clockMs: 0, number: 5)
    #expect(!other.holdsContests && outdated == nil)
  }

  @Test("Swaps of one centre never make a fit worse, and free one that two groups share")
  func swaps() {
    let crowd = SampledCrowd(seed: 8, size: 60, centres: [[0, 0], [10, 0], [0, 10], [10, 10]], spread: 0.5)
    let points = crowd.sample.entries.flatMap { [$0.features[0], $0.features[1]] }
    let kMeans = KMeans(points: points, features: 2)
    var random = SplitMix64(seed: 1)
    let best = kMeans.fit(k: 4, restarts: 10, random: &random)
    // Two centres in one group and one between two others: Lloyd's iterations stay there.
    let poor = kMeans.lloyd(from: [-0.3, 0, 0.3, 0, 10, 5, 0, 10])
    let swapped = kMeans.swapped(poor, tries: 8, random: &random)
    #expect(poor.inertia > 2 * best.inertia && swapped.inertia <= 1.001 * best.inertia)
    let same = kMeans.swapped(best, tries: 8, random: &random)
    #expect(same.inertia <= best.inertia)
  }
}
