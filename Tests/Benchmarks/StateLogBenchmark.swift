import Segmentation

/// What a kept log costs a record, and what a cut and a restore cost a row, in ns. Memory of the size and restore are
/// those of `customers` customers, 200,000 by default.
func benchmarkStateLog(_ arguments: [String]) {
  let customers = arguments.first.flatMap { Int($0) } ?? 200_000
  let records = customers * 20
  let workload = Workload(customers: customers, records: records)
  var settings = SegmentationSettings()
  settings.currency = Currency(code: "EUR")
  let changes = ChangeSettings(shape: .binary, source: "/bench", causeTopic: "bench")
  var letters: [DeadLetter] = []
  func make(keepsLog: Bool) -> Segmenter {
    Segmenter(settings: settings, changes: changes, partitions: [0], keepsLog: keepsLog)
  }
  func walk(_ segmenter: Segmenter) {
    for _ in 0..<(segmenter.rowCount(of: 0) + 4095) / 4096 {
      segmenter.sweep(0, rows: 4096, clockMs: workload.nowMs, origin: .backlog)
      segmenter.removeChanges()
    }
  }
  let plain = make(keepsLog: false)
  let logged = make(keepsLog: true)
  for segmenter in [plain, logged] { workload.apply(0..<records / 2, to: segmenter, &letters) }
  var trainer = Trainer(settings: settings)
  var sample = CustomerSample()
  plain.collect(into: &sample, clockMs: workload.nowMs)
  let model = trainer.fit(sample, clockMs: workload.nowMs)
  for segmenter in [plain, logged] {
    segmenter.adopt(model)
    walk(segmenter)
    walk(segmenter)
  }
  var buffer = ByteBuffer(capacity: 1 << 20)
  var sequence: Int64 = 0
  func cut() -> [Range<Int>] {
    sequence += 1
    buffer.removeAll()
    return logged.cut(0, inputOffset: 1, sequence: sequence, fingerprint: 1, into: &buffer)
  }
  _ = cut()
  for round in 0..<3 {
    let range = records / 2 + round * records / 8..<records / 2 + (round + 1) * records / 8
    let without = measure { workload.apply(range, to: plain, &letters) }
    let with = measure { workload.apply(range, to: logged, &letters) }
    let rows = logged.touchedBytes / StateRecord.rowBytesTypical
    let allocations = allocationCount()
    let cutting = measure { _ = cut() }
    let allocated = allocations.map { "\((allocationCount() ?? 0) - $0)" } ?? "uncounted"
    print("record \(without / range.count) ns, with a log \(with / range.count) ns")
    print("cut \(cutting / rows) ns a row (\(rows) rows, \(buffer.count / rows) bytes each, allocations \(allocated))")
  }
  // The whole table, in the order of a sweep, as a restore reads it.
  walk(logged)
  var ranges: [Range<Int>] = []
  let cutting = measure { ranges = cut() }
  let rows = logged.rowCount(of: 0)
  print("swept table: cut \(cutting / rows) ns a row, \(buffer.count / 1_000_000) MB in \(ranges.count) records")
  for _ in 0..<3 {
    let restored = make(keepsLog: true)
    let reading = measure {
      for range in ranges {
        let record = UnsafeRawBufferPointer(start: buffer.base + range.lowerBound, count: range.count)
        do { try restored.restore(0, record: record, fingerprint: 1) } catch { stop(1, "\(error)") }
      }
    }
    let finishing = measure { do { try restored.finishRestore(0) } catch { stop(1, "\(error)") } }
    print("restore \(reading / rows) ns a row, tables \(finishing / rows) ns a row (\(restored.customers) customers)")
  }
}
