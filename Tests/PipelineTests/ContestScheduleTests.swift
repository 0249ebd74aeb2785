import Testing

@testable import Pipeline
@testable import Segmentation

/// Sums of two clusters of one feature with so many customers each, `spread` the variance of both.
private func sums(_ first: Int, _ second: Int, spread: Double = 0.25, generation: Int = 1) -> PartitionStatistics {
  var statistics = PartitionStatistics(generation: generation, k: 2, features: 1)
  statistics.customers = first + second
  for (cluster, count) in [first, second].enumerated() {
    let mean = cluster == 0 ? -1.0 : 1.0
    statistics.counts[cluster] = Int64(count)
    statistics.sums[cluster] = Int64(mean * Double(count) * 1_048_576)
    statistics.squares[cluster] = Int64((spread + mean * mean) * Double(count) * 1_048_576)
  }
  return statistics
}

extension ContestSchedule {
  /// Whether a contest is held at the end of a sweep of so many records.
  fileprivate mutating func sweep(_ statistics: PartitionStatistics, records: Int = 60, streak: Int = 0) -> Bool {
    for epoch in 1...60 {
      closeEpoch(records: records / 60)
      let isDue = isDue(statistics, streak: streak)
      if epoch < 60 && isDue { Issue.record("a contest within a sweep") }
      if epoch == 60 { return isDue }
    }
    return false
  }
}

/// A schedule that has seen `sweeps` of the same customers.
private func settled(_ sweeps: Int) -> ContestSchedule {
  var schedule = ContestSchedule()
  for _ in 0..<sweeps { _ = schedule.sweep(sums(500, 500)) }
  return schedule
}

@Suite("Contests of a replay")
struct ContestScheduleTests {
  @Test("While nothing changes they are held at doublings of the records, and then every seven sweeps")
  func unchanged() {
    var schedule = ContestSchedule()
    let held = (1...40).filter { _ in schedule.sweep(sums(500, 500)) }
    #expect(held == [2, 4, 8, 15, 22, 29, 36] && schedule.held == 7)
  }

  @Test("A jump of the inertia or of the shares within a sweep opens one, and a win another at the next sweep")
  func shock() {
    for (changed, isJump) in [
      (sums(500, 500, spread: 0.26), true), (sums(500, 500, spread: 0.255), false), (sums(560, 440), true),
      (sums(540, 460), false),
    ] {
      var schedule = settled(66)
      let first = schedule.sweep(changed)
      #expect(first == isJump)
      if first {
        let (confirmed, again) = (schedule.sweep(changed, streak: 1), schedule.sweep(changed))
        #expect(confirmed && !again)
      }
    }
  }

  @Test("A new generation begins anew")
  func generation() {
    var schedule = settled(66)
    let held = (1...9).filter { _ in schedule.sweep(sums(800, 200, generation: 2)) }
    #expect(held == [8])
  }

  @Test("Contests that changes open cost at most 2²⁰ records and an eighth of those there were")
  func bound() {
    var schedule = settled(2)
    var changes = 0
    for sweep in 0..<2000 where schedule.sweep(sums(sweep % 2 == 0 ? 4000 : 6000, 4000), records: 600) { changes += 1 }
    let cost = 4 * 8000 + 8000 / 8
    #expect(changes >= (1 << 20) / cost && changes * cost <= (1 << 20) + 2000 * 600 / 8 + 12 * 41_250)
  }
}
