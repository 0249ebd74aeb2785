import Foundation
import Testing

@testable import Configuration

@Suite("The configuration that holds")
struct ConfigurationYAMLTests {
  @Test("What is printed means what holds, for any setting", arguments: settingsTable)
  func roundTrip(setting: Setting) throws {
    let sample = try #require(SettingsTableTests.samples[setting.key])
    let flags = setting.key == "kafka" ? [] : [Configuration.Flag(key: setting.key, text: sample, name: "--x")]
    let configuration = try load(flags: flags)
    let printed = configuration.yaml()
    #expect(try load(printed).settings == configuration.settings, "\(printed)")
    #expect(printed.contains("# --x") == !flags.isEmpty)
  }

  @Test(
    "What is printed means what holds, for any map",
    arguments: [
      "{customer_id: a.b, amount: {product: [{constant: '2'}, q]}, order_id: ~}",
      "{customer_id: {path: ['a.b', c], integer: true}, timestamp: {path: t, format: '%d/%m/%Y', zone: Asia/Tokyo}}",
      "{format: csv, delimiter: tab, quote: \"'\", order_id: '7', currency: {constant: 'a b'}, order: time}",
      "{format: csv, delimiter: ';', header: [customer_id, amount, timestamp, '4', 'a, b'], order_id: 'a, b'}",
      "{format: csv, header: false, customer_id: 1, amount: 2, timestamp: {column: 3, format: epoch_seconds}}",
      "{format: columns, customer_id: 1, amount: 2, timestamp: {column: 3, format: iso8601}, type: 5}",
    ])
  func roundTripOfMaps(map: String) throws {
    let configuration = try load("input: {map: \(map)}")
    #expect(configuration.settings.input.map != MapSettings())
    let printed = configuration.yaml()
    #expect(try load(printed).settings == configuration.settings, "\(printed)")
  }

  @Test("Only what differs from the default says where it comes from")
  func origins() throws {
    let lines = try load(
      "model: {k: 7, half_life_days: 90}\nkafka: {client.id: c}", environment: ["SEGMENTER_SEED": "3"]
    )
    .yaml().split(separator: "\n").filter { $0.contains(" # ") && !$0.contains("not set") }
    #expect(lines == ["  client.id: c  # f.yaml:2", "seed: 3  # SEGMENTER_SEED", "  k: 7  # f.yaml:1"])
  }

  @Test(
    "A secret is never printed, wherever it comes from",
    arguments: [
      "sasl.password", "ssl.key.password", "ssl.keystore.password", "sasl.jaas.config", "sasl.oauthbearer.config",
      "sasl.oauthbearer.client.secret", "ssl.key.pem",
    ])
  func secrets(name: String) throws {
    let variable = "SEGMENTER_KAFKA_" + name.uppercased().replacing(".", with: "_")
    for configuration in [
      try load("kafka: {\(name): hunter2}"), try load(environment: [variable: "hunter2"]),
      try load(flags: [.init(key: "kafka.\(name)", text: "hunter2", name: "--kafka.\(name)")]),
    ] {
      #expect(configuration.settings.kafka[name] == "hunter2")
      #expect(!configuration.yaml().contains("hunter2"))
      #expect(configuration.yaml().contains("\(name): \"********\""))
    }
  }

  @Test("A secret is read from a file beside the configuration, without its line break")
  func secretFile() throws {
    let name = "segmenter-\(UUID().uuidString)"
    let file = FileManager.default.temporaryDirectory.appending(path: name)
    try Data("hunter2\n".utf8).write(to: file)
    defer { try? FileManager.default.removeItem(at: file) }
    for configuration in [
      try load("kafka: {sasl.password_file: \(name)}"), try load("kafka: {sasl.password.file: \(name)}"),
      try load("kafka: {sasl.password: {file: \(name)}}"),
      try load(environment: ["SEGMENTER_KAFKA_SASL_PASSWORD_FILE": file.path]),
    ] {
      #expect(configuration.settings.kafka["sasl.password"] == "hunter2")
      #expect(configuration.settings.kafka["sasl.password_file"] == nil)
      #expect(!configuration.yaml().contains("hunter2"))
    }
    let error = try #require(throws: ConfigurationError.self) {
      try load("kafka: {sasl.password_file: \(name), sasl.password: hunter2}")
    }
    #expect(error.messages.contains { $0.contains("comes twice") && !$0.contains("hunter2") })
  }

  @Test("A map may stand in a file beside the configuration")
  func mapFile() throws {
    let name = "segmenter-\(UUID().uuidString).yaml"
    let file = FileManager.default.temporaryDirectory.appending(path: name)
    try Data("amount: total\n".utf8).write(to: file)
    defer { try? FileManager.default.removeItem(at: file) }
    #expect(try load("input: {map: \(name)}").settings.input.map.amount == [.path(["total"])])
    let flag = Configuration.Flag(key: "input.map", text: file.path, name: "--map")
    #expect(try load(flags: [flag]).settings.input.map.amount == [.path(["total"])])
  }

  @Test("The example is the defaults with a topic and a currency, and knows every setting")
  func example() throws {
    let text = try String(contentsOf: Self.root.appending(path: "deploy/segmenter.yaml"), encoding: .utf8)
    let settings = try load(text).settings
    var expected = Settings()
    expected.input.topic = "transactions"
    expected.input.currency = "EUR"
    #expect(settings == expected)
    for setting in settingsTable {
      let last = String(setting.key.split(separator: ".").last ?? "")
      #expect(text.contains("\(last):"), "`\(setting.key)` is not in the example")
    }
  }

  @Test("What the example shows in comments can be uncommented")
  func exampleComments() throws {
    let text = try String(contentsOf: Self.root.appending(path: "deploy/segmenter.yaml"), encoding: .utf8)
    let option = #/^( *)# ( *[a-z_.]+: .*)$/#
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map { line -> String in
      // The only comment whose shape is that of an option without a value.
      if line == "  # map:" { return "  map:" }
      guard let match = line.wholeMatch(of: option)?.output else { return String(line) }
      return "\(match.1)\(match.2)"
    }
    let error = #expect(throws: ConfigurationError.self) { try load(lines.joined(separator: "\n")) }
    // All of it is understood; only the passwords' files are not on this machine.
    let files = ["kafka-password", "key-password"]
    #expect(error?.messages.count == files.count)
    for file in files { #expect(error?.messages.contains { $0.contains(file) } == true, "\(error as Any)") }
  }

  private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()
}
