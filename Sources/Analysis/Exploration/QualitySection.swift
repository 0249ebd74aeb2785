/// What was read, what was missing or strange, and what was done about it.
struct QualitySection {
  let quality: DataQuality
  let options: PreparationOptions
  /// What is read: rows of a table, or records of a log.
  let what: String

  /// The section "data quality".
  var section: ReportSection {
    var section = ReportSection(id: "data-quality", title: "Data quality")
    section.blocks.append(.paragraph(sentences.joined(separator: " ")))
    section.blocks += missing + outliers
    if !quality.leftOut.isEmpty {
      section.blocks += [
        .heading("Left out"), .list(quality.leftOut.map { "`\($0.name)`: \($0.reason)." }),
      ]
    }
    if !quality.made.isEmpty {
      var table = DataTable("Features that were made", columns: [.init("Feature"), .init("Made of")])
      table.rows = quality.made.map { [$0.name, $0.how] }
      section.blocks += [.heading("Made features"), .table(table)]
    }
    section.blocks += [.heading("Columns"), .table(columns)]
    if !quality.notes.isEmpty { section.blocks += [.heading("Notes"), .list(quality.notes)] }
    return section
  }

  /// What was cleaned, in sentences with numbers.
  var sentences: [String] {
    var sentences = [
      "\(NumberText.count(quality.rowsRead)) \(what) were read; \(NumberText.count(quality.rowsKept)) customers are "
        + "analysed."
    ]
    if quality.recordsUnusable > 0 {
      let share = Double(quality.recordsUnusable) / Double(max(1, quality.rowsRead))
      sentences.append(
        "\(Self.counted(quality.recordsUnusable, "record", "records")) (\(NumberText.percent(share))) could not be "
          + "used; the notes say why.")
    }
    let cells = quality.missing.reduce(0) { $0 + $1.count }
    if cells == 0 {
      sentences.append(
        quality.recordsUnusable > 0 ? "In those that are used no value is missing." : "No value is missing.")
    } else if options.missing == .drop {
      sentences.append(
        "\(Self.counted(cells, "value is", "values are")) missing; "
          + "\(Self.counted(quality.rowsWithoutValues, "row was", "rows were")) left out for it."
      )
    } else {
      sentences.append("\(Self.counted(cells, "missing value was", "missing values were")) filled.")
    }
    let beyond = quality.outliers.reduce(0) { $0 + $1.counts.below + $1.counts.above }
    let done: String =
      switch options.outliers {
      case .winsorise: "they were set to the fence"
      case .drop: "\(Self.counted(quality.rowsBeyondFences, "customer was", "customers were")) left out for it"
      case .keep: "they were kept"
      }
    if beyond > 0 {
      let names = quality.outliers.map { "\($0.column) (\($0.examples.first ?? ""))" }.prefix(4)
      sentences.append(
        "\(Self.counted(beyond, "value lies", "values lie")) beyond the fences; \(done). The furthest: "
          + names.joined(separator: ", ") + ".")
    } else {
      sentences.append("No value lies beyond the fences.")
    }
    return sentences
  }

  private static func counted(_ count: Int, _ one: String, _ many: String) -> String {
    "\(NumberText.count(count)) \(count == 1 ? one : many)"
  }

  private var missing: [ReportSection.Block] {
    if quality.missing.isEmpty { return [] }
    var table = DataTable(
      "Missing values",
      columns: [.init("Column"), .init("Missing", isNumeric: true), .init("Not readable"), .init("Filled with")])
    table.rows = quality.missing.map { found in
      [
        found.column, NumberText.count(found.count),
        found.unreadable.map { "\(NumberText.count($0.count)), such as `\($0.example)`" } ?? "none",
        found.filledWith ?? "nothing: the rows were left out",
      ]
    }
    return [.heading("Missing values"), .table(table)]
  }

  private var outliers: [ReportSection.Block] {
    if quality.outliers.isEmpty { return [] }
    let rule =
      options.outlierRule == .iqr
      ? "\(Plain.number(options.fence)) interquartile ranges beyond the quartiles"
      : "\(Plain.number(options.fence)) standard deviations from the mean"
    var table = DataTable(
      "Values beyond the fences",
      columns: [
        .init("Column"), .init("Lower fence", isNumeric: true), .init("Upper fence", isNumeric: true),
        .init("Below", isNumeric: true), .init("Above", isNumeric: true), .init("Furthest (customer)"),
      ])
    table.rows = quality.outliers.map { found in
      [
        found.column, Plain.number(found.fence.lowerBound), Plain.number(found.fence.upperBound),
        NumberText.count(found.counts.below), NumberText.count(found.counts.above),
        found.examples.joined(separator: ", "),
      ]
    }
    return [.heading("Outliers"), .paragraph("A fence is \(rule)."), .table(table)]
  }

  private var columns: DataTable {
    var table = DataTable(
      "The columns, their types and what they are used for",
      columns: [.init("Column"), .init("Type"), .init("Group"), .init("Use")])
    table.rows = quality.columns.map { [$0.name, $0.kind.rawValue, $0.group.rawValue, $0.use] }
    return table
  }
}
