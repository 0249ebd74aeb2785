import Foundation
import Testing

/// Tables of customers that `analyze` is given.
private enum Tables {
  /// Two numbers and an id for 30 customers.
  static let small = table("id,visits,spend") { "\($0),\($0 % 7),\($0 * 5 % 11)" }

  static func table(_ header: String, rows: Int = 30, _ row: (Int) -> String) -> String {
    header + "\n" + (0..<rows).map { row($0) + "\n" }.joined()
  }
}

@Suite struct AnalyzeBadInputTests {
  private func expect(
    _ arguments: String, is name: String, _ files: [String: String], sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    try Golden.expect(
      "segmenter analyze \(arguments) --output out", is: "analyze-\(name)", with: files, sourceLocation: sourceLocation)
  }

  @Test("A table without a column of numbers is refused with its columns")
  func noNumber() throws {
    try expect("a.csv", is: "no-number", ["a.csv": Tables.table("name,city") { "n\($0),c\($0 % 3)" }])
  }

  @Test("One customer is too few")
  func oneRow() throws {
    try expect("a.csv", is: "one-row", ["a.csv": Tables.table("id,a,b", rows: 1) { "\($0),2,3" }])
  }

  @Test("Customers who are all equal are refused")
  func allEqual() throws {
    try expect("a.csv", is: "all-equal", ["a.csv": Tables.table("id,a,b") { "\($0),2,3" }])
  }

  @Test("More segments than customers are refused")
  func tooManySegments() throws {
    try expect("a.csv --k 31", is: "k-above-rows", ["a.csv": Tables.small])
  }

  @Test("A binary file is no table")
  func binary() throws {
    try Golden.expect(
      #"printf '\x89PNG\r\n\x1a\n\0\0\0\rIHDR' > a.csv; segmenter analyze a.csv --output out"#, is: "analyze-binary")
  }

  @Test("A wrong delimiter is named with the one that fits")
  func wrongDelimiter() throws {
    try expect("a.csv --delimiter ';'", is: "wrong-delimiter", ["a.csv": Tables.small])
  }

  @Test("Ten thousand columns are too many")
  func wide() throws {
    let header = (0..<10_000).map { "c\($0)" }.joined(separator: ",")
    let row = Array(repeating: "1", count: 10_000).joined(separator: ",")
    try expect("a.csv", is: "wide", ["a.csv": Tables.table(header, rows: 10) { _ in row }])
  }

  @Test("A day that there is not is named with its line")
  func unreadableDate() throws {
    let dates = Tables.table("id,joined,a") { "\($0),2020-01-\($0 % 28 + 10),\($0)" }
    try expect("a.csv", is: "unreadable-date", ["a.csv": dates])
  }

  @Test("A line with other cells than the header is named")
  func ragged() throws {
    try expect("a.csv", is: "ragged", ["a.csv": "id,a,b\n1,2,3\n2,3\n3,4,5\n"])
  }

  @Test("A quote that is never closed is named with its line")
  func openQuote() throws {
    try expect("a.csv", is: "open-quote", ["a.csv": "id,a,b\n1,\"2,3\n2,3,4\n"])
  }

  @Test("An empty file is refused")
  func empty() throws {
    try expect("a.csv", is: "empty", ["a.csv": ""])
  }

  @Test("A column that is not there is named with those that are")
  func unknownColumn() throws {
    try expect("a.csv --columns visits,spent", is: "unknown-column", ["a.csv": Tables.small])
  }

  @Test("A response that is not yes and no is refused")
  func badResponse() throws {
    try expect("a.csv --response visits", is: "bad-response", ["a.csv": Tables.small])
  }

  @Test("A log of which no record can be used is refused with the first reason")
  func unusableLog() throws {
    let log = Tables.table("customer_id,amount,timestamp") { "\($0),5,soon" }
    try expect("a.csv --transactions --map map.yaml", is: "unusable-log", ["a.csv": log, "map.yaml": "format: csv\n"])
  }

  @Test("A file that is not there is no input")
  func missingFile() throws {
    try expect("a.csv", is: "missing-file", [:])
  }

  @Test("A folder that cannot be made is no output")
  func unwritable() throws {
    try Golden.expect(
      "touch out; segmenter analyze a.csv --output out", is: "analyze-no-folder", with: ["a.csv": Tables.small])
  }

  @Test("A type that is none is named with those that are")
  func badType() throws {
    try expect("a.csv --type visits=money", is: "bad-type", ["a.csv": Tables.small])
  }

  @Test("A file of columns with an unknown key names line and nearest key")
  func badColumnsFile() throws {
    try expect(
      "a.csv --columns-file c.yaml", is: "bad-columns-file",
      ["a.csv": Tables.small, "c.yaml": "ignore: [visits]\ncolums: {}\n"])
  }
}

@Suite struct AnalyzeOutputTests {
  @Test("Ids that look like formulas are made harmless, numbers are left alone")
  func harmless() throws {
    let ids = ["=1+2", "+a", "-b", "@c", "-5", "plain"]
    let folder = try Scratch([
      "a.csv": Tables.table("id,visits,spend") { "\($0 < ids.count ? ids[$0] : "x\($0)"),\($0 % 7),\($0 * 5 % 11)" }
    ])
    let outcome = try Program.run(
      "segmenter analyze a.csv --output out --quiet --k 2 && cut -d, -f1 out/segments.csv | head -7", in: folder)
    #expect(outcome.stdout == "customer_id\n'=1+2\n'+a\n'-b\n'@c\n-5\nplain\n", "\(outcome)")
  }

  @Test("The same file, options and seed give the same bytes")
  func repeats() throws {
    let folder = try Scratch(["a.csv": Tables.small])
    let outcome = try Program.run(
      """
      for n in 1 2; do segmenter analyze a.csv --output out --quiet --seed 7 || exit; \
      cat out/report.html out/segments.csv out/summary.json out/charts/*.svg | md5sum > $n; done; cmp 1 2
      """, in: folder)
    #expect(outcome.exitCode == 0, "\(outcome)")
  }

  @Test("A table of categories alone is clustered once they are encoded")
  func categories() throws {
    let folder = try Scratch(["a.csv": Tables.table("name,city,plan") { "n\($0),c\($0 % 3),p\($0 % 4)" }])
    let outcome = try Program.run("segmenter analyze a.csv --output out --encode one-hot --k 3 --quiet", in: folder)
    #expect(outcome.exitCode == 0, "\(outcome)")
  }
}
