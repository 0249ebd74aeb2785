import Testing

@testable import Segmentation

private typealias Line = RuleTable.Line

/// The rules, by number from 1, that cover each cell: asked cell by cell.
private func covering(_ lines: [RuleTable.Line], r: Int, f: Int, m: Int) -> [Int] {
  lines.indices.filter { lines[$0].r.contains(r) && lines[$0].f.contains(f) && lines[$0].m.contains(m) }.map { $0 + 1 }
}

extension SplitMix64 {
  /// A table that covers each cell once: boxes that were cut in two again and again.
  fileprivate mutating func table(cuts: Int) -> [RuleTable.Line] {
    var lines = [RuleTable.Line(name: "", r: 1...5, f: 1...5, m: 1...5)]
    for _ in 0..<cuts {
      let index = int(0...lines.count - 1)
      let axis = pick([\RuleTable.Line.r, \.f, \.m])
      let range = lines[index][keyPath: axis]
      if range.count == 1 { continue }
      let middle = int(range.lowerBound...range.upperBound - 1)
      var upper = lines[index]
      upper[keyPath: axis] = middle + 1...range.upperBound
      lines[index][keyPath: axis] = range.lowerBound...middle
      lines.append(upper)
    }
    lines = shuffled(lines)
    for index in lines.indices { lines[index].name = "Name \(int(0...lines.count / 2))" }
    return lines
  }
}

@Suite("Rule tables")
struct RuleTableTests {
  @Test("A table that covers each cell once names each cell as its rule says, and reads back from its cells")
  func whole() throws {
    for seed in UInt64(1)...60 {
      var random = SplitMix64(seed: seed)
      let lines = random.table(cuts: random.int(0...40))
      let table = try RuleTable(lines)
      for cell in 0..<125 {
        let scores = Scores(r: cell / 25 + 1, f: cell / 5 % 5 + 1, m: cell % 5 + 1)
        let rule = try #require(covering(lines, r: scores.r, f: scores.f, m: scores.m).first)
        #expect(table.name(scores) == lines[rule - 1].name, "seed \(seed), \(scores)")
      }
      var names: [String] = []
      for line in lines where !names.contains(line.name) { names.append(line.name) }
      #expect(table.names == names, "seed \(seed): names in the order of the table")
      #expect(RuleTable(cells: table.cells) == table, "seed \(seed)")
    }
  }

  @Test("A table that leaves cells uncovered, or covers some twice, is refused with each of these cells")
  func refused() {
    for seed in UInt64(1)...60 {
      var random = SplitMix64(seed: seed)
      var lines = random.table(cuts: 20)
      if random.chance(0.7) { lines.remove(at: random.int(0...lines.count - 1)) }
      if random.chance(0.7) { lines.append(Line(name: "More", r: 5...5, f: random.int(1...5)...5, m: 1...5)) }
      var (bare, twice): ([String], [String]) = ([], [])
      for r in 1...5 {
        for f in 1...5 {
          for m in 1...5 {
            let rules = covering(lines, r: r, f: f, m: m)
            if rules.isEmpty { bare.append("\(r)\(f)\(m)") }
            if rules.count > 1 { twice.append("\(r)\(f)\(m)") }
          }
        }
      }
      do throws(RuleTableError) {
        _ = try RuleTable(lines)
        #expect(bare.isEmpty && twice.isEmpty, "seed \(seed)")
      } catch {
        guard case .cells(let uncovered, let overlaps) = error else {
          Issue.record("seed \(seed): \(error)")
          continue
        }
        #expect(uncovered == bare && overlaps.map(\.cell) == twice, "seed \(seed)")
      }
    }
  }

  @Test("Many wrong cells are counted, and twelve of them named")
  func words() {
    let error = #expect(throws: RuleTableError.self) {
      try RuleTable([Line(name: "VIP", r: 4...5, f: 1...5, m: 1...5), Line(name: "Top", r: 5...5, f: 5...5, m: 5...5)])
    }
    let text = error?.description ?? ""
    #expect(
      text.contains("leaves 75 cells uncovered: 111, 112, 113, 114, 115, 121, 122, 123, 124, 125, 131, 132, and 63"))
    #expect(text.contains("covers 1 cell more than once: 555 by rules 1 `VIP` and 2 `Top`"))
  }

  @Test("A name that is empty or too long, and a score that is none, are refused with the rule's number")
  func badLines() {
    let good = Line(name: "All", r: 1...5, f: 1...5, m: 1...5)
    for (name, r) in [("", 1...5), (String(repeating: "n", count: 257), 1...5), ("N", 0...5), ("N", 1...6)] {
      let bad = Line(name: name, r: r, f: 1...5, m: 1...5)
      let error = #expect(throws: RuleTableError.self) { try RuleTable([good, bad]) }
      #expect(error?.description.hasPrefix("rule 2 of the table: ") == true)
    }
  }

  @Test("The program's own table has the eleven names in their order, each with the cells that bear it")
  func standard() {
    #expect(RuleTable.standard.names == Cell.allCases.map(\.rawValue))
    for cell in 0..<125 {
      let scores = Scores(r: cell / 25 + 1, f: cell / 5 % 5 + 1, m: cell % 5 + 1)
      #expect(RuleTable.standard.name(scores) == scores.cell.rawValue)
    }
  }

  @Test("Cells that are listed twice, not at all or under an empty name make no table")
  func badCells() {
    let all = RuleTable.standard.cells
    #expect(RuleTable(cells: all + [(name: "More", cells: ["555"])]) == nil)
    #expect(RuleTable(cells: Array(all.dropFirst())) == nil)
    #expect(RuleTable(cells: all.map { ($0.name == "Lost" ? "" : $0.name, $0.cells) }) == nil)
    #expect(RuleTable(cells: all.map { ("Same", $0.cells) }) == nil)
    #expect(RuleTable(cells: all.map { ($0.name, $0.cells.map { $0 == "555" ? "556" : $0 }) }) == nil)
  }
}
