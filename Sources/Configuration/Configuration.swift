/// The settings that hold, made of three layers: a YAML file < the environment < flags; and where each came from.
package struct Configuration: Sendable {
  /// A setting given on the command line.
  package struct Flag: Sendable, Equatable {
    /// The key, or `<table>.<entry>`.
    package let key: String
    /// The value's text.
    package let text: String
    /// The flag as it was written, with its dashes.
    package let name: String
  }

  /// The values.
  package private(set) var settings = Settings()
  /// Where each value that was given came from, by key, entries of tables by `<table>.<entry>`.
  package internal(set) var origins: [String: Origin] = [:]

  private var error: ConfigurationError?

  /// Resolves the settings.
  ///
  /// `file` is a YAML file, or `SEGMENTER_CONFIG` names one. Variables that begin with `SEGMENTER_` and name no setting
  /// are errors. Each of `required` must be given. All mistakes are reported at once.
  package static func load(
    file: String?, environment: [String: String], flags: [Flag], required: [String] = []
  ) throws(ConfigurationError) -> Configuration {
    var configuration = Configuration()
    if let path = file ?? environment["SEGMENTER_CONFIG"] {
      let bytes = try TextFile.read(path, called: "the configuration file")
      try configuration.addYAML(bytes, file: path)
    }
    configuration.addEnvironment(environment)
    for flag in flags { configuration.add(flag) }
    configuration.checkWhole(required: required)
    if let error = configuration.error { throw error }
    return configuration
  }

  /// The layer of a YAML document alone, over the defaults. `file` names it in errors and leads to files beside it.
  package static func load(yaml bytes: [UInt8], file: String) throws(ConfigurationError) -> Configuration {
    var configuration = Configuration()
    try configuration.addYAML(bytes, file: file)
    if let error = configuration.error { throw error }
    return configuration
  }

  // MARK: Layers

  private mutating func addYAML(_ bytes: [UInt8], file: String) throws(ConfigurationError) {
    guard let root = try YAMLReader.read(bytes, file: file) else { return }
    guard case .mapping(let entries) = root.content else {
      throw ConfigurationError(.configuration, "\(file):\(root.line): the file is \(root.kind): a mapping is expected")
    }
    for entry in entries { walk(entry, under: "", file: file) }
  }

  private mutating func walk(_ entry: YAMLNode.Entry, under prefix: String, file: String) {
    let key = prefix + entry.key
    let origin = Origin.file(file, line: entry.line)
    if let setting = settingsTable.first(where: { $0.key == key }) {
      guard claim(key, at: origin) else { return }
      if !entry.value.isNull { set(setting, entry.value, at: origin) }
    } else if let table = settingsTable.first(where: { $0.isTable && key.hasPrefix($0.key + ".") }) {
      set(table, entry: String(key.dropFirst(table.key.count + 1)), entry.value, at: origin)
    } else if settingsTable.contains(where: { $0.key.hasPrefix(key + ".") }) {
      guard case .mapping(let entries) = entry.value.content else {
        if entry.value.isNull { return }
        // `http: off` is `http: {listen: off}`.
        if entry.value.text == "off", let listen = settingsTable.first(where: { $0.key == key + ".listen" }) {
          guard claim(listen.key, at: origin) else { return }
          return set(listen, entry.value, at: origin)
        }
        let members = settingsTable.filter { $0.key.hasPrefix(key + ".") }.map { $0.key.dropFirst(key.count + 1) }
        report(
          origin, "`\(key)` cannot be \(entry.value.kind); allowed: a mapping of \(members.joined(separator: ", "))")
        return
      }
      for entry in entries { walk(entry, under: key + ".", file: file) }
    } else {
      report(origin, "there is no setting `\(key)`\(suggestion(for: key, among: Self.knownKeys))")
    }
  }

  private mutating func set(_ setting: Setting, _ node: YAMLNode, at origin: Origin) {
    switch node.content {
    case .scalar(let text, _):
      set(setting, text, at: origin)
    case .mapping(let entries) where setting.isTable:
      setting.clear(&settings)
      for entry in entries { set(setting, entry: entry.key, entry.value, at: origin.line(entry.line)) }
    case .mapping:
      guard case .map(let place) = setting.value else {
        return report(origin, "`\(setting.key)` cannot be \(node.kind); allowed: \(setting.allowed)")
      }
      guard case .file(let file, _) = origin else { preconditionFailure("a node comes from a file") }
      if let map = attempt({ () throws(ConfigurationError) in try MapReader.read(node, file: file) }) {
        settings[keyPath: place] = map
      }
    case .sequence(let items):
      if case .ascending = setting.value {
        return set(setting, "[" + items.map { $0.text ?? $0.kind }.joined(separator: ", ") + "]", at: origin)
      }
      if case .rules(let place) = setting.value {
        guard case .file(let file, _) = origin else { preconditionFailure("a node comes from a file") }
        let rules = attempt { () throws(ConfigurationError) in try RuleReader.read(node, file: file) }
        if let rules { settings[keyPath: place] = rules }
        return
      }
      report(origin, "`\(setting.key)` cannot be \(node.kind); allowed: \(setting.allowed)")
    }
  }

  private mutating func set(_ table: Setting, entry name: String, _ node: YAMLNode, at origin: Origin) {
    if node.isNull { return }
    if case .mapping(let entries) = node.content, case .passThrough = table.value {
      for entry in entries { set(table, entry: "\(name).\(entry.key)", entry.value, at: origin.line(entry.line)) }
      return
    }
    guard let text = node.text else {
      report(origin, "`\(table.key).\(name)` cannot be \(node.kind); allowed: a single value")
      return
    }
    // A secret and the file of the same secret are one setting.
    guard claim("\(table.key).\(secretKafkaSetting(ofFile: name) ?? name)", at: origin) else { return }
    set(table, entry: name, text, at: origin)
  }

  private mutating func addEnvironment(_ environment: [String: String]) {
    for (name, text) in environment.sorted(by: { $0.key < $1.key }) where name.hasPrefix("SEGMENTER_") {
      // Kubernetes sets these for a service of the name `segmenter`; they are nobody's settings.
      if name == "SEGMENTER_CONFIG" || name.hasPrefix("SEGMENTER_PORT") || name.hasPrefix("SEGMENTER_SERVICE_") {
        continue
      }
      let origin = Origin.environment(name)
      if let setting = settingsTable.first(where: { $0.variable == name }) {
        set(setting, text, at: origin)
      } else if let table = settingsTable.first(where: { $0.isTable && name.hasPrefix($0.variable + "_") }) {
        let entry = table.entryName(fromVariable: String(name.dropFirst(table.variable.count + 1)))
        set(table, entry: entry, text, at: origin)
      } else {
        let names = settingsTable.map(\.variable) + ["SEGMENTER_CONFIG"]
        report(origin, "no setting has this variable\(suggestion(for: name, among: names))")
      }
    }
  }

  private mutating func add(_ flag: Flag) {
    let origin = Origin.flag(flag.name)
    if let setting = settingsTable.first(where: { $0.key == flag.key }) {
      set(setting, flag.text, at: origin)
    } else if let table = settingsTable.first(where: { $0.isTable && flag.key.hasPrefix($0.key + ".") }) {
      set(table, entry: String(flag.key.dropFirst(table.key.count + 1)), flag.text, at: origin)
    } else {
      report(origin, "there is no setting `\(flag.key)`\(suggestion(for: flag.key, among: Self.knownKeys))")
    }
  }

  // MARK: One value

  private mutating func set(_ setting: Setting, _ text: String, at origin: Origin) {
    if case .map(let place) = setting.value {
      if let map = attempt({ () throws(ConfigurationError) in try Self.map(text, at: origin) }) {
        settings[keyPath: place] = map
      }
      origins[setting.key] = origin
      return
    }
    if case .rules(let place) = setting.value {
      if let rules = attempt({ () throws(ConfigurationError) in try Self.rules(text, at: origin) }) {
        settings[keyPath: place] = rules
      }
      origins[setting.key] = origin
      return
    }
    do throws(Objection) {
      try setting.apply(setting.isFile ? TextFile.resolve(text, besides: origin.file) : text, to: &settings)
      // A whole table replaces the entries of the layers below.
      if setting.isTable { origins = origins.filter { !$0.key.hasPrefix(setting.key + ".") } }
      origins[setting.key] = origin
    } catch {
      // A text for librdkafka's settings as a whole may hold a secret.
      let shown = if case .passThrough = setting.value { hiddenSecret } else { text }
      report(origin, "`\(setting.key)` cannot be `\(shown)`; \(error.text)")
    }
  }

  private mutating func set(_ table: Setting, entry name: String, _ text: String, at origin: Origin) {
    var (name, text) = (name, text)
    let isSecret = isSecretKafkaSetting(name)
    if case .passThrough = table.value, let secretName = secretKafkaSetting(ofFile: name) {
      name = secretName
      let path = TextFile.resolve(text, besides: origin.file)
      guard let secret = attempt({ () throws(ConfigurationError) in try Self.secret(path, name, at: origin) }) else {
        return
      }
      text = secret
    }
    do throws(Objection) {
      try table.apply(text, entry: name, to: &settings)
      origins["\(table.key).\(name)"] = origin
    } catch {
      report(origin, "`\(table.key).\(name)` cannot be `\(isSecret ? hiddenSecret : text)`; \(error.text)")
    }
  }

  /// The map that a text stands for: YAML in braces, or the name of a file.
  private static func map(_ text: String, at origin: Origin) throws(ConfigurationError) -> MapSettings {
    let isInline = text.hasPrefix("{")
    let path = TextFile.resolve(text, besides: origin.file)
    let bytes = isInline ? Array(text.utf8) : try TextFile.read(path, called: "\(origin): the map")
    let name = isInline ? "\(origin)" : path
    guard let node = try YAMLReader.read(bytes, file: name) else { return MapSettings() }
    return try MapReader.read(node, file: name)
  }

  /// The rules that a text stands for: YAML in brackets, or the name of a file.
  private static func rules(_ text: String, at origin: Origin) throws(ConfigurationError) -> [RuleSettings] {
    let isInline = text.hasPrefix("[")
    let path = TextFile.resolve(text, besides: origin.file)
    let bytes = isInline ? Array(text.utf8) : try TextFile.read(path, called: "\(origin): the rule table")
    let name = isInline ? "\(origin)" : path
    guard let node = try YAMLReader.read(bytes, file: name) else {
      throw ConfigurationError(.configuration, "\(name): the rule table is empty: list at least one rule")
    }
    return try RuleReader.read(node, file: name)
  }

  private static func secret(_ path: String, _ name: String, at origin: Origin) throws(ConfigurationError) -> String {
    let bytes = try TextFile.read(path, called: "\(origin): the file of `\(name)`")
    let text = String(decoding: bytes, as: UTF8.self).trimmed
    guard text.isEmpty else { return text }
    throw ConfigurationError(.configuration, "\(origin): the file `\(path)` of `\(name)` is empty")
  }

  // MARK: The whole

  private mutating func checkWhole(required: [String]) {
    for key in required where origins[key] == nil {
      guard let setting = settingsTable.first(where: { $0.key == key }) else { continue }
      add(
        ConfigurationError(
          .configuration,
          "`\(key)` is needed (\(setting.help)): set it in the configuration file, as \(setting.variable)"
            + " or as --\(key)"))
    }
    guard settings.model.features.values.contains(where: { $0 > 0 }) else {
      let origin = origins["model.features"] ?? origins.first { $0.key.hasPrefix("model.features.") }?.value
      report(origin ?? .flag("--model.features"), "`model.features` needs at least one weight above 0")
      return
    }
    let names = settings.model.names.values
    if Set(names).count < names.count {
      let origin = origins["model.names"] ?? origins.first { $0.key.hasPrefix("model.names.") }?.value
      report(origin ?? .flag("--model.names"), "`model.names` gives two segments the same name: names are unique")
    }
  }

  /// Notes that a key is set in the file; `false`, and an error, when it was set there before.
  private mutating func claim(_ key: String, at origin: Origin) -> Bool {
    if let first = origins[key] {
      report(origin, "`\(key)` comes twice, first at \(first): keep one of them")
      return false
    }
    origins[key] = origin
    return true
  }

  /// What `body` returns; `nil` where it throws, and the error is noted.
  private mutating func attempt<Value>(_ body: () throws(ConfigurationError) -> Value) -> Value? {
    do throws(ConfigurationError) { return try body() } catch { add(error) }
    return nil
  }

  private mutating func report(_ origin: Origin, _ text: String) {
    add(ConfigurationError(origin.errorKind, "\(origin): \(text)"))
  }

  private mutating func add(_ other: ConfigurationError) {
    if error == nil { error = other } else { error?.add(other) }
  }

  /// Every key and every group of keys, for suggestions.
  private static let knownKeys: [String] = {
    var keys = Set(settingsTable.map(\.key))
    for key in keys { if let dot = key.firstIndex(of: ".") { keys.insert(String(key[..<dot])) } }
    return keys.sorted()
  }()
}

extension Origin {
  /// The same file at another line.
  func line(_ line: Int) -> Origin {
    if case .file(let path, _) = self { .file(path, line: line) } else { self }
  }

  /// The file, where it is one.
  var file: String? {
    if case .file(let path, _) = self { path } else { nil }
  }
}
