/// The time that a partition believes in: the newest that purchases of three different customers have reached.
///
/// No single bad record moves it, and it never goes back. With fewer than three customers the oldest of their newest
/// purchases sets it.
public struct PartitionClock: Sendable {
  /// The newest purchase of each of the (at most) three customers that are furthest ahead.
  private var times: (Int64, Int64, Int64) = (.min, .min, .min)
  private var customers: (UInt64, UInt64, UInt64) = (0, 0, 0)
  private var count = 0

  /// The clock in ms since 1970; `Int64.min` before the first purchase.
  public private(set) var nowMs = Int64.min

  /// Where the clock began, in ms since 1970; `nil` before the first purchase.
  public private(set) var startMs: Int64?

  /// Makes a clock that has not begun.
  public init() {}

  /// What a clock is made of, as the state log keeps it.
  package struct Parts: Sendable, Equatable {
    /// The newest purchase of a customer.
    package struct Customer: Sendable, Equatable {
      /// Ms since 1970.
      package var timeMs: Int64
      /// Of the customer's id.
      package var hash: UInt64
    }

    /// At most three; without any the clock has not begun, and the times below mean nothing.
    package var customers: [Customer] = []
    /// The clock, ms.
    package var nowMs: Int64 = 0
    /// Where it began, ms.
    package var startMs: Int64 = 0
  }

  /// Makes a clock of its parts.
  package init(_ parts: Parts) {
    precondition(parts.customers.count <= 3, "a clock holds three customers")
    if parts.customers.isEmpty { return }
    for customer in parts.customers { add(customer.hash, customer.timeMs) }
    nowMs = parts.nowMs
    startMs = parts.startMs
  }

  /// What the clock is made of.
  package var parts: Parts {
    guard let startMs else { return Parts() }
    let held = [(times.0, customers.0), (times.1, customers.1), (times.2, customers.2)]
    return Parts(
      customers: held.prefix(count).map { Parts.Customer(timeMs: $0.0, hash: $0.1) }, nowMs: nowMs, startMs: startMs)
  }

  /// Takes a purchase into account; `customerHash` is the hash of the customer's id.
  @inlinable
  public mutating func observe(customerHash: UInt64, timestampMs: Int64) {
    if timestampMs > nowMs || !isFull { advance(customerHash, timestampMs) }
  }

  /// Moves the clock to the wall clock; it never goes back.
  public mutating func advance(toWallClockMs wallClockMs: Int64) {
    if wallClockMs > nowMs && count > 0 { nowMs = wallClockMs }
  }

  /// Whether three customers have been seen.
  @usableFromInline var isFull: Bool { count == 3 }

  @usableFromInline
  mutating func advance(_ customer: UInt64, _ timeMs: Int64) {
    if count > 0 && customers.0 == customer {
      times.0 = max(times.0, timeMs)
    } else if count > 1 && customers.1 == customer {
      times.1 = max(times.1, timeMs)
    } else if count > 2 && customers.2 == customer {
      times.2 = max(times.2, timeMs)
    } else if count < 3 {
      add(customer, timeMs)
    } else if timeMs > min(times.0, times.1, times.2) {
      replaceOldest(customer, timeMs)
    }
    let reached = count == 1 ? times.0 : count == 2 ? min(times.0, times.1) : min(times.0, times.1, times.2)
    if startMs == nil { startMs = reached }
    nowMs = max(nowMs, reached)
  }

  private mutating func add(_ customer: UInt64, _ timeMs: Int64) {
    switch count {
    case 0: (times.0, customers.0) = (timeMs, customer)
    case 1: (times.1, customers.1) = (timeMs, customer)
    default: (times.2, customers.2) = (timeMs, customer)
    }
    count += 1
  }

  private mutating func replaceOldest(_ customer: UInt64, _ timeMs: Int64) {
    if times.0 <= times.1 && times.0 <= times.2 {
      (times.0, customers.0) = (timeMs, customer)
    } else if times.1 <= times.2 {
      (times.1, customers.1) = (timeMs, customer)
    } else {
      (times.2, customers.2) = (timeMs, customer)
    }
  }
}
