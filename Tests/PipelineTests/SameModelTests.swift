import Testing

@testable import Pipeline
@testable import Segmentation

private let startMs: Int64 = 1_767_225_600_000
private let dayMs: Int64 = 86_400_000

/// 400 customers who each buy at their own rate; from day 90 on every third pays a hundred times as much.
private func purchases(seed: UInt64, days: Int) -> [[(customer: Int, minor: Int64, ms: Int64)]] {
  var random = RandomSource(seed: seed)
  return (0..<days).map { day in
    var purchases: [(customer: Int, minor: Int64, ms: Int64)] = []
    for customer in 0..<400 where random.below(2 + customer % 29) == 0 {
      let factor: Int64 = day >= 90 && customer % 3 == 0 ? 100 : 1
      let minor = Int64(100 + random.below(100 + 40 * customer)) * factor
      purchases.append((customer, minor, startMs + Int64(day) * dayMs + Int64(random.below(Int(dayMs) - 1))))
    }
    return purchases
  }
}

private func run(
  _ days: [[(customer: Int, minor: Int64, ms: Int64)]], instances: Int, restarts: [Int: Int] = [:]
) throws -> ScriptedGroup {
  var settings = SegmentationSettings()
  settings.k = 3
  settings.halfLifeDays = 20
  let group = try ScriptedGroup(settings: settings, instances: instances)
  for (day, purchases) in days.enumerated() {
    if let instances = restarts[day] { try group.start(instances) }
    try group.epoch(purchases, clockMs: startMs + Int64(day + 1) * dayMs)
  }
  return group
}

@Suite("The same model")
struct SameModelTests {
  @Test("1, 2 and 3 instances and restarts in between publish the same models byte for byte, challengers among them")
  func anyInstances() throws {
    let days = purchases(seed: 11, days: 130)
    let one = try run(days, instances: 1)
    let generations = try one.models.map { bytes throws(TrainingRecordError) in try ModelRecord(bytes).model.generation
    }
    #expect(one.models.count > 10 && generations.last ?? 0 > 3 && !one.contests.isEmpty)
    for instances in 2...3 {
      let other = try run(days, instances: instances)
      #expect(other.models == one.models, "\(instances) instances")
    }
    let scaled = try run(days, instances: 1, restarts: [20: 3, 61: 2, 92: 2, 93: 1, 94: 1, 95: 3, 110: 1])
    #expect(scaled.models == one.models)
  }
}
