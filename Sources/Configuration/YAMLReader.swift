import CYAML

/// Reads one YAML document through libyaml into a tree.
///
/// Bounded: `bytesMax` bytes, `depthMax` levels, one document. Anchors and aliases are refused (a small file could
/// grow without bound), and so is a key that comes twice.
package struct YAMLReader: ~Copyable {
  /// The longest document, in bytes.
  package static let bytesMax = 1 << 20
  /// The deepest nesting.
  package static let depthMax = 32

  /// A libyaml event with what of it is needed, copied.
  private enum Event {
    case scalar(String, isPlain: Bool)
    case sequenceStart
    case mappingStart
    case end
    case documentStart
    case streamEnd
    case other
  }

  private let file: String
  private let bytes: UnsafeMutableBufferPointer<UInt8>
  private let parser: UnsafeMutablePointer<yaml_parser_t>
  private var line = 1
  private var column = 1

  private init(bytes source: [UInt8], file: String) {
    self.file = file
    bytes = .allocate(capacity: source.count)
    _ = bytes.initialize(from: source)
    parser = .allocate(capacity: 1)
    let made = yaml_parser_initialize(parser)
    precondition(made == 1, "libyaml has no memory for a parser")
    yaml_parser_set_input_string(parser, bytes.baseAddress, bytes.count)
  }

  deinit {
    yaml_parser_delete(parser)
    parser.deallocate()
    bytes.deallocate()
  }

  /// The root of the document in `bytes`; `nil` where there is no content. `file` names the source in errors.
  package static func read(_ bytes: [UInt8], file: String) throws(ConfigurationError) -> YAMLNode? {
    guard bytes.count <= bytesMax else {
      throw ConfigurationError(
        .configuration, "\(file): `\(bytes.count)` bytes are too many: at most \(bytesMax) are allowed")
    }
    // libyaml does not look at a buffer without an address.
    guard !bytes.isEmpty else { return nil }
    var reader = YAMLReader(bytes: bytes, file: file)
    return try reader.document()
  }

  private mutating func document() throws(ConfigurationError) -> YAMLNode? {
    var root: YAMLNode?
    var documents = 0
    while true {
      switch try next() {
      case .streamEnd:
        return root
      case .documentStart:
        documents += 1
        if documents > 1 { throw problem("a second document begins: only one is allowed") }
        let node = try self.node(after: next(), depth: 1)
        root = node.isNull ? nil : node
      default:
        continue
      }
    }
  }

  private mutating func node(after event: Event, depth: Int) throws(ConfigurationError) -> YAMLNode {
    guard depth <= Self.depthMax else { throw problem("nested deeper than the \(Self.depthMax) levels allowed") }
    let (line, column) = (self.line, self.column)
    switch event {
    case .scalar(let text, let isPlain):
      return YAMLNode(content: .scalar(text, isPlain: isPlain), line: line, column: column)
    case .sequenceStart:
      var items: [YAMLNode] = []
      while true {
        let event = try next()
        if case .end = event { return YAMLNode(content: .sequence(items), line: line, column: column) }
        items.append(try node(after: event, depth: depth + 1))
      }
    case .mappingStart:
      let entries = try mapping(depth: depth)
      return YAMLNode(content: .mapping(entries), line: line, column: column)
    case .end, .documentStart, .streamEnd, .other:
      preconditionFailure("libyaml gave an event where a node begins")
    }
  }

  private mutating func mapping(depth: Int) throws(ConfigurationError) -> [YAMLNode.Entry] {
    var entries: [YAMLNode.Entry] = []
    var lines: [String: Int] = [:]
    while true {
      let event = try next()
      if case .end = event { return entries }
      guard case .scalar(let key, _) = event else { throw problem("a key must be a single text") }
      let line = self.line
      if let first = lines.updateValue(line, forKey: key) {
        throw problem("`\(key)` comes twice, first in line \(first): keep one of them")
      }
      let value = try node(after: next(), depth: depth + 1)
      entries.append(YAMLNode.Entry(key: key, line: line, value: value))
    }
  }

  private mutating func next() throws(ConfigurationError) -> Event {
    var event = yaml_event_t()
    guard yaml_parser_parse(parser, &event) == 1 else { throw parserProblem() }
    defer { yaml_event_delete(&event) }
    line = event.start_mark.line + 1
    column = event.start_mark.column + 1
    switch event.type {
    case YAML_SCALAR_EVENT:
      let scalar = event.data.scalar
      if scalar.anchor != nil { throw anchorProblem() }
      let text = String(decoding: UnsafeBufferPointer(start: scalar.value, count: scalar.length), as: UTF8.self)
      return .scalar(text, isPlain: scalar.style == YAML_PLAIN_SCALAR_STYLE)
    case YAML_SEQUENCE_START_EVENT:
      if event.data.sequence_start.anchor != nil { throw anchorProblem() }
      return .sequenceStart
    case YAML_MAPPING_START_EVENT:
      if event.data.mapping_start.anchor != nil { throw anchorProblem() }
      return .mappingStart
    case YAML_SEQUENCE_END_EVENT, YAML_MAPPING_END_EVENT: return .end
    case YAML_DOCUMENT_START_EVENT: return .documentStart
    case YAML_STREAM_END_EVENT: return .streamEnd
    case YAML_ALIAS_EVENT: throw anchorProblem()
    default: return .other
    }
  }

  private func problem(_ text: String) -> ConfigurationError {
    ConfigurationError(.configuration, "\(file):\(line): \(text)")
  }

  private func anchorProblem() -> ConfigurationError {
    problem("anchors (`&name`) and aliases (`*name`) are not allowed: write the value out")
  }

  private func parserProblem() -> ConfigurationError {
    let text = parser.pointee.problem.map { String(cString: $0) } ?? "unreadable"
    var line = parser.pointee.problem_mark.line + 1
    var column = ", column \(parser.pointee.problem_mark.column + 1)"
    if parser.pointee.error == YAML_READER_ERROR {
      // The reader knows only a byte offset.
      line = bytes.prefix(parser.pointee.problem_offset).count { $0 == UInt8(ascii: "\n") } + 1
      column = ""
    }
    return ConfigurationError(.configuration, "\(file):\(line)\(column): not YAML: \(text)")
  }
}
