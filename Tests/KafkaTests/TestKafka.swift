import Foundation
import Testing

@testable import Kafka

/// The one real broker of a test run, and topics on it.
///
/// `SEGMENTER_TEST_KAFKA` names the bootstrap servers of one that runs already; else `Tests/kafka-cluster` starts
/// one that ends with this process.
enum TestKafka {
  /// Where the broker is, or why there is none.
  static let state: Result<String, Unavailable> = start()

  /// Why there is no broker.
  struct Unavailable: Error {
    var reason: String
  }

  /// Whether tests on a real broker can run.
  static var isAvailable: Bool {
    if case .success = state { return true }
    return false
  }

  /// What a skipped test says.
  static let skipped: Comment =
    "SKIPPED, no Kafka: set KAFKA_HOME to a Kafka 4 distribution, or SEGMENTER_TEST_KAFKA to a running broker"

  /// The bootstrap servers.
  static func bootstrap() throws -> String { try state.get() }

  /// A configuration for the broker.
  static func configuration(_ properties: [String: String] = [:]) throws -> KafkaConfiguration {
    KafkaConfiguration(["bootstrap.servers": try bootstrap()].merging(properties) { _, given in given })
  }

  /// Makes a topic of a test's own and answers its name.
  static func makeTopic(
    _ purpose: String, partitionCount: Int = 1, settings: [String: String] = [:]
  ) throws -> String {
    let name = "\(purpose)-\(UUID().uuidString.prefix(8).lowercased())"
    try Admin(configuration: configuration())
      .createTopic(name, partitionCount: partitionCount, settings: settings, timeoutMs: 20_000)
    return name
  }

  private static func start() -> Result<String, Unavailable> {
    let environment = ProcessInfo.processInfo.environment
    if let given = environment["SEGMENTER_TEST_KAFKA"], !given.isEmpty { return .success(given) }
    let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("segmenter-kafka-\(getpid())")
    let process = Process()
    process.executableURL = tests.appendingPathComponent("kafka-cluster")
    process.arguments = ["start", folder.path, "--while", String(getpid())]
    let output = Pipe()
    let errors = Pipe()
    process.standardOutput = output
    process.standardError = errors
    do {
      try process.run()
    } catch {
      return .failure(Unavailable(reason: "Tests/kafka-cluster cannot be started: \(error)"))
    }
    let bootstrap = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    let words = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { return .failure(Unavailable(reason: words)) }
    return .success(bootstrap.trimmingCharacters(in: .whitespacesAndNewlines))
  }
}

/// Everything on a real broker, one test after the other: two cores are not enough for more.
@Suite(.serialized) struct RealKafka {
  @Test("Where tests must be complete, a missing Kafka is a failure")
  func availability() throws {
    guard case .failure(let unavailable) = TestKafka.state else { return }
    let mustBeComplete = ProcessInfo.processInfo.environment["CI"] == "true"
    try #require(!mustBeComplete, "CI=true and there is no Kafka: \(unavailable.reason)")
    print("SKIPPED: tests on a real Kafka. \(unavailable.reason)")
  }
}
