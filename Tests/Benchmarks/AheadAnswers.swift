import Analysis
import Glibc
import Pipeline

/// Answers the requests of `Tests/reference/check_ahead.py`, as `answerLearnerRequests` does those of the learner's.
func answerAheadRequests() {
  guard let requests = JSONValue(readAll())?.array else { stop(65, "stdin is not a JSON array of requests") }
  print("[" + requests.map { answer(LearnerRequest(json: $0)) }.joined(separator: ",\n") + "]")
}

/// The answer as a JSON object; what could not be done is its `error`.
private func answer(_ request: LearnerRequest) -> String {
  do {
    return switch request.text("op") {
    case "forecast": try forecast(histories(request), weeks: request.number("weeks"))
    case "stream": try stream(request)
    case "purchasing": purchasing(request)
    case "baskets": try baskets(request)
    case "campaign": try campaign(request)
    case "logistic": logistic(request)
    case "tree": tree(request)
    case "quality": quality(request)
    case "classifiers": classifiers(request)
    default: stop(65, "there is no op `\(request.text("op"))`")
    }
  } catch {
    return object(("error", "\"\(String(describing: error).filter { $0 != "\"" && $0 != "\\" })\""))
  }
}

// MARK: Forecasts

private func histories(_ request: LearnerRequest) -> [PurchaseHistory] {
  let (frequency, recency) = (request.integers("frequency"), request.numbers("recency"))
  let (age, value) = (request.numbers("age"), request.numbers("value"))
  return frequency.indices.map {
    PurchaseHistory(frequency: frequency[$0], recency: recency[$0], age: age[$0], averageValue: value[$0])
  }
}

/// The forecast of the customers of a file that a replay wrote.
private func stream(_ request: LearnerRequest) throws -> String {
  let kept = try StreamHistories(Array(request.text("file").utf8), name: "customers.csv")
  let ids = request.text("ids").split(separator: " ").map(String.init)
  return try forecast((kept?.all(ids) ?? []).compactMap { $0 }, weeks: request.number("weeks"))
}

private func forecast(_ histories: [PurchaseHistory], weeks: Double) throws -> String {
  let forecast = try ValueForecast(
    histories: histories, labels: histories.map { _ in 0 }, names: ["all"], horizonWeeks: weeks)
  let (purchasing, spending) = (forecast.purchasing, forecast.spending)
  let customers = forecast.customers.compactMap { $0 }
  return object(
    ("parameters", list([purchasing.model.r, purchasing.model.alpha, purchasing.model.a, purchasing.model.b])),
    ("log_likelihood", number(purchasing.logLikelihood)), ("converged", "\(purchasing.convergence.isReached)"),
    ("agreeing", "\(purchasing.convergence.agreeingCount)"), ("gradient", number(purchasing.convergence.gradient)),
    ("evaluations", "\(purchasing.convergence.evaluationCount)"),
    ("spending", list(spending.map { [$0.model.p, $0.model.q, $0.model.v] } ?? [])),
    ("spending_log_likelihood", number(spending?.logLikelihood)),
    ("spending_converged", "\(spending?.convergence.isReached ?? false)"),
    ("spending_agreeing", "\(spending?.convergence.agreeingCount ?? 0)"),
    ("correlation", number(forecast.correlation)), ("alive", list(customers.map(\.aliveProbability))),
    ("purchases", list(customers.map(\.expectedPurchases))),
    ("average", list(customers.map { $0.expectedAverageValue ?? .nan })),
    ("value", list(customers.map { $0.expectedValue ?? .nan })), ("notes", "\(forecast.notes.count)"))
}

/// What BG/NBD of given parameters says of histories.
private func purchasing(_ request: LearnerRequest) -> String {
  let parameters = request.numbers("parameters")
  let model = BetaGeometricModel(r: parameters[0], alpha: parameters[1], a: parameters[2], b: parameters[3])
  let histories = histories(request)
  return object(
    ("log_likelihood", number(model.logLikelihood(histories))),
    ("alive", list(histories.map { model.aliveProbability($0) })),
    ("purchases", list(histories.map { model.expectedPurchases($0, weeks: request.number("weeks")) })))
}

// MARK: Baskets

