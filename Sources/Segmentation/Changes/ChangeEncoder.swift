/// Everything that one change says, as plain values.
struct ChangeEvidence {
  var reason: ChangeReason
  var effectiveMs: Int64
  var evaluatedMs: Int64
  /// Cluster of the new segment.
  var cluster: Int
  /// Number of the old segment; 0 for none.
  var fromSegment: UInt16
  var features: FeatureVector
  var distance: Double
  /// The distance to the old segment's centroid; `nil` where it has none.
  var previousDistance: Double?
  var origin: ChangeOrigin
  /// The offset of the record that is the cause; `nil` where none is.
  var causeOffset: Int64?
}

/// Writes changes as CloudEvents.
struct ChangeEncoder: ~Copyable {
  private let settings: ChangeSettings
  private let features: FeatureRules
  private let digits: Int
  /// The constant pieces, ready as bytes.
  private let prefix: ConstantBytes
  private let causePrefix: ConstantBytes
  private let currency: ConstantBytes

  init(_ settings: ChangeSettings, features: FeatureRules, currency: Currency) {
    self.settings = settings
    self.features = features
    digits = currency.digits
    self.currency = ConstantBytes(json: currency.code)
    prefix = ConstantBytes(
      Array("{\"specversion\":\"1.0\",\"source\":".utf8) + Self.json(settings.source) + Array(",\"id\":\"".utf8))
    causePrefix = ConstantBytes(
      Array("\"cause\":{\"topic\":".utf8) + Self.json(settings.causeTopic) + Array(",\"partition\":".utf8))
  }

  deinit {
    prefix.deallocate()
    causePrefix.deallocate()
    currency.deallocate()
  }

  private static func json(_ text: String) -> [UInt8] {
    var writer = ByteBuffer(capacity: 64)
    writer.append(jsonString: text)
    return writer.bytes
  }

  /// Writes the tombstone of a customer; the row still holds it.
  func writeErasure(
    _ row: UnsafePointer<CustomerRow>, number: Int, id: UnsafeBufferPointer<UInt8>, partition: Int32,
    effectiveMs: Int64, to changes: inout ChangeBuffer
  ) {
    let offset = changes.buffer.count
    var out = changes.buffer.cursor(most: Self.restCountMax + id.count)
    out.append(id)
    let idCount = writeID(row, partition: partition, sequence: row.pointee.sequence + 1, to: &out)
    let time = out.next
    out.append(timeMs: effectiveMs, &changes.dates)
    changes.entries.append(
      ChangeBuffer.Entry(
        partition: partition, row: Int32(number), sequence: 0, keyCount: Int32(id.count), idCount: Int32(idCount),
        timeCount: Int32(out.next - time), valueCount: 0, isReassigned: false, offset: offset))
    changes.buffer.finish(out)
  }

  /// The bytes of a change beside its id, its JSON pieces and its numbers, at most.
  private static let restCountMax = 2048

  /// Writes a change; the row already holds its sequence.
  func write(
    _ evidence: borrowing ChangeEvidence, row: UnsafePointer<CustomerRow>, number: Int,
    id: UnsafeBufferPointer<UInt8>, partition: Int32, from: ConstantBytes, model: UnsafePointer<ModelTables>,
    to changes: inout ChangeBuffer
  ) {
    let offset = changes.buffer.count
    let to = model.pointee.segmentJSON[evidence.cluster].bytes
    var out = changes.buffer.cursor(
      most: Self.restCountMax + prefix.bytes.count + causePrefix.bytes.count + id.count * 14 + from.bytes.count
        + to.count + model.pointee.cellBytesMax)
    let start = out.next
    let isReassigned = evidence.reason == .modelChanged
    var entry = ChangeBuffer.Entry(
      partition: partition, row: Int32(number), sequence: row.pointee.sequence, keyCount: 0, idCount: 0, timeCount: 0,
      valueCount: 0, isReassigned: isReassigned, offset: offset)
    if settings.shape == .binary {
      out.append(id)
      entry.keyCount = Int32(id.count)
      entry.idCount = Int32(writeID(row, partition: partition, sequence: row.pointee.sequence, to: &out))
      let time = out.next
      out.append(timeMs: evidence.effectiveMs, &changes.dates)
      entry.timeCount = Int32(out.next - time)
    } else {
      out.append(prefix.bytes)
      _ = writeID(row, partition: partition, sequence: row.pointee.sequence, to: &out)
      out.append("\",\"subject\":")
      out.append(jsonString: id)
      out.append(",\"time\":\"")
      out.append(timeMs: evidence.effectiveMs, &changes.dates)
      out.append("\",\"type\":\"")
      if isReassigned { out.append(reassignedType) } else { out.append(movedType) }
      out.append("\",\"datacontenttype\":\"application/json\",\"data\":")
    }
    writeData(
      evidence, row: row, id: id, partition: partition, from: from.bytes, to: to, model: model, &out, &changes.dates)
    if settings.shape == .structured { out.append("}\n") }
    entry.valueCount = Int32(out.next - start) - entry.keyCount - entry.idCount - entry.timeCount
    changes.buffer.finish(out)
    changes.entries.append(entry)
  }

