import Foundation
import Segmentation
import Testing

@testable import Pipeline

@Suite("Files, replayed")
struct ReplayedFilesTests {
  @Test("CDNOW comes out right: every record, every customer with its zeros, every cent")
  func cdnow() throws {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    let path = root.deletingLastPathComponent().appendingPathComponent("replay/CDNOW_sample.txt.xz").path
    var options = ReplayOptions()
    options.sortsByTime = true
    options.map.format = .columns
    options.map.customerID = .column(2)
    options.map.amount = [.column(5)]
    options.map.timestamp = .column(3)
    options.map.timeFormat = .pattern("%Y%m%d")
    options.map.currency = .constant("USD")
    (options.map.transactionID, options.map.orderID, options.map.type) = (nil, nil, nil)
    let replayed = try ReplayedLog([path], options: options)
    var expected: [String: ReplayedLog.Totals] = [:]
    for record in try readAll([path], format: .columns).records {
      let columns = String(decoding: record.bytes, as: UTF8.self).split(separator: " ")
      let minor = try #require(Int64(columns[4].filter { $0 != "." }))
      expected[String(columns[1]), default: ReplayedLog.Totals()].orders += 1
      expected[String(columns[1]), default: ReplayedLog.Totals()].grossMinor += minor
    }
    #expect(replayed.summary.recordsRead == 6919 && replayed.summary.applied == 6919)
    #expect(replayed.summary.behindClock == 0 && replayed.dead.isEmpty)
    #expect(replayed.customers.count == 2357 && replayed.customers["0001"] != nil)
    #expect(replayed.customers.values.reduce(0) { $0 + $1.grossMinor } == 24_409_194)
    #expect(replayed.customers == expected)
  }

  @Test("What is generated is read as it was meant: sums, repeats, and each broken kind by its own code")
  func generated() throws {
    var settings = GeneratorSettings()
    settings.events = 20_000
    settings.customers = 1000
    settings.brokenShare = 0.05
    settings.duplicateShare = 0.05
    let folder = try ScratchFolder()
    let (generator, path) = try Self.generate(settings, in: folder)
    let replayed = try ReplayedLog([path], options: Self.options)
    let codes: [DeadLetterCode] = [
      .malformed, .missingField, .invalidAmount, .invalidTimestamp, .unknownCurrency,
    ]
    for (kind, code) in zip(BrokenKind.allCases, codes) {
      #expect(replayed.summary.deadLetters[code] == generator.counts.broken[kind.rawValue])
    }
    #expect(replayed.summary.recordsRead == settings.events)
    #expect(replayed.summary.deadLetterCount == generator.counts.broken.reduce(0, +))
    #expect(replayed.summary.duplicates == generator.counts.duplicates)
    #expect(replayed.summary.applied == generator.counts.purchases + generator.counts.refunds)
    for (index, planted) in generator.population.customers.enumerated() where planted.orders > 0 {
      let customer = try #require(replayed.customers["c" + String(String(10_000_001 + index).dropFirst())])
      #expect(customer.grossMinor == planted.grossMinor && customer.refundedMinor == planted.refundedMinor)
    }
    let lines = try Data(contentsOf: URL(fileURLWithPath: path)).split(separator: 10)
    #expect(replayed.dead.allSatisfy { $0.value.elementsEqual(lines[$0.line - 1]) })
  }

  @Test("The same log gives the same changes, however it is cut, packed or shared out among workers")
  func sameBytes() throws {
    var settings = GeneratorSettings()
    settings.events = 20_000
    settings.customers = 800
    let folder = try ScratchFolder()
    let (_, path) = try Self.generate(settings, in: folder)
    let first = try ReplayedLog([path], options: Self.options)
    #expect(first.changes.count { $0 == 10 } > 800)
    for batchBytes in [777, 100_000] {
      let cut = try ReplayedLog([path], options: Self.options, batchBytes: batchBytes)
      #expect(cut.changes == first.changes && cut.dead == first.dead)
    }
    var options = Self.options
    options.workers = 2
    let shared = try ReplayedLog([path], options: options)
    #expect(shared.changes == first.changes && shared.dead == first.dead)
    let packed = try folder.pack([UInt8](try Data(contentsOf: URL(fileURLWithPath: path))), with: ["zstd", "-c"])
    #expect(try ReplayedLog([try folder.write(packed, to: "packed")], options: Self.options).changes == first.changes)
  }

