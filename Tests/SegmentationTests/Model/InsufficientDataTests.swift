import Testing

@testable import Segmentation

private func sample(_ count: Int, _ features: (Int) -> [Double]) -> CustomerSample {
  var sample = CustomerSample()
  for index in 0..<count {
    var entry = CustomerSample.Entry(
      hash: UInt64(index), features: FeatureVector(), recencyMs: 0, orders: 1, netMinor: 100)
    for (place, value) in features(index).enumerated() { entry.features[place] = value }
    if sample.count(recencyMs: 0, orders: 1, netMinor: 100, hash: entry.hash) { sample.add(entry) }
  }
  sample.trim()
  return sample
}

@Suite("Insufficient data")
struct InsufficientDataTests {
  @Test("Fewer than two customers a segment are too few for a fit")
  func customers() {
    let settings = SegmentationSettings()
    let few = sample(11) { [Double($0), Double($0 * 3 % 7), Double($0 * 5 % 11)] }
    #expect(settings.lack(of: few) == .customers(11, needed: 12))
    #expect(settings.lack(of: few)?.text == "insufficient data: 11 of 12 customers with a purchase")
    #expect(settings.lack(of: sample(12) { [Double($0), Double($0 * 3 % 7), Double($0 * 5 % 11)] }) == nil)
  }

  @Test("Fewer different points than segments are no clusters")
  func points() {
    let settings = SegmentationSettings()
    let five = sample(100) { [Double($0 % 5), Double($0 % 5), Double($0 % 5)] }
    #expect(settings.lack(of: five) == .points(5, needed: 6, customers: 100))
    #expect(settings.lack(of: sample(100) { [Double($0 % 6), Double($0 % 6), Double($0 % 6)] }) == nil)
  }

  @Test("A feature with one value for all is named; a spread beyond rounding is a spread")
  func constant() {
    let settings = SegmentationSettings()
    let flat = sample(100) { [Double($0), 2.5 + 1e-9 * Double($0 % 2), Double($0 * 7 % 13)] }
    #expect(settings.lack(of: flat) == .constant(.frequency, customers: 100))
    #expect(settings.lack(of: sample(100) { [Double($0), 2.5 + 1e-4 * Double($0 % 2), Double($0 * 7 % 13)] }) == nil)
  }

  @Test("Rules need ten customers at the least, and one where all cuts are fixed, whatever their values")
  func rules() {
    var settings = SegmentationSettings()
    settings.kind = .rules
    #expect(settings.lack(of: sample(9) { _ in [1, 1, 1] }) == .customers(9, needed: 10))
    #expect(settings.lack(of: sample(10) { _ in [1, 1, 1] }) == nil)
    settings.cuts.recency = [1, 2, 3, 4]
    settings.cuts.frequency = [1, 2, 3, 4]
    settings.cuts.monetary = [1, 2, 3, 4]
    #expect(settings.lack(of: sample(1) { _ in [1, 1, 1] }) == nil)
  }
}
