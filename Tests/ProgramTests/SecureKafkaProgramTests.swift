import Foundation
import Testing

/// A broker with TLS, passwords and client certificates, of this process alone; `nil` where there is no Kafka.
private enum SecureBroker {
  /// Where it listens without TLS, and its folder with certificates.
  static let state: (address: String, folder: URL)? = {
    let given = ProcessInfo.processInfo.environment["SEGMENTER_TEST_KAFKA"]
    guard let given, !given.isEmpty else { return nil }
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("segmenter-secure-\(getpid())")
    let process = Process()
    process.executableURL = Program.top.appendingPathComponent("Tests/kafka-cluster")
    process.arguments = ["start", folder.path, "--secure", "--while", String(getpid())]
    let output = Pipe()
    process.standardOutput = output
    guard (try? process.run()) != nil else { return nil }
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { return nil }
    return (text.trimmingCharacters(in: .whitespacesAndNewlines), folder)
  }()
}

/// The built program on a Kafka that wants to know who comes.
@Suite(
  .serialized,
  .enabled(
    if: ProcessInfo.processInfo.environment["SEGMENTER_TEST_KAFKA"].map { !$0.isEmpty } ?? false,
    "SKIPPED, no Kafka: SEGMENTER_TEST_KAFKA is not set"))
struct SecureKafkaProgramTests {
  /// A secret that must be seen nowhere.
  private static let canary = "CANARY-5e1f0c9ab7"

  private let folder: Scratch
  private let port: Int

  /// A folder with a configuration for each way in; the files `password` and `wrong` hold passwords.
  init() throws {
    let broker = try #require(SecureBroker.state, "Tests/kafka-cluster start --secure has failed")
    port = try #require(Int(broker.address.split(separator: ":").last ?? ""))
    let name = "secure-\(UUID().uuidString.prefix(8).lowercased())"
    let rest = """
      input: {topic: \(name), currency: EUR}
      output: {topic: \(name)-changes}
      group: \(name)
      """
    let top = broker.folder.path
    let sasl = "security.protocol: SASL_SSL, sasl.mechanisms: PLAIN, sasl.username: segmenter"
    let client = "ssl.certificate.location: \(top)/client.pem, ssl.key.location: \(top)/client.key"
    func file(_ kafka: String) -> String { "kafka: {\(kafka)}\n\(rest)\n" }
    folder = try Scratch([
      "password": "secret\n", "wrong": Self.canary + "\n", "topic": "TOPIC=\(name)\nTOP=\(top)\n",
      "plain.yaml": file("bootstrap.servers: \"127.0.0.1:\(port)\""),
      "sasl.yaml": file(
        "bootstrap.servers: \"localhost:\(port + 2)\", \(sasl), ssl.ca.location: \(top)/ca.pem, "
          + "sasl.password: {file: password}"),
      "mtls.yaml": file(
        "bootstrap.servers: \"127.0.0.1:\(port + 3)\", security.protocol: SSL, ssl.ca.location: \(top)/ca.pem, "
          + client),
      "no-client.yaml": file(
        "bootstrap.servers: \"127.0.0.1:\(port + 3)\", security.protocol: SSL, ssl.ca.location: \(top)/ca.pem"),
      "other-host.yaml": file(
        "bootstrap.servers: \"127.0.0.2:\(port + 4)\", security.protocol: SSL, ssl.ca.location: \(top)/ca.pem"),
      "canary.yaml": file(
        "bootstrap.servers: \"127.0.0.1:\(port + 2)\", \(sasl), ssl.ca.location: \(top)/ca.pem, "
          + "sasl.password_file: wrong, ssl.key.password: \(Self.canary)2, sasl.oauthbearer.config: "
          + "scope=\(Self.canary)3, debug: all"),
    ])
  }

  @Test("By password over TLS, and by client certificate, the daemon turns purchases into changes that watch shows")
  func endToEnd() throws {
    let outcome = try Program.run(
      """
      . ./topic
      segmenter generate --events 20000 --customers 500 --topic $TOPIC --config sasl.yaml || echo "generate: $?"
      for way in sasl mtls; do
        timeout --foreground 120 "$PROGRAM" run --config $way.yaml --group $TOPIC-$way --output.topic $TOPIC-$way \\
          2>> run.err & pid=$!
        for n in $(seq 50); do  # until its topics are there
          segmenter watch --config $way.yaml --output.topic $TOPIC-$way --json 2> watch.err | head -n 1 > change.json
          [ -s change.json ] && break
          sleep 0.2
        done
        kill -TERM $pid
        wait $pid
        echo "$way: run ended with $?, $(wc -l < change.json) change"
      done
      """, in: folder)
    #expect(outcome.stdout == "sasl: run ended with 0, 1 change\nmtls: run ended with 0, 1 change\n")
  }

