import Segmentation

@testable import Pipeline

/// A replay of files with all that came of it kept.
struct ReplayedLog {
  struct Dead: Equatable {
    var code: DeadLetterCode
    var line: Int
    var value: [UInt8]
  }

  struct Totals: Equatable {
    var orders = 0
    var grossMinor: Int64 = 0
    var refundedMinor: Int64 = 0
  }

  private final class Collected {
    var changes: [UInt8] = []
    var dead: [Dead] = []
  }

  let summary: ReplaySummary
  let customers: [String: Totals]
  private let collected = Collected()

  /// The changes, one JSON object a line.
  var changes: [UInt8] { collected.changes }
  /// The dead letters, in the order in which they came.
  var dead: [Dead] { collected.dead }

  init(_ paths: [String], options: ReplayOptions, batchBytes: Int = FileReader.batchBytes) throws {
    var options = options
    options.wallClockMs = 1_800_000_000_000
    let reader = try FileReader(
      paths: paths, format: options.map.format, limits: options.limits, wallClockMs: options.wallClockMs,
      batchBytes: batchBytes)
    var outputs = Replay.Outputs()
    outputs.change = { [collected] in collected.changes += $0.value.map(Array.init) ?? [] }
    outputs.deadLetter = { [collected] in
      collected.dead.append(Dead(code: $0.letter.code, line: $0.line, value: [UInt8]($0.value)))
    }
    let replay = try Replay(options, outputs: outputs)
    try replay.run(reader)
    summary = replay.summary(seconds: 1)
    var customers: [String: Totals] = [:]
    replay.forEachCustomer { customer in
      customers[String(decoding: customer.id, as: UTF8.self)] = Totals(
        orders: customer.orders, grossMinor: customer.grossMinor, refundedMinor: customer.refundedMinor)
    }
    self.customers = customers
  }
}
