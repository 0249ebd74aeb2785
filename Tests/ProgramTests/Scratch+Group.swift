import Foundation

/// The broker that `Tests/run` starts and names in `SEGMENTER_TEST_KAFKA`; `nil` where there is none.
let testBroker = ProcessInfo.processInfo.environment["SEGMENTER_TEST_KAFKA"].flatMap { $0.isEmpty ? nil : $0 }

extension Scratch {
  /// A folder with a configuration that names topics and a group of a test's own; `topic` says the input as `$TOPIC`.
  ///
  /// `kafka` is what librdkafka is told beside the broker, such as `session.timeout.ms: 6000`.
  static func ofGroup(_ prefix: String, kafka: String? = nil) throws -> Scratch {
    let name = "\(prefix)-\(UUID().uuidString.prefix(8).lowercased())"
    let properties = ["bootstrap.servers: \"\(testBroker ?? "")\"", kafka].compactMap { $0 }.joined(separator: ", ")
    return try Scratch([
      "topic": "TOPIC=\(name)\n",
      "segmenter.yaml": """
      kafka: {\(properties)}
      input: {topic: \(name), currency: EUR}
      output: {topic: \(name)-changes}
      group: \(name)
      log: {level: warning}

      """,
    ])
  }
}
