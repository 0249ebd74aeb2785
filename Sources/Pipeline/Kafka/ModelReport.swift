import Glibc
import Segmentation

/// A model for people: what its numbers mean in days, orders and money.
package struct ModelReport: Sendable {
  /// The model.
  package let record: ModelRecord
  /// When it was published, ms since 1970; `nil` where it comes from a file.
  package let publishedMs: Int64?
  /// The present, ms since 1970.
  let nowMs: Int64
  /// The digits of amounts.
  let digits: Int

  /// Makes a report; `digits` are those of the currency where the record does not say them.
  package init(_ record: ModelRecord, publishedMs: Int64?, digits: Int) {
    self.record = record
    self.publishedMs = publishedMs
    self.digits = record.memory.currencyDigits ?? digits
    nowMs = wallClockMs()
  }

  /// The value of a feature at a segment's centre, in its own unit.
  func typical(_ segment: Model.Segment, _ index: Int) -> Double {
    let scaler = record.model.scaler
    return record.model.features[index].plain(segment.centroid[index] * scaler.sd[index] + scaler.mean[index])
  }

  /// The customers of all segments; `nil` where they were not counted.
  var customers: Int? { record.customers.map { $0.reduce(0, +) } }

  // MARK: JSON

  /// The report as one JSON object.
  package var json: [UInt8] {
    let (model, memory) = (record.model, record.memory)
    var json = JSONWriter()
    json.object {
      $0.member("generation", Int64(model.generation))
      $0.member("version", Int64(model.version))
      $0.member("kind", model.kind.rawValue)
      $0.member("published", timeMs: publishedMs)
      $0.member("half_life_days", memory.halfLifeDays, places: 6)
      $0.member("fitted_customers", Int64(memory.fittedCustomers))
      $0.member("fitted_span_days", Double(memory.fittedSpanMs) / 86_400_000, places: 6)
      $0.array("features", Array(model.features.enumerated())) { json, entry in
        json.object { feature(&$0, entry.element, entry.offset) }
      }
      $0.array("segments", Array(model.segments.enumerated())) { json, entry in
        json.object { segment(&$0, entry.element, customers: record.customers?[entry.offset]) }
      }
      $0.array("retired", model.retired) { json, segment in
        json.object {
          $0.member("id", "s\(segment.number)")
          $0.member("name", segment.name)
        }
      }
      $0.object("cuts", model.cuts) { json, cuts in
        json.array("recency_days", cuts.recency) { $0.value(json: Array("\($1)".utf8)) }
        json.array("frequency", cuts.frequency) { $0.value(json: Array("\($1)".utf8)) }
        json.array("monetary", cuts.monetary) { $0.value(money($1)) }
      }
    }
    return json.bytes
  }

  private func feature(_ json: inout JSONWriter, _ feature: Feature, _ index: Int) {
    let scaler = record.model.scaler
    json.member("name", feature.rawValue)
    json.member("weight", record.memory.features[index].weight, places: 6)
    for (name, values) in [
      ("mean", scaler.mean), ("sd", scaler.sd), ("lower", scaler.lower), ("upper", scaler.upper),
    ] {
      json.member(name, values[index], places: 6)
    }
  }

  private func segment(_ json: inout JSONWriter, _ segment: Model.Segment, customers count: Int?) {
    json.member("id", segment.id)
    json.member("name", segment.name)
    json.member("cell", segment.cell)
    json.member("customers", count.map(Int64.init))
    json.member("share", count.flatMap { share(of: $0) }, places: 6)
    json.object("typical", segment) { json, segment in
      for (index, feature) in record.model.features.enumerated() {
        json.member(feature.plainName, typical(segment, index), places: 6)
      }
    }
  }

  func share(of count: Int) -> Double? {
    guard let customers, customers > 0 else { return nil }
    return Double(count) / Double(customers)
  }

  func money(_ minor: Int64) -> String {
    var buffer = ByteBuffer(capacity: 32)
    buffer.append(minor: minor, digits: digits)
    return String(decoding: buffer.bytes, as: UTF8.self)
  }
}

extension Feature {
  /// The value that a raw feature is of: days, orders, major units of money, a share.
  func plain(_ raw: Double) -> Double {
    switch self {
    case .recency, .tenure: 30 * expm1(2 * raw)
    case .frequency, .orders: expm1(raw)
    case .averageOrder, .monetary: raw < 0 ? -expm1(-raw) : expm1(raw)
    case .refundShare: raw
    }
  }

  /// The name of that value, with its unit.
  var plainName: String {
    switch self {
    case .recency: "recency_days"
    case .frequency: "decayed_frequency"
    case .averageOrder: "decayed_average_order"
    case .monetary: "decayed_monetary"
    case .orders: "orders"
    case .tenure: "tenure_days"
    case .refundShare: "refund_share"
    }
  }
}
