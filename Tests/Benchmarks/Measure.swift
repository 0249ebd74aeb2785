import Glibc

/// The ns of this thread's own time that `body` takes: what else the machine runs counts less than on a clock.
func measure(_ body: () -> Void) -> Int {
  func now() -> Int {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return time.tv_sec * 1_000_000_000 + time.tv_nsec
  }
  let start = now()
  body()
  return now() - start
}

/// The allocations of the process so far; `nil` unless `allocation_count.c` was loaded before it.
func allocationCount() -> Int? {
  typealias Counter = @convention(c) () -> Int
  guard let symbol = dlsym(UnsafeMutableRawPointer(bitPattern: 0), "allocation_count") else { return nil }
  return unsafeBitCast(symbol, to: Counter.self)()
}
