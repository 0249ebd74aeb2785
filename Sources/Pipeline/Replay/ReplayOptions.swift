import Segmentation

/// What to do with a record that cannot be used.
package enum BadRecordPolicy: String, CaseIterable, Sendable {
  /// Keep it, with the reason.
  case deadLetter = "dead_letter"
  /// Count it and go on.
  case skip
  /// Stop.
  case fail
}

/// How a log is replayed.
package struct ReplayOptions: Sendable {
  /// The core's settings; the currency may be undetermined (the first record that names one decides).
  package var settings = SegmentationSettings()
  /// The model to begin with; it fits the settings, but for a currency that is yet to be determined.
  package var model: ModelFile?
  /// Where the fields are.
  package var map = RecordMap()
  /// The bounds of a record.
  package var limits = RecordLimits()
  /// Sort all records by time before anything else.
  package var sortsByTime = false
  /// Records later than this are left out; ms.
  package var untilMs: Int64?
  /// Threads, 1 to 64.
  package var workers = 1
  /// What to do with a record that cannot be used.
  package var badRecords = BadRecordPolicy.deadLetter
  /// The wall clock at the start, ms: nothing may be more than 24 h beyond it.
  package var wallClockMs: Int64 = 0
  /// Changes are written as CloudEvents in structured mode (files) or binary mode (Kafka).
  package var changeShape = ChangeSettings.Shape.structured

  /// An epoch ends after so many records, or a sixtieth of the customers if that is more: bounds what it writes.
  var epochRecordsMin = 4096

  /// The default options.
  package init() {}
}

/// Why a replay stopped.
package enum ReplayError: Error, CustomStringConvertible {
  /// A record could not be used and the policy is `fail`.
  case badRecord(file: String, line: Int, code: DeadLetterCode, message: String)

  /// One sentence: where and what.
  package var description: String {
    switch self {
    case .badRecord(let file, let line, let code, let message):
      "\(file):\(line): \(code.rawValue): \(message)"
    }
  }
}

/// A dead letter with its place in the files.
package struct FileDeadLetter {
  /// Why and what.
  package var letter: DeadLetter
  /// The file, as it was named.
  package var file: String
  /// The line on which the record starts, from 1; 0 where it is not known.
  package var line: Int
  /// The record, borrowed.
  package var value: UnsafeRawBufferPointer
}
