import Foundation
import Testing

@Suite struct HelpTests {
  @Test("The overview names every command")
  func overview() throws {
    try Golden.expect("segmenter --help", is: "help")
  }

  @Test("Without a command the overview goes to stderr, and that is wrong usage")
  func noCommand() throws {
    try Golden.expect("segmenter", is: "no-command")
  }

  @Test(
    "Help of a command names its operands, options and settings",
    arguments: ["replay", "analyze", "score", "generate", "run", "reset", "model show", "model import"])
  func command(_ name: String) throws {
    try Golden.expect("segmenter \(name) --help", is: "help-\(name.replacingOccurrences(of: " ", with: "-"))")
  }

  @Test("Every exit code is documented")
  func exitCodes() throws {
    try Golden.expect("segmenter help exit-codes", is: "help-exit-codes")
  }
}

@Suite struct WrongUsageTests {
  @Test("A wrong flag is named, with the nearest right one")
  func wrongFlag() throws {
    try Golden.expect("segmenter replay --mop a.yaml a.json", is: "wrong-flag")
  }

  @Test("A wrong command is named, with the nearest right one")
  func wrongCommand() throws {
    try Golden.expect("segmenter reply a.json", is: "wrong-command")
  }

  @Test("A flag without its value is wrong usage")
  func missingValue() throws {
    try Golden.expect("segmenter replay a.json --changes", is: "missing-value")
  }

  @Test("A value outside its limits is named, with what is allowed")
  func badValue() throws {
    try Golden.expect("segmenter replay --k 0 a.json", is: "bad-value")
  }

  @Test("A replay of nothing is wrong usage")
  func noFile() throws {
    try Golden.expect("segmenter replay", is: "no-file")
  }

  @Test("A time that is none is named")
  func badTime() throws {
    try Golden.expect("segmenter replay --until soon a.json", is: "bad-time", with: ["a.json": ""])
  }

  @Test("A map with an unknown key names file, line, key and what is allowed")
  func badMap() throws {
    try Golden.expect(
      "segmenter replay --map map.yaml a.json", is: "bad-map",
      with: ["map.yaml": "format: csv\ncustomer_id: id\namuont: total\ntimestamp: time\n", "a.json": ""])
  }

  @Test("What is for a shadow only is refused without one, and so is a time that is none")
  func shadowOptions() throws {
    let needed = "--input.topic t --input.currency EUR"
    try Golden.expect("segmenter run --for 3s \(needed)", is: "shadow-for-none")
    try Golden.expect("segmenter run --shadow --for long \(needed)", is: "shadow-bad-time")
  }

  @Test("A map that is not there is no input")
  func noMap() throws {
    try Golden.expect("segmenter replay --map map.yaml a.json", is: "no-map", with: ["a.json": ""])
  }

  @Test("A configuration with an unknown key names file, line, key and the nearest right one")
  func badConfiguration() throws {
    try Golden.expect(
      "segmenter config check --config segmenter.yaml", is: "bad-configuration",
      with: ["segmenter.yaml": "input:\n  topic: transactions\n  currrency: EUR\n"])
  }

  @Test("A configuration with a bad value names file, line, key, value and what is allowed")
  func badSetting() throws {
    try Golden.expect(
      "segmenter config check --config segmenter.yaml", is: "bad-setting",
      with: ["segmenter.yaml": "input: {topic: transactions, currency: EUR}\nmodel: {k: many}\n"])
  }
}