  /// A refusal: the configuration, flags behind it, the exit code, and what the error must say.
  struct Refusal: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var configuration: String
    var flags = ""
    var exitCode: Int32
    var words: [String]
  }

  static let refusals = [
    Refusal(
      testDescription: "a wrong password", configuration: "sasl", flags: "--kafka.sasl.password_file wrong",
      exitCode: 77, words: ["localhost:", "Invalid username or password", "check `kafka.sasl.username`"]),
    Refusal(
      testDescription: "a mechanism that the broker lacks", configuration: "sasl",
      flags: "--kafka.sasl.mechanisms SCRAM-SHA-512", exitCode: 77,
      words: ["SCRAM-SHA-512", "set `kafka.sasl.mechanisms`"]),
    Refusal(
      testDescription: "another authority", configuration: "sasl", flags: "--kafka.ssl.ca.location $TOP/other.pem",
      exitCode: 77, words: ["signed by an authority that is not trusted", "set `kafka.ssl.ca.location`"]),
    Refusal(
      testDescription: "another authority, mutual TLS", configuration: "mtls",
      flags: "--kafka.ssl.ca.location $TOP/other.pem", exitCode: 77,
      words: ["signed by an authority that is not trusted", "set `kafka.ssl.ca.location`"]),
    Refusal(
      testDescription: "another host name", configuration: "other-host", exitCode: 77,
      words: ["`127.0.0.2:", "certificate is for another host name", "name each host as its certificate does"]),
    Refusal(
      testDescription: "no client certificate", configuration: "no-client", exitCode: 77,
      words: ["alert", "set `kafka.ssl.certificate.location`"]),
    Refusal(
      testDescription: "a file of the authority that is not there", configuration: "sasl",
      flags: "--kafka.ssl.ca.location $TOP/missing.pem", exitCode: 78,
      words: ["--kafka.ssl.ca.location", "missing.pem` of Kafka property `ssl.ca.location` cannot be read"]),
    Refusal(
      testDescription: "a key that is none", configuration: "mtls",
      flags: "--kafka.ssl.key.location $TOP/ca.pem", exitCode: 78, words: ["`ssl.key.location` is `", "PEM"]),
    Refusal(
      testDescription: "a password file that is not there", configuration: "sasl",
      flags: "--kafka.sasl.password_file missing", exitCode: 66,
      words: ["`sasl.password`", "missing", "cannot be read"]),
    Refusal(
      testDescription: "a listener that wants TLS, without", configuration: "no-client",
      flags: "--kafka.security.protocol PLAINTEXT", exitCode: 69,
      words: ["(PLAINTEXT)", "check that `kafka.security.protocol` is the listener's"]),
  ]

  @Test("Each refusal says what was refused, where, and what to do, and has its exit code", arguments: refusals)
  func refusal(_ refusal: Refusal) throws {
    let outcome = try Program.run(
      ". ./topic; segmenter run --config \(refusal.configuration).yaml \(refusal.flags)", in: folder)
    #expect(outcome.exitCode == refusal.exitCode, "\(outcome.stderr)")
    let last = outcome.stderr.split(separator: "\n").last ?? ""
    for word in refusal.words { #expect(last.contains(word), "\(last)") }
    #expect(!outcome.stderr.contains(Self.canary) && !outcome.stdout.contains(Self.canary))
  }

  @Test("A secret is in nothing that any command says, librdkafka's debugging included", arguments: ["run", "watch"])
  func canary(_ command: String) throws {
    let outcome = try Program.run("segmenter \(command) --config canary.yaml --log.level debug", in: folder)
    #expect(outcome.exitCode == 77)
    #expect(outcome.stderr.contains("sasl.password = "), "librdkafka shows its settings with `debug: all`")
    #expect(!outcome.stderr.contains("CANARY") && !outcome.stdout.contains("CANARY"))
  }

  @Test("A secret is in no check of a configuration and in no mistake about it")
  func canaryInConfiguration() throws {
    let outcome = try Program.run(
      """
      segmenter config check --offline --config canary.yaml || echo "check: $?"
      segmenter config check --config canary.yaml --sample 1; echo "sample: $?"
      segmenter config check --config sasl.yaml --kafka.sasl.pasword \(Self.canary); echo "mistyped: $?"
      segmenter config check --config sasl.yaml --kafka sasl.password=\(Self.canary); echo "whole: $?"
      SEGMENTER_KAFKA=sasl.password=\(Self.canary) segmenter run --config sasl.yaml; echo "variable: $?"
      SEGMENTER_KAFKA_SASL_PASWORD=\(Self.canary) segmenter run --config sasl.yaml; echo "mistyped variable: $?"
      SEGMENTER_KAFKA_SASL_PASSWORD_FILE=wrong segmenter watch --config sasl.yaml; echo "file variable: $?"
      """, in: folder)
    let codes = [
      "sample: 77", "mistyped: 78", "whole: 64", "variable: 78", "mistyped variable: 78", "file variable: 77",
    ]
    for code in codes { #expect(outcome.stdout.contains("\n\(code)\n"), "\(code): \(outcome.stdout)\(outcome.stderr)") }
    #expect(!outcome.stdout.contains("check: "))
    #expect(outcome.stdout.contains("sasl.password: \"********\""))
    #expect(!outcome.stderr.contains("CANARY") && !outcome.stdout.contains("CANARY"))
  }
}
