/// An analysis on its way: what has been found so far.
struct AnalysisRun {
  let options: AnalysisOptions
  let what: String
  let data: AnalysisData
  let quality: DataQuality
  let preparation: TablePreparation?
  /// What a table that the stream's state was written to tells of purchases; `nil` of other input.
  let histories: [PurchaseHistory?]?
  /// The group of each clustered feature.
  let featureGroups: [FeatureGroup]
  /// What a contact costs and a response earns.
  let money: CampaignMoney
  /// The segment of each customer, from 0; −1 is none.
  var labels: [Int] = []
  /// The segments' names.
  var names: [String] = []
  /// The clusterings that were compared.
  var comparison: ClusteringComparison?
  /// Who the segments are.
  var understanding: CustomerUnderstanding?
  /// What comes of them.
  var ahead: LookAhead?
  /// Parts of the report, in any order.
  var sections: [ReportSection] = []

  init(_ input: AnalysisInput, _ options: AnalysisOptions) throws(AnalysisError) {
    self.options = options
    switch input {
    case .table(let bytes, let name):
      what = "rows"
      var preparer = TablePreparer(options.preparation, groups: options.groups, name: name)
      let prepared = try preparer.prepare(bytes)
      (quality, preparation) = (preparer.quality, preparer.preparation)
      money = Self.money(options, preparer.money)
      histories = try StreamHistories(bytes, name: name)?.all(prepared.customerIDs)
      featureGroups = preparer.preparation.features.map { prepared.table[$0.column]?.group ?? .behavioural }
      data = AnalysisData(
        customerIDs: prepared.customerIDs, table: prepared.table, features: prepared.features, scaled: prepared.scaled,
        described: prepared.described, responseColumn: options.preparation.response,
        campaignColumns: preparer.preparation.campaigns, valueColumn: preparer.preparation.value, seed: options.seed)
    case .log(let log, let reading):
      what = "records"
      guard log.customerCount > 0 else { throw Self.nothing(reading) }
      var preparer = LogPreparer(options.preparation, name: reading.name)
      data = try preparer.prepare(log, seed: options.seed)
      var quality = preparer.quality
      quality.rowsRead = reading.records
      quality.recordsUnusable = reading.unusable.reduce(0) { $0 + $1.count }
      quality.notes = reading.notes + quality.notes
      (self.quality, preparation) = (quality, nil)
      money = Self.money(options, [:])
      histories = nil
      featureGroups = data.features.names.map { _ in .behavioural }
    }
  }

  private static func money(_ options: AnalysisOptions, _ found: [ColumnRole: Double]) -> CampaignMoney {
    var money = CampaignMoney()
    if let cost = options.contactCost ?? found[.contactCost], cost > 0 { money.costPerContact = cost }
    money.valuePerResponse = options.responseRevenue ?? found[.responseRevenue]
    return money
  }

  private static func nothing(_ reading: LogReading) -> AnalysisError {
    let why = reading.firstUnusable.map { "; the first record that could not be used is \($0)" } ?? ""
    return AnalysisError(
      .unusableInput, "`\(reading.name)`: none of \(reading.records) records is a purchase of a customer\(why)")
  }

  /// Throws where there are fewer customers, or different ones, than segments.
  func checkK() throws(AnalysisError) {
    let different = Set((0..<data.customerCount).map { Array(data.scaled.row($0)) }).count
    guard different > 1 else {
      throw AnalysisError(
        .unusableInput, "all customers are equal in what is clustered, so there is nothing to tell them apart by")
    }
    guard let k = options.k, k > different else { return }
    throw AnalysisError(
      .unusableInput,
      k > data.customerCount
        ? "--k \(k) is more than the \(data.customerCount) customers there are: give a smaller one"
        : "--k \(k) is more than the \(different) customers that differ: give a smaller one")
  }
}
