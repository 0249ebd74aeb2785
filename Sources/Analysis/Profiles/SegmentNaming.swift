/// Gives segments names that people remember: what distinguishes them most, each name once.
public enum SegmentNaming {
  /// From so many standard deviations on a mean is worth a word.
  static let worthSaying = 0.4
  /// Words for a column with parentheses and underscores, at most so many characters.
  static let wordsMax = 32

  /// Names by the columns whose standardised means are farthest from zero: `High income, low spending score`.
  ///
  /// A row of `standardised` and `means` for each segment, a number for each of `columns` (there may be more).
  public static func names(
    columns: [String], standardised: [[Double]], means: [[Double]], isBinary: [Bool]
  ) -> [String] {
    let told = standardised.indices.map { segment in
      phrases(columns, standardised[segment], means[segment], isBinary)
    }
    return unique(
      told.map { phrases in
        phrases.isEmpty ? "Average customers" : capitalised(phrases.prefix(2).joined(separator: ", "))
      }, told: told.map { Array($0.dropFirst(2)) })
  }

  /// Names of a log's segments: the named cell of each one's median scores, told apart by what distinguishes them.
  public static func names(cells: [String], columns: [String], standardised: [[Double]], means: [[Double]]) -> [String]
  {
    let binary = [Bool](repeating: false, count: columns.count)
    return unique(cells, told: cells.indices.map { phrases(columns, standardised[$0], means[$0], binary) })
  }

  /// What a segment has more or less of than all, the most telling first.
  static func phrases(_ columns: [String], _ standardised: [Double], _ means: [Double], _ isBinary: [Bool]) -> [String]
  {
    let indices = columns.indices.filter { $0 < standardised.count && abs(standardised[$0]) >= worthSaying }
    let ranked = indices.sorted { (abs(standardised[$1]), $0) < (abs(standardised[$0]), $1) }
    return ranked.map { index in
      let isMore = standardised[index] > 0
      let words = words(columns[index])
      if index < isBinary.count, isBinary[index] {
        if let (_, level) = split(columns[index]) { return isMore ? level : "not \(level)" }
        return isMore ? "with \(words)" : "without \(words)"
      }
      return (isMore ? "high " : "low ") + words
    }
  }

  /// Names that are told twice get a further phrase, or else a number; the first keeps its name.
  static func unique(_ names: [String], told phrases: [[String]]) -> [String] {
    var taken = Set<String>()
    return names.enumerated().map { index, name in
      let more = index < phrases.count ? phrases[index].lazy.map { "\(name), \($0)" } : [].lazy.map { $0 }
      let isDouble = taken.contains(name)
      var chosen = isDouble ? more.first { !taken.contains($0) } ?? name : name
      var number = 2
      while !taken.insert(chosen).inserted {
        chosen = "\(name) \(number)"
        number += 1
      }
      return chosen
    }
  }

  /// A column's name as words: no unit in parentheses, no underscores, shortened.
  static func words(_ column: String) -> String {
    var words = column
    if let open = words.firstIndex(of: "("), open > words.startIndex { words = String(words[..<open]) }
    // `Share of purchases: Deals` reads better as `share of Deals`.
    if words.hasPrefix("Share of "), let colon = words.firstRange(of: ": ") {
      words = "share of " + words[colon.upperBound...]
    }
    words = words.replacing("_", with: " ").split(whereSeparator: \.isWhitespace).joined(separator: " ")
    if words.isEmpty { words = column.isEmpty ? "unnamed column" : column }
    return words.count > wordsMax ? words.prefix(wordsMax - 1) + "…" : words
  }

  private static func split(_ column: String) -> (column: String, level: String)? {
    guard let range = column.firstRange(of: " = ") else { return nil }
    return (words(String(column[..<range.lowerBound])), words(String(column[range.upperBound...])))
  }

  private static func capitalised(_ text: String) -> String { text.prefix(1).uppercased() + text.dropFirst() }
}
