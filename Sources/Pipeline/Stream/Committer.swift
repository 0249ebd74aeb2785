import Glibc
import Kafka

/// Makes commits on a thread of its own, one at a time, while the core goes on.
///
///     core thread:       submit ─► … poll or wait ─► submit …            stop
///     committer thread:  send ─► certain? ─ yes ─► cut the log ─► done
///                                   │ no
///                                   └─► new producer ─► look into the log ─► send what is absent ─► …
final class Committer: @unchecked Sendable {
  // @unchecked: `lock` guards `stage` and `isStopping`; the batch belongs to the committer's thread from `submit` to
  // the outcome. All else is touched by that thread alone.

  /// How a commit ended.
  enum Outcome {
    /// It is certain and visible, and took so many ms; the state log has so many bytes now.
    case committed(ms: Int, logBytes: Int)
    /// It did not happen, and cannot: the group has given the partitions away.
    case lost(KafkaError)
    /// The producer was fenced by a twin: the newer of the two goes on.
    case fenced(KafkaError)
    /// It has taken longer than a transaction lives, and was fenced by its age or a twin, or may have been: the process
    /// may have been stopped meanwhile, and another may bear its name. `resolve` goes on, if the group still knows us.
    case overdue(KafkaError)
    /// It did not happen, and trying again would not help.
    case failed(StreamError)
    /// It may or may not have happened: the process was asked to stop before that was certain.
    case abandoned
  }

  private enum Stage {
    case idle
    case asked(CommitBatch, resolves: Bool, atMs: Int64)
    case working
    case done(Outcome)
    case ended
  }

  private let context: StreamContext
  private let lock = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let changed = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
  private var stage = Stage.idle
  private var isStopping = false

  private var transport: Transport?
  private var tail: LogTail?
  /// When the commit in flight was asked for, in ms of the monotonic clock: then the group knew us.
  private var askedMs: Int64 = 0
  /// How often in a row the commit in flight was refused.
  private var refusals = 0
  private let cleaner: LogCleaner

  /// Takes over its name as the last thing that can fail.
  init(_ context: StreamContext) throws(KafkaError) {
    self.context = context.committing
    cleaner = try LogCleaner(self.context)
    // From here on `deinit` runs when something throws; destroying a condition that was never made may wait for ever.
    pthread_mutex_init(lock, nil)
    pthread_cond_init(changed, nil)
    transport = try makeTransport(context)
    try Failpoint.startTakenOver.pass()
    startThread { [self] in work() }
  }

  deinit {
    pthread_cond_destroy(changed)
    pthread_mutex_destroy(lock)
    changed.deallocate()
    lock.deallocate()
  }

  // MARK: The core's thread

  /// Whether a commit can be submitted.
  var isIdle: Bool { locked { if case .idle = stage { true } else { false } } }

  /// Hands a commit over; its memory is the committer's until the outcome.
  func submit(_ batch: CommitBatch) { ask(batch, resolves: false) }

  /// Finds out what became of a commit, with a new producer, and sends what is absent.
  func resolve(_ batch: CommitBatch) { ask(batch, resolves: true) }

  private func ask(_ batch: CommitBatch, resolves: Bool) {
    locked {
      guard case .idle = stage else { preconditionFailure("one commit is in flight") }
      stage = .asked(batch, resolves: resolves, atMs: monotonicMs())
      pthread_cond_broadcast(changed)
    }
  }

  /// The outcome of the commit in flight, waited for at most `timeoutMs`; `nil` where there is none, or not yet.
  func outcome(timeoutMs: Int) -> Outcome? {
    locked {
      var deadline = timespec()
      clock_gettime(CLOCK_REALTIME, &deadline)
      deadline.tv_sec += timeoutMs / 1_000
      deadline.tv_nsec += timeoutMs % 1_000 * 1_000_000
      if deadline.tv_nsec >= 1_000_000_000 {
        deadline.tv_sec += 1
        deadline.tv_nsec -= 1_000_000_000
      }
      while true {
        switch stage {
        case .idle, .ended: return nil
        case .done(let outcome):
          stage = .idle
          return outcome
        case .asked, .working:
          if timeoutMs == 0 || pthread_cond_timedwait(changed, lock, &deadline) == ETIMEDOUT { return nil }
        }
      }
    }
  }

