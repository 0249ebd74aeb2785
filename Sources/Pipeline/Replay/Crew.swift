import Dispatch

/// A number of threads, the caller's among them, that do one piece of work together and wait for each other.
struct Crew {
  /// The workers, 1 or more.
  let count: Int

  /// Calls `body` once for each worker's index, at the same time, and returns when all are done.
  func perform(_ body: (Int) -> Void) {
    if count == 1 { return body(0) }
    withoutActuallyEscaping(body) { body in
      nonisolated(unsafe) let body = body  // Callers see to it that the workers touch different things.
      DispatchQueue.concurrentPerform(iterations: count) { body($0) }
    }
  }
}
