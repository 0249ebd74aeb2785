import Kafka
import Segmentation

/// All that the topics say of one customer.
package struct CustomerReport: Sendable {
  /// The customer's id.
  package var id: String
  /// The input partition that its state is in.
  package var partition: Int32
  /// The input offset up to which the state is true.
  package var inputOffset: Int64
  /// The partition's clock, ms since 1970; all values are of it.
  package var clockMs: Int64
  /// The money that amounts are in.
  package var currency: Currency
  /// The number and the name of the published segment, and since when; `nil` without one.
  package var segment: (number: Int, name: String, sinceMs: Int64)?
  /// The number of the last change.
  package var sequence: Int
  /// Distinct orders.
  package var orders: Int
  /// Purchases, minor units.
  package var grossMinor: Int64
  /// Refunds, minor units, positive.
  package var refundedMinor: Int64
  /// What needs a purchase; `nil` without one.
  package var purchases: Customer.Purchases?
  /// The model that standing and scores are of; `nil` before the first.
  package var model: Model?
  /// Where the customer stands between segments; `nil` without a model or a purchase.
  package var standing: CustomerStanding?
  /// The last changes that were published, oldest first.
  package var changes: [SubscribedChange] = []

  /// How far a customer's silence is simulated, in ms: five years.
  package static let horizonMs: Int64 = 5 * 365 * 86_400_000

  /// A customer that a scan has found; `nil` where it has not.
  init?(
    _ id: String, _ scan: StateLogScan, partition: Int32, settings: SegmentationSettings, model: Model?
  ) throws(StateLogError) {
    guard let header = scan.last, let segmenter = try scan.segmenter(settings: settings, model: model) else {
      return nil
    }
    let clockMs = scan.summary?.clockMs ?? header.baseMs
    var found: Customer?
    segmenter.forEachCustomer(of: 0, clockMs: clockMs) { found = copy $0 }
    guard let customer = found else { return nil }
    self.id = id
    self.partition = partition
    self.clockMs = clockMs
    self.model = model
    inputOffset = header.inputOffset
    currency = settings.currency
    sequence = customer.sequence
    orders = customer.orders
    grossMinor = customer.grossMinor
    refundedMinor = customer.refundedMinor
    purchases = customer.purchases
    if customer.segment > 0 {
      let retired = model?.retired.first { $0.number == customer.segment }?.name
      segment = (customer.segment, customer.segmentName ?? retired ?? "?", customer.sinceMs)
    }
    standing = segmenter.standing(clockMs: clockMs, horizonMs: Self.horizonMs)
  }
}

/// Finds a customer in the topics of a group, from any machine.
package struct CustomerLookup {
  private let reader: GroupReader

  /// The changes that are shown.
  private static let changesMax = 5
  /// How often a log is read anew that was shortened while it was read.
  private static let attemptsMax = 5

  /// Connects. Throws `StreamError`: 66 where the group has never run.
  package init(_ options: DaemonOptions, notices: Notices) throws(StreamError) {
    reader = try GroupReader(options, notices: notices)
  }

  /// What there is of a customer: one report for each partition that has it, which should be one.
  ///
  /// Reads the whole state log, since only the producer knows which partition an id goes to. Throws `StreamError`:
  /// 66 where there is no such customer, 81 where the state was kept under other settings.
  package func find(_ id: String) throws(StreamError) -> [CustomerReport] {
    var attempt = 1
    while true {
      do throws(StreamError) {
        return try look(id)
      } catch {
        // The log's cleaner has overtaken the reading.
        guard error.kind == .inputLost, attempt < Self.attemptsMax else { throw error }
        attempt += 1
      }
    }
  }

  private func look(_ id: String) throws(StreamError) -> [CustomerReport] {
    let options = reader.options
    let model = try reader.newestModel()?.record.model
    let log = try RangeReader(reader.context, topic: options.stateTopic)
    let scans = try scan(Array(id.utf8), log)
    var reports: [CustomerReport] = []
    for (partition, scan) in scans.enumerated() {
      do throws(StateLogError) {
        let report = try CustomerReport(
          id, scan, partition: Int32(partition), settings: options.settings, model: model)
        if let report { reports.append(report) }
      } catch {
        throw StreamError(.disagree, "topic `\(options.stateTopic)`, partition \(partition): \(error)")
      }
    }
    guard !reports.isEmpty else {
      throw StreamError(
        .noInput,
        "there is no customer `\(id)` in the state of group `\(options.group)`: \(log.count) records of "
          + "`\(options.stateTopic)` were read; ids are compared byte by byte, and an erased customer is gone")
    }
    for index in reports.indices { reports[index].changes = try changes(of: id, in: Int(reports[index].partition)) }
    return reports
  }

  private func scan(_ id: [UInt8], _ log: RangeReader) throws(StreamError) -> [StateLogScan] {
    let options = reader.options
    let fingerprint = StateFingerprint(options).value
    let scans = (0..<reader.partitionCount).map { _ in StateLogScan(settings: options.settings, id: id) }
    try log.read(try log.ranges(partitionCount: reader.partitionCount)) { message throws(StreamError) in
      guard let value = message.value else { return }
      do throws(StateLogError) {
        try scans[Int(message.partition)].read(
          UnsafeRawBufferPointer(start: value, count: message.valueCount), fingerprint: fingerprint)
      } catch {
        throw StreamError(
          .disagree,
          "topic `\(options.stateTopic)`, partition \(message.partition), offset \(message.offset): \(error)")
      }
    }
    return scans
  }

  /// The last changes of a customer; a change of a partition is in the partition of that number.
  private func changes(of id: String, in partition: Int) throws(StreamError) -> [SubscribedChange] {
    let topic = reader.options.changesTopic
    guard let count = try reader.partitions(of: topic), count > partition else { return [] }
    let published = try RangeReader(reader.context, topic: topic)
    var ranges = try published.ranges(partitionCount: count)
    for other in ranges.indices where other != partition { ranges[other] = 0..<0 }
    let key = Array(id.utf8)
    var changes: [SubscribedChange] = []
    try published.read(ranges) { message in
      guard message.keyCount == key.count,
        UnsafeRawBufferPointer(start: message.key, count: message.keyCount).elementsEqual(key)
      else { return }
      // A null value ends a life; what was before is not of this customer.
      if message.value == nil { return changes.removeAll() }
      changes.append(SubscribedChange(message, headers: []))
      if changes.count > Self.changesMax { changes.removeFirst() }
    }
    return changes
  }
}
