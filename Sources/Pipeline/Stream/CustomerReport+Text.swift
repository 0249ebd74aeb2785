import Segmentation

extension CustomerReport {
  /// The report for people, a label and what it says on each line.
  package var lines: [String] {
    var rows = [
      (
        "customer",
        "\(printable(id)), partition \(partition), as of input offset \(inputOffset), clock \(minute(clockMs))"
      ),
      ("segment", segmentText), ("orders", ordersText),
    ]
    if let purchases {
      rows.append(("purchases", purchasesText(purchases)))
      if let scores = purchases.scores {
        rows.append(("scores", "R\(scores.r) F\(scores.f) M\(scores.m): \(scores.cell)"))
      }
    }
    rows.append(("model", model.map { "\($0.generation)-\($0.version)" } ?? "none yet"))
    if let standing {
      rows += standing.distances.enumerated().map { index, entry in
        (index == 0 ? "distances" : "", distanceText(entry, standing))
      }
      rows.append(("if silent", forecastText(standing.forecast)))
    }
    for (index, change) in changes.reversed().enumerated() {
      rows.append((index == 0 ? "changes" : "", watchLine(change)))
    }
    return rows.map { label, text in label + String(repeating: " ", count: 11 - label.count) + text }
  }

  private var segmentText: String {
    guard let segment else { return "none yet" }
    let isLast = changes.last?.details.map { $0.sequence == sequence } ?? false
    let reason = isLast ? changes.last?.details?.reason : nil
    return "\(printable(segment.name)) (s\(segment.number)) since \(minute(segment.sinceMs)), change \(sequence)"
      + (reason.map { ", \(printable($0))" } ?? "")
  }

  private var ordersText: String {
    let unit = currency.code.map { " \($0)" } ?? ""
    return "\(orders); gross \(money(grossMinor)), refunded \(money(refundedMinor)), "
      + "net \(money(grossMinor - refundedMinor))\(unit)"
  }

  private func purchasesText(_ purchases: Customer.Purchases) -> String {
    let days = Double(purchases.recencyMs) / 86_400_000
    return
      "last \(minute(purchases.lastMs)), \((days * 10).rounded() / 10) days ago; first \(minute(purchases.firstMs)); "
      + "on \(purchases.purchaseDays) days; average order \(money(purchases.averageOrderMinor))"
  }

  private func distanceText(_ entry: SegmentDistance, _ standing: CustomerStanding) -> String {
    var text = "\(decimal(entry.distance, 3))  \(printable(entry.name)) (s\(entry.segment))"
    if entry == standing.own { text += ", its own" }
    if entry == standing.next, let margin = standing.margin {
      text += ", the next: margin \(decimal(margin, 3)), a move takes \(decimal(standing.marginNeeded, 2))"
    }
    return text
  }

  private func forecastText(_ forecast: SilentForecast) -> String {
    switch forecast {
    case .moves(let number, let atMs):
      let name = model?.segments.first { $0.number == number }?.name ?? "?"
      let when = atMs <= clockMs ? "with the next sweep" : "on \(minute(atMs))"
      return "moves to \(printable(name)) (s\(number)) \(when)"
    case .stays(let untilMs):
      return "stays in \(printable(segment?.name ?? "?")), up to \(minute(untilMs).prefix(10)) at least"
    }
  }

  private func minute(_ timeMs: Int64) -> String { String(timeText(timeMs).prefix(16)) }

  private func money(_ minor: Int64) -> String {
    var buffer = ByteBuffer(capacity: 32)
    buffer.append(minor: minor, digits: currency.digits)
    return String(decoding: buffer.bytes, as: UTF8.self)
  }

  private func decimal(_ value: Double, _ places: Int) -> String {
    var buffer = ByteBuffer(capacity: 32)
    buffer.append(decimal: value, places: places)
    return String(decoding: buffer.bytes, as: UTF8.self)
  }

  /// The report as one JSON object.
  package var json: [UInt8] {
    var json = JSONWriter()
    json.object {
      $0.member("customer_id", id)
      $0.member("partition", Int64(partition))
      $0.member("input_offset", inputOffset)
      $0.member("clock", timeMs: clockMs)
      $0.object("segment", segment) { json, segment in
        json.member("id", "s\(segment.number)")
        json.member("name", segment.name)
        json.member("since", timeMs: segment.sinceMs)
      }
      $0.member("sequence", Int64(sequence))
      writeMoney(to: &$0)
      $0.object("model", model) { json, model in
        json.member("generation", Int64(model.generation))
        json.member("version", Int64(model.version))
      }
      $0.object("standing", standing) { write($1, to: &$0) }
      $0.array("changes", changes) { $0.value(json: $1.jsonLine) }
    }
    return json.bytes
  }

  private func writeMoney(to json: inout JSONWriter) {
    json.member("currency", currency.code)
    json.member("orders", Int64(orders))
    json.member("gross", minor: grossMinor, digits: currency.digits)
    json.member("refunded", minor: refundedMinor, digits: currency.digits)
    json.member("net", minor: grossMinor - refundedMinor, digits: currency.digits)
    json.object("purchases", purchases) { json, purchases in
      json.member("first", timeMs: purchases.firstMs)
      json.member("last", timeMs: purchases.lastMs)
      json.member("recency_days", Double(purchases.recencyMs) / 86_400_000, places: 9)
      json.member("decayed_frequency", purchases.decayedFrequency, places: 12)
      json.member("decayed_monetary", minor: purchases.decayedMonetaryMinor, digits: currency.digits)
      json.member("average_order", minor: purchases.averageOrderMinor, digits: currency.digits)
      json.member("purchase_days", Int64(purchases.purchaseDays))
      json.object("scores", purchases.scores) { json, scores in
        json.member("recency", Int64(scores.r))
        json.member("frequency", Int64(scores.f))
        json.member("monetary", Int64(scores.m))
        json.member("cell", scores.cell)
      }
    }
  }

  private func write(_ standing: CustomerStanding, to json: inout JSONWriter) {
    json.array("distances", standing.distances) { json, entry in
      json.object {
        $0.member("id", "s\(entry.segment)")
        $0.member("name", entry.name)
        $0.member("distance", entry.distance, places: 9)
      }
    }
    json.member("next", standing.next.map { "s\($0.segment)" })
    json.member("margin", standing.margin, places: 9)
    json.member("margin_needed", standing.marginNeeded, places: 9)
    switch standing.forecast {
    case .moves(let number, let atMs):
      json.member("moves_to", "s\(number)")
      json.member("moves_at", timeMs: atMs)
    case .stays(let untilMs):
      json.member("moves_to", String?.none)
      json.member("stays_until", timeMs: untilMs)
    }
  }
}
