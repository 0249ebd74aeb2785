extension TablePreparer {
  /// Chooses and scales what is clustered, and says what each column is used for.
  mutating func choose(_ table: Table) throws(AnalysisError) {
    let used = table.columns.filter { !preparation.constants.contains($0.name) }
    preparation.campaigns = used.filter { column in
      column.kind == .boolean && column.name != options.response && role(of: column.name) == .campaign
    }.map(\.name)
    preparation.value = used.contains { $0.name == "Total spend" } ? "Total spend" : nil
    for column in used where isClustered(column) { preparation.features += scales(column) }
    try checkFeatures(table)
    weighShares()
    let clustered = preparation.features.compactMap { $0.level == nil ? $0.column : nil }
      .filter { table[$0]?.numbers != nil }
    let others = used.filter {
      ($0.kind == .number || $0.kind == .boolean) && $0.name != options.response && !clustered.contains($0.name)
    }
    preparation.described = clustered + others.map(\.name)
    quality.columns = table.columns.map { column in
      .init(name: column.name, kind: column.kind, group: column.group, use: use(column))
    }
  }

  private func role(of name: String) -> ColumnRole {
    preparation.steps.first { $0.plan.name == name }?.plan.role ?? .none
  }

  /// Whether the content of a column is in made ones.
  private func isPart(_ column: TableColumn) -> Bool {
    let role = role(of: column.name)
    guard options.makesFeatures, FeatureMaker.partRoles.contains(role) else { return false }
    let made = quality.made.map(\.name)
    return switch role {
    case .birthYear: made.contains("Age")
    case .spend: made.contains("Total spend")
    case .channel, .deals: made.contains("Total purchases")
    case .children: made.contains("Children")
    case .campaign: made.contains("Campaigns accepted")
    case .education: made.contains("Education group")
    case .marital: made.contains("Partner")
    default: true
    }
  }

  private func isClustered(_ column: TableColumn) -> Bool {
    guard column.name != options.response, groups.contains(column.group), !isPart(column) else { return false }
    return switch column.kind {
    case .number: true
    case .boolean, .category: options.encoding != .none
    case .date, .identifier, .text: false
    }
  }

  private func scales(_ column: TableColumn) -> [FeatureScale] {
    switch column.values {
    case .numbers(let values):
      var scale = FeatureScale(name: column.name, column: column.name)
      scale.fit(values, options.scaling)
      return [scale]
    case .categories(let codes, _) where options.encoding == .ordinal:
      var scale = FeatureScale(name: column.name, column: column.name)
      scale.fit(codes.map(Double.init), options.scaling)
      return [scale]
    case .categories(let codes, let levels):
      let present = levels.indices.filter { codes.contains(Int32($0)) }
      return present.map { index in
        var scale = FeatureScale(
          name: "\(column.name) = \(levels[index])", column: column.name, level: levels[index])
        scale.fit(codes.map { Int($0) == index ? 1 : 0 }, options.scaling)
        scale.weight = 1 / Double(present.count).squareRoot()
        return scale
      }
    case .texts: return []
    }
  }

  /// The shares of one whole weigh together as much as one feature.
  private mutating func weighShares() {
    for block in ["Share of spend: ", "Share of purchases: "] {
      let members = preparation.features.indices.filter { index in
        let feature = preparation.features[index]
        return feature.name.hasPrefix(block) && quality.made.contains { $0.name == feature.name }
      }
      for index in members { preparation.features[index].weight = 1 / Double(members.count).squareRoot() }
    }
  }

  private func checkFeatures(_ table: Table) throws(AnalysisError) {
    if !preparation.features.isEmpty { return }
    let numbers = table.columns.filter { $0.kind == .number && $0.name != options.response }
    if !numbers.isEmpty, numbers.allSatisfy({ preparation.constants.contains($0.name) }) {
      throw AnalysisError(
        .unusableInput,
        "`\(name)`: all customers are equal: each column of numbers is the same in every row, so there is nothing to "
          + "tell them apart by")
    }
    let kinds = preparation.steps.prefix(20).map { "`\($0.plan.name)` (\($0.plan.kind.rawValue))" }
    let groupWords = groups.count < FeatureGroup.allCases.count ? " in the groups given" : ""
    throw AnalysisError(
      .unusableInput,
      "`\(name)`: there is no column of numbers to cluster\(groupWords); the columns are "
        + kinds.joined(separator: ", ")
        + ": check the delimiter and the types, or say --encode one-hot to cluster categories")
  }

  private func use(_ column: TableColumn) -> String {
    if preparation.constants.contains(column.name) { return "left out: the same for all" }
    if column.name == options.response { return "the response" }
    let names = preparation.features.filter { $0.column == column.name }
    if !names.isEmpty {
      return names.contains { $0.level != nil } ? "clustered, a feature for each level" : "clustered"
    }
    if isPart(column) { return "described; its content is in made features" }
    if column.kind == .date { return "made into days" }
    return groups.contains(column.group) ? "described" : "described; its group is not clustered"
  }
}
