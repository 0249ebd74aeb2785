import Foundation
import Testing

@testable import Kafka
@testable import Pipeline

/// A broker where the user `segmenter` may do only what is granted; it ends with this process.
private enum GuardedKafka {
  static let state: Result<(address: String, folder: URL), TestKafka.Unavailable> = Result {
    () throws(TestKafka.Unavailable) in
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("segmenter-guarded-\(getpid())")
    let text = try cluster(["start", folder.path, "--acl", "--while", String(getpid())])
    return (text.trimmingCharacters(in: .whitespacesAndNewlines), folder)
  }

  /// The administrator's way in.
  static func administrator() throws -> KafkaConfiguration {
    KafkaConfiguration(["bootstrap.servers": try state.get().address])
  }

  /// The user's way in.
  static func user() throws -> KafkaConfiguration {
    let (address, folder) = try state.get()
    let port = try #require(Int(address.split(separator: ":").last ?? ""))
    return KafkaConfiguration([
      "bootstrap.servers": "127.0.0.1:\(port + 2)", "security.protocol": "SASL_SSL", "sasl.mechanisms": "PLAIN",
      "sasl.username": "segmenter", "sasl.password": "secret", "ssl.ca.location": "\(folder.path)/ca.pem",
    ])
  }

  /// Lets the user do these operations on all topics whose names begin with `prefix`.
  static func grant(_ operations: [String], on prefix: String) throws {
    let folder = try state.get().folder
    _ = try cluster(
      ["tool", folder.path, "org.apache.kafka.tools.AclCommand", "--add", "--allow-principal", "User:segmenter"]
        + operations.flatMap { ["--operation", $0] }
        + ["--topic", prefix, "--resource-pattern-type", "prefixed"])
  }

  private static func cluster(_ arguments: [String]) throws(TestKafka.Unavailable) -> String {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("kafka-cluster")
    process.arguments = arguments
    let output = Pipe()
    process.standardOutput = output
    do {
      try process.run()
    } catch {
      throw TestKafka.Unavailable(reason: "Tests/kafka-cluster cannot be started: \(error)")
    }
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      throw TestKafka.Unavailable(reason: "Tests/kafka-cluster \(arguments) ended with \(process.terminationStatus)")
    }
    return text
  }
}

extension RealKafka {
  @Suite(.serialized, .enabled(if: TestKafka.isAvailable, TestKafka.skipped)) struct TopicRights {
    private let name = "rights-\(UUID().uuidString.prefix(8).lowercased())"

    private var outputs: [TopicPlan.Output] {
      [
        .changes("\(name)-changes"), .deadLetters("\(name)-dead-letters"), .state("\(name)-state"),
        .statistics("\(name)-stats"), .model("\(name)-model"),
      ]
    }

    /// The command that makes a topic, as it stands in an error.
    private func command(_ output: TopicPlan.Output, _ partitionCount: Int) throws -> String {
      let settings = output.settings.sorted { $0.key < $1.key }.map { " --config \($0.key)=\($0.value)" }.joined()
      return "kafka-topics.sh --bootstrap-server \(try GuardedKafka.user().bootstrap) --command-config "
        + "client.properties --create --topic \(output.name) --partitions \(partitionCount)\(settings)"
    }

    private func refusal() throws -> StreamError {
      let plan = try TopicPlan(configuration: GuardedKafka.user())
      return try #require(throws: StreamError.self) { try plan.prepareStream(outputs, partitionCount: 3) }
    }

    @Test("Without the right to make topics the commands for all that are missing are said at once, with 77")
    func mayNotCreate() throws {
      try GuardedKafka.grant(["Describe", "Read", "Write"], on: name)
      let state = outputs[2]
      try Admin(configuration: GuardedKafka.administrator())
        .createTopic(state.name, partitionCount: 3, settings: state.settings, timeoutMs: 20_000)
      let error = try refusal()
      #expect(error.exitCode == 77)
      let lines = error.description.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
      #expect(lines.first?.contains("kafka-acls.sh") == true)
      let missing = try [(0, 3), (1, 3), (3, 1), (4, 1)].map { try command(outputs[$0.0], $0.1) }
      #expect(Array(lines.dropFirst()) == missing)
    }

    @Test("Without the right to see topics each is named with the command that makes it, with 77")
    func mayNotSee() throws {
      let error = try refusal()
      #expect(error.exitCode == 77)
      for (output, count) in zip(outputs, [3, 3, 3, 1, 1]) {
        #expect(error.description.contains("the topic `\(output.name)`"))
        #expect(error.description.contains(try command(output, count)))
      }
    }

    @Test("Without the right to see settings a warning names each topic and what its settings have to be")
    func mayNotDescribeConfigs() throws {
      try GuardedKafka.grant(["Describe"], on: name)
      let administrator = try TopicPlan(configuration: GuardedKafka.administrator())
      _ = try administrator.prepareStream(outputs, partitionCount: 3)
      let preparation = try TopicPlan(configuration: GuardedKafka.user()).prepareStream(outputs, partitionCount: 3)
      #expect(preparation.made.isEmpty)
      #expect(preparation.warnings.count == outputs.count)
      for (output, warning) in zip(outputs, preparation.warnings) {
        #expect(warning.contains("the topic `\(output.name)`") && warning.contains("DescribeConfigs"))
      }
      #expect(preparation.warnings[2].contains("retention.ms=-1"))
    }

    @Test("With the rights the user's topics are made and checked like anybody's")
    func may() throws {
      try GuardedKafka.grant(["Create", "Describe", "DescribeConfigs"], on: name)
      let plan = try TopicPlan(configuration: GuardedKafka.user())
      #expect(try plan.prepareStream(outputs, partitionCount: 3).made.map(\.name) == outputs.map(\.name))
      let again = try plan.prepareStream(outputs, partitionCount: 3)
      #expect(again.made.isEmpty && again.warnings.isEmpty)
    }
  }
}
