/// One node of a YAML document with the place where it stands.
package struct YAMLNode: Sendable {
  /// A member of a mapping.
  package struct Entry: Sendable {
    /// The key's text.
    package let key: String
    /// The line of the key, from 1.
    package let line: Int
    /// What stands under the key.
    package let value: YAMLNode
  }

  /// What a node can be. Scalars stay text: the setting that reads one knows its type.
  package enum Content: Sendable {
    /// A text; `isPlain` where it stands without quotes.
    case scalar(String, isPlain: Bool)
    /// A list.
    case sequence([YAMLNode])
    /// Keys and values in the order of the file; no key comes twice.
    case mapping([Entry])
  }

  /// What the node is.
  package let content: Content
  /// The line where it begins, from 1.
  package let line: Int
  /// The column where it begins, from 1.
  package let column: Int

  /// Whether the node is empty, `~` or `null`: the setting is left as it is.
  package var isNull: Bool {
    guard case .scalar(let text, isPlain: true) = content else { return false }
    return ["", "~", "null", "Null", "NULL"].contains(text)
  }

  /// The text of a scalar, else `nil`.
  package var text: String? {
    guard case .scalar(let text, _) = content else { return nil }
    return text
  }

  /// What the node is, in words, for errors.
  package var kind: String {
    switch content {
    case .scalar: "a single value"
    case .sequence: "a list"
    case .mapping: "a mapping"
    }
  }
}
