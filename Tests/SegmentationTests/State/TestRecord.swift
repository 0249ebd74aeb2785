@testable import Segmentation

/// A record in plain words, as tests write it.
struct TestRecord {
  var customer = Array("c".utf8)
  var kind = PurchaseRecord.Kind.purchase
  var minor: Int64 = 0
  var ms: Int64 = 0
  var transaction: String?
  var order: String?
  var partition: Int32 = 0
  var offset: Int64 = 0
  /// The clock; `nil` for the record's own time.
  var clockMs: Int64?

  static func purchase(
    _ minor: Int64, by customer: String = "c", at ms: Int64, order: String? = nil, transaction: String? = nil
  ) -> TestRecord {
    TestRecord(customer: Array(customer.utf8), minor: minor, ms: ms, transaction: transaction, order: order)
  }

  static func refund(
    _ minor: Int64, by customer: String = "c", at ms: Int64, order: String? = nil, transaction: String? = nil
  ) -> TestRecord {
    TestRecord(
      customer: Array(customer.utf8), kind: .refund, minor: minor, ms: ms, transaction: transaction, order: order)
  }

  static func erasure(_ customer: String, at ms: Int64) -> TestRecord {
    TestRecord(customer: Array(customer.utf8), kind: .erasure, ms: ms)
  }

  /// Calls `body` with the record as the core takes it.
  func withRecord<Result>(_ body: (PurchaseRecord) -> Result) -> Result {
    customer.withUnsafeBufferPointer { id in
      guard let base = id.baseAddress else { preconditionFailure("a customer id has a byte") }
      return body(record(base))
    }
  }

  fileprivate func record(_ id: UnsafePointer<UInt8>) -> PurchaseRecord {
    PurchaseRecord(
      customerID: id, customerIDCount: Int32(customer.count), partition: partition,
      customerHash: hashBytes(id, count: customer.count), transactionHash: Self.hash(transaction),
      orderHash: Self.hash(order), amountMinor: minor, timestampMs: ms, offset: offset, clockMs: clockMs ?? ms,
      index: 0, kind: kind)
  }

  private static func hash(_ text: String?) -> UInt64 {
    guard let text else { return 0 }
    let bytes = Array(text.utf8)
    return bytes.withUnsafeBufferPointer { $0.baseAddress.map { hashBytes($0, count: bytes.count) } ?? 0 } | 1
  }
}

extension Segmenter {
  /// Applies records in one batch and returns the dead letters.
  @discardableResult
  func apply(_ records: [TestRecord], origin: ChangeOrigin = .replay) -> [DeadLetter] {
    let total = records.reduce(0) { $0 + $1.customer.count }
    let ids = UnsafeMutablePointer<UInt8>.allocate(capacity: max(1, total))
    defer { ids.deallocate() }
    var next = 0
    let batch = records.enumerated().map { index, record in
      for (position, byte) in record.customer.enumerated() { (ids + next + position).initialize(to: byte) }
      var decoded = record.record(ids + next)
      decoded.index = Int32(index)
      next += record.customer.count
      return decoded
    }
    var letters: [DeadLetter] = []
    batch.withUnsafeBufferPointer { apply($0, origin: origin, deadLetters: &letters) }
    return letters
  }
}

extension SplitMix64 {
  /// Uniform in a range.
  mutating func int(_ range: ClosedRange<Int>) -> Int { range.lowerBound + next(below: range.count) }

  /// Whether an event of a chance happens.
  mutating func chance(_ share: Double) -> Bool { uniform() < share }

  /// An element, each as likely.
  mutating func pick<Element>(_ elements: [Element]) -> Element { elements[next(below: elements.count)] }

  /// The elements in a random order.
  mutating func shuffled<Element>(_ elements: [Element]) -> [Element] {
    var elements = elements
    for index in elements.indices.reversed() { elements.swapAt(index, next(below: index + 1)) }
    return elements
  }

  /// Roughly normal with mean 0 and standard deviation 1: the sum of twelve uniforms less six.
  mutating func normal() -> Double { (0..<12).reduce(-6.0) { sum, _ in sum + uniform() } }
}
