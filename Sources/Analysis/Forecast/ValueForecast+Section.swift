import Foundation

extension ReportSection {
  /// What customers will buy and be worth: by segment, who is still there, the most valuable, how it was found.
  ///
  /// `customerIDs` are those of the forecast's customers; `currency` is written behind money.
  public static func futureValue(
    _ forecast: Result<ValueForecast, AnalysisError>, customerIDs: [String], currency: String? = nil
  ) -> ReportSection {
    var section = ReportSection(id: "future-value", title: "Future value")
    switch forecast {
    case .failure(let error): section.blocks = [.paragraph("There is no forecast: \(error).")]
    case .success(let forecast):
      section.blocks = ForecastBlocks(forecast: forecast, customerIDs: customerIDs, currency: currency).all
    }
    return section
  }
}

/// The blocks of the section of a forecast.
private struct ForecastBlocks {
  let forecast: ValueForecast
  let customerIDs: [String]
  let currency: String?

  /// Customers that are listed.
  static let listedMax = 20

  var all: [ReportSection.Block] {
    var blocks: [ReportSection.Block] = [.paragraph(summary)]
    if !forecast.notes.isEmpty { blocks.append(.list(forecast.notes)) }
    blocks.append(.heading("By segment"))
    if let chart = segmentChart { blocks.append(.chart(chart)) }
    blocks.append(.table(segmentTable))
    blocks.append(.heading("Who still buys"))
    blocks.append(.chart(aliveChart))
    blocks.append(.heading("The most valuable customers to come"))
    blocks.append(.table(customerTable))
    blocks.append(.heading("How it was found"))
    blocks.append(.paragraph(method))
    blocks.append(.table(modelTable))
    return blocks
  }

  private var horizon: String { "\(NumberText.short(forecast.horizonWeeks * PurchaseHistory.weekDays)) days" }
  private var hasValue: Bool { forecast.spending != nil }

  private func money(_ value: Double?) -> String {
    guard let value else { return NumberText.none }
    return NumberText.fixed(value, abs(value) < 1000 ? 2 : 0) + (currency.map { " \($0)" } ?? "")
  }

  private var summary: String {
    let customers = forecast.customers.compactMap { $0 }
    let purchases = customers.reduce(0) { $0 + $1.expectedPurchases }
    let alive = customers.reduce(0) { $0 + $1.aliveProbability }
    let value = hasValue ? money(customers.reduce(0) { $0 + ($1.expectedValue ?? 0) }) : nil
    let bought = NumberText.count(forecast.customerCount)
    return "Of \(bought) customers, \(NumberText.count(forecast.repeatCount)) bought on more than one day, and about "
      + "\(NumberText.count(Int(alive.rounded()))) still buy, who bought once only counted in. Within the next "
      + "\(horizon) \(NumberText.fixed(purchases, 0)) purchases are expected" + (value.map { ", worth \($0)." } ?? ".")
  }

  private var segmentChart: Chart? {
    let shown = forecast.segments.filter { $0.customerCount > 0 }
    guard let most = shown.max(by: { $0.share < $1.share }) else { return nil }
    let what = hasValue ? "value" : "purchases"
    return Chart.bars(
      id: "future-value-by-segment", title: "Expected \(what) within \(horizon), by segment",
      alternative: "One bar a segment; “\(most.name)” has the longest, \(NumberText.percent(most.share)) of all.",
      labels: shown.map(\.name), values: shown.map { hasValue ? $0.expectedValue ?? 0 : $0.expectedPurchases },
      unit: hasValue ? currency ?? "" : "purchases")
  }

  private var segmentTable: DataTable {
    DataTable(
      "What is expected of each segment within \(horizon)",
      columns: [.init("Segment")]
        + ["Customers", "Still buy", "Purchases", "Value", "Value a customer", "Share"].map {
          .init($0, isNumeric: true)
        },
      rows: forecast.segments.map { segment in
        let count = Double(max(1, segment.customerCount))
        return [
          segment.name, NumberText.count(segment.customerCount), NumberText.percent(segment.meanAliveProbability),
          NumberText.fixed(segment.expectedPurchases, 1), money(segment.expectedValue),
          money(segment.expectedValue.map { $0 / count }), NumberText.percent(segment.share),
        ]
      })
  }

