import Testing

@testable import Analysis

@Suite struct HTMLReportTests {
  private static let chart = Chart.bars(id: "same", title: "t", alternative: "a", labels: ["x"], values: [1])

  private static func page(_ text: String) -> String {
    HTMLReport(
      title: text,
      sections: [
        ReportSection(
          id: text, title: text,
          blocks: [
            .heading(text), .paragraph(text), .list([text]),
            .table(DataTable(text, columns: [.init(text), .init(text, isNumeric: true)], rows: [[text, text]])),
            .chart(.bars(id: text, title: text, alternative: text, labels: [text], values: [1], unit: text)),
          ])
      ], facts: [(text, text)]
    ).html
  }

  @Test(
    "Whatever customers' data hold, no tag, handler or entity of theirs comes through",
    arguments: [
      "<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "' onmouseover='x", "</style></title></svg>",
      "<!--", "]]>", "&lt;b&gt;", "{{x}}",
    ])
  func escaping(text: String) {
    let neutral = Self.page("x")
    let page = Self.page(text)
    func tags(_ text: String) -> [Substring] {
      text.split(separator: "<", omittingEmptySubsequences: true).map { $0.prefix { $0.isLetter || $0 == "/" } }
    }
    // Where text is shortened its whole is in a title beside it, and long words take two lines.
    let varying: Set<Substring> = ["title", "/title", "text", "/text"]
    #expect(tags(page).filter { !varying.contains($0) } == tags(neutral).filter { !varying.contains($0) })
    #expect(!page.contains("<script"))
  }

  @Test("Control characters and those that turn the direction of text are left out")
  func controls() {
    let page = Self.page("a\u{0}\u{1}\u{1B}\u{7F}\u{85}\u{202E}\u{2066}\u{FFFE}b")
    let banned = page.unicodeScalars.filter { scalar in
      (scalar.value < 0x20 && scalar != "\n") || (0x7F...0x9F).contains(scalar.value)
        || (0x202A...0x202E).contains(scalar.value) || (0x2066...0x2069).contains(scalar.value)
        || scalar.value == 0xFFFE
    }
    #expect(banned.isEmpty)
  }

  @Test("Sections and charts of one id get different ones, and a renamed chart keeps its own labels")
  func uniqueIDs() {
    let section = ReportSection(id: "same", title: "s", blocks: [.chart(Self.chart), .chart(Self.chart)])
    let report = HTMLReport(title: "t", sections: [section, section])
    let ids = report.charts.map(\.id) + report.sections.map(\.id)
    #expect(Set(ids).count == 6)
    for chart in report.charts {
      #expect(chart.svg.contains("aria-labelledby=\"\(chart.id)-title \(chart.id)-desc\""))
      #expect(chart.svg.contains("id=\"\(chart.id)-title\"") && chart.svg.contains("id=\"\(chart.id)-desc\""))
    }
  }

  @Test("Each chart has its table of numbers, and a table without rows says so")
  func tables() {
    let empty = DataTable("none", columns: [.init("a"), .init("b")])
    let page = HTMLReport(
      title: "t", sections: [ReportSection(id: "s", title: "s", blocks: [.table(empty), .chart(Self.chart)])]
    ).html
    #expect(page.components(separatedBy: "<table>").count - 1 == 2)
    #expect(page.components(separatedBy: "<details>").count - 1 == 1 && page.contains("<td>–</td>"))
  }

  @Test("A report of nothing is still a page")
  func empty() {
    let page = HTMLReport(title: "", sections: []).html
    #expect(page.hasPrefix("<!DOCTYPE html>") && page.hasSuffix("</html>\n") && !page.contains("<footer>"))
  }
}
