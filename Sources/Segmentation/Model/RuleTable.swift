/// Names for the 125 cells of R, F and M; each cell has exactly one.
public struct RuleTable: Sendable, Equatable {
  /// A rule: the cells within three ranges of scores, and their name.
  public struct Line: Sendable, Equatable {
    /// The name; several lines may have the same.
    public var name: String
    /// Scores of recency, 1 (long silent) to 5.
    public var r: ClosedRange<Int>
    /// Scores of frequency.
    public var f: ClosedRange<Int>
    /// Scores of monetary value.
    public var m: ClosedRange<Int>

    /// Makes a rule.
    public init(name: String, r: ClosedRange<Int>, f: ClosedRange<Int>, m: ClosedRange<Int>) {
      self.name = name
      self.r = r
      self.f = f
      self.m = m
    }
  }

  /// The distinct names, in the order of the table.
  public let names: [String]
  /// Indices in `names`, by (r − 1) · 25 + (f − 1) · 5 + (m − 1).
  package let nameOfCell: [Int]

  /// The cells of R, F and M.
  package static let cellCount = 125

  /// The eleven names that hold where no table is given.
  public static let standard = RuleTable(
    names: Cell.allCases.map(\.rawValue), nameOfCell: Cell.table.map { Cell.allCases.firstIndex(of: $0) ?? 0 })

  private init(names: [String], nameOfCell: [Int]) {
    self.names = names
    self.nameOfCell = nameOfCell
  }

  /// Makes the table of some rules. Throws where a cell has no rule, or more than one.
  public init(_ lines: [Line]) throws(RuleTableError) {
    var names: [String] = []
    var covering = [[Int]](repeating: [], count: Self.cellCount)
    for (index, line) in lines.enumerated() {
      if let problem = Self.problem(line) { throw .line(number: index + 1, problem) }
      if !names.contains(line.name) { names.append(line.name) }
      for r in line.r {
        for f in line.f {
          for m in line.m { covering[Scores(r: r, f: f, m: m).index].append(index) }
        }
      }
    }
    let bare = covering.indices.filter { covering[$0].isEmpty }
    let twice = covering.indices.filter { covering[$0].count > 1 }
    guard bare.isEmpty && twice.isEmpty else {
      throw .cells(
        uncovered: bare.map(Self.text),
        twice: twice.map { cell in
          RuleTableError.Overlap(
            cell: Self.text(cell), rules: covering[cell].map { "\($0 + 1) `\(lines[$0].name)`" })
        })
    }
    self.init(
      names: names, nameOfCell: covering.map { rules in names.firstIndex(of: lines[rules[0]].name) ?? 0 })
  }

  /// The most bytes of a name in UTF-8.
  package static let nameBytesMax = 256

  private static func problem(_ line: Line) -> String? {
    if line.name.isEmpty || line.name.utf8.count > nameBytesMax {
      return "its name has \(line.name.utf8.count) bytes; 1 to \(nameBytesMax) are possible"
    }
    for (letter, range) in [("r", line.r), ("f", line.f), ("m", line.m)] {
      if range.lowerBound < 1 || range.upperBound > 5 {
        return "its `\(letter)` is `\(range.lowerBound)-\(range.upperBound)`; scores are 1 to 5"
      }
    }
    return nil
  }

  /// The name of a cell.
  package func name(_ scores: Scores) -> String { names[nameOfCell[scores.index]] }

  /// A cell's scores as text: `254`.
  static func text(_ cell: Int) -> String { "\(cell / 25 + 1)\(cell / 5 % 5 + 1)\(cell % 5 + 1)" }

  /// The cells of each name as texts, in the order of names.
  package var cells: [(name: String, cells: [String])] {
    names.indices.map { index in
      (names[index], nameOfCell.indices.filter { nameOfCell[$0] == index }.map(Self.text))
    }
  }

  /// The table in which each name has the cells that are listed for it; `nil` unless each cell is listed once.
  package init?(cells: [(name: String, cells: [String])]) {
    var nameOfCell = [Int](repeating: -1, count: Self.cellCount)
    for (index, entry) in cells.enumerated() {
      for text in entry.cells {
        let digits = text.utf8.map { Int($0) - 48 }
        guard digits.count == 3, digits.allSatisfy({ 1...5 ~= $0 }) else { return nil }
        let cell = Scores(r: digits[0], f: digits[1], m: digits[2]).index
        guard nameOfCell[cell] < 0 else { return nil }
        nameOfCell[cell] = index
      }
    }
    let names = cells.map(\.name)
    guard !nameOfCell.contains(-1), Set(names).count == names.count, cells.allSatisfy({ !$0.cells.isEmpty }),
      names.allSatisfy({ !$0.isEmpty && $0.utf8.count <= Self.nameBytesMax })
    else { return nil }
    self.init(names: names, nameOfCell: nameOfCell)
  }
}

/// What is wrong with a rule table.
public enum RuleTableError: Error, Sendable, Equatable, CustomStringConvertible {
  /// A cell with more than one rule.
  public struct Overlap: Sendable, Equatable {
    /// Its scores, `254`.
    public var cell: String
    /// The rules, each by number and name.
    public var rules: [String]
  }

  /// A rule that cannot be, by its number from 1, and why.
  case line(number: Int, String)
  /// Cells without a rule, or with several.
  case cells(uncovered: [String], twice: [Overlap])

  /// So many cells are named in words.
  static let namedMax = 12

  /// One sentence: how many cells, and the first of them.
  public var description: String {
    switch self {
    case .line(let number, let problem): return "rule \(number) of the table: \(problem)"
    case .cells(let uncovered, let twice):
      var parts: [String] = []
      if !uncovered.isEmpty {
        parts.append("leaves \(Self.count(uncovered)) uncovered: \(Self.listed(uncovered, ", "))")
      }
      if !twice.isEmpty {
        let texts = twice.map { "\($0.cell) by rules \($0.rules.joined(separator: " and "))" }
        parts.append("covers \(Self.count(twice)) more than once: \(Self.listed(texts, "; "))")
      }
      return "the rule table \(parts.joined(separator: ", and ")) "
        + "(scores of R, F and M; each of the \(RuleTable.cellCount) cells needs exactly one rule)"
    }
  }

  private static func count<Element>(_ cells: [Element]) -> String {
    cells.count == 1 ? "1 cell" : "\(cells.count) cells"
  }

  private static func listed(_ texts: [String], _ separator: String) -> String {
    texts.prefix(namedMax).joined(separator: separator)
      + (texts.count > namedMax ? "\(separator)and \(texts.count - namedMax) more" : "")
  }
}
