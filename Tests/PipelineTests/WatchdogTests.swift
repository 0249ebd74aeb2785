import Testing

@testable import Pipeline

@Suite struct WatchdogTests {
  @Test("A thread that stops moving is named after its time, others never")
  func hangs() {
    var watchdog = Watchdog(patienceMs: 500, lookMs: 100)
    for look in 0..<5 { #expect(watchdog.look([look, 7]) == nil) }
    #expect(watchdog.look([5, 7]) == 1)
  }

  @Test("A beat begins the patience anew, and so does work after a wait for it")
  func turns() {
    var watchdog = Watchdog(patienceMs: 300, lookMs: 100)
    for _ in 0..<3 { #expect(watchdog.look([1]) == nil) }
    #expect(watchdog.look([2]) == nil)
    for _ in 0..<9 { #expect(watchdog.look([nil]) == nil) }
    for _ in 0..<3 { #expect(watchdog.look([2]) == nil) }
    #expect(watchdog.look([2]) == 0)
  }

  @Test("A thread has beats to be looked at from the beginning of its work to the end")
  func pulse() {
    let pulse = Pulse()
    #expect(pulse.count == nil)
    pulse.begin()
    let first = pulse.count
    pulse.beat()
    #expect(first != nil && pulse.count != first)
    pulse.end()
    #expect(pulse.count == nil)
  }

  @Test("Threads are called by their worker and what they do there")
  func names() {
    #expect(
      (0..<4).map(WorkerCrew.name) == [
        "worker 0", "the committer of worker 0", "worker 1", "the committer of worker 1",
      ])
  }
}

@Suite struct SuspensionTests {
  @Test("A suspension is over after two heartbeats in which the core turned")
  func over() {
    var suspension = Suspension(nowMs: 50)
    for nowMs in stride(from: Int64(60), to: 50 + StreamContext.twoHeartbeatsMs, by: 10) {
      let isOver = suspension.isOver(nowMs: nowMs)
      #expect(!isOver)
    }
    let isOver = suspension.isOver(nowMs: 50 + StreamContext.twoHeartbeatsMs)
    #expect(isOver)
  }

  @Test("The time in which the process was stopped does not count, nor does what was before")
  func stopped() {
    var suspension = Suspension(nowMs: 0)
    for nowMs in stride(from: Int64(100), to: 5_900, by: 100) { _ = suspension.isOver(nowMs: nowMs) }
    for nowMs in stride(from: Int64(30_000), to: 30_000 + StreamContext.twoHeartbeatsMs, by: 100) {
      let isOver = suspension.isOver(nowMs: nowMs)
      #expect(!isOver)
    }
    let isOver = suspension.isOver(nowMs: 30_000 + StreamContext.twoHeartbeatsMs)
    #expect(isOver)
  }
}

@Suite struct StopDeadlineTests {
  @Test("Before a stop all time is left; from its beginning on it runs, whoever asks again")
  func runs() {
    let stop = StopDeadline()
    #expect(stop.leftMs(of: 100, atMost: 70) == 70 && !stop.hasPassed(0))
    stop.begin()
    #expect(stop.hasPassed(0) && !stop.hasPassed(60_000))
    let left = stop.leftMs(of: 60_000)
    stop.begin()
    #expect(stop.leftMs(of: 60_000) <= left && stop.leftMs(of: 60_000, atMost: 70) == 70)
  }
}
