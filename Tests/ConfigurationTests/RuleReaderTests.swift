import Foundation
import Testing

@testable import Configuration

@Suite("Rule tables in the configuration")
struct RuleReaderTests {
  private static let yaml = """
    rules:
      - {name: VIP, r: 4-5, f: 5}
      - name: "At risk, perhaps"
        r: "1"
        m: 2 - 3
      - {name: VIP}
    """

  @Test("Scores are a number or a range, all where they are not named, and a name may come again")
  func scores() throws {
    let rules = try load(Self.yaml).settings.rules
    #expect(
      rules == [
        RuleSettings(name: "VIP", r: 4...5, f: 5...5, m: 1...5),
        RuleSettings(name: "At risk, perhaps", r: 1...1, f: 1...5, m: 2...3),
        RuleSettings(name: "VIP", r: 1...5, f: 1...5, m: 1...5),
      ])
  }

  @Test("What config check prints means the same again")
  func printed() throws {
    let configuration = try load(Self.yaml + "\ncuts: {recency: [30, 90.5, 180, 365]}\nsegments: rules")
    #expect(try load(configuration.yaml()).settings == configuration.settings)
  }

  @Test("A table can stand in a file of its own, named by a flag, a variable or the configuration")
  func file() throws {
    let path = FileManager.default.temporaryDirectory.appending(path: "rules-\(UUID().uuidString).yaml").path
    try Data("- {name: All}\n".utf8).write(to: URL(filePath: path))
    defer { try? FileManager.default.removeItem(atPath: path) }
    let all = [RuleSettings(name: "All", r: 1...5, f: 1...5, m: 1...5)]
    #expect(try load("rules: \(path)").settings.rules == all)
    #expect(try load(environment: ["SEGMENTER_RULES": path]).settings.rules == all)
    #expect(try load(flags: [.init(key: "rules", text: path, name: "--rules")]).settings.rules == all)
  }

  @Test(
    "A rule that is none is refused with its line",
    arguments: [
      ("- {name: A, r: 6}", "`r` cannot be `6`"), ("- {name: A, f: 3-2}", "`f` cannot be `3-2`"),
      ("- {name: A, m: high}", "`m` cannot be `high`"), ("- {name: A, r: [1, 2]}", "`r` cannot be `a list`"),
      ("- {r: 1}", "the `name` of a rule is needed"), ("- {name: \" \"}", "the `name` of a rule is needed"),
      ("- {name: A, recency: 1}", "a rule has no `recency`"), ("- VIP", "a rule cannot be a single value"),
      ("[]", "a rule table is a list of 1 to 125 rules"),
    ])
  func refused(_ text: String, _ words: String) throws {
    let error = #expect(throws: ConfigurationError.self) { try load("seed: 2\nrules:\n  \(text)\n") }
    let message = error?.messages.first ?? ""
    #expect(message.hasPrefix("f.yaml:3: \(words)"), "\(message)")
  }

  @Test("Fixed cuts are four ascending numbers, of orders whole ones")
  func cuts() throws {
    let settings = try load("cuts: {recency: [30, 90, 180, 365], frequency: \"1,2,4,8\", monetary: [1, 2.5, 3, 4]}")
      .settings
    #expect(settings.cuts.recency == [30, 90, 180, 365] && settings.cuts.frequency == [1, 2, 4, 8])
    #expect(settings.cuts.monetary == [1, 2.5, 3, 4])
    for bad in [
      "recency: [1, 2, 3]", "recency: [1, 2, 2, 3]", "frequency: [1, 2, 3.5, 4]", "monetary: [-1, 2, 3, 4]",
      "recency: [1, 2, 3, x]", "monetary: {a: 1}",
    ] {
      #expect(throws: ConfigurationError.self, "\(bad)") { try load("cuts: {\(bad)}") }
    }
  }
}
