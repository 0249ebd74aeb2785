/// One rule of a rule table: the cells within three ranges of scores, and their name.
package struct RuleSettings: Sendable, Equatable {
  /// The name of the cells.
  package var name: String
  /// Scores of recency.
  package var r: ClosedRange<Int>
  /// Scores of frequency.
  package var f: ClosedRange<Int>
  /// Scores of monetary value.
  package var m: ClosedRange<Int>

  /// The rule as one entry of a YAML list.
  var yaml: String { "- {name: \(quoted(name)), r: \(Self.text(r)), f: \(Self.text(f)), m: \(Self.text(m))}" }

  private static func text(_ range: ClosedRange<Int>) -> String {
    range.count == 1 ? "\(range.lowerBound)" : "\(range.lowerBound)-\(range.upperBound)"
  }
}

/// Reads a rule table (`--rules FILE`, or the list under `rules`) from its YAML tree.
struct RuleReader {
  private static let keys = ["name", "r", "f", "m"]
  /// More rules than cells cannot be.
  private static let rulesMax = 125

  /// What names the table in errors.
  private let file: String

  /// The rules that `node` lists. `file` names it in errors.
  static func read(_ node: YAMLNode, file: String) throws(ConfigurationError) -> [RuleSettings] {
    let reader = RuleReader(file: file)
    guard case .sequence(let items) = node.content, (1...rulesMax).contains(items.count) else {
      throw reader.problem(
        node.line, "a rule table is a list of 1 to \(rulesMax) rules, such as `- {name: VIP, r: 4-5, f: 5, m: 4-5}`")
    }
    return try items.map { item throws(ConfigurationError) in try reader.rule(item) }
  }

  private func rule(_ node: YAMLNode) throws(ConfigurationError) -> RuleSettings {
    guard case .mapping(let entries) = node.content else {
      throw problem(node.line, "a rule cannot be \(node.kind); allowed: a mapping of name, r, f and m")
    }
    for entry in entries where !Self.keys.contains(entry.key) {
      throw problem(
        entry.line,
        "a rule has no `\(entry.key)`\(suggestion(for: entry.key, among: Self.keys))"
          + " (allowed: \(Self.keys.joined(separator: ", ")))")
    }
    let name = node["name"]?.text?.trimmed ?? ""
    guard TextRule.segmentName.objection(to: name) == nil else {
      throw problem(node["name"]?.line ?? node.line, "the `name` of a rule is needed: \(TextRule.segmentName.allowed)")
    }
    return RuleSettings(
      name: name, r: try scores(node["r"], "r"), f: try scores(node["f"], "f"), m: try scores(node["m"], "m"))
  }

  /// A score, or a range of them; without a node all.
  private func scores(_ node: YAMLNode?, _ key: String) throws(ConfigurationError) -> ClosedRange<Int> {
    guard let node, !node.isNull else { return 1...5 }
    let ends = (node.text ?? "").split(separator: "-", omittingEmptySubsequences: false).map { Int($0.trimmed) ?? 0 }
    guard ends.count <= 2, let low = ends.first, let high = ends.last, 1 <= low, low <= high, high <= 5 else {
      throw problem(
        node.line,
        "`\(key)` cannot be `\(node.text ?? node.kind)`; allowed: a score from 1 to 5, or a range such as 4-5")
    }
    return low...high
  }

  private func problem(_ line: Int, _ text: String) -> ConfigurationError {
    ConfigurationError(.configuration, "\(file):\(line): \(text)")
  }
}
