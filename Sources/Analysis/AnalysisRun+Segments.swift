extension AnalysisRun {
  /// Clusters the customers and says who they are.
  mutating func segment(_ progress: CustomerAnalysis.Progress) throws(AnalysisError) {
    progress("clustering", nil)
    var clustering = ClusteringOptions()
    clustering.k = options.k
    clustering.algorithm = options.algorithm
    clustering.seed = options.seed
    let compared = try ClusteringComparison(comparing: data.scaled, options: clustering) { progress($0, nil) }
    comparison = compared
    labels = compared.labels
    progress("describing the segments", nil)
    let found = CustomerUnderstanding(data, labels: labels)
    understanding = found
    names = found.names
    var clusters = compared.section(axes: axes, showsTimes: options.showsTimes)
    clusters.blocks +=
      GroupsApart(
        data.scaled, groups: featureGroups, labels: labels, names: names, k: options.k, seed: options.seed
      ).blocks
    sections.append(clusters)
    sections.append(found.profiles.section())
    sections.append(found.rfmSection())
  }

  /// Where the customers lie on the first two principal components; `nil` where there is one column only.
  private var axes: [(x: Double, y: Double)]? {
    guard data.scaled.columnCount > 1, let components = PrincipalComponents(data.scaled) else { return nil }
    return (0..<data.customerCount).map { row in
      let place = components.project(data.scaled.row(row), 2)
      return (place[0], place[1])
    }
  }

  /// What can be said of the future, of baskets and of campaigns.
  mutating func lookAhead(_ progress: CustomerAnalysis.Progress) {
    guard let understanding else { return }
    let found = LookAhead(
      data, histories: histories, preparation: preparation, labels: labels, names: names,
      horizonDays: options.horizonDays, money: money,
      progress: { progress($0, nil) })
    ahead = found
    sections += found.sections
    let forecast = try? found.forecast.get()
    let campaign = (try? found.campaigns.get())?.first
    sections.append(
      FiveSentences(
        understanding, clusters: comparison, forecast: forecast, campaign: campaign,
        baskets: try? found.baskets.get()
      ).section())
    sections.append(understanding.actionsSection(forecast: forecast, campaign: campaign))
  }
}
