import Foundation
import Testing

@Suite struct ReplayTests {
  static let purchases = (0..<6).map { number in
    #"{"customer_id":"c\#(number % 3)","amount":\#(number + 1).50,"currency":"EUR","#
      + #""timestamp":"2026-01-0\#(number + 1)T10:00:00Z"}"# + "\n"
  }.joined()

  @Test("Without enough customers for a model there are values, and no segments")
  func few() throws {
    try Golden.expect(
      "segmenter replay --customers - a.json", is: "few-customers", with: ["a.json": Self.purchases])
  }

  @Test("A rule table that leaves cells uncovered and covers others twice is refused with the cells")
  func badRules() throws {
    try Golden.expect(
      "segmenter replay --segments rules --rules rules.yaml a.json", is: "bad-rules",
      with: [
        "a.json": Self.purchases,
        "rules.yaml": "- {name: Recent, r: 4-5}\n- {name: Old, r: 1-3, f: 2-5}\n- {name: VIP, r: 5, f: 5, m: 4-5}\n",
      ])
  }

  @Test("A custom table names the cells in changes and customers, with clusters and with rules")
  func customRules() throws {
    let rules = "- {name: Recent, r: 4-5}\n- {name: Old, r: 1-3}\n"
    let folder = try Scratch(["rules.yaml": rules])
    for kind in ["kmeans", "rules"] {
      let outcome = try Program.run(
        "segmenter generate --events 20000 --customers 1000 > a.json; segmenter replay --quiet --segments \(kind) "
          + "--rules rules.yaml --customers c.csv --changes - a.json | grep -o '\"cell\":\"[^\"]*\"' | sort -u; "
          + "cut -d, -f18 c.csv | sort -u | paste -sd,; cut -d, -f15,18 c.csv | sort -u | grep -c .",
        in: folder)
      // Eight kinds of line: the header, nobody's, and each score with its name.
      #expect(outcome.stdout.hasPrefix("\"cell\":\"Old\"\n\"cell\":\"Recent\"\n"), "\(kind): \(outcome)")
      #expect(outcome.stdout.contains("Old,Recent,cell\n"), "\(kind): \(outcome)")
    }
  }

  @Test("Broken records are counted, kept with the reason, and no failure")
  func broken() throws {
    let lines = """
      {"customer_id":"c1","amount":1,"timestamp":"2026-01-01T00:00:00Z"}
      {"customer_id":"c1","amount":1
      {"amount":1,"timestamp":"2026-01-01T00:00:00Z"}
      {"customer_id":{},"amount":1,"timestamp":"2026-01-01T00:00:00Z"}
      {"customer_id":"c1","amount":"much","timestamp":"2026-01-01T00:00:00Z"}
      {"customer_id":"c1","amount":1e30,"timestamp":"2026-01-01T00:00:00Z"}
      {"customer_id":"c1","amount":1,"timestamp":"yesterday"}
      {"customer_id":"c1","amount":1,"timestamp":"2999-01-01T00:00:00Z"}
      {"customer_id":"c1","amount":1,"currency":"EUR","timestamp":"2026-01-01T00:00:00Z"}
      {"customer_id":"c1","amount":1,"currency":"USD","timestamp":"2026-01-01T00:00:00Z"}

      """
    try Golden.expect(
      "segmenter replay --dead-letters - a.json", is: "broken-records", with: ["a.json": lines])
    try Golden.expect("segmenter replay a.json", is: "broken-records-unkept", with: ["a.json": lines])
    try Golden.expect(
      "segmenter replay --input.on_error fail a.json", is: "broken-records-fail", with: ["a.json": lines])
  }

  @Test("A byte sequence that is not UTF-8 is kept as base64")
  func notUTF8() throws {
    try Golden.expect(
      #"printf '{"customer_id":"\xff","amount":1,"timestamp":1}\n' | segmenter replay --dead-letters - -"#,
      is: "not-utf8")
  }

  @Test("A file that is not there is no input, and nothing is written")
  func missingFile() throws {
    try Golden.expect(
      "echo kept > changes.json; segmenter replay --changes changes.json a.json; code=$?; cat changes.json; exit $code",
      is: "missing-file")
  }

