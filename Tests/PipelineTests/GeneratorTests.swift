import Foundation
import Testing

@testable import Pipeline

@Suite("Generator")
struct GeneratorTests {
  @Test("The same seed gives the same bytes, however they are cut, and another seed gives others")
  func determinism() throws {
    var settings = GeneratorSettings()
    settings.events = 20_000
    settings.customers = 1000
    let first = try Self.generate(settings).lines
    #expect(try Self.generate(settings, capacity: 1024).lines == first)
    settings.seed = 2
    #expect(try Self.generate(settings).lines != first)
  }

  @Test(
    "There are exactly as many records as asked for",
    arguments: [(0, 10), (1, 1), (999, 1), (5000, 5000), (1000, 100_000), (50_000, 3)])
  func exactCount(events: Int, customers: Int) throws {
    var settings = GeneratorSettings()
    settings.events = events
    settings.customers = customers
    let (generator, lines) = try Self.generate(settings)
    #expect(lines.count { $0 == 10 } == events)
    #expect(generator.isFinished && generator.counts.total == events)
  }

  @Test("Shares, span and order of time are as set, by what the records themselves say")
  func shares() throws {
    var settings = GeneratorSettings()
    settings.events = 100_000
    settings.customers = 5000
    settings.refundShare = 0.05
    settings.duplicateShare = 0.04
    settings.lateShare = 0.03
    settings.brokenShare = 0.02
    let (generator, bytes) = try Self.generate(settings)
    let found = Observed(bytes, startMs: settings.startMs)
    #expect(found.broken == generator.counts.broken.reduce(0, +))
    #expect(found.duplicates == generator.counts.duplicates)
    #expect(found.refunds == generator.counts.refunds)
    #expect(found.behind == generator.counts.late)
    let total = Double(settings.events)
    #expect(abs(Double(found.broken) / total - 0.02) < 0.003)
    #expect(abs(Double(found.duplicates) / total - 0.04) < 0.004)
    #expect(abs(Double(found.refunds) / total - 0.05) < 0.004)
    #expect(abs(Double(generator.counts.late) / total - 0.03) < 0.006)
    let spanDays = Double(found.newestMs - settings.startMs) / 86_400_000
    #expect(abs(spanDays - 30) < 1)
    #expect(generator.counts.broken.allSatisfy { $0 > 0 })
  }

  @Test("A record with a broken kind is broken in that way only")
  func brokenKinds() throws {
    var writer = RecordWriter(customers: 10)
    let record = SyntheticRecord(
      customer: 6, transaction: 12, order: 3, amountMinor: 1230, timestampMs: 1_767_225_600_123)
    let buffer = UnsafeMutablePointer<UInt8>.allocate(capacity: GeneratedBatch.recordBytesMax)
    defer { buffer.deallocate() }
    var texts: [String] = []
    for kind in [nil] + BrokenKind.allCases {
      let written = writer.write(record, broken: kind, to: buffer)
      let bytes = UnsafeBufferPointer(start: buffer, count: written.count)
      texts.append(String(decoding: bytes, as: UTF8.self))
      let key = String(decoding: bytes[written.keyStart..<written.keyStart + written.keyCount], as: UTF8.self)
      #expect(key == (kind == .withoutCustomer ? "" : "c0000007"))
    }
    let whole = """
      {"customer_id":"c0000007","transaction_id":"t00000000012","order_id":"o00000000003","amount":12.30,\
      "currency":"EUR","type":"purchase","timestamp":"2026-01-01T00:00:00.123Z"}
      """
    #expect(texts[0] == whole)
    #expect(whole.hasPrefix(texts[1]) && texts[1].count < whole.count)
    #expect(texts[2] == whole.replacingOccurrences(of: "\"customer_id\":\"c0000007\",", with: ""))
    #expect(texts[3] == whole.replacingOccurrences(of: "12.30", with: "\"n/a 12.30\""))
    #expect(texts[4] == whole.replacingOccurrences(of: "2026", with: "yesterday 2026"))
    #expect(texts[5] == whole.replacingOccurrences(of: "EUR", with: "XTS"))
  }

