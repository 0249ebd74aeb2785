import Segmentation

/// The files that a replay writes; each is a path, `-` for stdout, or `nil` for none.
package struct ReplayFiles: Sendable {
  /// Changes as CloudEvents, one JSON object a line.
  package var changes: String?
  /// Dead letters, one JSON object a line.
  package var deadLetters: String?
  /// Customers as CSV.
  package var customers: String?
  /// The model as JSON.
  package var model: String?

  /// Makes a set without files.
  package init() {}
}

/// Replays logs into files.
package struct ReplayJob {
  private let replay: Replay
  private let reader: FileReader
  private let changes: OutputFile?
  private let deadLetters: OutputFile?
  private let customers: OutputFile?
  private let model: OutputFile?

  /// Looks for the inputs and creates the outputs, so that what cannot be had is said before work is done.
  ///
  /// `publish` takes each change besides the file, for a topic (then `options.changeShape` must be `.binary`, and no
  /// file of changes can be written). `progress` is called after every batch with the records and bytes read.
  package init(
    paths: [String], options: ReplayOptions, files: ReplayFiles, publish: ((PublishedChange) throws -> Void)? = nil,
    progress: ((Int, _ bytesRead: Int64, _ bytesTotal: Int64?) -> Void)? = nil
  ) throws {
    // The inputs first: a name that is mistyped must not cost the outputs of the last run.
    let reader = try FileReader(
      paths: paths, format: options.map.format, limits: options.limits, wallClockMs: options.wallClockMs)
    self.reader = reader
    changes = try files.changes.map { path in try OutputFile(path: path) }
    deadLetters = try files.deadLetters.map { path in try OutputFile(path: path) }
    customers = try files.customers.map { path in try OutputFile(path: path) }
    model = try files.model.map { path in try OutputFile(path: path) }
    var outputs = Replay.Outputs()
    if changes != nil || publish != nil {
      let file = changes
      outputs.change = { change in
        if let value = change.value { try file?.write(UnsafeRawBufferPointer(value)) }
        try publish?(change)
      }
    }
    if let file = deadLetters {
      outputs.deadLetter = { letter in try file.write(deadLetterLine(letter)) }
    }
    if let progress {
      outputs.progress = { read in
        let bytes = reader.progress
        progress(read, bytes.bytesRead, bytes.bytesTotal)
      }
    }
    replay = try Replay(options, outputs: outputs)
  }

  /// Runs the replay, writes all files, and says what happened; `seconds` tells the time since the start.
  package func run(seconds: () -> Double) throws -> ReplaySummary {
    try replay.run(reader)
    try changes?.close()
    try deadLetters?.close()
    let digits = replay.digits
    if let customers {
      var writer = CustomerFile(digits: digits)
      let features = replay.model?.features ?? []
      try customers.write(String(decoding: writer.header(features: features), as: UTF8.self))
      try replay.forEachCustomer { customer in
        try writer.write(customer, featureCount: features.count) { try customers.write($0) }
      }
      try customers.close()
    }
    let summary = replay.summary(seconds: seconds())
    if let model {
      var record = replay.record
      record?.customers = summary.segments.map(\.customers)
      let json = (record?.bytes(digits: digits) ?? Array("null".utf8)) + [UInt8(ascii: "\n")]
      try json.withUnsafeBytes { bytes in try model.write(bytes) }
      try model.close()
    }
    return summary
  }
}

/// A dead letter as one JSON object and a line feed: `code`, `message`, `file`, `line`, `value`.
///
/// A value that is not UTF-8 is written in base64, and `encoding` says so.
func deadLetterLine(_ dead: FileDeadLetter) -> String {
  var out = ByteBuffer(capacity: 512 + dead.value.count * 2)
  out.append("{\"code\":")
  out.append(jsonString: dead.letter.code.rawValue)
  out.append(",\"message\":")
  out.append(jsonString: dead.letter.message)
  out.append(",\"file\":")
  out.append(jsonString: dead.file)
  out.append(",\"line\":")
  if dead.line > 0 { out.append(integer: Int64(dead.line)) } else { out.append("null") }
  out.append(",\"value\":")
  let bytes = dead.value.bindMemory(to: UInt8.self)
  if String(validating: bytes, as: UTF8.self) != nil {
    out.append(jsonString: bytes)
  } else {
    out.append("\"")
    out.append(base64(bytes))
    out.append("\",\"encoding\":\"base64\"")
  }
  out.append("}\n")
  return String(decoding: out.bytes, as: UTF8.self)
}

/// Base64 with padding (RFC 4648, section 4).
private func base64(_ bytes: UnsafeBufferPointer<UInt8>) -> [UInt8] {
  let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
  var result: [UInt8] = []
  result.reserveCapacity((bytes.count + 2) / 3 * 4)
  for start in stride(from: 0, to: bytes.count, by: 3) {
    var group = 0
    for index in start..<start + 3 { group = group << 8 | (index < bytes.count ? Int(bytes[index]) : 0) }
    for position in 0..<4 {
      let isFilled = start + position <= bytes.count
      result.append(isFilled ? alphabet[group >> (18 - 6 * position) & 63] : 0x3d)
    }
  }
  return result
}
