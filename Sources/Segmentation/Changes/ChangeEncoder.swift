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
  /// By (r − 1) · 25 + (f − 1) · 5 + (m − 1).
  private let cells: UnsafeMutablePointer<ConstantBytes>

  init(_ settings: ChangeSettings, features: FeatureRules, currency: Currency) {
    self.settings = settings
    self.features = features
    digits = currency.digits
    self.currency = ConstantBytes(json: currency.code)
    prefix = ConstantBytes(
      Array("{\"specversion\":\"1.0\",\"source\":".utf8) + Self.json(settings.source) + Array(",\"id\":\"".utf8))
    causePrefix = ConstantBytes(
      Array("\"cause\":{\"topic\":".utf8) + Self.json(settings.causeTopic) + Array(",\"partition\":".utf8))
    cells = .allocate(capacity: Cell.table.count)
    for (index, cell) in Cell.table.enumerated() {
      (cells + index).initialize(to: ConstantBytes(json: cell.rawValue))
    }
  }

  deinit {
    prefix.deallocate()
    causePrefix.deallocate()
    currency.deallocate()
    for index in 0..<Cell.table.count { cells[index].deallocate() }
    cells.deallocate()
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
    changes.buffer.append(id)
    let idCount = writeID(row, partition: partition, sequence: row.pointee.sequence + 1, to: &changes.buffer)
    changes.buffer.append(timeMs: effectiveMs)
    changes.entries.append(
      ChangeBuffer.Entry(
        partition: partition, row: Int32(number), sequence: 0, keyCount: Int32(id.count), idCount: Int32(idCount),
        timeCount: Int32(changes.buffer.count - offset - id.count - idCount), valueCount: 0, isReassigned: false,
        offset: offset))
  }

  /// Writes a change; the row already holds its sequence.
  func write(
    _ evidence: borrowing ChangeEvidence, row: UnsafePointer<CustomerRow>, number: Int,
    id: UnsafeBufferPointer<UInt8>, partition: Int32, from: ConstantBytes, model: UnsafePointer<ModelTables>,
    to changes: inout ChangeBuffer
  ) {
    changes.buffer.reserve(
      2048 + id.count * 14 + from.bytes.count + model.pointee.segmentJSON[evidence.cluster].bytes.count)
    let offset = changes.buffer.count
    let isReassigned = evidence.reason == .modelChanged
    var idCount = 0
    if settings.shape == .binary {
      changes.buffer.append(id)
      idCount = writeID(row, partition: partition, sequence: row.pointee.sequence, to: &changes.buffer)
      changes.buffer.append(timeMs: evidence.effectiveMs)
    }
    let valueOffset = changes.buffer.count
    let keyCount = settings.shape == .binary ? id.count : 0
    if settings.shape == .structured {
      changes.buffer.append(prefix.bytes)
      _ = writeID(row, partition: partition, sequence: row.pointee.sequence, to: &changes.buffer)
      changes.buffer.append("\",\"subject\":")
      changes.buffer.append(jsonString: id)
      changes.buffer.append(",\"time\":\"")
      changes.buffer.append(timeMs: evidence.effectiveMs)
      changes.buffer.append("\",\"type\":\"")
      changes.buffer.append(isReassigned ? reassignedType : movedType)
      changes.buffer.append("\",\"datacontenttype\":\"application/json\",\"data\":")
    }
    writeData(evidence, row: row, id: id, partition: partition, from: from, model: model, to: &changes.buffer)
    if settings.shape == .structured { changes.buffer.append("}\n") }
    changes.entries.append(
      ChangeBuffer.Entry(
        partition: partition, row: Int32(number), sequence: row.pointee.sequence, keyCount: Int32(keyCount),
        idCount: Int32(idCount), timeCount: Int32(valueOffset - offset - keyCount - idCount),
        valueCount: Int32(changes.buffer.count - valueOffset), isReassigned: isReassigned, offset: offset))
  }

  /// `<birth partition>-<birth offset>-<sequence>`; returns the number of bytes.
  private func writeID(
    _ row: UnsafePointer<CustomerRow>, partition: Int32, sequence: UInt32, to buffer: inout ByteBuffer
  ) -> Int {
    let start = buffer.count
    buffer.append(integer: Int64(settings.causePartition ?? partition))
    buffer.append("-")
    buffer.append(integer: row.pointee.birth.number)
    buffer.append("-")
    buffer.append(integer: Int64(sequence))
    return buffer.count - start
  }

  private func writeData(
    _ evidence: borrowing ChangeEvidence, row: UnsafePointer<CustomerRow>, id: UnsafeBufferPointer<UInt8>,
    partition: Int32, from: ConstantBytes, model: UnsafePointer<ModelTables>, to buffer: inout ByteBuffer
  ) {
    buffer.append("{\"customer_id\":")
    buffer.append(jsonString: id)
    buffer.append(",\"sequence\":")
    buffer.append(integer: Int64(row.pointee.sequence))
    buffer.append(",\"from\":")
    buffer.append(from.bytes)
    buffer.append(",\"to\":")
    buffer.append(model.pointee.segmentJSON[evidence.cluster].bytes)
    buffer.append(",\"reason\":\"")
    buffer.append(Self.text(evidence.reason))
    buffer.append("\",\"effective_at\":\"")
    buffer.append(timeMs: evidence.effectiveMs)
    buffer.append("\",\"evaluated_at\":\"")
    buffer.append(timeMs: evidence.evaluatedMs)
    buffer.append("\",\"model\":{\"generation\":")
    buffer.append(integer: Int64(model.pointee.model.generation))
    buffer.append(",\"version\":")
    buffer.append(integer: Int64(model.pointee.model.version))
    buffer.append("},\"features\":[")
    for index in 0..<model.pointee.featureCount {
      if index > 0 { buffer.append(byte: 0x2c) }
      buffer.append(sixPlaces: evidence.features[index])
    }
    buffer.append("],\"distance\":")
    buffer.append(sixPlaces: evidence.distance)
    if let previous = evidence.previousDistance {
      buffer.append(",\"previous_distance\":")
      buffer.append(sixPlaces: previous)
      buffer.append(",\"margin\":")
      buffer.append(sixPlaces: previous > 0 ? 1 - evidence.distance / previous : 0)
    } else {
      buffer.append(",\"previous_distance\":null,\"margin\":null")
    }
    writeRFM(row, clockMs: evidence.evaluatedMs, cuts: model.pointee.model.cuts, to: &buffer)
    if let offset = evidence.causeOffset {
      buffer.append(causePrefix.bytes)
      buffer.append(integer: Int64(settings.causePartition ?? partition))
      buffer.append(",\"offset\":")
      buffer.append(integer: offset)
      buffer.append("},\"origin\":\"")
    } else {
      buffer.append("\"cause\":null,\"origin\":\"")
    }
    buffer.append(Self.text(evidence.origin))
    buffer.append("\"}")
  }

  private func writeRFM(
    _ row: UnsafePointer<CustomerRow>, clockMs: Int64, cuts: borrowing ScoreCuts, to buffer: inout ByteBuffer
  ) {
    let rfm = features.rfm(row, clockMs: clockMs)
    let scores = cuts.scores(recencyMs: rfm.recencyMs, orders: row.pointee.orders, netMinor: row.pointee.netMinor)
    buffer.append(",\"rfm\":{\"recency_days\":")
    buffer.append(sixPlaces: rfm.recencyDays)
    buffer.append(",\"frequency\":")
    buffer.append(integer: Int64(row.pointee.orders))
    buffer.append(",\"monetary\":\"")
    buffer.append(minor: row.pointee.netMinor, digits: digits)
    buffer.append("\",\"average_order\":\"")
    buffer.append(minor: rfm.averageOrderMinor, digits: digits)
    buffer.append("\",\"currency\":")
    buffer.append(currency.bytes)
    buffer.append(",\"decayed_frequency\":")
    buffer.append(sixPlaces: rfm.decayedFrequency)
    buffer.append(",\"decayed_monetary\":\"")
    buffer.append(minor: rfm.decayedMonetaryMinor, digits: digits)
    buffer.append("\",\"score\":\"")
    buffer.append(byte: UInt8(48 + scores.r))
    buffer.append(byte: UInt8(48 + scores.f))
    buffer.append(byte: UInt8(48 + scores.m))
    buffer.append("\",\"cell\":")
    buffer.append(cells[(scores.r - 1) * 25 + (scores.f - 1) * 5 + (scores.m - 1)].bytes)
    buffer.append("},")
  }

  private static func text(_ reason: ChangeReason) -> StaticString {
    switch reason {
    case .firstSeen: "first_seen"
    case .purchase: "purchase"
    case .refund: "refund"
    case .latePurchase: "late_purchase"
    case .elapsed: "elapsed"
    case .modelChanged: "model_changed"
    }
  }

  private static func text(_ origin: ChangeOrigin) -> StaticString {
    switch origin {
    case .live: "live"
    case .backlog: "backlog"
    case .replay: "replay"
    }
  }
}
