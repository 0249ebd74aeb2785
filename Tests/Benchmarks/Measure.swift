import Glibc

/// The ns that `body` takes on the monotonic clock.
func measure(_ body: () -> Void) -> Int {
  let start = ContinuousClock.now
  body()
  let duration = ContinuousClock.now - start
  return Int(duration.components.seconds) * 1_000_000_000 + Int(duration.components.attoseconds / 1_000_000_000)
}

/// The bytes in use on the heap, by the system's own count of the process's data pages.
func allocatedBytes() -> Int {
  guard let file = fopen("/proc/self/statm", "r") else { return 0 }
  defer { fclose(file) }
  var numbers = [Int](repeating: 0, count: 7)
  var line = [CChar](repeating: 0, count: 256)
  guard fgets(&line, 256, file) != nil else { return 0 }
  for (index, part) in String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self).split(
    separator: " "
  ).prefix(7).enumerated() {
    numbers[index] = Int(part.trimmingPrefix { $0 == " " }) ?? 0
  }
  return numbers[5] * 4096
}
