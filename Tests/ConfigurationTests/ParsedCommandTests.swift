import Testing

@testable import Configuration

@Suite("Command lines")
struct ParsedCommandTests {
  private let syntax = CommandSyntax(
    "try", "Try it", operands: .init("FILE", 0...2, "a file"),
    options: [
      CommandOption("quiet", .none, "say less"), CommandOption("out", .file, "where to"),
      CommandOption("count", .integer(1...9), "how many"), CommandOption("share", .number(0...1), "how much"),
      CommandOption("as", .choice(["text", "json"]), "the form"), CommandOption("until", .instant, "when"),
      CommandOption("reason", .text("WORD"), repeats: true, "which"),
    ], settings: ["model", "seed", "input.map", "input.partitioned_by_customer", "kafka"])

  @Test("Flags take their value behind them or behind `=`, in any order with operands")
  func values() throws {
    let parsed = try parse(
      "a", "--count", "3", "--out=-", "--quiet", "-", "--reason", "x", "--reason=y", "--share", "0.5", "--as", "json",
      "--until=2026-08-02T10:00:00Z")
    #expect(parsed.operands == ["a", "-"])
    #expect(parsed.integer("count") == 3 && parsed.text("out") == "-" && parsed.has("quiet"))
    #expect(parsed.texts("reason") == ["x", "y"] && parsed.number("share") == 0.5 && parsed.text("as") == "json")
    #expect(parsed.instantMs("until") == 1_785_664_800_000)
    #expect(!parsed.has("config") && parsed.text("config") == nil && parsed.texts("config").isEmpty)
  }

  @Test("Settings are flags by their key or short name; a Boolean alone means true")
  func settings() throws {
    let parsed = try parse(
      "--k", "8", "--model.half_life_days=30", "--seed", "-5", "--map", "m", "--input.partitioned_by_customer",
      "--kafka.client.id", "c", "--model.features.recency=2")
    #expect(
      parsed.settingFlags == [
        .init(key: "model.k", text: "8", name: "--k"),
        .init(key: "model.half_life_days", text: "30", name: "--model.half_life_days"),
        .init(key: "seed", text: "-5", name: "--seed"), .init(key: "input.map", text: "m", name: "--map"),
        .init(key: "input.partitioned_by_customer", text: "true", name: "--input.partitioned_by_customer"),
        .init(key: "kafka.client.id", text: "c", name: "--kafka.client.id"),
        .init(key: "model.features.recency", text: "2", name: "--model.features.recency"),
      ])
  }

  @Test("Behind `--` everything is an operand")
  func end() throws {
    let parsed = try parse("--quiet", "--", "--count", "--help")
    #expect(parsed.operands == ["--count", "--help"] && !parsed.has("count") && !parsed.wantsHelp)
  }

  @Test("Help is given whatever else is wrong")
  func help() throws {
    #expect(try parse("--nonsense", "--help").wantsHelp)
    #expect(try parse("-h").wantsHelp)
  }

  @Test(
    "Wrong usage names the flag and what is right",
    arguments: [
      (["--cuont", "3"], "`segmenter try` has no flag `--cuont`: did you mean `--count`?"),
      (["--model.kk", "3"], "has no flag `--model.kk`: did you mean `--model.k`?"),
      (["-q"], "has no flag `-q`"),
      (["--workers", "2"], "has no flag `--workers`"),
      (["--count"], "--count needs a value: --count N"),
      (["--count", "--quiet"], "--count needs a value"),
      (["--k"], "--k needs a value: --k N"),
      (["--count", "10"], "--count cannot be `10`; allowed: an integer from 1 to 9"),
      (["--count", ""], "--count cannot be ``"),
      (["--share", "x"], "--share cannot be `x`; allowed: a number from 0 to 1"),
      (["--as", "xml"], "--as cannot be `xml`; allowed: text, json"),
      (["--until", "yesterday"], "--until cannot be `yesterday`; allowed: a time such as"),
      (["--out="], "--out cannot be ``; it is empty"),
      (["--quiet=1"], "--quiet takes no value: leave out `=1`"),
      (["--count", "1", "--count", "2"], "--count comes twice"),
      (["a", "b", "c"], "`c` is one operand too many"),
    ])
  func mistakes(arguments: [String], message: String) throws {
    let error = try #require(throws: ConfigurationError.self) { try ParsedCommand(arguments, syntax: syntax) }
    #expect(error.messages[0].contains(message), "\(error.messages)")
    #expect(error.messages[0].hasSuffix("see `segmenter try --help`"))
    #expect(error.kind == .usage)
  }

  @Test("Operands that are needed or of a list are checked")
  func operands() throws {
    let shell = CommandSyntax("c", "C", operands: .init("SHELL", 1...1, choices: ["bash", "zsh"], "which"))
    #expect(throws: ConfigurationError.self) { try ParsedCommand([], syntax: shell) }
    let error = try #require(throws: ConfigurationError.self) { try ParsedCommand(["bsh"], syntax: shell) }
    #expect(error.messages[0].contains("`bsh` is unknown: did you mean `bash`?"))
  }

  @Test("Help names every flag, in lines of at most 100 columns")
  func helpText() {
    let help = syntax.help()
    for flag in syntax.flagNames where flag != "kafka" { #expect(help.contains("--\(flag)")) }
    for line in help.split(separator: "\n") { #expect(line.count <= 100, "\(line)") }
  }

  @Test(
    "An instant is read in UTC unless it says otherwise",
    arguments: [
      ("1970-01-01", 0), ("1970-01-01T00:00:00.5", 500), ("1969-12-31T23:59:59Z", -1000),
      ("2024-02-29 12:30", 1_709_209_800_000), ("2024-02-29T12:30:00+05:30", 1_709_190_000_000),
      ("2024-02-29T12:30:00-0100", 1_709_213_400_000), ("2100-03-01T00:00:00Z", 4_107_542_400_000),
      ("2023-02-29", nil), ("2024-13-01", nil), ("2024-01-01T24:00", nil), ("now", nil), ("", nil),
      ("2024-01-01Z", nil),
    ] as [(String, Int64?)])
  func instants(text: String, ms: Int64?) {
    #expect(Instant.ms(text) == ms)
  }

  private func parse(_ arguments: String...) throws -> ParsedCommand {
    try ParsedCommand(arguments, syntax: syntax)
  }
}
