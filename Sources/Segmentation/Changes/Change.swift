/// Why a customer moved; the raw value is what a change carries.
public enum ChangeReason: String, CaseIterable, Sendable {
  /// The customer had no segment before.
  case firstSeen = "first_seen"
  /// A purchase record.
  case purchase
  /// A refund.
  case refund
  /// A purchase record older than the customer's last purchase.
  case latePurchase = "late_purchase"
  /// Only time has passed.
  case elapsed
  /// Only the model has changed.
  case modelChanged = "model_changed"

  var index: Int {
    switch self {
    case .firstSeen: 0
    case .purchase: 1
    case .refund: 2
    case .latePurchase: 3
    case .elapsed: 4
    case .modelChanged: 5
    }
  }
}

/// Whether changes were found live, while catching up, or in a replay.
public enum ChangeOrigin: String, Sendable {
  /// Caught up with the input.
  case live
  /// Behind the input.
  case backlog
  /// From files.
  case replay
}

/// How changes are written.
public struct ChangeSettings: Sendable, Equatable {
  /// The shape of a written change.
  public enum Shape: Sendable, Equatable {
    /// The value is the data; the CloudEvents attributes are apart (Kafka headers).
    case binary
    /// The value is one JSON object with attributes and data, and a line feed.
    case structured
  }

  /// The shape.
  public var shape: Shape
  /// The CloudEvents source.
  public var source: String
  /// The topic that a cause names.
  public var causeTopic: String
  /// The partition that causes and ids name, where it is not the record's own.
  public var causePartition: Int32?

  /// Makes settings.
  public init(shape: Shape, source: String, causeTopic: String, causePartition: Int32? = nil) {
    self.shape = shape
    self.source = source
    self.causeTopic = causeTopic
    self.causePartition = causePartition
  }
}

/// One written change or erasure, with borrowed bytes. In structured mode all is in the value, and key, id and time
/// are empty.
public struct PublishedChange {
  /// The input partition.
  public var partition: Int32
  /// The number of the customer's row.
  public var row: Int32
  /// The change's sequence; 0 for an erasure.
  public var sequence: UInt32
  /// The customer id.
  public var key: UnsafeBufferPointer<UInt8>
  /// The JSON; `nil` for an erasure.
  public var value: UnsafeBufferPointer<UInt8>?
  /// `ce_id`.
  public var id: UnsafeBufferPointer<UInt8>
  /// `ce_time`.
  public var time: UnsafeBufferPointer<UInt8>
  /// `ce_type`.
  public var type: StaticString
}

/// The written changes since the last time they were taken.
struct ChangeBuffer: ~Copyable {
  struct Entry {
    var partition: Int32
    var row: Int32
    var sequence: UInt32
    var keyCount: Int32
    var idCount: Int32
    var timeCount: Int32
    var valueCount: Int32
    var isReassigned: Bool
    /// key, id, time and value lie one behind the other.
    var offset: Int
  }

  var buffer = ByteBuffer(capacity: 1 << 16)
  var entries: [Entry] = []
  /// The date that the last change wrote.
  var dates = DateText()

  mutating func removeAll() {
    buffer.removeAll()
    entries.removeAll(keepingCapacity: true)
  }

  /// Orders the entries by partition, row and sequence; what is of one customer already is in its order.
  mutating func sort() {
    var keys = entries.indices.map { index in
      (place: UInt64(UInt32(entries[index].partition)) << 32 | UInt64(UInt32(entries[index].row)), index: index)
    }
    keys.sort { ($0.place, $0.index) < ($1.place, $1.index) }
    entries = keys.map { entries[$0.index] }
  }

  subscript(index: Int) -> PublishedChange {
    let entry = entries[index]
    var next = entry.offset
    func take(_ count: Int32) -> UnsafeBufferPointer<UInt8> {
      defer { next += Int(count) }
      return UnsafeBufferPointer(start: buffer.base + next, count: Int(count))
    }
    let (key, id, time) = (take(entry.keyCount), take(entry.idCount), take(entry.timeCount))
    return PublishedChange(
      partition: entry.partition, row: entry.row, sequence: entry.sequence, key: key,
      value: entry.valueCount == 0 ? nil : take(entry.valueCount), id: id, time: time,
      type: entry.isReassigned ? reassignedType : movedType)
  }
}

/// Written changes and erasures that were taken from a segmenter, with their bytes.
public struct ChangeBatch: ~Copyable {
  var written = ChangeBuffer()

  /// An empty batch.
  public init() {}

  /// Changes and erasures.
  public var count: Int { written.entries.count }

  /// A change; its bytes are borrowed until the batch changes.
  public subscript(index: Int) -> PublishedChange { written[index] }

  /// Forgets all; the room stays.
  public mutating func removeAll() { written.removeAll() }
}

let movedType: StaticString = "segmenter.customer.moved.v1"
let reassignedType: StaticString = "segmenter.customer.reassigned.v1"
