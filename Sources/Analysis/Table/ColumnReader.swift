/// Reads the cells of a column by its plan.
struct ColumnReader {
  /// A column and what of it could not be read.
  struct Outcome {
    var column: TableColumn
    /// How many cells hold something else, and the first of it.
    var unreadable: (count: Int, example: String)?
  }

  let table: RawTable
  let file: String

  /// The column of a plan. Throws where a day cannot be read: a wrong guess of the form would shift the others.
  func read(_ plan: ColumnPlan, at column: Int) throws(AnalysisError) -> Outcome {
    var unreadable: (count: Int, example: String)?
    func note(_ row: Int) {
      unreadable = (count: (unreadable?.count ?? 0) + 1, example: unreadable?.example ?? table.text(row, column))
    }
    let values: TableColumn.Values
    switch plan.kind {
    case .number, .boolean:
      values = .numbers(
        (0..<table.rowCount).map { row in
          table.withCell(row, column) { cell in
            if CellText.isMissing(cell) { return .nan }
            let value =
              plan.kind == .boolean
              ? CellText.boolean(cell).map { $0 ? 1.0 : 0 }
              : CellText.number(cell, hasDecimalComma: plan.hasDecimalComma)
            if value == nil { note(row) }
            return value ?? .nan
          }
        })
    case .date: values = .numbers(try days(plan, at: column))
    case .category:
      let codes = Dictionary(plan.levels.enumerated().map { ($1, Int32($0)) }) { first, _ in first }
      values = .categories(
        (0..<table.rowCount).map { row in
          let isMissing = table.withCell(row, column) { CellText.isMissing($0) }
          if isMissing { return -1 }
          let code = codes[table.text(row, column)]
          if code == nil { note(row) }
          return code ?? -1
        }, levels: plan.levels)
    case .identifier, .text: values = .texts((0..<table.rowCount).map { table.text($0, column) })
    }
    return Outcome(column: TableColumn(plan.name, plan.kind, values, group: plan.group), unreadable: unreadable)
  }

  private func days(_ plan: ColumnPlan, at column: Int) throws(AnalysisError) -> [Double] {
    var days: [Double] = []
    days.reserveCapacity(table.rowCount)
    for row in 0..<table.rowCount {
      let day: Double? = table.withCell(row, column) { cell in
        if CellText.isMissing(cell) { return .nan }
        return DateParts(cell)?.days(dayFirst: plan.dayFirst).map(Double.init)
      }
      guard let day else {
        throw AnalysisError(
          .unusableInput,
          "`\(file)`:\(table.lines[row]): `\(table.text(row, column))` in the column `\(plan.name)` is no date "
            + "(\(plan.dayFirst ? "day before month" : "month before day"), or year first): correct it, or say "
            + "--type '\(plan.name)=text' or --date-order")
      }
      days.append(day)
    }
    return days
  }
}
