extension Configuration {
  /// The settings that hold as a YAML document that means the same, secrets hidden.
  ///
  /// Each value other than the default ends in a comment that says where it was given; what has no value stands as a
  /// comment.
  package func yaml() -> String {
    var lines: [String] = []
    var group: Substring?
    for setting in settingsTable {
      let parts = setting.key.split(separator: ".", maxSplits: 1)
      if parts.count == 2, parts[0] != group { lines.append("\(parts[0]):") }
      group = parts.count == 2 ? parts[0] : nil
      let indent = parts.count == 2 ? "  " : ""
      lines += describe(setting, name: String(parts[parts.count - 1])).map { indent + $0 }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private func describe(_ setting: Setting, name: String) -> [String] {
    let defaults = setting.shown(in: Settings())
    switch setting.shown(in: settings) {
    case .list(let items): return ["\(name): [\(items.joined(separator: ", "))]" + comment(setting.key)]
    case .value(let text):
      if case .value(let usual) = defaults, usual == text { return ["\(name): \(quoted(text))"] }
      return ["\(name): \(quoted(text))" + comment(setting.key)]
    case .unset(let meaning):
      return ["# \(name): not set (\(meaning.replacing("<group>", with: settings.group)))"]
    case .table(let entries):
      guard !entries.isEmpty else { return ["\(name): {}"] }
      var usual: [String: String] = [:]
      if case .table(let entries) = defaults { for entry in entries { usual[entry.name] = entry.text } }
      return ["\(name):"]
        + entries.map { entry in
          let key = origins["\(setting.key).\(entry.name)"] == nil ? setting.key : "\(setting.key).\(entry.name)"
          let isUsual = usual[entry.name] == entry.text
          return "  \(quoted(entry.name)): \(quoted(entry.text))" + (isUsual ? "" : comment(key))
        }
    case .lines(let lines):
      return ["\(name):" + comment(setting.key)] + lines.map { "  " + $0 }
    case .map(let map):
      return ["\(name):" + comment(setting.key)] + map.yamlLines().map { "  " + $0 }
    }
  }

  private func comment(_ key: String) -> String {
    origins[key].map { "  # \($0)" } ?? ""
  }
}

extension Setting {
  /// A value as it is shown.
  package enum Shown {
    /// One text.
    case value(String)
    /// Nothing is set; the words say what holds then.
    case unset(String)
    /// Numbers.
    case list([String])
    /// A list, an entry a line.
    case lines([String])
    /// Entries by name, secrets hidden.
    case table([(name: String, text: String)])
    /// A map of fields.
    case map(MapSettings)
  }

  /// The value in `settings` as it is shown, secrets hidden.
  package func shown(in settings: Settings) -> Shown {
    switch value {
    case .text(let place, _): return .value(settings[keyPath: place])
    case .optionalText(let place, _, let meaning):
      return settings[keyPath: place].map { .value($0) } ?? .unset(meaning)
    case .integer(let place, _): return .value(String(settings[keyPath: place]))
    case .integerOrAuto(let place, _): return .value(settings[keyPath: place].map(String.init) ?? "auto")
    case .number(let place, _): return .value(plain(settings[keyPath: place]))
    case .boolean(let place): return .value(settings[keyPath: place] ? "true" : "false")
    case .choice(_, let get, _): return .value(get(settings))
    case .span(let place, _): return .value(settings[keyPath: place].map(spanText) ?? "auto")
    case .numbers(let place, let names, _):
      return .table(names.compactMap { name in settings[keyPath: place][name].map { (name, plain($0)) } })
    case .texts(let place, _, _):
      return .table(settings[keyPath: place].sorted { $0.key < $1.key }.map { ($0.key, $0.value) })
    case .passThrough(let place):
      return .table(
        settings[keyPath: place].sorted { $0.key < $1.key }.map { name, text in
          (name, isSecretKafkaSetting(name) ? hiddenSecret : text)
        })
    case .ascending(let place, _, _, _):
      return settings[keyPath: place].map { .list($0.map(plain)) } ?? .unset("follow the customers")
    case .rules(let place):
      let rules = settings[keyPath: place]
      return rules.isEmpty ? .unset("the eleven names of the README") : .lines(rules.map(\.yaml))
    case .map(let place): return .map(settings[keyPath: place])
    }
  }
}

extension MapSettings {
  /// The map as lines of YAML that mean the same.
  func yamlLines() -> [String] {
    var lines: [String] = []
    switch format {
    case .json: lines.append("format: json")
    case .columns: lines.append("format: columns")
    case .csv(let delimiter, let quote, let header):
      lines += ["format: csv", "delimiter: \(quoted(character(delimiter)))", "quote: \(quoted(character(quote)))"]
      switch header {
      case .absent: lines.append("header: false")
      case .firstRecord: lines.append("header: true")
      case .names(let names): lines.append("header: [\(names.map { quoted($0) }.joined(separator: ", "))]")
      }
    }
    lines.append("order: \(order.rawValue)")
    lines.append("customer_id: {\(located(customerID))\(customerIDIsInteger ? ", integer: true" : "")}")
    lines.append("amount: " + amountText)
    lines.append("timestamp: {\(located(timestamp))\(timeFormatText)\(zone.map { ", zone: \(quoted($0))" } ?? "")}")
    for (name, place) in [
      ("transaction_id", transactionID), ("order_id", orderID), ("currency", currency), ("type", type),
    ] {
      lines.append("\(name): " + (place.map { "{\(located($0))}" } ?? "null"))
    }
    return lines
  }

  private var amountText: String {
    if amount.count == 1 { return "{\(located(amount[0]))}" }
    return "{product: [\(amount.map { "{\(located($0))}" }.joined(separator: ", "))]}"
  }

  private var timeFormatText: String {
    switch timeFormat {
    case .automatic: ""
    case .iso8601: ", format: iso8601"
    case .epochSeconds: ", format: epoch_seconds"
    case .epochMs: ", format: epoch_ms"
    case .pattern(let pattern): ", format: \(quoted(pattern))"
    }
  }

  private func located(_ place: Place) -> String {
    switch place {
    case .column(let number): return "column: \(number)"
    case .constant(let text): return "constant: \(quoted(text))"
    case .path(let steps):
      if format == .json { return "path: [\(steps.map { quoted($0) }.joined(separator: ", "))]" }
      // In quotes, so that a name that looks like a number stays a name.
      let name = steps.joined(separator: ".")
      return "column: " + (Int(name) == nil ? quoted(name) : "\"\(name)\"")
    }
  }

  private func character(_ byte: UInt8) -> String {
    byte == UInt8(ascii: "\t") ? "tab" : String(UnicodeScalar(byte))
  }
}

/// A YAML scalar that means `text`: plain where that is safe, else in double quotes.
func quoted(_ text: String) -> String {
  let isNumber = Double(text) != nil && text.utf8.allSatisfy { "0123456789.-".utf8.contains($0) }
  let isWord =
    text.utf8.first.map { isLetter($0) } == true
    && text.utf8.allSatisfy { isLetter($0) || "0123456789._-/".utf8.contains($0) }
    && !["null", "Null", "NULL"].contains(text)
  if isWord || isNumber && !text.hasPrefix("-.") { return text }
  var result = "\""
  for scalar in text.unicodeScalars {
    switch scalar {
    case "\"": result += "\\\""
    case "\\": result += "\\\\"
    case "\n": result += "\\n"
    case "\t": result += "\\t"
    case "\r": result += "\\r"
    case _ where scalar.value < 32 || scalar.value == 127:
      let hex = String(scalar.value, radix: 16)
      result += "\\x" + String(repeating: "0", count: 2 - hex.count) + hex
    default: result.unicodeScalars.append(scalar)
    }
  }
  return result + "\""
}

private func isLetter(_ byte: UInt8) -> Bool {
  (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
}
