@testable import Segmentation

/// Sampled customers in groups about centres, with the raw features that a test gives them.
struct SampledCrowd {
  private var random: SplitMix64
  private let hashes: [UInt64]
  /// Where each customer's group is centred, feature by feature.
  var centres: [[Double]]
  private var offsets: [[Double]] = []

  /// `size` customers about each of `centres`, in groups with a standard deviation of `spread`.
  init(seed: UInt64, size: Int, centres: [[Double]], spread: Double = 1) {
    var random = SplitMix64(seed: seed)
    self.centres = centres.flatMap { centre in (0..<size).map { _ in centre } }
    var hashes: [UInt64] = []
    for centre in self.centres {
      hashes.append(random.next())
      offsets.append(centre.map { _ in spread * random.normal() })
    }
    self.hashes = hashes
    self.random = random
  }

  /// Lets everybody wander by a step of this standard deviation, and a little back.
  mutating func wander(_ step: Double) {
    for index in offsets.indices {
      for feature in offsets[index].indices {
        offsets[index][feature] = offsets[index][feature] * (1 - step * step / 2) + step * random.normal()
      }
    }
  }

  /// The customers as a sample of all.
  var sample: CustomerSample {
    var sample = CustomerSample()
    for index in centres.indices {
      var entry = CustomerSample.Entry(
        hash: hashes[index], features: FeatureVector(), recencyMs: Int64(index) * msPerDay,
        orders: Int32(1 + index % 9),
        netMinor: Int64(100 * index))
      for feature in centres[index].indices {
        entry.features[feature] = centres[index][feature] + offsets[index][feature]
      }
      _ = sample.count(
        recencyMs: entry.recencyMs, orders: entry.orders, netMinor: entry.netMinor, hash: entry.hash)
      sample.add(entry)
    }
    sample.trim()
    return sample
  }

  /// The sums that a learner would have of the customers under a model.
  func statistics(_ model: Model) -> PartitionStatistics {
    var total = PartitionStatistics(
      generation: model.generation, k: model.segments.count, features: model.features.count)
    let (sample, count) = (sample, model.features.count)
    for (entry, cluster) in zip(sample.entries, Clustering(model).clusters(of: sample)) {
      let z = model.scaler.scaled(entry.features, count: count)
      total.counts[cluster] += 1
      for (index, value) in z.enumerated() {
        let fixed = Int64(fixedPoint(value))
        total.sums[cluster * count + index] += fixed
        total.squares[cluster] += fixed * fixed >> 20
      }
    }
    total.customers = sample.customers
    return total
  }

  /// Settings for customers of two features in `k` segments.
  static func settings(k: Int) -> SegmentationSettings {
    var settings = SegmentationSettings()
    settings.k = k
    settings.features = [WeightedFeature(.recency), WeightedFeature(.frequency)]
    return settings
  }
}
