/// A report as one HTML file that opens offline: no script, nothing fetched, charts inline.
///
/// The same sections and facts give the same bytes; the clock is not read.
public struct HTMLReport: Sendable {
  /// Its heading.
  public let title: String
  /// What stands in it, in order; the ids of sections and charts are unique.
  public let sections: [ReportSection]
  /// What it was made from: parameters, seed, hash of the input, command.
  public let facts: [(name: String, value: String)]

  /// A report; an id that was there before gets a number behind it.
  public init(title: String, sections: [ReportSection], facts: [(name: String, value: String)] = []) {
    self.title = title
    self.facts = facts
    var names = UniqueNames(taken: ["content", "facts"])
    self.sections = sections.map { section in
      let blocks = section.blocks.map { block in
        if case .chart(let chart) = block {
          let id = names.unique(chart.id)
          return id == chart.id ? block : .chart(chart.renamed(id))
        }
        return block
      }
      return ReportSection(id: names.unique(Escaping.slug(section.id)), title: section.title, blocks: blocks)
    }
  }

  /// The charts in the order of the report, with unique ids: what can be written as files beside it.
  public var charts: [Chart] {
    sections.flatMap { section in
      section.blocks.compactMap { block in
        if case .chart(let chart) = block { chart } else { nil }
      }
    }
  }

  /// The file.
  public var html: String {
    let name = Escaping.escaped(title)
    var out = """
      <!DOCTYPE html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
      <meta name="color-scheme" content="light dark">
      <meta name="generator" content="segmenter analyze">
      <title>\(name)</title>
      <style>
      \(Self.style)
      </style>
      </head>
      <body>
      <a class="skip" href="#content">Skip to the content</a>
      <header><h1>\(name)</h1></header>
      <nav aria-label="Sections">
      <ol>

      """
    for section in sections {
      out += "<li><a href=\"#\(section.id)\">\(Escaping.escaped(section.title))</a></li>\n"
    }
    out += "</ol>\n</nav>\n<main id=\"content\" tabindex=\"-1\">\n"
    for section in sections { Self.write(section, to: &out) }
    out += "</main>\n"
    if !facts.isEmpty {
      out += "<footer>\n<h2 id=\"facts\">How this report was made</h2>\n<dl>\n"
      for fact in facts {
        out += "<div><dt>\(Escaping.escaped(fact.name))</dt><dd>\(Escaping.escaped(fact.value))</dd></div>\n"
      }
      out += "</dl>\n</footer>\n"
    }
    return out + "</body>\n</html>\n"
  }

  private static func write(_ section: ReportSection, to out: inout String) {
    out +=
      "<section id=\"\(section.id)\" aria-labelledby=\"\(section.id)-heading\">\n"
      + "<h2 id=\"\(section.id)-heading\">\(Escaping.escaped(section.title))</h2>\n"
    var isInCharts = false
    for block in section.blocks {
      // Charts that follow each other stand side by side where there is room.
      if case .chart = block {
        if !isInCharts { out += "<div class=\"charts\">\n" }
        isInCharts = true
      } else if isInCharts {
        out += "</div>\n"
        isInCharts = false
      }
      write(block, to: &out)
    }
    out += (isInCharts ? "</div>\n" : "") + "</section>\n"
  }

  private static func write(_ block: ReportSection.Block, to out: inout String) {
    switch block {
    case .heading(let text): out += "<h3>\(Escaping.escaped(text))</h3>\n"
    case .paragraph(let text): out += "<p>\(Escaping.escaped(text))</p>\n"
    case .list(let points):
      guard !points.isEmpty else { return }
      out += "<ul>\n" + points.map { "<li>\(Escaping.escaped($0))</li>\n" }.joined() + "</ul>\n"
    case .table(let table): write(table, to: &out)
    case .chart(let chart): write(chart, to: &out)
    }
  }

  private static func write(_ chart: Chart, to out: inout String) {
    let isWide = chart.width > Int(Canvas.width)
    let title = Escaping.escaped(chart.title)
    out +=
      "<figure id=\"\(chart.id)\"\(isWide ? " class=\"wide\"" : "") style=\"--w:\(chart.width)px\">\n"
      + "<figcaption><strong>\(title)</strong>"
      + (chart.alternative.isEmpty ? "" : " <span>\(Escaping.escaped(chart.alternative))</span>") + "</figcaption>\n"
    // What does not fit a telephone scrolls sideways, by keys, too.
    out += isWide ? "<div class=\"scroll\" role=\"group\" tabindex=\"0\" aria-label=\"\(title)\">\n" : "<div>\n"
    out +=
      chart.svg + "\n</div>\n<details>\n<summary>The numbers of this chart<span class=\"unseen\">: \(title)</span>"
      + "</summary>\n"
    write(chart.table, to: &out)
    out += "</details>\n</figure>\n"
  }

  private static func write(_ table: DataTable, to out: inout String) {
    let caption = Escaping.escaped(table.caption)
    out +=
      "<div class=\"scroll\" role=\"group\" tabindex=\"0\" aria-label=\"\(caption)\">\n<table>\n"
      + "<caption>\(caption)</caption>\n<thead>\n<tr>"
    for column in table.columns {
      let name = column.name.isEmpty ? NumberText.none : Escaping.escaped(column.name)
      out += "<th scope=\"col\"\(column.isNumeric ? " class=\"n\"" : "")>\(name)</th>"
    }
    out += "</tr>\n</thead>\n<tbody>\n"
    // A table without rows says so.
    let rows = table.rows.isEmpty ? [table.columns.map { _ in NumberText.none }] : table.rows
    for row in rows {
      out += "<tr>"
      for (index, (cell, column)) in zip(row, table.columns).enumerated() {
        let text = Escaping.escaped(cell)
        if index == 0 && row.count > 1 && !column.isNumeric && cell.contains(where: { !$0.isWhitespace }) {
          out += "<th scope=\"row\">\(text)</th>"
        } else {
          out += "<td\(column.isNumeric ? " class=\"n\"" : "")>\(text)</td>"
        }
      }
      out += "</tr>\n"
    }
    out += "</tbody>\n</table>\n</div>\n"
  }
}

/// Gives every name once.
private struct UniqueNames {
  var taken: Set<String>

  mutating func unique(_ name: String) -> String {
    var (candidate, number) = (name, 2)
    while !taken.insert(candidate).inserted {
      candidate = "\(name)-\(number)"
      number += 1
    }
    return candidate
  }
}
