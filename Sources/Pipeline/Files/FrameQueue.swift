import Glibc

/// The bounded way of batches between the reading thread and the core thread, and back when they are empty.
///
///     reading thread:  takeFree ─► fill ─► put          finish (once, with an error or without)
///     core thread:     next ─► decode ─► recycle        stop (when it wants no more)
final class FrameQueue: @unchecked Sendable {
  // @unchecked: `lock` guards every stored property that changes; `changed` is signalled whenever one has.

  /// The most batches alive: one being read, one being decoded, two between them.
  static let batchesMax = 4

  private let lock = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let changed = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
  private let batchCapacity: Int
  private var free: [FrameBatch] = []
  private var ready: [FrameBatch] = []
  private var made = 0
  private var handedOut = 0
  private var isFinished = false
  private var isStopped = false
  private var failure: FileError?

  init(batchCapacity: Int) {
    self.batchCapacity = batchCapacity
    pthread_mutex_init(lock, nil)
    pthread_cond_init(changed, nil)
  }

  deinit {
    pthread_cond_destroy(changed)
    pthread_mutex_destroy(lock)
    changed.deallocate()
    lock.deallocate()
  }

  /// An empty batch, waited for; `nil` when no more are wanted.
  func takeFree() -> FrameBatch? {
    pthread_mutex_lock(lock)
    defer { pthread_mutex_unlock(lock) }
    while !isStopped && free.isEmpty && made == Self.batchesMax { pthread_cond_wait(changed, lock) }
    if isStopped { return nil }
    if let batch = free.popLast() { return batch }
    made += 1
    return FrameBatch(capacity: batchCapacity)
  }

  /// Takes back a batch that got no content.
  func putBack(_ batch: FrameBatch) {
    pthread_mutex_lock(lock)
    free.append(batch)
    pthread_mutex_unlock(lock)
  }

  /// Hands a filled batch to the core thread.
  func put(_ batch: FrameBatch) {
    pthread_mutex_lock(lock)
    ready.append(batch)
    pthread_cond_broadcast(changed)
    pthread_mutex_unlock(lock)
  }

  /// Says that no batch follows; an error is thrown to the core thread behind the last batch.
  func finish(_ error: FileError?) {
    pthread_mutex_lock(lock)
    isFinished = true
    failure = error
    pthread_cond_broadcast(changed)
    pthread_mutex_unlock(lock)
  }

  /// The next filled batch, waited for; `nil` at the end.
  func next() throws(FileError) -> FrameBatch? {
    pthread_mutex_lock(lock)
    defer { pthread_mutex_unlock(lock) }
    while ready.isEmpty && !isFinished {
      precondition(handedOut < Self.batchesMax, "a batch must be recycled before the next can be read")
      pthread_cond_wait(changed, lock)
    }
    if !ready.isEmpty {
      handedOut += 1
      return ready.removeFirst()
    }
    if let failure { throw failure }
    return nil
  }

  /// Takes a batch back for reuse.
  func recycle(_ batch: FrameBatch) {
    pthread_mutex_lock(lock)
    handedOut -= 1
    precondition(handedOut >= 0, "a batch is recycled once")
    free.append(batch)
    pthread_cond_broadcast(changed)
    pthread_mutex_unlock(lock)
  }

  /// Ends the reading thread at its next batch.
  func stop() {
    pthread_mutex_lock(lock)
    isStopped = true
    pthread_cond_broadcast(changed)
    pthread_mutex_unlock(lock)
  }
}
