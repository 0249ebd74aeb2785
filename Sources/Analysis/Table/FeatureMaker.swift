/// Makes features of the columns whose role is known: age, tenure, totals, shares, groups.
struct FeatureMaker {
  /// A made column.
  struct Made {
    var column: TableColumn
    /// Of what, and how.
    var how: String
    /// What it is a share of: the shares of one whole weigh together as much as one feature.
    var block: String?
    /// Whether fences may be put around it.
    var isTotal = false
  }

  /// The roles by column, in the order of the table.
  let roles: [(name: String, role: ColumnRole)]
  /// The day that "now" is: the newest of the table, in days since 1970; `nil` where there is no date.
  let referenceDay: Double?

  /// The columns whose content is in the made ones: these are described, not clustered.
  static let partRoles: Set<ColumnRole> = [
    .birthYear, .enrolment, .spend, .channel, .deals, .children, .education, .marital, .campaign,
  ]

  /// What can be made of a table without missing values; no name of the table is used again.
  func make(_ table: Table) -> [Made] {
    var made = age(table) + tenure(table) + sum(table, .children, "Children", "the sum of", .demographic)
    made += educationGroups(table) + partner(table)
    let spend = sum(table, .spend, "Total spend", "the sum of", .behavioural)
    made += spend + shares(table, .spend, of: spend.first, "of spend")
    let purchases = sum(table, .channel, "Total purchases", "the sum of", .behavioural)
    made += purchases + shares(table, .channel, of: purchases.first, "of purchases")
    made += shares(table, .deals, of: purchases.first, "of purchases")
    made += sum(table, .campaign, "Campaigns accepted", "how many are yes of", .psychographic)
    return made.filter { table[$0.column.name] == nil }
  }

  private func columns(_ role: ColumnRole, in table: Table) -> [TableColumn] {
    roles.filter { $0.role == role }.compactMap { table[$0.name] }
  }

  private func age(_ table: Table) -> [Made] {
    guard let column = columns(.birthYear, in: table).first, let births = column.numbers, let referenceDay else {
      return []
    }
    let now = year(ofDay: referenceDay)
    return [
      Made(
        column: TableColumn("Age", .number, .numbers(births.map { Double(now) - $0 }), group: .demographic),
        how: "\(now), the year of the newest date, less `\(column.name)`")
    ]
  }

  private func tenure(_ table: Table) -> [Made] {
    guard let referenceDay else { return [] }
    return table.columns.filter { $0.kind == .date }.compactMap { column in
      guard let days = column.numbers else { return nil }
      let isEnrolment = roles.contains { $0.name == column.name && $0.role == .enrolment }
      let name = isEnrolment ? "Tenure (days)" : "Days since \(column.name)"
      return Made(
        column: TableColumn(name, .number, .numbers(days.map { referenceDay - $0 }), group: .behavioural),
        how: "days from `\(column.name)` to the newest date")
    }
  }

  private func sum(
    _ table: Table, _ role: ColumnRole, _ name: String, _ how: String, _ group: FeatureGroup
  ) -> [Made] {
    let parts = columns(role, in: table).filter { $0.numbers != nil }
    guard parts.count > 1 else { return [] }
    var totals = [Double](repeating: 0, count: table.rowCount)
    for part in parts { for (row, value) in (part.numbers ?? []).enumerated() { totals[row] += value } }
    let names = parts.map { "`\($0.name)`" }.joined(separator: ", ")
    return [
      Made(
        column: TableColumn(name, .number, .numbers(totals), group: group), how: "\(how) \(names)", isTotal: true)
    ]
  }

  private func shares(_ table: Table, _ role: ColumnRole, of total: Made?, _ suffix: String) -> [Made] {
    guard let total, let totals = total.column.numbers else { return [] }
    return columns(role, in: table).compactMap { part in
      guard let values = part.numbers else { return nil }
      let shares = zip(values, totals).map { $1 > 0 ? min(1, max(0, $0 / $1)) : 0 }
      return Made(
        column: TableColumn(
          "Share \(suffix): \(Self.short(part.name))", .number, .numbers(shares), group: .behavioural),
        how: "`\(part.name)` by `\(total.column.name)`; 0 where that is 0",
        block: role == .deals ? nil : "Share \(suffix)")
    }
  }

  /// `MntWines` becomes Wines, `NumWebPurchases` Web, `spend_toys` toys.
  private static func short(_ name: String) -> String {
    var short = name[...]
    for prefix in ["Mnt", "mnt", "Num", "num_", "num", "spend_", "spent_", "amt_", "amount_"]
    where short.hasPrefix(prefix) {
      short = short.dropFirst(prefix.count)
      break
    }
    for suffix in ["_purchases", "Purchases", "purchases", "_orders", "Orders", "orders", "Products"]
    where short.hasSuffix(suffix) && short.count > suffix.count {
      short = short.dropLast(suffix.count)
      break
    }
    return String(short)
  }

  private func educationGroups(_ table: Table) -> [Made] {
    guard let column = columns(.education, in: table).first, case .categories(let codes, let levels) = column.values
    else { return [] }
    let groups = levels.map { CustomerLayout.educationGroup(of: $0) }
    guard groups.contains(where: { $0 != nil }) else { return [] }
    let others = zip(levels, groups).compactMap { $1 == nil ? $0 : nil }
    let names = CustomerLayout.educationGroups + others
    let places = zip(levels, groups).map { level, group in Int32(names.firstIndex(of: group ?? level) ?? 0) }
    let values = codes.map { $0 < 0 ? -1 : places[Int($0)] }
    return [
      Made(
        column: TableColumn("Education group", .category, .categories(values, levels: names), group: .demographic),
        how: "the levels of `\(column.name)`: "
          + zip(levels, places).map { "\($0) → \(names[Int($1)])" }.joined(separator: ", "))
    ]
  }

  private func partner(_ table: Table) -> [Made] {
    guard let column = columns(.marital, in: table).first, case .categories(let codes, let levels) = column.values
    else { return [] }
    let answers = levels.map { CustomerLayout.hasPartner($0) }
    guard answers.contains(true), answers.contains(false) else { return [] }
    let values = codes.map { $0 >= 0 && answers[Int($0)] == true ? 1.0 : 0 }
    return [
      Made(
        column: TableColumn("Partner", .boolean, .numbers(values), group: .demographic),
        how: "whether `\(column.name)` means a partner: "
          + zip(levels, answers).map { "\($0) \($1 == true ? "yes" : "no")" }.joined(separator: ", "))
    ]
  }
}