  @Test("A log sorted by time in memory gives what the log in order gives")
  func sortedAlike() throws {
    var settings = GeneratorSettings()
    settings.events = 10_000
    settings.customers = 500
    (settings.lateShare, settings.brokenShare) = (0, 0)
    settings.refundShare = 0
    settings.duplicateShare = 0
    let folder = try ScratchFolder()
    let (_, path) = try Self.generate(settings, in: folder)
    var options = Self.options
    options.sortsByTime = true
    let inOrder = try ReplayedLog([path], options: Self.options)
    let sorted = try ReplayedLog([path], options: options)
    #expect(sorted.changes == inOrder.changes && sorted.customers == inOrder.customers)
  }

  @Test("Where batches end changes nothing, though epochs grow with the customers", arguments: [1, 2])
  func batchesDoNotMatter(workers: Int) throws {
    let folder = try ScratchFolder()
    var settings = GeneratorSettings()
    settings.events = 20_000
    settings.customers = 4_000
    settings.spanDays = 1
    let (_, path) = try Self.generate(settings, in: folder)
    var options = Self.options
    options.workers = workers
    options.epochRecordsMin = 8  // A sixtieth of the customers soon is more.
    let whole = try ReplayedLog([path], options: options)
    for batchBytes in [5_000, 33_333] {
      let pieces = try ReplayedLog([path], options: options, batchBytes: batchBytes)
      #expect(pieces.changes == whole.changes && pieces.customers == whole.customers, "\(batchBytes)")
    }
  }

  @Test("Where batches end changes nothing, though a late record names the currency")
  func lateCurrency() throws {
    let folder = try ScratchFolder()
    var lines = ""
    for index in 0..<3_000 {
      let currency = index == 2_900 ? ",\"currency\":\"USD\"" : ""
      lines +=
        "{\"customer_id\":\"c\(index % 500)\",\"amount\":\(index % 90 + 1)\(currency),"
        + "\"timestamp\":\(1_700_000_000 + index * 60)}\n"
    }
    let path = try folder.write(lines.utf8, to: "late.json")
    var options = Self.options
    options.settings.currency = Currency(code: nil)
    let whole = try ReplayedLog([path], options: options)
    let pieces = try ReplayedLog([path], options: options, batchBytes: 2_000)
    #expect(pieces.changes == whole.changes && !whole.changes.isEmpty)
    #expect(whole.summary.currencyCode == "USD" && pieces.summary.currencyCode == "USD")
  }

  @Test("An input that is not there costs no output of the run before")
  func outputsSurvive() throws {
    let folder = try ScratchFolder()
    var files = ReplayFiles()
    files.changes = try folder.write("precious".utf8, to: "changes")
    #expect(throws: FileError.notFound(path: folder.path("missing"))) {
      try ReplayJob(paths: [folder.path("missing")], options: Self.options, files: files)
    }
    #expect(try String(contentsOfFile: folder.path("changes"), encoding: .utf8) == "precious")
  }

  private static var options: ReplayOptions {
    var options = ReplayOptions()
    options.settings.currency = Currency(code: "EUR")
    return options
  }

  private static func generate(
    _ settings: GeneratorSettings, in folder: ScratchFolder
  ) throws -> (generator: Generator, path: String) {
    var generator = try Generator(settings)
    let path = folder.path("generated.json")
    let output = try OutputFile(path: path)
    let batch = GeneratedBatch()
    while generator.next(into: batch) > 0 { try output.write(batch.lines) }
    try output.close()
    return (generator, path)
  }
}