private func baskets(_ request: LearnerRequest) throws -> String {
  let rows = request.rows("baskets").map { $0.map { Int($0) } }
  let names = (0..<request.integer("items")).map { "\($0)" }
  let analysis = try BasketAnalysis(
    BasketData(itemNames: names, baskets: rows),
    options: BasketOptions(
      minimumSupport: request.number("support"), minimumCount: 1, minimumConfidence: request.number("confidence"),
      maximumLength: request.integer("length")))
  let itemsets = analysis.all.itemsets.map { list($0.items.map { Int($0) } + [$0.count]) }
  let rules = analysis.all.rules.map { rule in
    let members: [(String, String)] = [
      ("antecedent", list(rule.antecedent.map { Int($0) })), ("consequent", list(rule.consequent.map { Int($0) })),
      ("support", number(rule.support)), ("confidence", number(rule.confidence)), ("lift", number(rule.lift)),
      ("leverage", number(rule.leverage)), ("conviction", number(rule.conviction)), ("zhang", number(rule.zhang)),
    ]
    return "{" + members.map { "\"\($0)\":\($1)" }.joined(separator: ",") + "}"
  }
  return object(
    ("itemsets", "[" + itemsets.joined(separator: ",") + "]"), ("rules", "[" + rules.joined(separator: ",") + "]"),
    ("notes", "\(analysis.all.notes.count)"))
}

// MARK: Responses

private func campaign(_ request: LearnerRequest) throws -> String {
  let labels = request.integers("labels")
  let response = try CampaignResponse(
    name: "campaign", response: request.integers("response").map { $0 == 1 }, labels: labels,
    names: (0...(labels.max() ?? 0)).map { "\($0)" },
    money: CampaignMoney(costPerContact: request.number("cost"), valuePerResponse: request.numbers("value").first))
  let segments = response.segments
  return object(
    ("rates", list(segments.map(\.rate.rate))), ("low", list(segments.map(\.rate.interval.lowerBound))),
    ("high", list(segments.map(\.rate.interval.upperBound))), ("lift", list(segments.map { $0.lift ?? .nan })),
    ("cost", list(segments.map { $0.costPerResponse ?? .nan })),
    ("proposed", list(segments.map(\.proposedContactCount))),
    ("proposed_responses", list(segments.map(\.proposedResponses))))
}

private func matrix(_ request: LearnerRequest) -> FeatureMatrix {
  FeatureMatrix(names: (0..<request.integer("features")).map { "x\($0)" }, values: request.numbers("points"))
}

private func logistic(_ request: LearnerRequest) -> String {
  let fit = LogisticRegression(
    matrix(request), isPositive: request.integers("labels").map { $0 == 1 }, c: request.number("c"))
  return object(("weights", list(fit.weights)), ("intercept", number(fit.intercept)))
}

private func tree(_ request: LearnerRequest) -> String {
  let (features, labels) = (matrix(request), request.integers("labels"))
  let tree = DecisionTree(
    features, labels: labels, classCount: (labels.max() ?? 0) + 1, depthMax: request.integer("depth"),
    leafMin: request.integer("leaf"))
  let found = labels.indices.map { list(tree.probabilities(features.row($0))) }
  return object(
    ("probabilities", "[" + found.joined(separator: ",") + "]"), ("nodes", "\(tree.nodes.count)"))
}

private func quality(_ request: LearnerRequest) -> String {
  let probabilities = request.rows("probabilities")
  let names = (0..<(probabilities.first?.count ?? 0)).map { "\($0)" }
  return text(
    ClassifierQuality(
      .decisionTree, probabilities: probabilities, labels: request.integers("labels"), classes: names))
}

/// The folds that rows were dealt to, and the probabilities of each row by classifiers that have not seen it.
private func classifiers(_ request: LearnerRequest) -> String {
  let labels = request.integers("labels")
  let classes = (0...(labels.max() ?? 0)).map { "\($0)" }
  let validation = CrossValidation(
    labels: labels, classCount: classes.count, foldCount: 5, seed: UInt64(request.integer("seed")))
  let found = validation.probabilities(
    ClassifierMethod.allCases, matrix(request), labels: labels, classes: classes)
  let rows = found.map { "[" + $0.map { list($0) }.joined(separator: ",") + "]" }
  return object(("folds", list(validation.folds)), ("regression", rows[0]), ("tree", rows[1]))
}

private func text(_ quality: ClassifierQuality) -> String {
  object(
    ("precision", list(quality.classes.map { $0.precision ?? 0 })),
    ("recall", list(quality.classes.map { $0.recall ?? 0 })), ("f1", list(quality.classes.map(\.f1))),
    ("auc", list(quality.classes.map { $0.areaUnderCurve ?? .nan })), ("accuracy", number(quality.accuracy)),
    ("brier", number(quality.brier)), ("predicted", list(quality.calibration.map(\.predicted))),
    ("observed", list(quality.calibration.map(\.observed))))
}
