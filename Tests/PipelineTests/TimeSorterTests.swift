import Testing

@testable import Pipeline
@testable import Segmentation

@Suite("Sorting by time")
struct TimeSorterTests {
  @Test("The order is that of a plain stable sort, and ids outlive their source", arguments: [1, 40, 1 << 33, 1 << 62])
  func likePlainSort(range: Int) throws {
    var random = RandomSource(seed: UInt64(range))
    let times = (0..<70_000).map { _ in Int64(random.below(range)) - Int64(range / 2) }
    #expect(try sorted(times, batch: 999) == reference(times))
  }

  @Test("Records already in order come as they are")
  func inOrder() throws {
    let times = (0..<5000).map { Int64($0 / 3) }
    #expect(try sorted(times, batch: 100) == reference(times))
  }

  @Test("The extremes of time are sorted, too")
  func extremes() throws {
    let times: [Int64] = [.max, 0, .min, -1, .max, .min, 1]
    #expect(try sorted(times, batch: 2) == reference(times))
  }

  @Test("Nothing in, nothing out")
  func empty() throws {
    #expect(try sorted([], batch: 10).isEmpty)
  }

  @Test("What does not fit the limit is an error that says the memory it takes")
  func limit() {
    var failure: FileError?
    var sorter = TimeSorter(bytesMax: 10_000)
    withRecords((0..<1000).map { Int64($0) }) { records in
      do throws(FileError) {
        try sorter.append(records)
      } catch {
        failure = error
      }
    }
    guard case .sortTooLarge(let records, let bytesNeeded, let bytesMax)? = failure else {
      Issue.record("no error")
      return
    }
    #expect(records == 1000 && bytesNeeded > 80_000 && bytesMax == 10_000)
  }

  private func reference(_ times: [Int64]) -> [Int64] {
    times.enumerated().sorted { ($0.element, $0.offset) < ($1.element, $1.offset) }.map { Int64($0.offset) }
  }

  /// The offsets in the sorter's order; checks that each id is still that of its record.
  private func sorted(_ times: [Int64], batch: Int) throws -> [Int64] {
    var sorter = TimeSorter()
    var failure: FileError?
    for start in stride(from: 0, to: times.count, by: 4096) {
      withRecords(Array(times[start..<min(start + 4096, times.count)]), firstOffset: start) { records in
        do throws(FileError) {
          try sorter.append(records)
        } catch {
          failure = error
        }
      }
    }
    if let failure { throw failure }
    sorter.sort()
    let target = UnsafeMutableBufferPointer<PurchaseRecord>.allocate(capacity: batch)
    defer { target.deallocate() }
    var offsets: [Int64] = []
    while true {
      let count = sorter.next(into: target)
      if count == 0 { break }
      for (position, record) in target[..<count].enumerated() {
        let id = UnsafeBufferPointer(start: record.customerID, count: Int(record.customerIDCount))
        #expect(String(decoding: id, as: UTF8.self) == "customer \(record.offset)")
        #expect(record.index == position && record.timestampMs == times[Int(record.offset)])
        offsets.append(record.offset)
      }
    }
    return offsets
  }

  /// Records whose ids are gone when the closure returns.
  private func withRecords(
    _ times: [Int64], firstOffset: Int = 0, body: (UnsafeBufferPointer<PurchaseRecord>) -> Void
  ) {
    let ids = times.indices.map { Array("customer \(firstOffset + $0)".utf8) }
    let memory = UnsafeMutablePointer<UInt8>.allocate(capacity: max(1, ids.reduce(0) { $0 + $1.count }))
    defer { memory.deallocate() }
    var free = memory
    var records: [PurchaseRecord] = []
    for (index, id) in ids.enumerated() {
      free.update(from: id, count: id.count)
      records.append(
        PurchaseRecord(
          customerID: free, customerIDCount: Int32(id.count), partition: 0, customerHash: 0, transactionHash: 0,
          orderHash: 0, amountMinor: 0, timestampMs: times[index], offset: Int64(firstOffset + index), clockMs: 0,
          index: Int32(index), kind: .purchase))
      free += id.count
    }
    records.withUnsafeBufferPointer(body)
  }
}