  @Test("A folder cannot be read as a log")
  func folder() throws {
    try Golden.expect("mkdir a.json; segmenter replay a.json", is: "folder")
  }

  @Test("A packed file that breaks off is an error that names it")
  func brokenOff() throws {
    try Golden.expect(
      "gzip -n a.json; head -c 60 a.json.gz > b.json.gz; segmenter replay b.json.gz", is: "broken-off",
      with: ["a.json": Self.purchases])
  }

  @Test("An empty file is an empty replay")
  func empty() throws {
    try Golden.expect("segmenter replay a.json", is: "empty-file", with: ["a.json": ""])
  }

  @Test("A full disk is one clear sentence", arguments: ["changes", "customers", "dead-letters", "model"])
  func fullDisk(_ output: String) throws {
    let folder = try Scratch(["a.json": Self.purchases + "broken\n"])
    let outcome = try Program.run(
      "segmenter generate --events 3000 --customers 400 >> a.json; "
        + "segmenter replay --quiet --\(output) /dev/full a.json", in: folder)
    #expect(outcome.exitCode == 74)
    #expect(outcome.stdout.isEmpty)
    #expect(outcome.stderr.split(separator: "\n").count == 1)
    #expect(outcome.stderr.contains("/dev/full") && outcome.stderr.contains("disk is full"))
  }

  @Test("A full disk behind stdout is one clear sentence")
  func fullStdout() throws {
    try Golden.expect("segmenter generate --events 100000 > /dev/full", is: "full-stdout")
    try Golden.expect("segmenter replay a.json > /dev/full", is: "full-summary", with: ["a.json": Self.purchases])
  }

  @Test("An output in a folder that is not there cannot be created")
  func noFolder() throws {
    try Golden.expect(
      "segmenter replay --changes away/changes.json a.json", is: "no-folder", with: ["a.json": Self.purchases])
  }

  @Test("A closed pipe ends silently and well")
  func closedPipe() throws {
    let folder = try Scratch()
    for command in [
      "segmenter generate --events 300000",
      "segmenter generate --events 50000 --customers 2000 | segmenter replay --changes - --quiet -",
    ] {
      let outcome = try Program.run("\(command) | head -n 1 > line; echo ${PIPESTATUS[@]}; wc -l < line", in: folder)
      #expect(outcome.stdout.split(whereSeparator: \.isWhitespace).allSatisfy { $0 == "0" || $0 == "1" })
      #expect(outcome.stdout.hasSuffix("\n1\n") && outcome.stdout.hasPrefix("0 "))
      #expect(outcome.stderr.isEmpty)
    }
  }

  @Test("A log is read the same from a file, from stdin and packed in any way")
  func packed() throws {
    let folder = try Scratch()
    let make =
      "segmenter generate --events 20000 --customers 1000 > a.json; "
      + "gzip -k a.json; xz -k a.json; bzip2 -k a.json; zstd -q a.json; lz4 -q a.json a.json.lz4; "
      + "for f in a.json a.json.*; do segmenter replay --quiet --changes - $f | sha256sum; done; "
      + "segmenter replay --quiet --changes - - < a.json | sha256sum; "
      + "cat a.json.zst | segmenter replay --quiet --changes - - | sha256sum"
    let sums = try Program.run(make, in: folder).stdout.split(separator: "\n")
    #expect(sums.count == 8)
    #expect(Set(sums).count == 1)
    let empty = try Program.run("sha256sum < /dev/null", in: folder).stdout.dropLast()
    #expect(sums.first.map(String.init) != String(empty))
  }

  @Test("What is later than --until is left out")
  func until() throws {
    let folder = try Scratch(["a.json": Self.purchases])
    let outcome = try Program.run(
      "head -n 4 a.json > b.json; segmenter replay --quiet --customers - b.json > b.csv; "
        + "segmenter replay --quiet --customers - --until 2026-01-04T10:00:00Z a.json | cmp - b.csv && wc -l < b.csv",
      in: folder)
    #expect(outcome.exitCode == 0)
    #expect(outcome.stdout == "4\n")
  }
}
