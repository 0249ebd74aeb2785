/// Records that the generator made, as lines; reused.
package final class GeneratedBatch {
  /// Where one record's value and key are among the bytes.
  private struct Place {
    var start: Int32
    var count: Int32
    var keyStart: Int32
    var keyCount: Int32
  }

  /// The room that a batch keeps free for one more record.
  static let recordBytesMax = 512

  /// The number of records.
  package var count: Int { places.count }

  private let storage: UnsafeMutableRawBufferPointer
  private var filled = 0
  private var places: [Place] = []

  /// Makes a batch of at most `capacity` bytes, at least 512.
  package init(capacity: Int = 1 << 18) {
    precondition(capacity >= GeneratedBatch.recordBytesMax, "a batch has room for a record")
    storage = .allocate(byteCount: capacity, alignment: 16)
    places.reserveCapacity(capacity / 128)
  }

  deinit { storage.deallocate() }

  /// All records, each with a line feed behind it.
  package var lines: UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(storage)[..<filled])
  }

  /// The bytes of the record at `index`, without a line feed; valid until the batch is filled anew.
  package func value(at index: Int) -> UnsafeRawBufferPointer {
    let place = places[index]
    return UnsafeRawBufferPointer(
      rebasing: UnsafeRawBufferPointer(storage)[Int(place.start)..<Int(place.start + place.count)])
  }

  /// The customer id within the record at `index`; `nil` in a broken record without one.
  package func key(at index: Int) -> UnsafeRawBufferPointer? {
    let place = places[index]
    if place.keyCount == 0 { return nil }
    return UnsafeRawBufferPointer(
      rebasing: UnsafeRawBufferPointer(storage)[Int(place.keyStart)..<Int(place.keyStart + place.keyCount)])
  }

  var hasRoom: Bool { storage.count - filled >= GeneratedBatch.recordBytesMax }

  func removeAll() {
    filled = 0
    places.removeAll(keepingCapacity: true)
  }

  /// Where the next record is to be written.
  var free: UnsafeMutablePointer<UInt8> {
    let start: UnsafeMutableRawPointer = storage.baseAddress.unsafelyUnwrapped + filled
    return start.assumingMemoryBound(to: UInt8.self)
  }

  /// Keeps what was written at `free`, and puts a line feed behind it.
  func add(_ written: WrittenRecord) {
    precondition(written.count < GeneratedBatch.recordBytesMax, "a record fits the room kept for it")
    places.append(
      Place(
        start: Int32(filled), count: Int32(written.count), keyStart: Int32(filled + written.keyStart),
        keyCount: Int32(written.keyCount)))
    storage[filled + written.count] = 10
    filled += written.count + 1
  }
}

/// The lengths of a record just written, and where its customer id is.
struct WrittenRecord {
  var count: Int
  var keyStart: Int
  var keyCount: Int
}
