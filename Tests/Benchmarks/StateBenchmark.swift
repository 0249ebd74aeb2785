import CPrefetch
import Glibc
import Segmentation

/// State, features and assignment of one record, and the encoding of a change, in ns.
enum StateBenchmark {
  /// Customers and records of the workload.
  private static let customerCount = 200_000
  private static let recordCount = 4_000_000

  /// `--k N` is another number of segments than the default.
  static func run(_ arguments: [String]) {
    let workload = Workload(customers: customerCount, records: recordCount)
    var settings = SegmentationSettings()
    settings.currency = Currency(code: "EUR")
    if arguments.count == 2, arguments[0] == "--k", let k = Int(arguments[1]) { settings.k = k }
    if let problem = settings.problem { stop(64, problem) }
    let changes = ChangeSettings(shape: .structured, source: "/bench", causeTopic: "bench")
    let segmenter = Segmenter(settings: settings, changes: changes, partitions: [0])
    var letters: [DeadLetter] = []
    // Everybody is in the table and has a segment before anything is timed.
    workload.apply(0..<recordCount / 4, to: segmenter, &letters)
    var trainer = Trainer(settings: settings)
    var sample = CustomerSample()
    segmenter.collect(into: &sample, clockMs: workload.nowMs)
    let fitted = measure { segmenter.adopt(trainer.fit(sample, clockMs: workload.nowMs)) }
    // Everybody's first change, and then the same walk without changes: the difference is the changes.
    let first = measure { sweep(segmenter, workload.nowMs) }
    let plain = measure { sweep(segmenter, workload.nowMs) }
    print("customers \(segmenter.customers), \(segmenter.stateBytes / segmenter.customers) bytes each beside the id")
    let sampled = min(sample.customers, CustomerSample.defaultLimit)
    print(
      "fit of \(sampled) customers: \(fitted / 1_000_000) ms; with k: auto \(automaticFit(sample, workload.nowMs)) ms")
    let (contest, number) = (measure { _ = trainer.contest(sample, clockMs: workload.nowMs, number: 1) }, settings.k)
    print("contest of \(sampled) customers: \(contest / 1_000_000) ms, \(number) segments")
    print("swept row \(plain / segmenter.customers) ns, change \((first - plain) / segmenter.customers) ns")
    print(
      "floor: \(workload.floorNs(recordCount / 2..<recordCount)) ns to touch the memory of one record's row and slot")
    for round in 0..<6 {
      let start = recordCount / 4 + round * recordCount / 8
      let before = segmenter.counters.changes.reduce(0, +)
      let allocationsBefore = allocationCount()
      let ns = measure { workload.apply(start..<start + recordCount / 8, to: segmenter, &letters) }
      let allocations = allocationsBefore.map { "\((allocationCount() ?? 0) - $0)" } ?? "uncounted"
      let changed = segmenter.counters.changes.reduce(0, +) - before
      print("record \(ns / (recordCount / 8)) ns (\(recordCount / 8), \(changed) changes, allocations \(allocations))")
    }
  }

  /// The ms of a fit that chooses its number of clusters.
  private static func automaticFit(_ sample: CustomerSample, _ nowMs: Int64) -> Int {
    var settings = SegmentationSettings()
    settings.currency = Currency(code: "EUR")
    settings.kIsAuto = true
    var trainer = Trainer(settings: settings)
    return measure { _ = trainer.fit(sample, clockMs: nowMs) } / 1_000_000
  }

  /// A whole sweep in slices, whose changes are dropped.
  private static func sweep(_ segmenter: Segmenter, _ nowMs: Int64) {
    for _ in 0..<(segmenter.rowCount(of: 0) + 4095) / 4096 {
      segmenter.sweep(0, rows: 4096, clockMs: nowMs, origin: .backlog)
      segmenter.removeChanges()
    }
  }
}

