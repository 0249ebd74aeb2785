import Segmentation

extension AnalysisRun {
  /// Clusters the customers and says who they are.
  mutating func segment(_ progress: CustomerAnalysis.Progress) throws(AnalysisError) {
    progress("clustering", nil)
    let kmeans = KMeans(points: data.scaled.values, features: data.scaled.columnCount)
    var random = SplitMix64(seed: options.seed)
    _ = kmeans.fit(k: options.k ?? 4, restarts: 10, random: &random)
    labels = kmeans.clusters()
    progress("describing the segments", nil)
    let found = CustomerUnderstanding(data, labels: labels)
    understanding = found
    names = found.names
    sections.append(found.profiles.section())
    sections.append(found.rfmSection())
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