  /// Ends the thread, at most after the present call to the broker; waits until then, or for the time of a stop.
  func stop() {
    locked {
      isStopping = true
      pthread_cond_broadcast(changed)
      let waitMs = context.stop.leftMs(of: StopDeadline.closeMs, atMost: StreamContext.callTimeoutMs)
      let deadlineMs = monotonicMs() + Int64(waitMs)
      while monotonicMs() < deadlineMs {
        if case .ended = stage { return }
        var soon = timespec()
        clock_gettime(CLOCK_REALTIME, &soon)
        soon.tv_sec += 1
        pthread_cond_timedwait(changed, lock, &soon)
      }
    }
  }

  private func locked<Value>(_ body: () -> Value) -> Value {
    pthread_mutex_lock(lock)
    defer { pthread_mutex_unlock(lock) }
    return body()
  }

  // MARK: The committer's thread

  private func work() {
    while let (batch, resolves) = next() {
      context.pulse.begin()
      if !resolves { refusals = 0 }
      let outcome = commit(batch, looksFirst: resolves)
      // Here an error cannot be: only crashes and delays are asked for.
      if case .committed = outcome { try? Failpoint.commitCertain.pass() }
      locked {
        stage = .done(outcome)
        pthread_cond_broadcast(changed)
      }
      // The core goes on meanwhile; the next commit waits for it.
      if case .committed = outcome { cleaner.clean() }
      context.pulse.end()
    }
    transport = nil
    locked {
      stage = .ended
      pthread_cond_broadcast(changed)
    }
  }

  private func next() -> (CommitBatch, Bool)? {
    locked {
      while true {
        if case .asked(let batch, let resolves, let atMs) = stage {
          stage = .working
          askedMs = atMs
          return (batch, resolves)
        }
        if isStopping { return nil }
        pthread_cond_wait(changed, lock)
      }
    }
  }

  private var mustStop: Bool { locked { isStopping } || context.isStopped() }

  /// Whether it is so long since the group knew us that another may bear our name: then a new producer would fence it.
  ///
  /// The clock goes on while the process is stopped.
  private var isOverdue: Bool { monotonicMs() - askedMs >= Int64(StreamContext.transactionTimeoutMs) }

  /// Sends a batch until its outcome is certain; when it may be in the log already, that is looked into first.
  private func commit(_ batch: CommitBatch, looksFirst: Bool) -> Outcome {
    var mustLook = looksFirst
    var doubt = KafkaError.timedOut("committing as `\(context.transactionalID)`")
    while true {
      context.pulse.beat()
      if mustLook || transport == nil {
        if let outcome = look(batch, after: doubt) { return outcome }
        mustLook = false
      }
      guard let transport else { preconditionFailure("who has looked has a producer") }
      let beganMs = monotonicMs()
      do throws(KafkaError) {
        try cleaner.prepare(batch)
        try transport.send(batch)
        // An answer that took longer than a request may live can be the answer to an earlier one.
        mustLook = monotonicMs() - beganMs > Committer.certainMsMax
        if !mustLook { return committed(batch) }
      } catch {
        doubt = error
        if error.kind != .fenced && transport.hasAskedToCommit && !error.needsAbort {
          context.notices(.warning, "the outcome of a commit is uncertain, looking into the state log: \(error)")
          mustLook = true
        } else if let outcome = abort(after: error, transport, beganMs: beganMs) ?? verdict(error) {
          return outcome
        } else {
          mustLook = transport.hasBegun
          usleep(StreamContext.retryMs * 1_000)
        }
      }
      if mustStop { return .abandoned }
    }
  }

