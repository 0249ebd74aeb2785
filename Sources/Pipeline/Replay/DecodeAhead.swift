import Dispatch
import Segmentation

/// A batch of a file and what was decoded of it; the records are good until the second call after it.
struct DecodedBatch {
  let batch: FrameBatch
  var records: UnsafeMutableBufferPointer<PurchaseRecord>
  var deadLetters: [DeadLetter]
}

/// Decodes one batch on a thread of its own while the one before is applied.
///
///     decode 1 │ decode 2 │ decode 3 │
///              │ apply 1  │ apply 2  │ apply 3
final class DecodeAhead: @unchecked Sendable {
  // @unchecked: `result` is written by the queue before it signals, and read by the caller after it has waited.
  private let decoders: [BatchDecoder]
  private var turn = 0
  private let queue = DispatchQueue(label: "segmenter.decode")
  private let done = DispatchSemaphore(value: 0)
  private var result: DecodedBatch?

  /// Makes two decoders for so many workers each.
  init(_ options: ReplayOptions) throws(RecordMapError) {
    decoders = [
      try BatchDecoder(options, workers: options.workers), try BatchDecoder(options, workers: options.workers),
    ]
    currency = decoders[0].currency
    firstCurrency = currency
  }

  /// The currency; its code is `nil` until one is configured or named, and then it stays.
  private(set) var currency: Currency
  /// The currency as the first usable record left it. Changes name this one: it does not depend on where batches end.
  private(set) var firstCurrency: Currency
  private var hasFirst = false

  /// Decodes `batch` while `meanwhile` runs on the caller's thread; returns when both are done.
  func decode(_ batch: FrameBatch, meanwhile: () throws -> Void) throws -> DecodedBatch {
    if let header = batch.header {
      for decoder in decoders { try decoder.setHeader(header) }
    }
    // Until a record has named the currency one decoder sees all records, so that the first one decides.
    if currency.code == nil {
      try meanwhile()
      if !hasFirst { settleFirst(batch) }
      let decoded = decoders[0].decode(batch)
      currency = decoders[0].currency
      if currency.code != nil { decoders[1].fixCurrency(currency) }
      turn = 1
      return decoded
    }
    let decoder = decoders[turn]
    turn = 1 - turn
    nonisolated(unsafe) let work = (decoder, batch)  // Nobody else has them until `done`.
    queue.async { [self] in
      result = work.0.decode(work.1)
      done.signal()
    }
    do {
      try meanwhile()
    } catch {
      done.wait()
      throw error
    }
    done.wait()
    guard let result else { preconditionFailure("the queue has decoded the batch") }
    return result
  }

  /// Decodes up to the first usable record, to see whether it names the currency.
  private func settleFirst(_ batch: FrameBatch) {
    for index in batch.records.indices where !hasFirst {
      hasFirst = decoders[0].canDecode(UnsafeBufferPointer(rebasing: batch.records[index...index]))
    }
    if hasFirst { firstCurrency = decoders[0].currency }
  }
}
