import Testing

@testable import Segmentation

private func randomEntries(_ random: inout SplitMix64, _ count: Int) -> [CustomerSample.Entry] {
  (0..<count).map { _ in
    var features = FeatureVector()
    for index in 0..<3 { features[index] = random.normal() * Double(index + 1) }
    return CustomerSample.Entry(hash: random.next(), features: features, recencyMs: 0, orders: 1, netMinor: 1)
  }
}

@Suite("Sample and scaler")
struct SampleTests {
  @Test("The sample is the customers with the smallest hashes, in whatever parts and order they come")
  func smallestHashes() {
    for seed in UInt64(1)...50 {
      var random = SplitMix64(seed: seed)
      let limit = random.int(1...60)
      let entries = randomEntries(&random, random.int(0...400))
      let expected = entries.map(\.hash).sorted().prefix(limit)
      var parts = (0..<random.int(1...5)).map { _ in CustomerSample(limit: limit) }
      for entry in random.shuffled(entries) {
        let part = random.next(below: parts.count)
        if parts[part].count(recencyMs: 0, orders: 1, netMinor: 1, hash: entry.hash) { parts[part].add(entry) }
      }
      var merged = CustomerSample(limit: limit)
      for part in random.shuffled(parts) { merged.merge(part) }
      merged.trim()
      #expect(merged.entries.map(\.hash) == Array(expected) && merged.customers == entries.count, "seed \(seed)")
    }
  }

  @Test("The scaler winsorises at the 0.5 % and 99.5 % quantiles and standardises what is left")
  func scaler() {
    let features = [WeightedFeature(.recency), WeightedFeature(.frequency, weight: 2), WeightedFeature(.averageOrder)]
    for seed in UInt64(1)...50 {
      var random = SplitMix64(seed: seed)
      var sample = CustomerSample()
      let entries = randomEntries(&random, random.int(2...600))
      for entry in entries { sample.add(entry) }
      sample.trim()
      let scaler = Model.Scaler(sample: sample, features: features)
      for index in 0..<3 {
        let values = entries.map { $0.features[index] }.sorted()
        func quantile(_ share: Double) -> Double {
          let position = share * Double(values.count - 1)
          let rest = position - position.rounded(.down)
          return values[Int(position.rounded(.down))] * (1 - rest) + values[Int(position.rounded(.up))] * rest
        }
        let (lower, upper) = (quantile(0.005), quantile(0.995))
        let kept = values.map { max(lower, min(upper, $0)) }
        let mean = kept.reduce(0, +) / Double(kept.count)
        let sd = (kept.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(kept.count)).squareRoot()
        #expect(abs(scaler.lower[index] - lower) < 1e-12 && abs(scaler.upper[index] - upper) < 1e-12, "seed \(seed)")
        #expect(abs(scaler.mean[index] - mean) < 1e-9, "seed \(seed)")
        #expect(abs(scaler.sd[index] * features[index].weight - max(sd, 0.05)) < 1e-9, "seed \(seed)")
      }
    }
  }

  @Test("No standard deviation is below 0.05 and no coordinate beyond 8")
  func limits() {
    var sample = CustomerSample()
    for index in UInt64(0)..<50 {
      sample.add(
        CustomerSample.Entry(hash: index, features: FeatureVector(), recencyMs: 0, orders: 1, netMinor: 1))
    }
    let scaler = Model.Scaler(sample: sample, features: [WeightedFeature(.recency, weight: 4)])
    #expect(scaler.sd == [0.05 / 4] && scaler.mean == [0])
    let wide = Model.Scaler(mean: [0], sd: [0.05], lower: [-100], upper: [100])
    for (raw, expected) in [(99.0, 8.0), (-99, -8), (0.05, 1)] {
      var vector = FeatureVector()
      vector[0] = raw
      #expect(wide.scaled(vector, count: 1) == [expected])
    }
  }
}
