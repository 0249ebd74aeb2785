import Segmentation

/// Decodes batches of raw records with one decoder a worker; what comes out does not depend on their number.
final class BatchDecoder {
  private let decoders: UnsafeMutablePointer<RecordDecoder>
  private let count: Int
  private let crew: Crew
  private var records: UnsafeMutableBufferPointer<PurchaseRecord> = .allocate(capacity: 4096)
  private var letters: [[DeadLetter]]
  private var decoded: [Int]

  /// Batches of fewer records are not worth sharing out.
  private static let sharedRecordsMin = 512

  /// Makes a decoder for each worker.
  init(_ options: ReplayOptions, workers: Int) throws(RecordMapError) {
    decoders = .allocate(capacity: workers)
    crew = Crew(count: workers)
    letters = Array(repeating: [], count: workers)
    decoded = Array(repeating: 0, count: workers)
    var made = 0
    for index in 0..<workers {
      do {
        (decoders + index).initialize(
          to: try RecordDecoder(map: options.map, currency: options.settings.currency, limits: options.limits))
      } catch {
        decoders.deinitialize(count: made)
        decoders.deallocate()
        throw error
      }
      made += 1
    }
    count = workers
  }

  deinit {
    decoders.deinitialize(count: count)
    decoders.deallocate()
    records.deallocate()
  }

  /// The currency; its code is `nil` until one is configured or named.
  var currency: Currency { decoders[0].currency }

  /// Takes the header of a CSV file.
  func setHeader(_ header: UnsafeRawBufferPointer) throws(RecordMapError) {
    for index in 0..<count { try decoders[index].setHeader(header) }
  }

  /// Lets all decoders take the currency that a record has named.
  func fixCurrency(_ currency: Currency) {
    for index in 0..<count { decoders[index].fixCurrency(currency) }
  }

  /// Whether a record is usable; if it names the currency, that is settled.
  func canDecode(_ raw: UnsafeBufferPointer<RawRecord>) -> Bool { !decode(raw).0.isEmpty }

  /// Decodes a batch; the records and their ids are good until the next call. Dead letters come by index.
  func decode(_ batch: FrameBatch) -> DecodedBatch {
    let (records, deadLetters) = decode(batch.records)
    return DecodedBatch(batch: batch, records: records, deadLetters: deadLetters)
  }

  private func decode(_ raw: UnsafeBufferPointer<RawRecord>) -> (
    UnsafeMutableBufferPointer<PurchaseRecord>, [DeadLetter]
  ) {
    if raw.count > records.count {
      records.deallocate()
      records = .allocate(capacity: raw.count)
    }
    for worker in 0..<count { letters[worker].removeAll(keepingCapacity: true) }
    guard let base = records.baseAddress else { return (records, []) }
    // Until a record has named the currency one decoder sees all records, so that the first one decides.
    if count == 1 || raw.count < Self.sharedRecordsMin || currency.code == nil {
      let written = decoders[0].decode(raw, into: base, deadLetters: &letters[0])
      if count > 1, currency.code != nil {
        for index in 1..<count { decoders[index].fixCurrency(decoders[0].currency) }
      }
      return (UnsafeMutableBufferPointer(start: base, count: written), letters[0])
    }
    decodeShared(raw, into: base)
    return (UnsafeMutableBufferPointer(start: base, count: close(base, rawCount: raw.count)), letters.flatMap { $0 })
  }

  private func start(of worker: Int, rawCount: Int) -> Int { rawCount * worker / count }

  private func decodeShared(_ raw: UnsafeBufferPointer<RawRecord>, into base: UnsafeMutablePointer<PurchaseRecord>) {
    nonisolated(unsafe) let raw = raw  // Read only.
    nonisolated(unsafe) let base = base  // Each worker writes behind its own start.
    letters.withUnsafeMutableBufferPointer { letters in
      decoded.withUnsafeMutableBufferPointer { decoded in
        nonisolated(unsafe) let (letters, decoded) = (letters, decoded)  // Each worker has its own element.
        crew.perform { worker in
          let first = self.start(of: worker, rawCount: raw.count)
          let end = self.start(of: worker + 1, rawCount: raw.count)
          decoded[worker] = self.decoders[worker].decode(
            UnsafeBufferPointer(rebasing: raw[first..<end]), into: base + first, deadLetters: &letters[worker])
        }
      }
    }
  }

  /// Closes the gaps between the workers' records and makes the indices those of the batch.
  private func close(_ base: UnsafeMutablePointer<PurchaseRecord>, rawCount: Int) -> Int {
    var written = decoded[0]
    for worker in 1..<count {
      let first = start(of: worker, rawCount: rawCount)
      for position in 0..<decoded[worker] {
        base[written] = base[first + position]
        base[written].index += Int32(first)
        written += 1
      }
      for index in letters[worker].indices { letters[worker][index].index += first }
    }
    return written
  }
}
