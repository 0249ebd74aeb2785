/// What a YAML file says about the columns of a table (`analyze --columns-file`).
///
///     id: ID
///     response: Response
///     use: [Income, Education]         # these only; or
///     ignore: [Z_Revenue]
///     columns:
///       Education: {type: category, group: demographic, role: education, levels: [Basic, Graduation, PhD]}
package struct ColumnSettings: Sendable, Equatable {
  /// A column's own settings: words that whoever takes them must check.
  package struct Column: Sendable, Equatable {
    /// The column's name.
    package var name: String
    /// The line where it stands.
    package var line: Int
    /// Its type.
    package var type: String?
    /// Its group.
    package var group: String?
    /// Its role.
    package var role: String?
    /// Its levels in their order.
    package var levels: [String] = []
  }

  /// The file, for errors.
  package let file: String
  /// The column of customer ids.
  package private(set) var id: String?
  /// The column of the response.
  package private(set) var response: String?
  /// The columns that are used; empty for all.
  package private(set) var used: [String] = []
  /// The columns that are not.
  package private(set) var ignored: [String] = []
  /// Columns with settings of their own.
  package private(set) var columns: [Column] = []

  /// Reads a file.
  package static func read(_ path: String) throws(ConfigurationError) -> ColumnSettings {
    try read(TextFile.read(path, called: "the file of columns"), file: path)
  }

  static func read(_ bytes: [UInt8], file: String) throws(ConfigurationError) -> ColumnSettings {
    var settings = ColumnSettings(file: file)
    guard let root = try YAMLReader.read(bytes, file: file) else { return settings }
    for entry in try settings.members(root, ["id", "response", "use", "ignore", "columns"]) {
      switch entry.key {
      case "id": settings.id = try settings.text(entry)
      case "response": settings.response = try settings.text(entry)
      case "use": settings.used = try settings.list(entry)
      case "ignore": settings.ignored = try settings.list(entry)
      default: try settings.readColumns(entry.value)
      }
    }
    return settings
  }

  private mutating func readColumns(_ node: YAMLNode) throws(ConfigurationError) {
    guard case .mapping(let entries) = node.content else {
      throw error(node.line, "`columns` is \(node.kind); it is a mapping of names")
    }
    for entry in entries {
      var column = Column(name: entry.key, line: entry.line)
      for member in try members(entry.value, ["type", "group", "role", "levels"]) {
        switch member.key {
        case "type": column.type = try text(member)
        case "group": column.group = try text(member)
        case "role": column.role = try text(member)
        default: column.levels = try list(member)
        }
      }
      columns.append(column)
    }
  }

  private func members(_ node: YAMLNode, _ allowed: [String]) throws(ConfigurationError) -> [YAMLNode.Entry] {
    guard case .mapping(let entries) = node.content else {
      throw error(node.line, "here stands \(node.kind); it takes a mapping with \(allowed.joined(separator: ", "))")
    }
    for entry in entries where !allowed.contains(entry.key) {
      throw error(
        entry.line,
        "there is no key `\(entry.key)`\(suggestion(for: entry.key, among: allowed)) (allowed: "
          + "\(allowed.joined(separator: ", ")))")
    }
    return entries
  }

  private func text(_ entry: YAMLNode.Entry) throws(ConfigurationError) -> String {
    guard let text = entry.value.text, !text.isEmpty else {
      throw error(entry.line, "`\(entry.key)` is \(entry.value.kind); it takes a name")
    }
    return text
  }

  private func list(_ entry: YAMLNode.Entry) throws(ConfigurationError) -> [String] {
    guard case .sequence(let nodes) = entry.value.content else {
      throw error(entry.line, "`\(entry.key)` is \(entry.value.kind); it takes a list")
    }
    var texts: [String] = []
    for node in nodes {
      guard let text = node.text else { throw error(node.line, "`\(entry.key)` holds \(node.kind); it takes names") }
      texts.append(text)
    }
    return texts
  }

  private func error(_ line: Int, _ words: String) -> ConfigurationError {
    ConfigurationError(.configuration, "\(file):\(line): \(words)")
  }
}
