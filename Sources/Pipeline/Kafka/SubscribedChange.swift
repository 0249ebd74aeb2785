import Kafka
import Segmentation

/// What a change says, as far as people read it; decoded from its JSON.
package struct ChangeDetails: Sendable, Equatable {
  /// A segment as a change names it.
  package struct Segment: Sendable, Equatable {
    /// The stable id.
    package var id: String
    /// The name.
    package var name: String
  }

  /// The customer's values at the change.
  package struct RFM: Sendable, Equatable {
    /// Days since the last purchase.
    package var recencyDays: Double
    /// Orders.
    package var frequency: Int
    /// Net money in major units, as decimal text.
    package var monetary: String
    /// The ISO 4217 code, where one is known.
    package var currency: String?
    /// The digits of R, F and M.
    package var score: String
    /// The name of the RFM cell.
    package var cell: String
  }

  /// The customer id.
  package var customerID: String
  /// The number of the change in the customer's life, from 1.
  package var sequence: Int
  /// The segment left; `nil` on the first.
  package var from: Segment?
  /// The segment entered.
  package var to: Segment
  /// The reason, by its code.
  package var reason: String
  /// When it took effect, ISO 8601 UTC.
  package var effectiveAt: String
  /// The values behind it.
  package var rfm: RFM
  /// `live`, `backlog` or `replay`.
  package var origin: String
}

extension ChangeDetails {
  /// What a change's JSON says; `nil` where it is not a change of ours.
  fileprivate init?(_ json: JSONValue) {
    guard let customerID = json["customer_id"]?.text, let sequence = json["sequence"]?.integer,
      let to = json["to"].flatMap({ Segment($0) }), let reason = json["reason"]?.text,
      let effectiveAt = json["effective_at"]?.text, let rfm = json["rfm"].flatMap({ RFM($0) }),
      let origin = json["origin"]?.text
    else { return nil }
    self.init(
      customerID: customerID, sequence: sequence, from: json["from"].flatMap { Segment($0) }, to: to, reason: reason,
      effectiveAt: effectiveAt, rfm: rfm, origin: origin)
  }
}

extension ChangeDetails.Segment {
  fileprivate init?(_ json: JSONValue) {
    guard let id = json["id"]?.text, let name = json["name"]?.text else { return nil }
    self.init(id: id, name: name)
  }
}

extension ChangeDetails.RFM {
  fileprivate init?(_ json: JSONValue) {
    guard let recencyDays = json["recency_days"]?.double, let frequency = json["frequency"]?.integer,
      let monetary = json["monetary"]?.text, let score = json["score"]?.text, let cell = json["cell"]?.text
    else { return nil }
    self.init(
      recencyDays: recencyDays, frequency: frequency, monetary: monetary, currency: json["currency"]?.text,
      score: score, cell: cell)
  }
}

/// One change or erasure, read from the changes topic.
package struct SubscribedChange: Sendable {
  /// The customer id.
  package var customerID: String
  /// The change's JSON as it was published; `nil` for an erasure.
  package var json: [UInt8]?
  /// The CloudEvents headers.
  package var headers: [MessageHeader]
  /// The partition.
  package var partition: Int32
  /// The offset in the partition.
  package var offset: Int64
  /// When it was published, in ms since 1970.
  package var publishedMs: Int64
  /// What the JSON says; `nil` for an erasure, or where it is not a change of ours.
  package var details: ChangeDetails?

  /// The reason that filters know erasures by.
  package static let erased = "erased"

  /// Copies a message of the present batch and decodes it.
  init(_ message: Message, headers: [MessageHeader]) {
    customerID = SubscribedChange.customerID(of: message)
    json = message.value.map { [UInt8](UnsafeRawBufferPointer(start: $0, count: message.valueCount)) }
    self.headers = headers
    partition = message.partition
    offset = message.offset
    publishedMs = message.timestampMs
    details = json.flatMap { JSONValue($0) }.flatMap { ChangeDetails($0) }
  }

  /// The key of a message as text.
  static func customerID(of message: Message) -> String {
    String(decoding: UnsafeRawBufferPointer(start: message.key, count: message.keyCount), as: UTF8.self)
  }

  /// The change as one line of JSON without a line feed; an erasure as `{"customer_id":…,"erased":true}`.
  package var jsonLine: [UInt8] {
    if let json { return json }
    var line = ByteBuffer(capacity: 64)
    line.append("{\"customer_id\":")
    line.append(jsonString: customerID)
    line.append(",\"erased\":true}")
    return line.bytes
  }
}

/// Which changes a subscriber wants; an empty list wants all.
package struct ChangeFilter: Sendable, Equatable {
  /// Ids or names (in any case) of segments left or entered.
  package var segments: [String]
  /// Customer ids.
  package var customers: [String]
  /// Reasons by their codes, and `erased`.
  package var reasons: [String]

  /// Makes a filter; by default of nothing.
  package init(segments: [String] = [], customers: [String] = [], reasons: [String] = []) {
    self.segments = segments
    self.customers = customers
    self.reasons = reasons
  }

  /// The reasons that can be asked for.
  package static let knownReasons = ChangeReason.allCases.map(\.rawValue) + [SubscribedChange.erased]

  /// Whether a customer's changes may be wanted.
  func admits(customer: String) -> Bool { customers.isEmpty || customers.contains(customer) }

  /// Whether a change is wanted.
  package func admits(_ change: SubscribedChange) -> Bool {
    guard admits(customer: change.customerID) else { return false }
    let reason = change.json == nil ? SubscribedChange.erased : change.details?.reason ?? ""
    guard reasons.isEmpty || reasons.contains(reason) else { return false }
    guard !segments.isEmpty else { return true }
    let sides = [change.details?.from, change.details?.to].compactMap { $0 }
    return segments.contains { wanted in
      sides.contains { $0.id == wanted || $0.name.lowercased() == wanted.lowercased() }
    }
  }
}
