import Testing

@testable import Analysis

/// A table as the preparer leaves it.
private func prepared(
  _ text: String, groups: Set<FeatureGroup> = Set(FeatureGroup.allCases),
  _ change: (inout PreparationOptions) -> Void = { _ in }
) throws -> (preparer: TablePreparer, table: TablePreparation.Prepared) {
  var options = PreparationOptions()
  change(&options)
  var preparer = TablePreparer(options, groups: groups, name: "table")
  let table = try preparer.prepare(Array(text.utf8))
  return (preparer, table)
}

private func table(_ header: String, rows: Int = 20, _ row: (Int) -> String) -> String {
  header + "\n" + (0..<rows).map { row($0) + "\n" }.joined()
}

@Suite struct TableReaderTests {
  private func read(_ bytes: [UInt8], _ options: PreparationOptions = .init()) throws -> RawTable {
    var reader = TableReader(name: "table")
    return try reader.read(bytes, options)
  }

  @Test("The delimiter is the one that cuts all lines alike", arguments: [",", ";", "\t", "|"])
  func delimiter(_ delimiter: String) throws {
    let lines =
      ["id", "a", "b"].joined(separator: delimiter) + "\n" + ["1", "\"2,;\t|\"", "3"].joined(separator: delimiter)
    let raw = try read(Array(lines.utf8))
    #expect(raw.names == ["id", "a", "b"] && raw.text(0, 1) == "2,;\t|" && raw.rowCount == 1)
  }

  @Test("A byte order mark is no part of the first name, and Windows-1252 becomes UTF-8")
  func encodings() throws {
    #expect(try read([0xEF, 0xBB, 0xBF] + Array("id,a\n1,2\n".utf8)).names == ["id", "a"])
    #expect(try read(Array("id,a\n1,".utf8) + [0xE9, 0x80, 0x0A]).text(0, 1) == "é€")
  }

  @Test("A first line of numbers is data, and columns get numbers for names")
  func noHeader() throws {
    let raw = try read(Array("1,2\n3,4\n".utf8))
    #expect(raw.names == ["column 1", "column 2"] && raw.rowCount == 2)
  }

  @Test("Names that come twice are told apart")
  func repeatedNames() throws {
    var options = PreparationOptions()
    options.hasHeader = true
    #expect(try read(Array("a,a,\n1,2,3\n".utf8), options).names == ["a", "a (column 2)", "column 3"])
  }
}

@Suite struct ColumnTypeTests {
  @Test(
    "Types are found by what stands in the cells",
    arguments: [
      ("1,5", ColumnKind.number), ("-1.5e3", .number), ("2020-01-0", .date), ("yes", .boolean), ("red", .category),
    ])
  func kinds(_ start: String, _ kind: ColumnKind) throws {
    let other = ["yes": "no", "red": "blue"][start] ?? start
    let text = table("x;y") { row in
      let cell = ["yes", "red"].contains(start) ? (row % 3 == 0 ? start : other) : "\(start)\(row % 9 + 1)"
      return "\(cell);\(row * row % 13)"
    }
    let found = try prepared(text).preparer.quality.columns.first { $0.name == "x" }
    #expect(found?.kind == kind)
  }

  @Test("A type that is given wins over the one that is found")
  func given() throws {
    let text = table("id,zone,a") { "\($0),\($0 % 4),\($0 % 7)" }
    #expect(try prepared(text).table.features.names == ["zone", "a"])
    let typed = try prepared(text) { $0.types["zone"] = .category }
    #expect(typed.table.features.names == ["a"] && typed.preparer.quality.columns.first?.kind == .category)
  }

  @Test("An order of days and months that only fits one way is found")
  func dateOrder() throws {
    let monthFirst = table("since,a") { "01/\($0 + 5)/2020,\($0 % 7)" }
    let days = try prepared(monthFirst).table.table["since"]?.numbers
    #expect(days?.first == 18_266 && days?.last == 18_285)
  }

  @Test("Ids keep their zeros and are no feature")
  func identifiers() throws {
    let found = try prepared(table("CustomerID,a") { "00\($0 + 10),\($0 % 7)" })
    #expect(found.table.customerIDs.first == "0010" && found.table.features.names == ["a"])
  }
}

@Suite struct TableCleaningTests {
  private let gaps = table("a,b,c") {
    "\($0 == 3 ? "" : "\($0)"),\($0 % 7),\($0 == 4 ? "NA" : $0 % 3 == 0 ? "x" : "y")"
  }

  @Test("Missing numbers become the median, missing categories the mode, and both are counted")
  func filled() throws {
    let found = try prepared(gaps)
    #expect(found.table.features[3, 0] == 10)
    #expect(found.preparer.quality.missing.map(\.count) == [1, 1])
    #expect(found.preparer.quality.missing.map(\.filledWith) == ["the median, 10", "the mode, y"])
  }

  @Test("Rows with missing values can be left out, and are counted")
  func dropped() throws {
    let found = try prepared(gaps) { $0.missing = .drop }
    #expect(found.preparer.quality.rowsWithoutValues == 2 && found.table.customerIDs.count == 18)
  }

