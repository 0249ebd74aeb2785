/// Reads a map (`replay --map FILE`, or the mapping under `input.map`) from its YAML tree.
struct MapReader {
  /// The keys of a map.
  static let keys = [
    "format", "delimiter", "quote", "header", "order", "customer_id", "amount", "timestamp", "transaction_id",
    "order_id", "currency", "type",
  ]

  /// What names the map in errors.
  let file: String
  private var map = MapSettings()
  private var names: [String]?

  private init(file: String) {
    self.file = file
  }

  /// The map that `node` describes. `file` names it in errors.
  static func read(_ node: YAMLNode, file: String) throws(ConfigurationError) -> MapSettings {
    guard case .mapping(let entries) = node.content else {
      throw ConfigurationError(
        .configuration, "\(file):\(node.line): a map is a mapping of fields, such as `{amount: total}`")
    }
    var reader = MapReader(file: file)
    let nodes = try reader.members(entries, allowed: keys, of: "a map")
    try reader.readFormat(nodes)
    try reader.readFields(nodes, line: node.line)
    return reader.map
  }

  private mutating func readFormat(_ nodes: [String: YAMLNode]) throws(ConfigurationError) {
    let format = try nodes["format"].map { node throws(ConfigurationError) in
      try choice(node, "format", ["json", "csv", "columns"])
    }
    if let node = nodes["order"] {
      map.order = MapSettings.Order(rawValue: try choice(node, "order", ["file", "time"])) ?? .file
    }
    switch format {
    case "csv":
      let delimiter = try byte(nodes["delimiter"], "delimiter", otherwise: ",")
      let quote = try byte(nodes["quote"], "quote", otherwise: "\"")
      if delimiter == quote, let node = nodes["delimiter"] ?? nodes["quote"] {
        throw problem(node, "`delimiter` and `quote` must differ")
      }
      let header = try header(nodes["header"])
      if case .names(let names) = header { self.names = names }
      map.format = .csv(delimiter: delimiter, quote: quote, header: header)
    default:
      for key in ["delimiter", "quote", "header"] {
        if let node = nodes[key] { throw problem(node, "`\(key)` goes with `format: csv` only") }
      }
      if format == "columns" { map.format = .columns }
    }
  }

  private mutating func readFields(_ nodes: [String: YAMLNode], line: Int) throws(ConfigurationError) {
    map.customerID = try required(nodes, "customer_id", line: line)
    map.timestamp = try required(nodes, "timestamp", line: line)
    map.transactionID = try optional(nodes, "transaction_id")
    map.orderID = try optional(nodes, "order_id")
    map.currency = try optional(nodes, "currency")
    map.type = try optional(nodes, "type")
    if let product = nodes["amount"]?["product"] {
      guard case .sequence(let factors) = product.content, factors.count == 2 else {
        throw problem(product, "`amount.product` is a list of two fields, such as `[Quantity, UnitPrice]`")
      }
      map.amount = try factors.map { factor throws(ConfigurationError) in try place(factor, "amount") }
    } else {
      map.amount = [try required(nodes, "amount", line: line)]
    }
    if let node = nodes["customer_id"]?["integer"] {
      map.customerIDIsInteger = try choice(node, "customer_id.integer", ["false", "true"]) == "true"
    }
    if let node = nodes["timestamp"]?["format"] { map.timeFormat = try timeFormat(node) }
    if let node = nodes["timestamp"]?["zone"] {
      if let wrong = TextRule.zone.objection(to: node.text ?? "") {
        throw problem(node, "`timestamp.zone` cannot be `\(node.text ?? node.kind)`; allowed: \(wrong)")
      }
      map.zone = node.text
    }
  }

  // MARK: Fields

  private func required(
    _ nodes: [String: YAMLNode], _ key: String, line: Int
  ) throws(ConfigurationError) -> MapSettings.Place {
    if let node = nodes[key], !node.isNull {
      let place = try place(node, key)
      if case .constant = place, key != "amount" { throw problem(node, "`\(key)` cannot be a constant") }
      return place
    }
    guard let place = defaultPlace(key) else {
      throw ConfigurationError(.configuration, "\(file):\(line): `\(key)` is missing: say in which column it is")
    }
    return place
  }

  private func optional(_ nodes: [String: YAMLNode], _ key: String) throws(ConfigurationError) -> MapSettings.Place? {
    guard let node = nodes[key] else { return defaultPlace(key) }
    return node.isNull ? nil : try place(node, key)
  }

  /// Where a field is when the map doesn't say: under its own name, where columns have names.
  private func defaultPlace(_ key: String) -> MapSettings.Place? {
    switch map.format {
    case .json, .csv(_, _, header: .firstRecord): .path([key])
    case .csv(_, _, header: .names(let names)): names.firstIndex(of: key).map { .column($0 + 1) }
    case .csv, .columns: nil
    }
  }

  private func place(_ node: YAMLNode, _ key: String) throws(ConfigurationError) -> MapSettings.Place {
    switch node.content {
    case .scalar(let text, let isPlain):
      return try place(text, isNumber: isPlain, node, key)
    case .sequence:
      throw problem(node, "`\(key)` cannot be a list; allowed: a name, a column number or a mapping")
    case .mapping(let entries):
      var allowed = ["column", "path", "constant"]
      if key == "customer_id" { allowed.append("integer") }
      if key == "timestamp" { allowed += ["format", "zone"] }
      if key == "amount" { allowed.append("product") }
      let nodes = try members(entries, allowed: allowed, of: "`\(key)`")
      let named = ["column", "path", "constant"].filter { nodes[$0] != nil }
      guard named.count <= 1 else { throw problem(node, "`\(key)` has both `\(named[0])` and `\(named[1])`") }
      if let constant = nodes["constant"] { return .constant(try text(constant, "\(key).constant")) }
      if let column = nodes["column"] { return try self.place(column, key) }
      if let path = nodes["path"] { return try steps(path, key) }
      guard let place = defaultPlace(key) else {
        throw problem(node, "`\(key)` has no `column`: say in which column it is")
      }
      return place
    }
  }

