import Glibc

/// The ns that `body` takes on the monotonic clock.
func measure(_ body: () -> Void) -> Int {
  let start = ContinuousClock.now
  body()
  let duration = ContinuousClock.now - start
  return Int(duration.components.seconds) * 1_000_000_000 + Int(duration.components.attoseconds / 1_000_000_000)
}

/// The allocations of the process so far; `nil` unless `allocation_count.c` was loaded before it.
func allocationCount() -> Int? {
  typealias Counter = @convention(c) () -> Int
  guard let symbol = dlsym(UnsafeMutableRawPointer(bitPattern: 0), "allocation_count") else { return nil }
  return unsafeBitCast(symbol, to: Counter.self)()
}
