import Glibc
import Segmentation

/// `decode --write DIRECTORY` writes the two files of records, `decode FILE` measures the decoder on one of them.
///
/// Prints the ns a record of the fastest of several passes and a sum over all that was decoded, which the peer has to
/// reach as well. `Tests/Benchmarks/decode` runs both programs in turns.
func benchmarkDecode(_ arguments: [String]) {
  if arguments.count == 2, arguments[0] == "--write" {
    write(decodeRecords(isMixed: false), to: "\(arguments[1])/ordered.jsonl")
    write(decodeRecords(isMixed: true), to: "\(arguments[1])/mixed.jsonl")
    return
  }
  guard let path = arguments.first, let text = readAll(path) else {
    stop(64, "usage: Benchmarks decode --write DIRECTORY | FILE [passes]")
  }
  let passes = arguments.count > 1 ? Int(arguments[1]) ?? 20 : 20
  let raw = rawRecords(in: text)
  let batchCount = 1_000
  let room = UnsafeMutablePointer<PurchaseRecord>.allocate(capacity: batchCount)
  guard var decoder = try? RecordDecoder(map: RecordMap(), currency: Currency(code: "EUR")) else { exit(70) }
  var dead: [DeadLetter] = []
  var best = Double.infinity
  var sum: UInt64 = 0
  var allocations: Int?
  raw.withUnsafeBufferPointer { raw in
    for _ in 0..<passes {
      sum = 0
      let allocationsBefore = allocationCount()
      let start = nanoseconds()
      for first in stride(from: 0, to: raw.count, by: batchCount) {
        let batch = UnsafeBufferPointer(rebasing: raw[first..<min(first + batchCount, raw.count)])
        let count = decoder.decode(batch, into: room, deadLetters: &dead)
        for index in 0..<count { sum &+= digest(room + index) }
      }
      best = min(best, Double(nanoseconds() - start) / Double(raw.count))
      allocations = allocationCount().map { $0 - (allocationsBefore ?? 0) }
    }
  }
  if let first = dead.first {
    let note = Array("\(dead.count / passes) dead letters, the first: \(first.code.rawValue), \(first.message)\n".utf8)
    _ = write(2, note, note.count)
  }
  if let allocations {
    let note = Array("\(allocations) allocations in a pass of \(raw.count) records\n".utf8)
    _ = write(2, note, note.count)
  }
  print("\((best * 10).rounded() / 10) \(sum)")
}

private func digest(_ pointer: UnsafePointer<PurchaseRecord>) -> UInt64 {
  pointer.pointee.customerHash &+ pointer.pointee.transactionHash &* 3 &+ pointer.pointee.orderHash &* 5
    &+ UInt64(bitPattern: pointer.pointee.amountMinor) &* 7 &+ UInt64(bitPattern: pointer.pointee.timestampMs) &* 11
    &+ UInt64(pointer.pointee.kind.rawValue) &* 13
}

func nanoseconds() -> UInt64 {
  var time = timespec()
  clock_gettime(CLOCK_MONOTONIC, &time)
  return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
}

/// Records of the usual producer, in order of time; mixed ones have their members in random order, escapes, UTF-8 and
/// members that are not mapped.
private func decodeRecords(isMixed: Bool) -> [UInt8] {
  var numbers = Xorshift(state: 42)
  var text = ""
  var ms = 1_785_664_800_000
  func padded(_ value: Int, _ count: Int) -> String {
    let digits = String(value)
    return String(repeating: "0", count: max(0, count - digits.count)) + digits
  }
  for index in 0..<50_000 {
    ms += Int(numbers.next() % 200)
    let second = ms / 1_000 % 86_400
    let day = padded(2 + (ms / 86_400_000 - 20_667), 2)
    let time =
      "2026-08-\(day)T\(padded(second / 3_600, 2)):\(padded(second / 60 % 60, 2)):\(padded(second % 60, 2))"
      + ".\(padded(ms % 1_000, 3))Z"
    let cents = Int(numbers.next() % 20_000) + 50
    let isRefund = numbers.next() % 20 == 0
    var members = [
      "\"customer_id\":\"c\(padded(Int(numbers.next() % 200_000), 7))\"",
      "\"transaction_id\":\"t\(padded(index, 11))\"",
      "\"order_id\":\"o\(padded(index / 2, 11))\"",
      "\"amount\":\(cents / 100).\(padded(cents % 100, 2))",
      "\"currency\":\"EUR\"",
      "\"type\":\"\(isRefund ? "refund" : "purchase")\"",
      "\"timestamp\":\"\(time)\"",
    ]
    if isMixed {
      members.append("\"city\":\"\(["Köln", "Zürich", "São Paulo", "Łódź", "Genève"][index % 5])\"")
      members.append(
        "\"note\":\"\(["\\\"bar\\\" gezahlt – für später", "caf\\u00e9 \\n crème", "„neu“ \\/ ok"][index % 3])\"")
      members.shuffle(using: &numbers)
    }
    text += "{\(members.joined(separator: ","))}\n"
  }
  return Array(text.utf8)
}

private struct Xorshift: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state ^= state << 13
    state ^= state >> 7
    state ^= state << 17
    return state
  }
}

/// One raw record a line of a file, in memory that is never given back.
private func rawRecords(in text: UnsafeBufferPointer<UInt8>) -> [RawRecord] {
  var raw: [RawRecord] = []
  guard let base = text.baseAddress else { return raw }
  var start = 0
  for index in 0..<text.count where text[index] == 0x0A {
    raw.append(
      RawRecord(
        value: UnsafeRawPointer(base + start), valueCount: index - start, timestampMs: 2_000_000_000_000,
        offset: Int64(raw.count), partition: 0))
    start = index + 1
  }
  return raw
}

private func write(_ bytes: [UInt8], to path: String) {
  guard let file = fopen(path, "w"), fwrite(bytes, 1, bytes.count, file) == bytes.count, fclose(file) == 0 else {
    stop(73, "cannot write `\(path)`")
  }
}

private func readAll(_ path: String) -> UnsafeBufferPointer<UInt8>? {
  guard let file = fopen(path, "r") else { return nil }
  defer { fclose(file) }
  fseek(file, 0, SEEK_END)
  let count = ftell(file)
  rewind(file)
  let bytes = UnsafeMutablePointer<UInt8>.allocate(capacity: count)
  return fread(bytes, 1, count, file) == count ? UnsafeBufferPointer(start: bytes, count: count) : nil
}
