extension Model {
  /// The model as one JSON object; `customers` are the published members of each segment, in the segments' order.
  public func json(customers: [Int], digits: Int) -> [UInt8] {
    var out = ByteBuffer(capacity: 4096)
    append(customers: customers, digits: digits, to: &out)
    out.append("}\n")
    return out.bytes
  }

  /// The value of a model record: the same object, with all that a trainer needs to go on as `trainer`.
  ///
  /// All numbers read back as they were. Without `customers` the segments' are null.
  package func record(customers: [Int]?, digits: Int, memory: TrainerMemory) -> [UInt8] {
    var out = ByteBuffer(capacity: 4096)
    append(customers: customers, digits: digits, to: &out)
    out.append(",\"trainer\":{\"format\":")
    out.append(integer: Int64(Self.recordFormat))
    out.append(",\"fitted_customers\":")
    out.append(integer: Int64(memory.fittedCustomers))
    out.append(",\"fitted_span_ms\":")
    out.append(integer: memory.fittedSpanMs)
    out.append(",\"start_ms\":")
    if let startMs = memory.startMs { out.append(integer: startMs) } else { out.append("null") }
    out.append(",\"last_segment\":")
    out.append(integer: Int64(max(lastSegmentNumber, memory.lastSegmentNumber)))
    out.append(",\"contest\":")
    out.append(integer: Int64(memory.contest))
    out.append(",\"streak\":")
    out.append(integer: Int64(memory.streak))
    out.append(",\"founded\":")
    out.append(integer: Int64(memory.founded))
    out.append(",\"k\":")
    out.append(integer: Int64(memory.k))
    out.append(memory.kIsAuto ? ",\"k_is_auto\":true" : ",\"k_is_auto\":false")
    out.append(",\"half_life_days\":")
    append(memory.halfLifeDays, to: &out)
    appendSettings(of: memory, to: &out)
    out.append(",\"features\":[")
    for (index, weighted) in memory.features.enumerated() {
      out.append(index > 0 ? ",{\"name\":" : "{\"name\":")
      out.append(jsonString: weighted.feature.rawValue)
      out.append(",\"weight\":")
      append(weighted.weight, to: &out)
      out.append("}")
    }
    out.append("],\"cells\":[")
    for (index, segment) in segments.enumerated() {
      if index > 0 { out.append(",") }
      out.append(jsonString: segment.cell)
    }
    out.append("],\"monetary_cuts_minor\":[")
    for (index, cut) in cuts.monetary.enumerated() {
      if index > 0 { out.append(",") }
      out.append(integer: cut)
    }
    out.append("],\"retired\":[")
    for (index, segment) in retired.enumerated() {
      out.append(index > 0 ? ",{\"id\":\"s" : "{\"id\":\"s")
      out.append(integer: Int64(segment.number))
      out.append("\",\"name\":")
      out.append(jsonString: segment.name)
      out.append("}")
    }
    out.append("],\"version_ms\":")
    if let versionMs = memory.versionMs { out.append(integer: versionMs) } else { out.append("null") }
    out.append(",\"reference\":")
    if let reference = memory.reference { append(reference, to: &out) } else { out.append("null") }
    out.append("}}")
    return out.bytes
  }

  /// What the memory knows of the settings that the model was made under.
  private func appendSettings(of memory: TrainerMemory, to out: inout ByteBuffer) {
    if let digits = memory.currencyDigits {
      out.append(",\"currency_digits\":")
      out.append(integer: Int64(digits))
    }
    guard let hysteresis = memory.hysteresis else { return }
    out.append(",\"hysteresis\":{\"margin\":")
    append(hysteresis.margin, to: &out)
    out.append(",\"return_margin\":")
    append(hysteresis.returnMargin, to: &out)
    out.append(",\"return_ms\":")
    out.append(integer: hysteresis.returnMs)
    out.append(",\"dwell_ms\":")
    out.append(integer: hysteresis.dwellMs)
    out.append("}")
  }

  /// The format of the member `trainer`.
  package static let recordFormat = 1

