extension Model {
  /// The model as one JSON object; `customers` are the published members of each segment, in the segments' order.
  public func json(customers: [Int], digits: Int) -> [UInt8] {
    var out = ByteBuffer(capacity: 4096)
    out.append("{\"generation\":")
    out.append(integer: Int64(generation))
    out.append(",\"version\":")
    out.append(integer: Int64(version))
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
      out.append(integer: Int64(customers[index]))
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
    out.append("]}}\n")
    return out.bytes
  }

  /// The shortest decimals that read back as the same numbers.
  private func append(_ values: [Double], to out: inout ByteBuffer) {
    out.append("[")
    for (index, value) in values.enumerated() {
      if index > 0 { out.append(",") }
      out.append(Array("\(value)".utf8))
    }
    out.append("]")
  }
}