  /// Ends a transaction that cannot be committed; an outcome only where the producer was fenced.
  private func abort(after error: KafkaError, _ transport: Transport, beganMs: Int64) -> Outcome? {
    if error.kind == .fenced { return fenced(error, sinceMs: beganMs) }
    do throws(KafkaError) {
      try transport.abort()
    } catch {
      if error.kind == .fenced { return fenced(error, sinceMs: beganMs) }
      context.notices(.debug, "an aborted transaction is left to its successor: \(error)")
      self.transport = nil
    }
    return nil
  }

  private func committed(_ batch: CommitBatch) -> Outcome {
    cleaner.count(batch)
    return .committed(ms: Int(monotonicMs() - askedMs), logBytes: cleaner.logBytes)
  }

  /// A fenced producer can do nothing more. Where its own age has fenced it the next commit makes a new one, which
  /// happens only once the group has said that we are still, or again, its member.
  private func fenced(_ error: KafkaError, sinceMs beganMs: Int64) -> Outcome {
    guard monotonicMs() - beganMs >= Int64(StreamContext.transactionTimeoutMs) else { return .fenced(error) }
    transport = nil
    return .overdue(error)
  }

  /// Whether trying again is no use after a transaction that was aborted.
  private func verdict(_ error: KafkaError) -> Outcome? {
    switch error.kind {
    case .staleMember: return .lost(error)
    case .authorisation, .credentials, .missingTopic, .configuration: return .failed(StreamError(error))
    case .unreachable: break
    case .fenced, .offsetOutOfRange, .other:
      refusals += 1
      if refusals >= Committer.refusalsMax { return .failed(StreamError(error)) }
    }
    context.notices(.warning, "a commit was aborted and is made again: \(error)")
    return nil
  }

  /// A refusal that comes so often in a row is not going to pass.
  private static let refusalsMax = 20
  /// A commit that took longer than `socket.timeout.ms` (60 s) is not certain, in ms.
  private static let certainMsMax: Int64 = 60_000

  /// Looks with a new producer for what of the batch the log has, until that is known; an outcome where all of it is
  /// there, or never will be, or where a new producer could fence another process.
  private func look(_ batch: CommitBatch, after doubt: KafkaError) -> Outcome? {
    var doubt = doubt
    while !mustStop {
      context.pulse.beat()
      do throws(KafkaError) {
        transport = nil
        try Failpoint.resolveBegun.pass()
        let newer = try Transport(context)
        if isOverdue { return .overdue(doubt) }
        try newer.takeOver { mustStop }
        try Failpoint.resolveTakenOver.pass()
        let tail = try logTail()
        let last = try tail.lastSequences(batch.parts.map(\.partition))
        for index in batch.parts.indices {
          batch.parts[index].isCommitted = last[batch.parts[index].partition] ?? 0 >= batch.parts[index].sequence
        }
        try Failpoint.resolveLooked.pass()
        transport = newer
        let present = batch.parts.count(where: \.isCommitted)
        context.notices(.info, "of a commit of \(batch.parts.count) partitions the log has \(present)")
        return batch.isCommitted ? committed(batch) : nil
      } catch {
        if error.kind == .authorisation || error.kind == .credentials { return .failed(StreamError(error)) }
        doubt = error
        context.notices(.warning, "cannot yet tell what became of a commit: \(error)")
        tail = nil
        usleep(StreamContext.retryMs * 1_000)
      }
    }
    return .abandoned
  }

  private func logTail() throws(KafkaError) -> LogTail {
    if let tail { return tail }
    let new = try LogTail(context)
    tail = new
    return new
  }

  /// A producer that has taken over; a broker that is only late is asked again until the process is to stop.
  ///
  /// `starting` is the context of the thread that waits for it.
  private func makeTransport(_ starting: StreamContext) throws(KafkaError) -> Transport {
    while true {
      do throws(KafkaError) {
        let transport = try Transport(context)
        try transport.takeOver {
          starting.pulse.beat()
          return starting.isStopped() && starting.stop.hasPassed(StopDeadline.answerMs)
        }
        return transport
      } catch {
        if !error.isRetriable || starting.isStopped() { throw error }
        starting.pulse.beat()
        context.notices(.warning, "\(error); trying again")
      }
    }
  }
}