  /// `<birth partition>-<birth offset>-<sequence>`; returns the number of bytes.
  @inline(__always)
  private func writeID(
    _ row: UnsafePointer<CustomerRow>, partition: Int32, sequence: UInt32, to out: inout ByteCursor
  ) -> Int {
    let start = out.next
    out.append(integer: Int64(settings.causePartition ?? partition))
    out.append(byte: 0x2d)
    out.append(integer: row.pointee.birth.number)
    out.append(byte: 0x2d)
    out.append(integer: Int64(sequence))
    return out.next - start
  }

  @inline(__always)
  private func writeData(
    _ evidence: borrowing ChangeEvidence, row: UnsafePointer<CustomerRow>, id: UnsafeBufferPointer<UInt8>,
    partition: Int32, from: UnsafeBufferPointer<UInt8>, to: UnsafeBufferPointer<UInt8>,
    model: UnsafePointer<ModelTables>, _ out: inout ByteCursor, _ dates: inout DateText
  ) {
    out.append("{\"customer_id\":")
    out.append(jsonString: id)
    out.append(",\"sequence\":")
    out.append(integer: Int64(row.pointee.sequence))
    out.append(",\"from\":")
    out.append(from)
    out.append(",\"to\":")
    out.append(to)
    out.append(",\"reason\":\"")
    Self.append(evidence.reason, to: &out)
    out.append("\",\"effective_at\":\"")
    out.append(timeMs: evidence.effectiveMs, &dates)
    out.append("\",\"evaluated_at\":\"")
    out.append(timeMs: evidence.evaluatedMs, &dates)
    out.append("\",\"model\":{\"generation\":")
    out.append(integer: Int64(model.pointee.model.generation))
    out.append(",\"version\":")
    out.append(integer: Int64(model.pointee.model.version))
    writePlace(evidence, model: model, to: &out)
    writeRFM(row, clockMs: evidence.evaluatedMs, model: model, to: &out)
    if let offset = evidence.causeOffset {
      out.append(causePrefix.bytes)
      out.append(integer: Int64(settings.causePartition ?? partition))
      out.append(",\"offset\":")
      out.append(integer: offset)
      out.append("},\"origin\":\"")
    } else {
      out.append("\"cause\":null,\"origin\":\"")
    }
    Self.append(evidence.origin, to: &out)
    out.append("\"}")
  }

  /// The customer's point and how far it is from the centroids; with rules there is neither.
  @inline(__always)
  private func writePlace(
    _ evidence: borrowing ChangeEvidence, model: UnsafePointer<ModelTables>, to out: inout ByteCursor
  ) {
    if model.pointee.isRules {
      return out.append("},\"features\":null,\"distance\":null,\"previous_distance\":null,\"margin\":null")
    }
    out.append("},\"features\":[")
    for index in 0..<model.pointee.featureCount {
      if index > 0 { out.append(byte: 0x2c) }
      out.append(sixPlaces: evidence.features[index])
    }
    out.append("],\"distance\":")
    out.append(sixPlaces: evidence.distance)
    if let previous = evidence.previousDistance {
      out.append(",\"previous_distance\":")
      out.append(sixPlaces: previous)
      out.append(",\"margin\":")
      out.append(sixPlaces: previous > 0 ? 1 - evidence.distance / previous : 0)
    } else {
      out.append(",\"previous_distance\":null,\"margin\":null")
    }
  }

  @inline(__always)
  private func writeRFM(
    _ row: UnsafePointer<CustomerRow>, clockMs: Int64, model: UnsafePointer<ModelTables>, to out: inout ByteCursor
  ) {
    let rfm = features.rfm(row, clockMs: clockMs)
    let scores = model.pointee.cuts.scores(row, clockMs: clockMs)
    out.append(",\"rfm\":{\"recency_days\":")
    out.append(sixPlaces: rfm.recencyDays)
    out.append(",\"frequency\":")
    out.append(integer: Int64(row.pointee.orders))
    out.append(",\"monetary\":\"")
    out.append(minor: row.pointee.netMinor, digits: digits)
    out.append("\",\"average_order\":\"")
    out.append(minor: rfm.averageOrderMinor, digits: digits)
    out.append("\",\"currency\":")
    out.append(currency.bytes)
    out.append(",\"decayed_frequency\":")
    out.append(sixPlaces: rfm.decayedFrequency)
    out.append(",\"decayed_monetary\":\"")
    out.append(minor: rfm.decayedMonetaryMinor, digits: digits)
    out.append("\",\"score\":\"")
    out.append(byte: UInt8(48 + scores.r))
    out.append(byte: UInt8(48 + scores.f))
    out.append(byte: UInt8(48 + scores.m))
    out.append("\",\"cell\":")
    out.append(model.pointee.cellJSON[scores.index].bytes)
    out.append("},")
  }

  // A literal at each place, so that its bytes become stores and not a call.
  @inline(__always)
  private static func append(_ reason: ChangeReason, to out: inout ByteCursor) {
    switch reason {
    case .firstSeen: out.append("first_seen")
    case .purchase: out.append("purchase")
    case .refund: out.append("refund")
    case .latePurchase: out.append("late_purchase")
    case .elapsed: out.append("elapsed")
    case .modelChanged: out.append("model_changed")
    }
  }

  @inline(__always)
  private static func append(_ origin: ChangeOrigin, to out: inout ByteCursor) {
    switch origin {
    case .live: out.append("live")
    case .backlog: out.append("backlog")
    case .replay: out.append("replay")
    }
  }
}
