import Testing

@testable import Configuration

@Suite("YAML")
struct YAMLReaderTests {
  @Test("Nodes know their lines and columns")
  func places() throws {
    let root = try #require(try read("a: 1\nb:\n  - x\n  - {c: 'y'}\n"))
    let list = try #require(root["b"])
    guard case .sequence(let items) = list.content else {
      Issue.record("`b` is \(list.kind)")
      return
    }
    #expect(items[0].line == 3 && items[0].column == 5)
    #expect(items[1]["c"]?.text == "y")
    #expect(root["a"]?.text == "1")
  }

  @Test("A document without content has no root", arguments: ["", "# nothing\n", "---\n", "~\n"])
  func empty(text: String) throws {
    #expect(try read(text) == nil)
  }

  @Test(
    "What cannot be read is refused with its line",
    arguments: [
      ("a: 1\na: 2\n", "f.yaml:2: `a` comes twice, first in line 1"),
      ("a: &x 1\nb: *x\n", "f.yaml:1: anchors"),
      ("b: *x\n", "f.yaml:1: anchors"),
      ("a: 1\n---\nb: 2\n", "f.yaml:2: a second document"),
      ("a: 1\n  b: 2\n", "f.yaml:2, column"),
      ("a: [1, 2\n", "f.yaml:2, column"),
      ("? [a]\n: 1\n", "f.yaml:1: a key must be a single text"),
      ("a: \"\\q\"\n", "f.yaml:1, column"),
      ("a: 1\nb: \u{1}\n", "f.yaml:2: not YAML"),
    ])
  func refused(text: String, message: String) throws {
    let error = try #require(throws: ConfigurationError.self) { try read(text) }
    #expect(error.messages.first?.hasPrefix(message) == true, "\(error.messages)")
    #expect(error.kind == .configuration)
  }

  @Test("Bytes that are not UTF-8 are refused with their line")
  func notUTF8() throws {
    let error = try #require(throws: ConfigurationError.self) {
      try YAMLReader.read(Array("a: 1\nb: ".utf8) + [0xFF, 0x0A], file: "f.yaml")
    }
    #expect(error.messages.first?.hasPrefix("f.yaml:2: not YAML") == true, "\(error.messages)")
  }

  @Test("Nesting and size are bounded")
  func bounds() throws {
    let deep = String(repeating: "[", count: 33) + String(repeating: "]", count: 33)
    #expect(try #require(throws: ConfigurationError.self) { try read(deep) }.messages[0].contains("32 levels"))
    #expect(try read(String(repeating: "[", count: 32) + String(repeating: "]", count: 32)) != nil)
    let long = "a: " + String(repeating: "x", count: YAMLReader.bytesMax)
    #expect(try #require(throws: ConfigurationError.self) { try read(long) }.messages[0].contains("too many"))
  }

  @Test("Any bytes give a tree or an error", arguments: 1...8 as ClosedRange<UInt64>)
  func anyBytes(seed: UInt64) {
    var random = SplitMix(state: seed)
    let letters = Array("ab:-?[]{},&*!|>'\"%@`# \n\t\\~0\u{FF}".utf8)
    for _ in 0..<500 {
      let bytes = (0..<Int.random(in: 0..<60, using: &random)).map { _ in letters.randomElement(using: &random) ?? 0 }
      _ = try? YAMLReader.read(bytes, file: "f.yaml")
      _ = try? Configuration.load(yaml: bytes, file: "f.yaml")
    }
  }

  @Test("A text in quotes of its own is read back as it was")
  func quoting() throws {
    for text in [
      "", "a", "1", "-1.5", ".5", "-.5", "null", "~", "a b", "a: b", "#", "\"\\\n\t\r\u{1}", "é€", "-", "%Y", "*x",
      "yes",
    ] {
      let root = try #require(try read("a: " + quoted(text) + "\n"))
      #expect(root["a"]?.text == text)
      #expect(root["a"]?.isNull == false, "`\(text)`")
    }
  }

  private func read(_ text: String) throws(ConfigurationError) -> YAMLNode? {
    try YAMLReader.read(Array(text.utf8), file: "f.yaml")
  }
}

/// Steele, Lea and Flood's SplitMix64: the same numbers for the same seed.
struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
