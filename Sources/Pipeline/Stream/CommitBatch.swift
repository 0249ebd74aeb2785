import Kafka
import Segmentation

/// All that one commit writes, whole and on its own, so that it can be sent again until its outcome is certain.
final class CommitBatch {
  /// What a commit says of one input partition.
  struct Part {
    let partition: Int32
    /// The commit's number in this partition, from 1.
    let sequence: Int64
    /// The next input offset to read.
    let inputOffset: Int64
    /// Complete walks of the partition.
    let walk: Int
    /// Its records of the state log, within `state`.
    let records: [Range<Int>]
    /// Whether it is known to be in the log: it is not sent again.
    var isCommitted = false
  }

  /// A record with text as its key.
  struct KeyedRecord {
    let partition: Int32
    let key: String
    let value: [UInt8]
  }

  /// The partitions, each once.
  var parts: [Part] = []
  var changes = ChangeBatch()
  private(set) var letters: [KeptLetter] = []
  /// The bytes of the letters.
  private(set) var letterBytes = 0
  /// The records of the state log, end to end.
  var state = ByteBuffer(capacity: 1 << 16)
  /// Statistics and samples of input partitions.
  var statistics: [KeyedRecord] = []
  /// A model to be published; only together with input partition 0.
  var model: KeyedRecord?
  /// How the model was in the last sweep; only together with input partition 0.
  var health: KeyedRecord?
  /// Of partitions whose log was read since the last commit: the walk that they are in.
  var walksRead: [Int32: LogCleaner.Walk] = [:]
  /// In whose name offsets are committed.
  var group: GroupMetadata?

  /// Whether every partition is known to be in the log.
  var isCommitted: Bool { parts.allSatisfy(\.isCommitted) }

  /// Whether what concerns a partition is still to be sent.
  func isOpen(_ partition: Int32) -> Bool { parts.contains { $0.partition == partition && !$0.isCommitted } }

  /// Adds a dead letter.
  func add(_ letter: KeptLetter) {
    letters.append(letter)
    letterBytes += letter.byteCount
  }

  /// Forgets everything; the room stays.
  func removeAll() {
    parts.removeAll(keepingCapacity: true)
    changes.removeAll()
    letters.removeAll()
    letterBytes = 0
    state.removeAll()
    statistics.removeAll()
    model = nil
    health = nil
    walksRead = [:]
    group = nil
  }
}

/// A dead letter with all that is kept of its record.
struct KeptLetter {
  let letter: DeadLetter
  let partition: Int32
  let offset: Int64
  let timestampMs: Int64
  let key: [UInt8]?
  let value: [UInt8]?
  let headers: [MessageHeader]
  /// The bytes of key, value and headers.
  let byteCount: Int

  /// Copies what the batch only lends: at most `TopicSink.deadLetterBytesMax` of the value, and a key or headers only
  /// where they leave room for it.
  init(_ letter: DeadLetter, of record: RawRecord, headers: [MessageHeader]) {
    self.letter = letter
    partition = record.partition
    offset = record.offset
    timestampMs = record.timestampMs
    let keepsKey = record.keyCount <= TopicSink.deadLetterBytesMax
    key = keepsKey ? record.key.map { [UInt8](UnsafeRawBufferPointer(start: $0, count: record.keyCount)) } : nil
    let kept = letter.code == .tooLarge ? 0 : min(record.valueCount, TopicSink.deadLetterBytesMax)
    value = record.value.map { [UInt8](UnsafeRawBufferPointer(start: $0, count: kept)) }
    let headerBytes = headers.reduce(0) { $0 + $1.name.utf8.count + ($1.value?.count ?? 0) }
    self.headers = headerBytes <= TopicSink.deadLetterBytesMax ? headers : []
    byteCount = (key?.count ?? 0) + (value?.count ?? 0) + (self.headers.isEmpty ? 0 : headerBytes)
  }
}