  private func place(
    _ text: String, isNumber: Bool, _ node: YAMLNode, _ key: String
  ) throws(ConfigurationError) -> MapSettings.Place {
    guard !text.isEmpty else { throw problem(node, "`\(key)` is empty: name the field it is read from") }
    if map.format == .json {
      return .path(text.split(separator: ".", omittingEmptySubsequences: false).map(String.init))
    }
    if isNumber, let number = Int(text) {
      guard (1...10_000).contains(number) else {
        throw problem(node, "`\(key)` cannot be column `\(number)`: columns are counted from 1 to 10000")
      }
      return .column(number)
    }
    switch map.format {
    case .json, .csv(_, _, header: .firstRecord): return .path([text])
    case .csv(_, _, header: .names(let names)):
      if let index = names.firstIndex(of: text) { return .column(index + 1) }
      throw problem(node, "`\(key)`: `header` has no column `\(text)`\(suggestion(for: text, among: names))")
    case .csv, .columns:
      throw problem(node, "`\(key)` cannot be `\(text)`: these columns have no names, only numbers from 1")
    }
  }

  private func steps(_ node: YAMLNode, _ key: String) throws(ConfigurationError) -> MapSettings.Place {
    guard map.format == .json else { throw problem(node, "`\(key).path` goes with `format: json`: use `column`") }
    guard case .sequence(let items) = node.content else { return try place(node, key) }
    let steps = try items.map { item throws(ConfigurationError) in try text(item, "\(key).path") }
    guard !steps.isEmpty else { throw problem(node, "`\(key).path` is empty: list at least one member") }
    return .path(steps)
  }

  private func timeFormat(_ node: YAMLNode) throws(ConfigurationError) -> MapSettings.TimeFormat {
    let text = try text(node, "timestamp.format")
    switch text {
    case "iso8601": return .iso8601
    case "epoch_seconds": return .epochSeconds
    case "epoch_ms": return .epochMs
    default: break
    }
    guard text.contains("%") else {
      throw problem(
        node,
        "`timestamp.format` cannot be `\(text)`; allowed: `iso8601`, `epoch_seconds`, `epoch_ms`"
          + " or a strptime pattern such as `%Y-%m-%d %H:%M:%S`")
    }
    var letters = text.makeIterator()
    while let letter = letters.next() {
      guard letter == "%" else { continue }
      let directive = letters.next()
      if let directive, "YymdeHIpMSfzbBaAjTFDRnt%".contains(directive) { continue }
      throw problem(
        node,
        "`timestamp.format` has `%\(directive.map(String.init) ?? "")`; allowed after %:"
          + " Y y m d e H I p M S f z b B a A j T F D R n t %")
    }
    return .pattern(text)
  }

  private func header(_ node: YAMLNode?) throws(ConfigurationError) -> MapSettings.Header {
    guard let node else { return .firstRecord }
    guard case .sequence(let items) = node.content else {
      return try choice(node, "header", ["true", "false"]) == "true" ? .firstRecord : .absent
    }
    return .names(try items.map { item throws(ConfigurationError) in try text(item, "header") })
  }

  // MARK: Values

  private func members(
    _ entries: [YAMLNode.Entry], allowed: [String], of owner: String
  ) throws(ConfigurationError) -> [String: YAMLNode] {
    var nodes: [String: YAMLNode] = [:]
    for entry in entries {
      guard allowed.contains(entry.key) else {
        throw ConfigurationError(
          .configuration,
          "\(file):\(entry.line): \(owner) has no `\(entry.key)`"
            + "\(suggestion(for: entry.key, among: allowed)) (allowed: \(allowed.joined(separator: ", ")))")
      }
      nodes[entry.key] = entry.value
    }
    return nodes
  }

  private func choice(_ node: YAMLNode, _ key: String, _ allowed: [String]) throws(ConfigurationError) -> String {
    if let text = node.text, allowed.contains(text) { return text }
    throw problem(
      node, "`\(key)` cannot be `\(node.text ?? node.kind)`; allowed: \(allowed.joined(separator: ", "))")
  }

  private func text(_ node: YAMLNode, _ key: String) throws(ConfigurationError) -> String {
    if let text = node.text, !text.isEmpty { return text }
    throw problem(node, "`\(key)` cannot be \(node.text == nil ? node.kind : "empty"); allowed: a text")
  }

  private func byte(_ node: YAMLNode?, _ key: String, otherwise: String) throws(ConfigurationError) -> UInt8 {
    guard let node else { return Array(otherwise.utf8)[0] }
    let text = node.text == "tab" ? "\t" : node.text ?? ""
    if let byte = text.utf8.first, text.utf8.count == 1, byte != 0x0A, byte != 0x0D { return byte }
    throw problem(
      node,
      "`\(key)` cannot be `\(node.text ?? node.kind)`; allowed: one ASCII character other than a line break, or `tab`")
  }

  private func problem(_ node: YAMLNode, _ text: String) -> ConfigurationError {
    ConfigurationError(.configuration, "\(file):\(node.line): \(text)")
  }
}

extension YAMLNode {
  /// The value under `key` of a mapping, else `nil`.
  package subscript(key: String) -> YAMLNode? {
    guard case .mapping(let entries) = content else { return nil }
    return entries.first { $0.key == key }?.value
  }
}
