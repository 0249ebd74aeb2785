/// The record of the state log (topic `<group>-state`): the rows of one input partition that have changed or been
/// swept since the last commit, with the offset up to which all this is true.
///
/// `varint` is an unsigned LEB128 of up to 64 bits, `zigzag` a signed one; what has a width is little endian. All
/// records of one commit of one partition are `parts` consecutive ones in one transaction. Times are ms since 1970.
///
///     u8      format version, 1
///     u64     fingerprint of the settings that state depends on
///     varint  sequence of the commit in this partition, from 1
///     varint  part, from 0        varint  parts
///     varint  input offset up to which all this is true: the next to read
///     varint  walk: complete sweeps of the partition at the cut
///     zigzag  base time: the clock at the cut, 0 before the first purchase
///     varint  features: the number of values of every contribution in this record
///     varint  rows, then each:
///       zigzag  its number − the number of the row before it in the record (at first −1)
///       varint  bytes of the id, and these
///       u8      1 has a purchase, 2 has let an order go, 4 evaluated, 8 has a segment, 16 has left a segment,
///               32 has a candidate, 64 has a contribution
///       zigzag  birth offset
///       zigzag  gross minor         zigzag  refunded minor
///       zigzag  orders              f64     decayed monetary
///       varint  sequence of the last change
///       if 1:   zigzag base − last purchase       varint last − first purchase     f64 decayed frequency
///               varint purchase days              u32 recent days                  zigzag first-day spend minor
///       if 4:   zigzag base − evaluated
///       if 8:   varint segment, zigzag base − since
///       if 16:  varint segment, zigzag base − left
///       if 32:  varint segment, zigzag base − candidate since
///       if 64:  varint cluster, varint generation modulo 65,536, a zigzag a feature in units of 2⁻²⁰
///       varint  orders held, each:  u48 hash, zigzag base − time, varint gross minor, varint refunded minor,
///               f64 share
///       varint  transaction ids held; if any, u8 place of the oldest, then each: u32 low, u16 high part of the hash
///     varint  erased rows, then each one's number (varint): free since the last commit, and not used again
///     in the last part only:
///       u8      customers held by the clock (0–3), each: zigzag time, u64 hash;  if any: zigzag now, zigzag start
///       varint  rows that have a number, free ones included        varint  the next row of the sweep
///       u8      warmth (0 warm, 1 behind, 2 ahead)                 varint  the row where the generation began
///       varint  generation of the sums (0: none)    varint k    varint features
///               k zigzag counts, k · features zigzag sums, k zigzag squares
///       varint  seven counters: records, applied, duplicates, dead letters, ignored, outside window, erased
package enum StateRecord {
  /// The format version that is written, and read.
  package static let version: UInt8 = 1
  /// No record is larger: Kafka's default limit is 1 MB, batch and headers included.
  package static let bytesMax = 900_000
  /// What a touched row is taken to come to, in bytes, before it is packed.
  package static let rowBytesTypical = 200

  static let hasPurchase: UInt8 = 1
  static let ordersEvicted: UInt8 = 2
  static let isEvaluated: UInt8 = 4
  static let hasSegment: UInt8 = 8
  static let hasLeft: UInt8 = 16
  static let hasCandidate: UInt8 = 32
  static let hasContribution: UInt8 = 64

  /// The most that a header takes.
  static let headerBytesMax = 96
}

/// What a state record says before its rows.
package struct StateRecordHeader: Sendable, Equatable {
  /// Of the settings that state depends on.
  package var fingerprint: UInt64
  /// Of the commit in its partition, from 1.
  package var sequence: Int64
  /// From 0.
  package var part: Int
  /// Records of the commit in its partition.
  package var parts: Int
  /// The next input offset to read.
  package var inputOffset: Int64
  /// Complete sweeps of the partition at the cut.
  package var walk: Int
  /// The clock at the cut, ms; 0 before the first purchase.
  package var baseMs: Int64
  /// The values of each contribution.
  var features: Int
  /// Rows in the record.
  package private(set) var rows: Int

  /// Reads the header of a record.
  package init(_ record: UnsafeRawBufferPointer) throws(StateLogError) {
    var reader = PackedReader(record)
    try self.init(&reader)
  }

  init(_ reader: inout PackedReader) throws(StateLogError) {
    let version = reader.byte()
    if version != StateRecord.version && !reader.isDamaged { throw .version(version) }
    fingerprint = reader.fixed(8)
    let most = Int.max >> 1
    sequence = Int64(reader.count(upTo: most, "a sequence is too large"))
    part = reader.count(upTo: Int(Int32.max), "a part is too large")
    parts = reader.count(upTo: Int(Int32.max), "the number of parts is too large")
    inputOffset = Int64(reader.count(upTo: 1 << 47 - 1, "an offset is too large"))
    walk = reader.count(upTo: most, "a walk is too large")
    baseMs = reader.number48()
    features = reader.count(upTo: FeatureVector.countMax, "a contribution has too many features")
    rows = reader.count(upTo: StateRecord.bytesMax, "there are too many rows")
    reader.require(sequence > 0 && part < parts, "its place in the log is not one")
    if reader.isDamaged { throw reader.error }
  }
}
