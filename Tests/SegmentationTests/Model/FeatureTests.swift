import Glibc
import Testing

@testable import Segmentation

private let dayMs = 86_400_000.0

/// A feature as the page that defines it says, from the reference's records.
private func defined(_ feature: Feature, _ customer: ReferenceCustomer, clockMs: Int64, major: Double) -> Double {
  let days = max(0, Double(clockMs - customer.lastMs) / dayMs)
  let weight = pow(0.5, days / 90)
  let frequency = max(0, customer.decayedFrequency * weight)
  func signedLog(_ x: Double) -> Double { x < 0 ? -log1p(-x) : log1p(x) }
  return switch feature {
  case .recency: 0.5 * log1p(days / 30)
  case .frequency: log1p(frequency)
  case .averageOrder:
    frequency < 1e-6 ? 0 : signedLog(customer.decayedMonetary / customer.decayedFrequency * major)
  case .monetary: signedLog(customer.decayedMonetary * weight * major)
  case .orders: log1p(Double(customer.orders))
  case .tenure: 0.5 * log1p(max(0, Double(clockMs - customer.firstMs)) / dayMs / 30)
  case .refundShare:
    customer.grossMinor == 0 ? 0 : min(1, Double(customer.refundedMinor) / Double(customer.grossMinor))
  }
}

@Suite("Features")
struct FeatureTests {
  @Test("Every feature is what its definition says of the customer's records", arguments: [0, 2, 3])
  func definitions(digits: Int) {
    var settings = SegmentationSettings()
    settings.features = Feature.allCases.map { WeightedFeature($0) }
    settings.currency = Currency(code: "XXX", digits: digits)
    let wide = Array(repeating: 100.0, count: Feature.allCases.count)
    let zero = wide.map { _ in 0.0 }
    // Coordinates are clamped to ±8, so that a tenth of each feature is looked at.
    let model = Model(
      generation: 1, version: 1, features: Feature.allCases,
      scaler: Model.Scaler(mean: zero, sd: wide.map { _ in 10 }, lower: wide.map { -$0 }, upper: wide),
      segments: [Model.Segment(number: 1, name: "All", cell: "Loyal", centroid: zero)],
      cuts: ScoreCuts(recency: [1, 2, 3, 4], frequency: [1, 2, 3, 4], monetary: [1, 2, 3, 4]), lastSegmentNumber: 1)
    for seed in UInt64(1)...40 {
      let segmenter = Segmenter(
        settings: settings, changes: ChangeSettings(shape: .binary, source: "/t", causeTopic: "t"), partitions: [0])
      segmenter.adopt(model)
      var traffic = Traffic(seed: seed, customers: 12)
      var references: [[UInt8]: ReferenceCustomer] = [:]
      for _ in 0..<40 {
        // Order ids are left out: which of them are within the window is another test's matter.
        for var record in traffic.nextDay() {
          record.order = nil
          segmenter.apply([record])
          references[record.customer, default: ReferenceCustomer(halfLifeMs: 90 * dayMs)].apply(record)
        }
      }
      let clockMs = traffic.clockMs + Int64(seed % 4) * 700 * msPerDay
      segmenter.forEachCustomer(of: 0, clockMs: clockMs) { customer in
        guard let purchases = customer.purchases, let reference = references[Array(customer.id)] else { return }
        for (index, feature) in Feature.allCases.enumerated() {
          let expected = defined(feature, reference, clockMs: clockMs, major: pow(10, Double(-digits)))
          let value = purchases.scaled[index] * 10
          #expect(abs(value - expected) <= 1e-9, "seed \(seed), \(feature.rawValue)")
        }
      }
    }
  }

  @Test("The default three features are the same alone and among others")
  func defaults() {
    var (three, all) = (SegmentationSettings(), SegmentationSettings())
    all.features = WeightedFeature.defaults + [WeightedFeature(.tenure)]
    three.orderWindow = 0
    var random = SplitMix64(seed: 8)
    for _ in 0..<2000 {
      var row = CustomerRow()
      row.lastPurchaseMs = Int64(random.next(below: 1 << 40))
      row.decayedFrequency = random.pick([0, 1e-9, random.uniform() * 50])
      row.decayedMonetary = (random.uniform() - 0.2) * 1e6
      let clockMs = row.lastPurchaseMs + Int64(random.next(below: 1 << 37)) - (1 << 34)
      withUnsafePointer(to: row) { row in
        let (a, b) = (FeatureRules(three).raw(row, clockMs: clockMs), FeatureRules(all).raw(row, clockMs: clockMs))
        for index in 0..<3 { #expect(a[index] == b[index] && a[index].isFinite) }
      }
    }
  }
}
