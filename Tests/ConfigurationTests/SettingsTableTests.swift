import Foundation
import Testing

@testable import Configuration

@Suite("Settings")
struct SettingsTableTests {
  /// A text that each setting takes and that is not its default.
  static let samples = [
    "kafka": "", "input.topic": "t", "input.currency": "EUR", "input.rates": "USD=0.92",
    "input.time_zone": "Asia/Tokyo",
    "input.partitioned_by_customer": "true", "input.on_error": "skip", "input.map": "{amount: total}",
    "output.topic": "o", "dead_letters.topic": "d", "output.state_topic": "st", "output.statistics_topic": "sn",
    "commit.interval_ms": "50", "output.model_topic": "m", "group": "g", "instance": "i", "workers": "2", "seed": "7",
    "log.level": "debug", "http.listen": "off", "http.read_token_file": "/r", "http.admin_token_file": "/a",
    "http.certificate_file": "/c.pem", "http.key_file": "/k.pem", "http.allow_insecure": "true",
    "limits.record_bytes": "2048", "limits.customer_id_bytes": "10", "limits.json_depth": "3",
    "windows.transactions": "0", "windows.orders": "16", "segments": "rules",
    "rules": "[{name: All}]", "cuts.recency": "30,90,180,365", "cuts.frequency": "1,2,4,8",
    "cuts.monetary": "10,20.5,30,40", "model.k": "8", "model.half_life_days": "30.5",
    "model.features": "monetary=0.5,recency=1", "model.names": "s1=VIP", "hysteresis.margin": "0.1",
    "hysteresis.return_margin": "0", "hysteresis.return_days": "1", "hysteresis.dwell_hours": "12",
    "sweep.period": "10m", "model.frozen": "true", "model.file": "/m.json",
  ]