  /// The key of the model's record, `2-118`: generation and version.
  package var recordKey: String { "\(generation)-\(version)" }

  /// All members of the object, without its last brace.
  private func append(customers: [Int]?, digits: Int, to out: inout ByteBuffer) {
    out.append("{\"generation\":")
    out.append(integer: Int64(generation))
    out.append(",\"version\":")
    out.append(integer: Int64(version))
    out.append(",\"kind\":")
    out.append(jsonString: kind.rawValue)
    out.append(",\"features\":[")
    for (index, feature) in features.enumerated() {
      if index > 0 { out.append(",") }
      out.append(jsonString: feature.rawValue)
    }
    out.append("],\"scaler\":{\"mean\":")
    append(scaler.mean, to: &out)
    out.append(",\"sd\":")
    append(scaler.sd, to: &out)
    out.append(",\"lower\":")
    append(scaler.lower, to: &out)
    out.append(",\"upper\":")
    append(scaler.upper, to: &out)
    out.append(",\"clamp\":")
    append(features.indices.map(scaler.clamp), to: &out)
    out.append("},\"segments\":[")
    for (index, segment) in segments.enumerated() {
      if index > 0 { out.append(",") }
      out.append("{\"id\":")
      out.append(jsonString: segment.id)
      out.append(",\"name\":")
      out.append(jsonString: segment.name)
      out.append(",\"customers\":")
      if let customers { out.append(integer: Int64(customers[index])) } else { out.append("null") }
      out.append(",\"centroid\":")
      append(segment.centroid, to: &out)
      out.append("}")
    }
    out.append("],\"cuts\":{\"recency\":")
    append(cuts.recency, to: &out)
    out.append(",\"frequency\":[")
    for (index, cut) in cuts.frequency.enumerated() {
      if index > 0 { out.append(",") }
      out.append(integer: cut)
    }
    out.append("],\"monetary\":[")
    for (index, cut) in cuts.monetary.enumerated() {
      if index > 0 { out.append(",") }
      out.append(minor: cut, digits: digits)
    }
    out.append("]},\"rules\":[")
    for (index, rule) in rules.cells.enumerated() {
      out.append(index > 0 ? ",{\"name\":" : "{\"name\":")
      out.append(jsonString: rule.name)
      out.append(",\"cells\":[")
      for (place, cell) in rule.cells.enumerated() {
        if place > 0 { out.append(",") }
        out.append(jsonString: cell)
      }
      out.append("]}")
    }
    out.append("]")
  }

  /// The shortest decimals that read back as the same numbers.
  private func append(_ values: [Double], to out: inout ByteBuffer) {
    out.append("[")
    for (index, value) in values.enumerated() {
      if index > 0 { out.append(",") }
      append(value, to: &out)
    }
    out.append("]")
  }

  /// Of each feature's bins those from the first that holds somebody to the last.
  private func append(_ reference: ModelReference, to out: inout ByteBuffer) {
    out.append("{\"clock_ms\":")
    out.append(integer: reference.clockMs)
    out.append(",\"customers\":")
    out.append(integer: Int64(reference.customers))
    out.append(",\"inertia\":")
    append(reference.inertia, to: &out)
    out.append(",\"bins\":[")
    for start in stride(from: 0, to: reference.bins.count, by: ModelWatch.binCount) {
      let bins = reference.bins[start..<start + ModelWatch.binCount]
      let first = bins.firstIndex { $0 != 0 } ?? start
      let last = bins.lastIndex { $0 != 0 } ?? start - 1
      out.append(start > 0 ? ",{\"first\":" : "{\"first\":")
      out.append(integer: Int64(first - start))
      out.append(",\"counts\":[")
      for index in stride(from: first, through: last, by: 1) {
        if index > first { out.append(",") }
        out.append(integer: bins[index])
      }
      out.append("]}")
    }
    out.append("]}")
  }

  private func append(_ value: Double, to out: inout ByteBuffer) { out.append(Array("\(value)".utf8)) }
}
