import Dispatch
import Glibc
import Kafka
import Pipeline
import Segmentation
import Synchronization

/// `Benchmarks kafka-latency BOOTSTRAP [RATE] [SECONDS]`: the time from producing a purchase to reading the change
/// that it causes, while a daemon takes RATE records a second (5,000) of 20,000 customers for SECONDS (30).
///
/// Every fifth record is the first of a new customer, whose id carries the time: it is answered by a change at once.
func benchmarkKafkaLatency(_ arguments: [String]) {
  guard let bootstrap = arguments.first else {
    exitKafkaBenchmark("usage: Benchmarks kafka-latency BOOTSTRAP [RATE] [SECONDS]")
  }
  let rate = arguments.count > 1 ? Int(arguments[1]) ?? 5_000 : 5_000
  let seconds = arguments.count > 2 ? Int(arguments[2]) ?? 30 : 30
  kafkaBenchmark {
    let bench = try LatencyBench(bootstrap: bootstrap)
    try bench.warmUp()
    try bench.load(rate: rate, seconds: seconds)
    try bench.finish()
  }
}

private final class LatencyBench {
  private static let partitionCount = 4
  private static let customers = 20_000
  private let options: DaemonOptions
  private let producer: Producer
  private let topic: Producer.Topic
  private let consumer: Consumer
  private let stop = StopFlag()
  private let ended = DispatchSemaphore(value: 0)
  private let outcome = SharedStatus()
  private var latencies: [Int64] = []
  private var expected = 0
  private var changes = 0

  init(bootstrap: String) throws {
    let configuration = KafkaConfiguration([
      "bootstrap.servers": bootstrap, "linger.ms": "1", "partitioner": "murmur2_random",
    ])
    options = daemonOptions(bootstrap: bootstrap, topic: "benchmark-\(getpid())-input")
    let admin = try Admin(configuration: configuration)
    try admin.createTopic(options.inputTopic, partitionCount: Self.partitionCount, timeoutMs: 10_000)
    let changes = TopicPlan.Output.changes(options.changesTopic)
    try admin.createTopic(
      changes.name, partitionCount: Self.partitionCount, settings: changes.settings, timeoutMs: 10_000)
    producer = try Producer(configuration: configuration)
    topic = try producer.topic(options.inputTopic)
    consumer = try Consumer(configuration: configuration, topic: options.changesTopic)
    try consumer.assign((0..<Self.partitionCount).map { (Int32($0), .beginning) })
    let (options, stop, ended) = (options, stop, ended)
    let outcome = outcome
    Thread.start {
      kafkaBenchmark {
        let daemon = try Daemon(options, notices: Notices(), isStopped: { stop.isSet })
        try daemon.run()
        outcome.set(daemon.status)
      }
      ended.signal()
    }
  }

  /// Gives every customer three purchases over a month and waits until the first sweep has named them.
  func warmUp() throws {
    let now = wallMs()
    for round in 0..<3 {
      for number in 0..<Self.customers {
        let age = Int64((number * 7 + round * 11) % 30) * 86_400_000
        try purchase("c\(number)", amount: 5 + number % 90, atMs: now - age)
      }
    }
    try producer.flush(timeoutMs: 60_000)
    while changes < Self.customers { try read(timeoutMs: 50) }
    latencies.removeAll()
  }

  /// Produces at a steady rate, in slices of 10 ms, and reads the changes meanwhile.
  func load(rate: Int, seconds: Int) throws {
    let start = ContinuousClock.now
    var produced = 0
    while produced < rate * seconds {
      let elapsed = (ContinuousClock.now - start).components
      let due = Int((Double(elapsed.seconds) + Double(elapsed.attoseconds) * 1e-18) * Double(rate))
      while produced < min(due, rate * seconds) {
        let now = wallMs()
        let isNew = produced % 5 == 0
        if isNew { expected += 1 }
        try purchase(isNew ? "n\(now)-\(produced)" : "c\(produced % Self.customers)", amount: 20, atMs: now)
        produced += 1
      }
      try producer.poll()
      try read(timeoutMs: 5)
    }
    try producer.flush(timeoutMs: 10_000)
    let deadline = wallMs() + 10_000
    while latencies.count < expected && wallMs() < deadline { try read(timeoutMs: 5) }
  }

  func finish() throws {
    stop.set()
    ended.wait()
    guard latencies.count == expected, expected > 0 else {
      exitKafkaBenchmark("\(latencies.count) of \(expected) changes came")
    }
    latencies.sort()
    func quantile(_ share: Double) -> Int64 {
      latencies[min(latencies.count - 1, Int(share * Double(latencies.count)))]
    }
    print(
      "latency p50 \(quantile(0.5)) ms, p99 \(quantile(0.99)) ms, p99.9 \(quantile(0.999)) ms, "
        + "most \(quantile(1)) ms (\(latencies.count) changes)")
    let status = outcome.value
    let (half, most) = (status.commitMs(share: 0.5) ?? 0, status.commitMs(share: 0.99) ?? 0)
    print("commits p50 \(half) ms, p99 \(most) ms (\(status.commits))")
  }

  private func purchase(_ customer: String, amount: Int, atMs: Int64) throws {
    let value = Array("{\"customer_id\":\"\(customer)\",\"amount\":\(amount),\"timestamp\":\(atMs)}".utf8)
    try Array(customer.utf8).withUnsafeBytes { key in
      try value.withUnsafeBytes { try producer.produce(to: topic, partition: -1, key: key, value: $0) }
    }
  }

  /// Reads changes; those of new customers carry their time in the id.
  private func read(timeoutMs: Int) throws {
    let batch = try consumer.consumeBatch(timeoutMs: timeoutMs)
    let now = wallMs()
    for message in batch.messages {
      changes += 1
      guard let key = message.key?.assumingMemoryBound(to: UInt8.self), key[0] == UInt8(ascii: "n") else { continue }
      let id = String(decoding: UnsafeBufferPointer(start: key, count: message.keyCount), as: UTF8.self)
      let parts = id.dropFirst().split(separator: "-")
      // Only a first change answers the record; a later one is the sweep's.
      if let produced = Int64(parts[0]), seen.insert(id).inserted { latencies.append(now - produced) }
    }
    consumer.releaseBatch()
  }

  private var seen: Set<String> = []
}

/// What the daemon's thread leaves when it has ended.
private final class SharedStatus: Sendable {
  private let status = Mutex(DaemonStatus())
  func set(_ value: DaemonStatus) { status.withLock { $0 = value } }
  var value: DaemonStatus { status.withLock { $0 } }
}

private final class StopFlag: Sendable {
  private let flag = Atomic<Bool>(false)
  var isSet: Bool { flag.load(ordering: .relaxed) }
  func set() { flag.store(true, ordering: .relaxed) }
}

private enum Thread {
  static func start(_ body: @escaping @Sendable () -> Void) {
    DispatchQueue(label: "daemon").async(execute: body)
  }
}

private func wallMs() -> Int64 {
  var now = timespec()
  clock_gettime(CLOCK_REALTIME, &now)
  return Int64(now.tv_sec) * 1_000 + Int64(now.tv_nsec) / 1_000_000
}