  @Test("The key of a record is its customer id, its value the line")
  func keys() throws {
    var settings = GeneratorSettings()
    settings.events = 5000
    settings.customers = 100
    settings.brokenShare = 0.2
    var generator = try Generator(settings)
    let batch = GeneratedBatch(capacity: 4096)
    while generator.next(into: batch) > 0 {
      let values = (0..<batch.count).map { String(decoding: batch.value(at: $0), as: UTF8.self) }
      #expect(values.map { $0 + "\n" }.joined() == String(decoding: batch.lines, as: UTF8.self))
      for (index, value) in values.enumerated() {
        let key = batch.key(at: index).map { String(decoding: $0, as: UTF8.self) }
        #expect(key.map { value.hasPrefix("{\"customer_id\":\"\($0)\"") } ?? value.hasPrefix("{\"transaction_id\""))
      }
    }
  }

  @Test("No record comes before it is due")
  func pacing() throws {
    var settings = GeneratorSettings()
    settings.events = 1000
    settings.customers = 100
    settings.ratePerSecond = 100
    let whole = try Self.generate(settings).lines
    var generator = try Generator(settings)
    let batch = GeneratedBatch()
    var paced: [UInt8] = []
    #expect(generator.next(into: batch, untilMs: settings.startMs - 1) == 0)
    var dueMs = settings.startMs
    while !generator.isFinished {
      dueMs += 100
      #expect(generator.next(into: batch, untilMs: dueMs) < 60)
      paced += batch.lines
    }
    #expect(paced == whole)
    #expect(abs(dueMs - settings.startMs - 10_000) < 2000)
  }

  @Test("The truth adds up to the records: orders, sums and last purchases of every customer")
  func truth() throws {
    var settings = GeneratorSettings()
    settings.events = 30_000
    settings.customers = 2000
    var (generator, bytes) = try Self.generate(settings)
    let folder = try ScratchFolder()
    let output = try OutputFile(path: folder.path("truth.csv"))
    try generator.writeTruth(to: output)
    try output.close()
    let rows = try String(contentsOfFile: folder.path("truth.csv"), encoding: .utf8).split(separator: "\n")
    #expect(rows.count == 2001)
    let found = Observed(bytes, startMs: settings.startMs)
    var segments: Set<Substring> = []
    var silent = 0
    for row in rows.dropFirst() {
      let fields = row.split(separator: ",", omittingEmptySubsequences: false)
      let customer = found.customers[String(fields[0])] ?? Observed.Customer()
      segments.insert(fields[1])
      silent += fields[4].isEmpty ? 0 : 1
      #expect(Int(fields[6]) == customer.orders.count)
      #expect(fields[7].filter { $0 != "." } == Observed.minorText(customer.grossMinor))
      #expect(fields[8].filter { $0 != "." } == Observed.minorText(customer.refundedMinor))
      #expect(fields[9] == customer.lastPurchase)
      // Who has fallen silent has bought nothing since.
      if !fields[4].isEmpty { #expect(customer.lastPurchase <= fields[4]) }
      #expect((fields[5] == "none") == customer.orders.isEmpty)
    }
    #expect(segments.count == PlantedSegment.all.count)
    #expect(abs(Double(silent) / 2000 - 0.15) < 0.03)
  }

  @Test("A setting out of its limits is an error that names it")
  func limits() {
    var settings = GeneratorSettings()
    settings.refundShare = 1.5
    #expect(throws: GeneratorSettingsError.self) { try Generator(settings) }
    settings = GeneratorSettings()
    settings.customers = 0
    #expect(throws: GeneratorSettingsError.self) { try Generator(settings) }
    settings = GeneratorSettings()
    settings.spanDays = .nan
    #expect(throws: GeneratorSettingsError.self) { try Generator(settings) }
  }

  private static func generate(
    _ settings: GeneratorSettings, capacity: Int = 1 << 18
  ) throws -> (generator: Generator, lines: [UInt8]) {
    var generator = try Generator(settings)
    let batch = GeneratedBatch(capacity: capacity)
    var lines: [UInt8] = []
    while generator.next(into: batch) > 0 { lines += batch.lines }
    return (generator, lines)
  }
}