  @Test("Every setting can be given as a flag, a variable and a YAML key, to the same effect", arguments: settingsTable)
  func everyDoor(setting: Setting) throws {
    let sample = try #require(Self.samples[setting.key], "no sample for `\(setting.key)`")
    let parts = setting.isTable ? ["client.id": "c"] : [:]
    if setting.key == "kafka" {
      for (name, text) in parts {
        let flag = try load(flags: [.init(key: "kafka.\(name)", text: text, name: "--kafka.\(name)")])
        let variable = try load(environment: ["SEGMENTER_KAFKA_CLIENT_ID": text])
        let file = try load("kafka: {\(name): \(text)}")
        #expect(flag.settings == variable.settings && flag.settings == file.settings)
        #expect(flag.settings.kafka == ["bootstrap.servers": "localhost:9092", "client.id": "c"])
      }
      return
    }
    let flag = try load(flags: [.init(key: setting.key, text: sample, name: "--\(setting.key)")])
    let variable = try load(environment: [setting.variable: sample])
    let scalar = sample.hasPrefix("{") ? sample : "\"\(sample)\""
    let dotted = try load("\(setting.key): \(scalar)\n")
    let nested = try load(Self.nested(setting.key, scalar))
    #expect(flag.settings != Settings())
    for other in [variable, dotted, nested] { #expect(other.settings == flag.settings) }
    #expect(flag.origins[setting.key] == .flag("--\(setting.key)"))
    #expect(variable.origins[setting.key] == .environment(setting.variable))
    #expect(dotted.origins[setting.key] == .file("f.yaml", line: 1))
  }

  @Test("`http: off` is `http: {listen: off}`")
  func off() throws {
    #expect(try load("http: off").settings == load("http: {listen: \"off\"}").settings)
    #expect(try load("http: off").settings.http.listen == "off")
  }

  @Test("Every setting has its own name, variable, short flag and help")
  func distinct() {
    #expect(Set(settingsTable.map(\.key)).count == settingsTable.count)
    #expect(Set(settingsTable.map(\.variable)).count == settingsTable.count)
    let flags = settingsTable.map(\.key) + settingsTable.compactMap(\.shortFlag)
    #expect(Set(flags).count == flags.count)
    for setting in settingsTable {
      #expect(!setting.help.isEmpty && !setting.help.hasSuffix(".") && !setting.allowed.isEmpty)
    }
  }

  @Test("A flag wins over a variable, a variable over the file, the file over the default")
  func precedence() throws {
    let flag = Configuration.Flag(key: "model.k", text: "9", name: "--k")
    let environment = ["SEGMENTER_MODEL_K": "8", "SEGMENTER_SEED": "5", "HOME": "/"]
    let yaml = "model: {k: 7, half_life_days: 60}\nseed: 4\nworkers: 3\n"
    let settings = try load(yaml, environment: environment, flags: [flag]).settings
    #expect(settings.model.k == 9)
    #expect(settings.seed == 5)
    #expect(settings.workers == 3)
    #expect(settings.model.halfLifeDays == 60)
    #expect(settings.hysteresis.margin == 0.2)
  }

  @Test("The number of segments can be left to the fits, at every door, and is shown so")
  func automaticK() throws {
    let flag = Configuration.Flag(key: "model.k", text: "auto", name: "--k")
    for loaded in [
      try load("model: {k: auto}"), try load(environment: ["SEGMENTER_MODEL_K": "auto"]),
      try load("model: {k: 7}", flags: [flag]),
    ] {
      #expect(loaded.settings.model.k == nil)
      let setting = try #require(settingsTable.first { $0.key == "model.k" })
      guard case .value("auto") = setting.shown(in: loaded.settings) else {
        Issue.record("`model.k` is not shown as auto")
        continue
      }
    }
  }

  @Test("A whole table replaces the one below, one entry is added to it")
  func tables() throws {
    let yaml = "model: {features: {recency: 2, orders: 1}}"
    #expect(try load(yaml).settings.model.features == ["recency": 2, "orders": 1])
    let replaced = try load(yaml, environment: ["SEGMENTER_MODEL_FEATURES": "tenure=1"])
    #expect(replaced.settings.model.features == ["tenure": 1])
    let added = try load(yaml, environment: ["SEGMENTER_MODEL_FEATURES_AVERAGE_ORDER": "0.5"])
    #expect(added.settings.model.features == ["recency": 2, "orders": 1, "average_order": 0.5])
    let rates = try load(environment: ["SEGMENTER_INPUT_RATES_USD": "0.92"]).settings.input.rates
    #expect(rates == ["USD": "0.92"])
  }

  @Test("librdkafka's settings may be nested, dotted, or from variables")
  func passThrough() throws {
    let nested = try load("kafka: {ssl: {ca: {location: /ca}}, statistics.interval.ms: 5}").settings.kafka
    #expect(nested["ssl.ca.location"] == "/ca" && nested["statistics.interval.ms"] == "5")
    #expect(try load("kafka.client.id: x").settings.kafka["client.id"] == "x")
  }

  @Test("The topics of dead letters, state, statistics and models follow the group unless they are set")
  func topicsOfGroup() throws {
    let usual = try load("group: shop").settings
    #expect(usual.deadLettersTopic == "shop-dead-letters" && usual.stateTopic == "shop-state")
    #expect(usual.statisticsTopic == "shop-stats" && usual.modelTopic == "shop-model")
    let own = "dead_letters.topic: d\noutput: {state_topic: s, statistics_topic: t, model_topic: m}"
    let set = try load("group: shop\n\(own)").settings
    #expect([set.deadLettersTopic, set.stateTopic, set.statisticsTopic, set.modelTopic] == ["d", "s", "t", "m"])
  }

  @Test("Null leaves a setting as it is")
  func null() throws {
    #expect(try load("model: {k: ~}\ninput:\nkafka: {client.id: null}\n").settings == Settings())
  }

  @Test("The reference has a line for every setting")
  func reference() {
    let lines = settingsReference().split(separator: "\n")
    #expect(lines.count == settingsTable.count + 2)
    for setting in settingsTable { #expect(settingsReference().contains("`\(setting.variable)")) }
    for line in lines { #expect(line.replacing("\\|", with: "").count { $0 == "|" } == 6, "\(line)") }
  }

  @Test("The README shows the reference as it is printed")
  func readme() throws {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let text = try String(contentsOf: root.appending(path: "README.md"), encoding: .utf8)
    #expect(
      text.contains("-->\n" + settingsReference() + "<!-- end of settings -->"),
      "put what `segmenter config reference` prints between the comments")
  }

  private static func nested(_ key: String, _ value: String) -> String {
    let parts = key.split(separator: ".")
    return parts.enumerated().map { String(repeating: "  ", count: $0) + "\($1):" }.joined(separator: "\n")
      + " \(value)\n"
  }
}

/// A configuration of layers given in words.
func load(
  _ yaml: String = "", environment: [String: String] = [:], flags: [Configuration.Flag] = [], required: [String] = []
) throws -> Configuration {
  let path = FileManager.default.temporaryDirectory.appending(path: "segmenter-\(UUID().uuidString).yaml").path
  try Data(yaml.utf8).write(to: URL(filePath: path))
  defer { try? FileManager.default.removeItem(atPath: path) }
  do throws(ConfigurationError) {
    let loaded = try Configuration.load(file: path, environment: environment, flags: flags, required: required)
    return loaded.renamed(path)
  } catch {
    var error = error
    error.messages = error.messages.map { $0.replacing(path, with: "f.yaml") }
    throw error
  }
}

extension Configuration {
  /// The same with the temporary file's name replaced by `f.yaml`.
  fileprivate func renamed(_ path: String) -> Configuration {
    var copy = self
    copy.origins = origins.mapValues { origin in
      if case .file(path, let line) = origin { .file("f.yaml", line: line) } else { origin }
    }
    return copy
  }
}
