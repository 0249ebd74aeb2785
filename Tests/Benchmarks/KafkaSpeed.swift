import Glibc
import Kafka
import Pipeline
import Segmentation

/// `Benchmarks kafka-topic BOOTSTRAP TOPIC PARTITIONS`: makes a topic.
func benchmarkKafkaTopic(_ arguments: [String]) {
  guard arguments.count == 3, let partitionCount = Int(arguments[2]) else {
    exitKafkaBenchmark("usage: Benchmarks kafka-topic BOOTSTRAP TOPIC PARTITIONS")
  }
  kafkaBenchmark {
    try Admin(configuration: KafkaConfiguration(["bootstrap.servers": arguments[0]])).createTopic(
      arguments[1], partitionCount: partitionCount, timeoutMs: 10_000)
  }
}

/// `Benchmarks kafka-run BOOTSTRAP TOPIC [--without-transactions] [PROPERTY=VALUE…]`: the daemon as it is, from the
/// assignment to the end of the topic, with everything on: decoding, state, model, changes and dead letters to topics
/// of their own, committed at the end.
func benchmarkKafkaRun(_ arguments: [String]) {
  guard arguments.count >= 2 else {
    exitKafkaBenchmark("usage: Benchmarks kafka-run BOOTSTRAP TOPIC [PROPERTY=VALUE…]")
  }
  kafkaBenchmark {
    var options = daemonOptions(bootstrap: arguments[0], topic: arguments[1])
    options.stopsAtEnd = true
    for property in arguments.dropFirst(2) {
      if property == "--without-transactions" { options.isExactlyOnce = false }
      let parts = property.split(separator: "=", maxSplits: 1).map(String.init)
      if parts.count == 2 { options.kafka[parts[0]] = parts[1] }
    }
    let daemon = try Daemon(options, notices: Notices(), isStopped: { false })
    let start = ContinuousClock.now
    try daemon.run()
    let status = daemon.status
    report("run", records: status.records, bytes: status.bytes, since: start)
    print(
      "  \(status.customers) customers, \(status.changes) changes, "
        + "\(status.deadLetters.values.reduce(0, +)) dead letters, \(status.commits) commits")
    let tables = Double(status.logBytesMax) / Double(max(1, status.tableBytes))
    print("  state log at most \(status.logBytesMax >> 20) MiB, \((tables * 100).rounded() / 100) tables")
    let reasons = zip(ChangeReason.allCases, status.counters.changes).map { "\($0.rawValue) \($1)" }
    print("  \(reasons.joined(separator: ", "))")
  }
}

/// The daemon's defaults with topics of its own for this run.
func daemonOptions(bootstrap: String, topic: String) -> DaemonOptions {
  let name = "benchmark-\(getpid())"
  var options = DaemonOptions(
    kafka: ["bootstrap.servers": bootstrap], inputTopic: topic, changesTopic: "\(name)-changes", group: name)
  options.settings.currency = Currency(code: "EUR")
  return options
}

/// Runs a body and ends the program with its error.
func kafkaBenchmark(_ body: () throws -> Void) {
  do { try body() } catch { exitKafkaBenchmark("\(error)") }
}

/// Ends the program with a message.
func exitKafkaBenchmark(_ message: String) -> Never {
  let line = Array("Benchmarks: \(message)\n".utf8)
  _ = write(STDERR_FILENO, line, line.count)
  exit(1)
}

private func report(_ name: String, records: Int, bytes: Int, since start: ContinuousClock.Instant) {
  let duration = (ContinuousClock.now - start).components
  let seconds = Double(duration.seconds) + Double(duration.attoseconds) * 1e-18
  let rate = Int(Double(records) / seconds)
  print("\(name) \(rate) records/s (\(records) records, \(bytes / 1_000_000) MB, \(Int(seconds * 1_000)) ms)")
}
