import Glibc
import Testing

@testable import Segmentation

/// What became of one record, in values that outlive the decoder's batch.
enum Outcome: Equatable, CustomStringConvertible {
  case record(Decoded)
  case dead(DeadLetterCode, String)

  struct Decoded: Equatable {
    var customer: [UInt8]
    var minor: Int64
    var kind: PurchaseRecord.Kind
    var ms: Int64
    var transaction: UInt64
    var order: UInt64
  }

  var record: Decoded? {
    if case .record(let record) = self { record } else { nil }
  }

  var code: DeadLetterCode? {
    if case .dead(let code, _) = self { code } else { nil }
  }

  var message: String {
    if case .dead(_, let message) = self { message } else { "" }
  }

  var description: String {
    switch self {
    case .record(let record): "\(record)"
    case .dead(let code, let message): "\(code.rawValue): \(message)"
    }
  }
}

/// Memory whose bytes end where a page begins that cannot be read: one byte too far is a crash.
final class GuardedBytes {
  private let capacity: Int
  private let base: UnsafeMutableRawPointer

  init(capacity: Int) {
    let page = sysconf(Int32(_SC_PAGESIZE))
    self.capacity = (capacity + page - 1) / page * page
    guard
      let base = mmap(
        nil, self.capacity + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
      base != MAP_FAILED
    else { fatalError("no memory") }
    self.base = base
    mprotect(base + self.capacity, page, PROT_NONE)
  }

  deinit {
    munmap(base, capacity + sysconf(Int32(_SC_PAGESIZE)))
  }

  /// A copy of `bytes` that ends at the guard.
  func hold(_ bytes: [UInt8]) -> UnsafeRawPointer {
    precondition(bytes.count <= capacity, "the buffer is too small")
    let start = base + (capacity - bytes.count)
    bytes.withUnsafeBytes { source in
      if let address = source.baseAddress { start.copyMemory(from: address, byteCount: bytes.count) }
    }
    return UnsafeRawPointer(start)
  }
}

extension RecordDecoder {
  /// Decodes one record from guarded memory.
  mutating func one(
    _ value: [UInt8]?, key: [UInt8]? = nil, timestampMs: Int64 = 2_000_000_000_000, in memory: GuardedBytes
  ) -> Outcome {
    let keyMemory = key.map { key in (GuardedBytes(capacity: key.count + 1), key.count) }
    var raw = RawRecord(
      value: nil, valueCount: 0, timestampMs: timestampMs, offset: 7, partition: 3)
    if let value {
      raw.value = memory.hold(value)
      raw.valueCount = value.count
    }
    if let keyMemory, let key {
      raw.key = keyMemory.0.hold(key)
      raw.keyCount = keyMemory.1
    }
    let room = UnsafeMutablePointer<PurchaseRecord>.allocate(capacity: 1)
    defer { room.deallocate() }
    var dead: [DeadLetter] = []
    let count = withUnsafePointer(to: raw) {
      decode(UnsafeBufferPointer(start: $0, count: 1), into: room, deadLetters: &dead)
    }
    return withExtendedLifetime(keyMemory?.0) {
      guard count == 1 else {
        #expect(dead.count == 1 && dead[0].index == 0 && !dead[0].message.isEmpty)
        return .dead(dead[0].code, dead[0].message)
      }
      #expect(dead.isEmpty && room[0].offset == 7 && room[0].partition == 3 && room[0].index == 0)
      let customer = Array(UnsafeBufferPointer(start: room[0].customerID, count: Int(room[0].customerIDCount)))
      #expect(room[0].customerHash == hash(customer))
      return .record(
        Outcome.Decoded(
          customer: customer, minor: room[0].amountMinor, kind: room[0].kind, ms: room[0].timestampMs,
          transaction: room[0].transactionHash, order: room[0].orderHash))
    }
  }
}

func hash(_ bytes: [UInt8]) -> UInt64 {
  bytes.withUnsafeBufferPointer { buffer in
    withUnsafePointer(to: 0 as UInt8) { hashBytes(buffer.baseAddress ?? $0, count: buffer.count) }
  }
}

/// Decodes one record with a decoder of its own.
func decodeOne(
  _ value: String?, key: String? = nil, map: RecordMap = RecordMap(), currency: Currency = Currency(code: "EUR"),
  limits: RecordLimits = RecordLimits(), keyPolicy: RecordDecoder.KeyPolicy = .ignored, header: String? = nil,
  timestampMs: Int64 = 2_000_000_000_000
) throws -> Outcome {
  var decoder = try RecordDecoder(map: map, currency: currency, limits: limits, keyPolicy: keyPolicy)
  if let header { try Array(header.utf8).withUnsafeBytes { try decoder.setHeader($0) } }
  let bytes = value.map { Array($0.utf8) }
  let memory = GuardedBytes(capacity: (bytes?.count ?? 0) + 1)
  return decoder.one(bytes, key: key.map { Array($0.utf8) }, timestampMs: timestampMs, in: memory)
}

/// A record with the members given, in the default names; a member that is not given has a usual value.
func purchase(
  customer: String? = "\"c1\"", amount: String? = "12.34", timestamp: String? = "\"2026-08-02T10:00:00.123Z\"",
  more: String = ""
) -> String {
  var members: [String] = []
  if let customer { members.append("\"customer_id\":\(customer)") }
  if let amount { members.append("\"amount\":\(amount)") }
  if let timestamp { members.append("\"timestamp\":\(timestamp)") }
  if !more.isEmpty { members.append(more) }
  return "{\(members.joined(separator: ","))}"
}

/// SplitMix64 (Steele, Lea and Flood 2014): the same numbers for the same seed everywhere.
struct SeededNumbers: RandomNumberGenerator {
  var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
    return z ^ z >> 31
  }
}