  private var aliveChart: Chart {
    let tenths = 10
    var counts = [Int](repeating: 0, count: tenths)
    for customer in forecast.customers.compactMap({ $0 }) {
      counts[min(tenths - 1, Int(customer.aliveProbability * Double(tenths)))] += 1
    }
    let sure = NumberText.count(counts[tenths - 1])
    return Chart.histogram(
      id: "probability-alive", title: "The probability that a customer still buys",
      alternative:
        "Customers by tenths of the probability; \(sure) are above 90 %, \(NumberText.count(counts[0])) below "
        + "10 %. Who bought once only counts as still buying: the model lets customers leave after a later purchase.",
      edges: (0...tenths).map { Double($0) / Double(tenths) }, counts: counts, unit: "probability")
  }

  private var customerTable: DataTable {
    let ranked = forecast.customers.indices.compactMap { index in
      forecast.customers[index].map { (index: index, forecast: $0) }
    }.sorted {
      let (one, other) = (worth($0.forecast), worth($1.forecast))
      return one != other ? one > other : $0.index < $1.index
    }
    return DataTable(
      "The customers of the greatest expected \(hasValue ? "value" : "number of purchases") within \(horizon)",
      columns: [.init("Customer")]
        + ["Still buys", "Purchases", "A purchase", "Value"].map { .init($0, isNumeric: true) },
      rows: ranked.prefix(Self.listedMax).map { index, customer in
        [
          customerIDs.indices.contains(index) ? customerIDs[index] : "\(index + 1)",
          NumberText.percent(customer.aliveProbability), NumberText.fixed(customer.expectedPurchases, 1),
          money(customer.expectedAverageValue), money(customer.expectedValue),
        ]
      })
  }

  private func worth(_ customer: CustomerForecast) -> Double {
    hasValue ? customer.expectedValue ?? 0 : customer.expectedPurchases
  }

  private var method: String {
    let correlation = forecast.correlation.map { NumberText.fixed($0, 2) } ?? NumberText.none
    return
      "BG/NBD (Fader, Hardie and Lee 2005) takes purchases of a day as one and tells from how often, how lately and "
      + "how long a customer has bought whether it still does; Gamma-Gamma (Fader and Hardie 2013) what a purchase is "
      + "worth. Both were fitted by maximum likelihood, in weeks. Value is not discounted, and refunds are not taken "
      + "off. Value and frequency correlate by \(correlation) among who bought again; Gamma-Gamma asks for none, and "
      + "from \(NumberText.fixed(ValueForecast.correlationMax, 1)) on a warning stands above."
  }

  private var modelTable: DataTable {
    var rows = [row("BG/NBD", forecast.purchasing.logLikelihood, forecast.purchasing.convergence, parameters)]
    if let spending = forecast.spending {
      rows.append(
        row(
          "Gamma-Gamma", spending.logLikelihood, spending.convergence,
          [("p", spending.model.p), ("q", spending.model.q), ("v", spending.model.v)]))
    }
    return DataTable(
      "The models",
      columns: [.init("Model"), .init("Parameters"), .init("Log-likelihood", isNumeric: true), .init("Fit")],
      rows: rows)
  }

  private var parameters: [(String, Double)] {
    let model = forecast.purchasing.model
    return [("r", model.r), ("α", model.alpha), ("a", model.a), ("b", model.b)]
  }

  private func row(
    _ name: String, _ likelihood: Double, _ convergence: Convergence, _ parameters: [(String, Double)]
  ) -> [String] {
    let fit =
      (convergence.isReached ? "converged" : "not converged")
      + ", \(convergence.agreeingCount) of \(convergence.startCount) starts agree"
    return [
      name, parameters.map { "\($0.0) \(NumberText.short($0.1))" }.joined(separator: ", "),
      NumberText.fixed(likelihood, 2), fit,
    ]
  }
}
