/// What is analysed.
public enum AnalysisInput: Sendable {
  /// The bytes of a table of customers, one row each, and the file's name for errors.
  case table([UInt8], name: String)
  /// A purchase log, and what happened when it was read.
  case log(PurchaseLog, LogReading)
}

/// What happened when a purchase log was read.
public struct LogReading: Sendable {
  /// The names of the files, for errors.
  public var name: String
  /// Records of the files.
  public var records = 0
  /// Records that could not be used, by code.
  public var unusable: [(code: String, count: Int)] = []
  /// Where the first of them is, and why.
  public var firstUnusable: String?
  /// What the log's builder counted.
  public var counts = PurchaseLogBuilder.Counts()
  /// The column that items were read from; `nil` where there are none.
  public var itemColumn: String?

  /// A reading of files with these names.
  public init(name: String) { self.name = name }

  /// What it says about the data.
  var notes: [String] {
    var notes: [String] = []
    for (code, count) in unusable {
      notes.append("\(NumberText.count(count)) records could not be used: `\(code)`.")
    }
    if let firstUnusable { notes.append("The first of them: \(firstUnusable).") }
    if counts.repeated > 0 {
      notes.append("\(NumberText.count(counts.repeated)) records repeat a transaction id; they count once.")
    }
    notes.append(
      "\(NumberText.count(counts.entries)) entries are used, \(NumberText.count(counts.refunds)) of them refunds.")
    if counts.customersWithoutPurchase > 0 {
      notes.append(
        "\(NumberText.count(counts.customersWithoutPurchase)) customers have refunds only and belong to no segment; "
          + "with them \(NumberText.count(counts.entriesWithoutPurchase)) entries are left out.")
    }
    notes.append(itemColumn.map { "Items are read from `\($0)`." } ?? "No column of items was found (--item).")
    return notes
  }
}

/// A file that was read, for the appendix.
public struct InputFact: Codable, Equatable, Sendable {
  /// The path as given.
  public let path: String
  /// SHA-256 of its bytes; `nil` for the standard input.
  public let sha256: String?

  /// A file and its hash.
  public init(path: String, sha256: String?) { (self.path, self.sha256) = (path, sha256) }
}
