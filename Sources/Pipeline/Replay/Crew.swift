import Dispatch
import Synchronization

/// A fixed number of threads, the caller's among them, that do one piece of work together and wait for each other.
final class Crew: @unchecked Sendable {
  // @unchecked: `work` is written by the caller before the semaphores wake the others, and read by them only then.
  private let count: Int
  private var work: ((Int) -> Void)?
  private var wakes: [DispatchSemaphore] = []
  private let done = DispatchSemaphore(value: 0)

  /// Makes a crew of `count` workers, 1 or more.
  init(count: Int) {
    self.count = count
    for index in 1..<max(1, count) {
      let wake = DispatchSemaphore(value: 0)
      wakes.append(wake)
      startThread { [self] in
        while true {
          wake.wait()
          guard let work else { return }
          work(index)
          done.signal()
        }
      }
    }
  }

  /// Calls `body` once for each worker's index, at the same time, and returns when all are done.
  func perform(_ body: (Int) -> Void) {
    if count == 1 { return body(0) }
    withoutActuallyEscaping(body) { escaping in
      work = escaping
      for wake in wakes { wake.signal() }
      escaping(0)
      for _ in wakes { done.wait() }
    }
  }

  /// Ends the threads; nothing is performed afterwards.
  func dismiss() {
    work = nil
    for wake in wakes { wake.signal() }
  }

  private func startThread(_ body: @escaping @Sendable () -> Void) {
    DispatchQueue(label: "segmenter.worker").async(execute: body)
  }
}