/// Purchases of random customers in time order, decoded: as a source hands them over, their ids one behind the other.
final class Workload {
  private let records: UnsafeMutableBufferPointer<PurchaseRecord>
  private let ids: UnsafeMutablePointer<UInt8>
  private(set) var nowMs: Int64 = 1_767_225_600_000

  init(customers: Int, records count: Int) {
    let idOfCustomer = UnsafeMutablePointer<UInt8>.allocate(capacity: customers * 8)
    defer { idOfCustomer.deallocate() }
    for customer in 0..<customers {
      for (position, byte) in "c\(1_000_000 + customer)".utf8.enumerated() {
        idOfCustomer[customer * 8 + position] = byte
      }
    }
    ids = .allocate(capacity: count * 8)
    records = .allocate(capacity: count)
    var random: UInt64 = 7
    func next() -> UInt64 {
      random ^= random << 13
      random ^= random >> 7
      random ^= random << 17
      return random
    }
    var time = nowMs
    for index in 0..<count {
      // The product of two uniforms: some customers buy far more often than others.
      let spread = Double(next() >> 11) * 0x1p-53 * Double(next() >> 11) * 0x1p-53
      let id = ids + index * 8
      id.update(from: idOfCustomer + Int(spread * Double(customers)) * 8, count: 8)
      time += Int64(next() % 1000)
      (records.baseAddress.unsafelyUnwrapped + index).initialize(
        to: PurchaseRecord(
          customerID: id, customerIDCount: 8, partition: 0, customerHash: hashBytes(id, count: 8),
          transactionHash: next() | 1, orderHash: next() | 1, amountMinor: Int64(100 + next() % 20_000),
          timestampMs: time, offset: Int64(index), clockMs: time, index: Int32(index), kind: .purchase))
    }
  }

  deinit {
    records.deallocate()
    ids.deallocate()
  }

  /// What the memory alone costs: each record's slot line and the four lines of its row, asked for ahead and written.
  func floorNs(_ range: Range<Int>) -> Int {
    let (rowBytes, slotBytes, rowCount) = (240, 64, 1 << 18)
    let memory = UnsafeMutableRawPointer.allocate(byteCount: rowCount * (rowBytes + slotBytes), alignment: 2 << 20)
    madvise(memory, rowCount * (rowBytes + slotBytes), MADV_HUGEPAGE)
    memset(memory, 1, rowCount * (rowBytes + slotBytes))
    defer { memory.deallocate() }
    let slots = memory + rowCount * rowBytes
    func row(_ index: Int) -> Int { Int(records[index].customerHash & UInt64(rowCount - 1)) }
    let ns = measure {
      for index in range {
        let far = min(index + 32, range.upperBound - 1)
        prefetch_for_write(slots + row(far) * slotBytes)
        let near = min(index + 16, range.upperBound - 1)
        for line in 0..<4 { prefetch_for_write(memory + row(near) * rowBytes + line * 64) }
        let (slot, place) = (slots + row(index) * slotBytes, memory + row(index) * rowBytes)
        var sum = slot.load(as: UInt64.self)
        for word in stride(from: 0, to: rowBytes, by: 48) { sum &+= place.load(fromByteOffset: word, as: UInt64.self) }
        for word in stride(from: 0, to: rowBytes, by: 48) {
          place.storeBytes(of: sum, toByteOffset: word, as: UInt64.self)
        }
      }
    }
    return ns / range.count
  }

  /// Applies a range in batches of 4,096, as a source would hand them over.
  func apply(_ range: Range<Int>, to segmenter: Segmenter, _ letters: inout [DeadLetter]) {
    var start = range.lowerBound
    while start < range.upperBound {
      let end = min(start + 4096, range.upperBound)
      segmenter.apply(UnsafeBufferPointer(rebasing: records[start..<end]), origin: .backlog, deadLetters: &letters)
      segmenter.removeChanges()
      start = end
    }
    nowMs = records[range.upperBound - 1].timestampMs
  }
}
