import Segmentation

extension ModelReport {
  /// The model as tables: features with their scaler, segments with typical values, cuts.
  package var lines: [String] {
    let model = record.model
    var lines = [head]
    lines += [""] + alignedTable(featureRows, leftColumns: [0])
    lines += [""] + alignedTable(segmentRows, leftColumns: [0, 1, 2])
    lines.append("  (typical: the values at a segment's centre; frequency and money decayed)")
    if !model.retired.isEmpty {
      let retired = model.retired.map { "s\($0.number) \(printable($0.name))" }.joined(separator: ", ")
      lines += ["", "retired: \(retired)"]
    }
    lines += [
      "", "scores of 1 to 5 are cut at",
      "  recency    \(model.cuts.recency.map { decimal($0, 1) }.joined(separator: ", ")) days, 5 is the most recent",
      "  frequency  \(model.cuts.frequency.map(String.init).joined(separator: ", ")) orders",
      "  monetary   \(model.cuts.monetary.map(money).joined(separator: ", "))",
    ]
    return lines
  }

  private var head: String {
    let (model, memory) = (record.model, record.memory)
    var parts = ["model \(record.key): \(model.segments.count) \(model.kind == .rules ? "rules" : "segments")"]
    if let customers { parts.append("\(customers) customers") }
    if memory.fittedCustomers > 0 {
      let days = decimal(Double(memory.fittedSpanMs) / 86_400_000, 1)
      parts.append("fitted to \(memory.fittedCustomers) over \(days) days")
    }
    parts.append("half-life \(decimal(memory.halfLifeDays, 1)) days")
    if let publishedMs { parts.append("published \(ageText(nowMs - publishedMs)) ago") }
    return parts.joined(separator: ", ")
  }

  private var featureRows: [[String]] {
    let scaler = record.model.scaler
    return [["feature", "weight", "mean", "sd", "lower", "upper"]]
      + record.model.features.enumerated().map { index, feature in
        [
          feature.rawValue, decimal(record.memory.features[index].weight, 2), decimal(scaler.mean[index], 4),
          decimal(scaler.sd[index], 4), decimal(scaler.lower[index], 4), decimal(scaler.upper[index], 4),
        ]
      }
  }

  private var segmentRows: [[String]] {
    let features = record.model.features
    let head = ["id", "segment", "cell at birth", "customers", "share"] + features.map(Self.title)
    return [head]
      + record.model.segments.enumerated().map { index, segment in
        let count = record.customers?[index]
        return [
          segment.id, printable(segment.name), segment.cell, count.map(String.init) ?? "-",
          count.flatMap { share(of: $0) }.map { "\(decimal($0 * 100, 1)) %" } ?? "-",
        ] + features.indices.map { text(typical(segment, $0), of: features[$0]) }
      }
  }

  private static func title(_ feature: Feature) -> String {
    feature.rawValue.replacing("_", with: " ")
  }

  private func text(_ value: Double, of feature: Feature) -> String {
    switch feature {
    case .recency, .tenure: "\(decimal(value, 1)) d"
    case .frequency, .orders: decimal(value, 1)
    case .averageOrder, .monetary: decimal(value, digits)
    case .refundShare: "\(decimal(value * 100, 1)) %"
    }
  }
}

/// A number with so many digits behind the point, zeros included.
func decimal(_ value: Double, _ places: Int) -> String {
  var buffer = ByteBuffer(capacity: 32)
  buffer.append(decimal: value, places: places)
  let text = String(decoding: buffer.bytes, as: UTF8.self)
  let written = text.firstIndex(of: ".").map { text.distance(from: $0, to: text.endIndex) - 1 } ?? 0
  if places <= written { return text }
  return text + (written == 0 ? "." : "") + String(repeating: "0", count: places - written)
}
