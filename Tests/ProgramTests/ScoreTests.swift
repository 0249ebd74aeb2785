import Testing

@Suite struct ScoreTests {
  /// 120 customers: who is young and a member buys.
  private static let known = table(0..<120, withAnswer: true)
  /// Others, with the columns in another order, one of them without an age.
  private static let new = "member,id,note,age\n1,n1,=x,22\n0,n2,,25\n1,n3,,61\n1,n4,,\n"

  private static func table(_ rows: Range<Int>, withAnswer: Bool) -> String {
    var text = "id,age,member,bought\n"
    for row in rows {
      let (age, member) = (20 + row * 7 % 50, row % 3 == 0 ? 0 : 1)
      text += "c\(row),\(age),\(member),\(age < 45 && member == 1 && row % 11 != 0 ? 1 : 0)\n"
    }
    return text
  }

  private func expect(_ command: String, is name: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
    try Golden.expect(
      "segmenter analyze known.csv --output out --response bought --k 3 --quiet && \(command)", is: "score-\(name)",
      with: ["known.csv": Self.known, "new.csv": Self.new], sourceLocation: sourceLocation)
  }

  @Test("A saved model tells who will respond, whatever the order of the columns, also where a value is missing")
  func response() throws {
    try expect("segmenter score out/response-model.json new.csv | cut -d, -f1,2", is: "response")
  }

  @Test("A saved model tells the segment of customers who have just come, from stdin to a file")
  func segment() throws {
    try expect(
      "segmenter score out/segment-model.json - --output scores.csv < new.csv && cut -d, -f1 scores.csv", is: "segment")
  }

  @Test("A column that the model asks and the file lacks is named")
  func missingColumn() throws {
    try expect("cut -d, -f1,2 new.csv > few.csv; segmenter score out/response-model.json few.csv", is: "missing-column")
  }

  @Test("A model of another version, a broken one and what is none are told apart")
  func otherModels() throws {
    try expect(
      "sed 's/\"version\" : 1$/\"version\" : 9/' out/response-model.json > nine.json;"
        + " sed 's/\"seed\" : 1/\"seed\" : -1/' out/response-model.json > broken.json;"
        + " segmenter score nine.json new.csv; segmenter score broken.json new.csv; segmenter score new.csv new.csv",
      is: "other-models")
  }

  @Test("A model is of the first analysis no more when the next has none")
  func stale() throws {
    try expect(
      "segmenter analyze known.csv --output out --ignore bought --k 3 --quiet; ls out", is: "stale")
  }

  @Test("A model without a table is wrong usage")
  func noTable() throws {
    try Golden.expect("segmenter score model.json", is: "score-no-table")
  }
}
