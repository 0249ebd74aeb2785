/// All that looks ahead: forecasts, baskets, campaigns, classifiers. What the data does not allow is told, not thrown.
public struct LookAhead: Sendable {
  /// What customers will buy and be worth.
  public let forecast: Result<ValueForecast, AnalysisError>
  /// What is bought together.
  public let baskets: Result<BasketAnalysis, AnalysisError>
  /// How segments responded: to the campaign that was asked for, then to earlier ones.
  public let campaigns: Result<[CampaignResponse], AnalysisError>
  /// Who will respond; `nil` where no response is named.
  public let response: Result<ClassifierReport, AnalysisError>?
  /// Which segment a new customer will be in.
  public let segment: Result<ClassifierReport, AnalysisError>
  /// What can be asked about other tables, by the name of its file.
  public let models: [(file: String, classifier: SavedClassifier)]
  /// The sections "future value", "baskets" and "campaigns", in this order.
  public let sections: [ReportSection]

  /// The files of models.
  static let modelFiles = ["response-model.json", "segment-model.json"]

  /// Looks ahead for customers and their segments.
  ///
  /// `histories` are what a table tells of the customers' purchases, where it does; a log tells them itself.
  /// `preparation` is that of the table, and goes into models; `labels` are numbers of `names`, −1 is none; `money` is
  /// what contacts cost and responses bring; `progress` is told what is being done.
  public init(
    _ data: AnalysisData, histories: [PurchaseHistory?]? = nil, preparation: TablePreparation? = nil, labels: [Int],
    names: [String], horizonDays: Double, money: CampaignMoney = CampaignMoney(),
    basketOptions: BasketOptions = BasketOptions(), progress: (String) -> Void = { _ in }
  ) {
    precondition(labels.count == data.customerCount, "each customer has a label")
    progress("forecasting purchases")
    forecast = Self.forecast(
      histories ?? data.log.map { PurchaseHistory.all($0) }, labels: labels, names: names, horizonDays: horizonDays)
    progress("searching baskets")
    baskets = Self.baskets(data, labels: labels, names: names, options: basketOptions)
    progress("learning who responds")
    campaigns = Self.campaigns(data, labels: labels, names: names, money: money)
    let models = LearntModels(data, preparation: preparation, labels: labels, names: names)
    response = models.response
    segment = models.segment
    self.models = models.files
    let currency = data.log?.currencyCode
    sections = [
      .futureValue(forecast, customerIDs: data.customerIDs, currency: currency), .baskets(baskets),
      .campaigns(campaigns, response: response, segment: segment, currency: currency),
    ]
  }

  private static func forecast(
    _ histories: [PurchaseHistory?]?, labels: [Int], names: [String], horizonDays: Double
  ) -> Result<ValueForecast, AnalysisError> {
    guard let histories else {
      let columns = StreamHistories.columns.map { "`\($0)`" }.joined(separator: ", ")
      return .failure(
        AnalysisError(
          .unusableInput,
          "it needs a purchase log (--transactions), or a table with the columns that `replay --customers` writes: "
            + columns))
    }
    return Result { () throws(AnalysisError) in
      try ValueForecast(
        histories: histories, labels: labels, names: names, horizonWeeks: horizonDays / PurchaseHistory.weekDays)
    }
  }

  private static func baskets(
    _ data: AnalysisData, labels: [Int], names: [String], options: BasketOptions
  ) -> Result<BasketAnalysis, AnalysisError> {
    guard let log = data.log, let baskets = BasketData(log, labels: labels) else {
      let words = "they need a purchase log (--transactions) with a column of items"
      return .failure(AnalysisError(.unusableInput, words))
    }
    return Result { () throws(AnalysisError) in
      try BasketAnalysis(baskets, segmentNames: names, options: options)
    }
  }

  private static func campaigns(
    _ data: AnalysisData, labels: [Int], names: [String], money: CampaignMoney
  ) -> Result<[CampaignResponse], AnalysisError> {
    var answers: [(name: String, isYes: [Bool])] = []
    if let name = data.responseColumn, let response = data.response { answers.append((name, response)) }
    for name in data.campaignColumns {
      if let values = data.table[name]?.numbers { answers.append((name, values.map { $0 != 0 })) }
    }
    guard !answers.isEmpty else {
      return .failure(AnalysisError(.unusableInput, "name the column that tells who responded (--response)"))
    }
    return Result { () throws(AnalysisError) in
      var campaigns: [CampaignResponse] = []
      for (name, isYes) in answers {
        campaigns.append(try CampaignResponse(name: name, response: isYes, labels: labels, names: names, money: money))
      }
      return campaigns
    }
  }
}

/// What was learnt of customers, and the files that it is kept in.
private struct LearntModels {
  let response: Result<ClassifierReport, AnalysisError>?
  let segment: Result<ClassifierReport, AnalysisError>
  private(set) var files: [(file: String, classifier: SavedClassifier)] = []

  init(_ data: AnalysisData, preparation: TablePreparation?, labels: [Int], names: [String]) {
    let predictors = Predictor.all(in: data.table) { $0.name != data.responseColumn }
    response = data.responseColumn.flatMap { name in
      data.response.map { isYes in
        Result { () throws(AnalysisError) in
          try ClassifierReport(
            target: name, try Predictor.matrix(predictors, of: data.table), isYes: isYes, seed: data.seed)
        }
      }
    }
    if let report = try? response?.get(), let preparation {
      let reduced = preparation.reduced(to: predictors, of: data.table)
      files.append((LookAhead.modelFiles[0], SavedClassifier(report, predictors, preparation: reduced)))
    }
    let known = Result { () throws(AnalysisError) in try NewCustomers(data) }
    segment = known.flatMap { known in
      Result { () throws(AnalysisError) in
        try ClassifierReport(
          target: "segment", known.features, labels: labels, classes: names, seed: data.seed, notes: [known.note])
      }
    }
    if let report = try? segment.get(), let known = try? known.get() {
      let reduced =
        preparation?.reduced(to: known.predictors, of: data.table) ?? TablePreparation(numbers: known.table)
      files.append((LookAhead.modelFiles[1], SavedClassifier(report, known.predictors, preparation: reduced)))
    }
  }
}
