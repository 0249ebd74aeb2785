import Glibc
import Kafka
import Segmentation

extension Worker {
  /// What the group gives and takes; runs within `consumeBatch`, on the worker's thread.
  func rebalance(_ rebalance: Rebalance) {
    do throws(StreamError) {
      switch rebalance {
      case .revoked(let numbers, let isLost): try revoke(numbers, isLost: isLost)
      case .assigned(let numbers): try assign(numbers)
      }
    } catch {
      failure = failure ?? error
    }
  }

  /// Commits what was processed, so that memory and log are the same, or drops it with the ownership.
  private func revoke(_ numbers: [Int32], isLost: Bool) throws(StreamError) {
    try streaming { () throws(KafkaError) in try Failpoint.revokeBegun.pass() }
    trainer = nil
    restorer.begin([], kept: [:])
    if isLost { try leaveIfReplaced() }
    let isCommitted = isLost ? false : try commitAll(timeoutMs: Worker.revokeMsMax)
    if isCommitted { try streaming { () throws(KafkaError) in try Failpoint.revokeCommitted.pass() } }
    for number in numbers {
      let index = Int(number)
      guard index < partitions.count else { continue }
      if isCommitted && partitions[index].isRunning && partitions[index].cutOffset >= 0 {
        partitions[index].phase = .kept
      } else {
        drop(index)
      }
    }
    if !isCommitted { dropCommit() }
    context.notices(
      .info, "the group takes \(Worker.list(numbers)) back\(isLost ? ", others may have them already" : "")")
  }

  /// Ends the run where somebody else is in the group under our name.
  ///
  /// librdkafka joins again after a session that timed out, and would fence a healthy successor by it.
  private func leaveIfReplaced() throws(StreamError) {
    let deadlineMs = monotonicMs() + Int64(Worker.revokeMsMax)
    while !context.isStopped() && monotonicMs() < deadlineMs {
      context.pulse.beat()
      let members: [GroupDescription.Member]
      do throws(KafkaError) {
        members = try Admin(configuration: context.configuration).describeGroup(
          context.options.group, timeoutMs: StreamContext.callTimeoutMs
        ).members
      } catch {
        context.notices(.warning, "cannot yet tell who is in the group: \(error)")
        usleep(StreamContext.retryMs * 1_000)
        continue
      }
      let ours = consumer.groupMetadata?.memberID
      guard members.contains(where: { $0.instance == context.member && $0.id != ours }) else { return }
      consumer.isLeaving = true
      throw StreamError(
        .fenced, "the group `\(context.options.group)` has another member of the name `\(context.member)` now")
    }
  }

  /// Restores what is new; what memory still holds is only compared.
  private func assign(_ numbers: [Int32]) throws(StreamError) {
    if let number = numbers.first(where: { Int($0) >= partitions.count }) {
      throw StreamError(
        .disagree,
        "`\(context.options.inputTopic)` has a partition \(number) now, its state was made for \(partitions.count): "
          + "customers have moved between partitions; to rebuild the state from the input: segmenter reset "
          + "--config FILE")
    }
    try streaming { () throws(KafkaError) in try Failpoint.restoreAssigned.pass() }
    var kept: [Int32: Restorer.Kept] = [:]
    for index in partitions.indices {
      let partition = partitions[index]
      let isOurs = numbers.contains(partition.number)
      if partition.isKept && isOurs {
        kept[partition.number] = Restorer.Kept(offset: partition.cutOffset, sequence: partition.sequence)
      } else {
        drop(index)
      }
      if isOurs { partitions[index].phase = .restoring }
    }
    if numbers.isEmpty {
      context.notices(.info, "the group has no partition for us: there are more instances than partitions")
    } else {
      context.notices(.info, "the group gives us \(Worker.list(numbers))")
    }
    restorer.begin(numbers, kept: kept)
    status.hasJoined = true
    publishStatus()
  }

  /// Forgets a partition and its state.
  func drop(_ index: Int) {
    segmenter.clear(partitions[index].number)
    partitions[index] = OwnedPartition(partitions[index].number)
  }

  /// Goes on restoring; what has become ready joins the input.
  func restore() throws(StreamError) {
    let ready = try restorer.advance(consumer)
    if ready.isEmpty { return }
    // What the state cites has been published before it: decisions go on with no older model.
    let models = models
    try Worker.patiently(context) { () throws(KafkaError) in try models.catchUp() }
    if let model = models.newest?.model { segmenter.adopt(model) }
    for partition in ready {
      partitions[Int(partition.partition)].run(partition)
      if let walk = partition.walk { filling.walksRead[partition.partition] = walk }
    }
    let starts = partitions.filter(\.isRunning).map { partition in
      (
        partition: partition.number,
        start: partition.position.next < 0 ? StartOffset.beginning : .offset(partition.position.next)
      )
    }
    let consumer = consumer
    if context.options.stopsAtEnd {
      for index in partitions.indices where partitions[index].isRunning && partitions[index].end == nil {
        let number = partitions[index].number
        partitions[index].end = try streaming { () throws(KafkaError) in
          try consumer.watermarks(partition: number).high
        }
      }
    }
    try streaming { () throws(KafkaError) in
      try consumer.assign(starts)
      try Failpoint.restoreJoined.pass()
    }
    if ready.contains(where: { $0.partition == 0 }) { try takeTrainerSeat() }
  }

  /// The owner of partition 0 is the trainer: it reads what all have told before it publishes.
  private func takeTrainerSeat() throws(StreamError) {
    let (context, models, count) = (context, models, partitions.count)
    let seat = try Worker.patiently(context) { () throws(KafkaError) in
      try TrainerSeat(context, partitions: count, from: models.newest, health: models.health)
    }
    // Who is to stop may not have read all, and trains no more.
    if !context.isStopped() { trainer = seat }
  }

  /// Asks again what a broker that is away does not answer, until the process is to stop.
  static func patiently<Value>(
    _ context: StreamContext, _ body: () throws(KafkaError) -> Value
  ) throws(StreamError) -> Value {
    while true {
      do {
        return try body()
      } catch {
        guard error.isRetriable || error.kind == .unreachable, !context.isStopped() else { throw StreamError(error) }
        context.notices(.warning, "\(error); trying again")
        context.pulse.beat()
        usleep(StreamContext.retryMs * 1_000)
      }
    }
  }

  /// How long a revocation waits for its commit, in ms: others wait for us meanwhile.
  private static let revokeMsMax = 30_000

  private static func list(_ numbers: [Int32]) -> String {
    numbers.count == 1
      ? "partition \(numbers[0])" : "\(numbers.count) partitions (\(numbers.map(String.init).joined(separator: ", ")))"
  }
}