  private let strange = table("id,a,b", rows: 40) { "c\($0),\($0 == 7 ? 9999 : $0),\($0 % 7)" }

  @Test("An outlier is set to the fence, named with its customer, and counted", arguments: ["iqr", "z"])
  func winsorised(_ rule: String) throws {
    let found = try prepared(strange) {
      $0.outlierRule = .init(rawValue: rule) ?? .iqr
    }
    let outlier = try #require(found.preparer.quality.outliers.first)
    #expect(outlier.counts == (0, 1) && outlier.examples == ["9999 (c7)"])
    #expect(found.table.features[7, 0] == outlier.fence.upperBound)
  }

  @Test("Outliers can be left out with their rows, or kept")
  func otherWays() throws {
    let dropped = try prepared(strange) { $0.outliers = .drop }
    #expect(dropped.table.customerIDs.count == 39 && dropped.preparer.quality.rowsBeyondFences == 1)
    let kept = try prepared(strange) { $0.outliers = .keep }
    #expect(kept.table.features[7, 0] == 9999 && kept.preparer.quality.outliers.first?.counts.above == 1)
  }

  @Test("A column that is the same for all is named and left out")
  func constant() throws {
    let found = try prepared(table("a,b,z") { "\($0),\($0 % 7),3" })
    #expect(found.table.features.names == ["a", "b"] && found.preparer.quality.leftOut.first?.name == "z")
  }
}

@Suite struct TableFeatureTests {
  @Test("A category becomes columns that weigh as much as one number, or its place in the order given")
  func encodings() throws {
    let text = table("id,a,level") { "\($0),\($0 % 7),\(["low", "mid", "high"][$0 % 3])" }
    let hot = try prepared(text) { $0.encoding = .oneHot }
    #expect(hot.table.features.names == ["a", "level = high", "level = low", "level = mid"])
    let squares = hot.table.scaled.values.reduce(0) { $0 + $1 * $1 }
    #expect(abs(squares - 40) < 1e-9, "two features of variance 1 on 20 rows")
    let ordinal = try prepared(text) {
      $0.encoding = .ordinal
      $0.levels["level"] = ["low", "mid", "high"]
    }
    #expect(ordinal.table.features.column(1).prefix(3) == [0, 1, 2])
  }

  @Test("Groups of columns can be clustered apart")
  func groups() throws {
    let text = table("id,Age,Visits,Satisfaction score") { "\($0),\($0 + 20),\($0 % 7),\($0 % 5)" }
    #expect(try prepared(text, groups: [.demographic]).table.features.names == ["Age"])
    #expect(try prepared(text, groups: [.behavioural]).table.features.names == ["Visits"])
    #expect(try prepared(text, groups: [.psychographic]).table.features.names == ["Satisfaction score"])
  }

  @Test("A preparation that was saved prepares another file the same way")
  func applied() throws {
    let text = table("id,a,b") { "\($0),\($0 == 5 ? "" : "\($0)"),\($0 % 7)" }
    let found = try prepared(text)
    let again = try found.preparer.preparation.apply(to: Array(text.utf8), name: "table")
    #expect(again.scaled == found.table.scaled && again.customerIDs == found.table.customerIDs)
  }

  @Test("Features are made of columns whose names tell what they are")
  func made() throws {
    let text = table("id,Year_Birth,joined,MntWine,MntFish,NumWebPurchases,NumStorePurchases") {
      "\($0),\(1950 + $0),2020-03-\($0 + 10),\($0),\($0 % 3 + 1),\($0 % 4),\($0 % 5)"
    }
    let found = try prepared(text).table.table
    #expect(found["Age"]?.numbers?.first == 70 && found["Tenure (days)"]?.numbers?.first == 19)
    #expect(found["Total spend"]?.numbers?.first == 1 && found["Share of spend: Wine"]?.numbers?.last == 19.0 / 21)
    #expect(found["Total purchases"]?.numbers?[7] == 5)
  }
}

@Suite struct WrittenCellTests {
  @Test(
    "Words that a spreadsheet would run get an apostrophe, numbers do not",
    arguments: [
      ("=1+1", "'=1+1"), ("+x", "'+x"), ("-x", "'-x"), ("@x", "'@x"), ("\tx", "\"'\tx\""), ("\rx", "\"'\rx\""),
      ("-5", "-5"), ("+4.5", "+4.5"), ("a,b", "\"a,b\""), ("say \"so\"", "\"say \"\"so\"\"\""), ("plain", "plain"),
    ])
  func harmless(_ words: String, _ written: String) {
    #expect(CSVWriter.written(.text(words)) == written)
  }

  @Test("SHA-256 gives the digests of FIPS 180-4", arguments: [("", "e3b0c442"), ("abc", "ba7816bf")])
  func digest(_ text: String, _ start: String) {
    var hash = SHA256()
    for byte in text.utf8 { withUnsafeBytes(of: byte) { hash.update($0) } }
    #expect(hash.finished().hasPrefix(start))
    #expect(hash.finished().count == 64)
  }
}
