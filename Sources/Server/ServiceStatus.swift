/// How an instance is, as plain values that whoever owns the instance fills in.
public struct ServiceStatus: Sendable, Encodable {
  /// An input partition of this instance.
  public struct Partition: Sendable, Encodable {
    /// Its number.
    public var number: Int
    /// Whether its state is still being read from the log; its customers cannot be asked for until then.
    public var isRestoring: Bool
    /// Whether it is caught up, so that the wall clock is its clock.
    public var isLive: Bool
    /// The next input offset to read; `nil` before it is known.
    public var offset: Int64?
    /// Records that wait behind it; `nil` before that is known.
    public var lag: Int64?

    /// How a partition is.
    public init(number: Int, isRestoring: Bool, isLive: Bool, offset: Int64?, lag: Int64?) {
      self.number = number
      self.isRestoring = isRestoring
      self.isLive = isLive
      self.offset = offset
      self.lag = lag
    }
  }

  /// The version of a model.
  public struct ModelVersion: Sendable, Encodable {
    /// It goes up with every fit.
    public var generation: Int
    /// It goes up with every model.
    public var version: Int

    /// A version.
    public init(generation: Int, version: Int) {
      self.generation = generation
      self.version = version
    }
  }

  /// The program's version.
  public var version = ""
  /// The consumer group.
  public var group = ""
  /// This instance's name in it.
  public var instance = ""
  /// The input topic.
  public var topic = ""
  /// When the instance started, in ms since 1970.
  public var startedMs: Int64 = 0
  /// Whether the group has given this instance its share of the partitions, which may be none.
  public var hasJoined = false
  /// The last that Kafka refused or failed at, where nothing has succeeded since; `nil` where all is well.
  public var trouble: String?
  /// The partitions of this instance, ascending.
  public var partitions: [Partition] = []
  /// Input records read, of this life.
  public var records = 0
  /// Bytes of their values.
  public var recordBytes = 0
  /// Records a second lately.
  public var recordsPerSecond = 0.0
  /// Repeats that were passed over.
  public var duplicates = 0
  /// Records that could not be used, by code.
  public var deadLetters: [String: Int] = [:]
  /// Changes made, by reason.
  public var changes: [String: Int] = [:]
  /// Customers in memory.
  public var customers = 0
  /// Bytes of the customer tables.
  public var tableBytes = 0
  /// Bytes written to the state log.
  public var stateLogBytes = 0
  /// Rows that walks over all customers have visited.
  public var rowsSwept = 0
  /// Commits that took at most so many seconds, by bound, and all of them.
  public var commits = Histogram()
  /// The model in use; `nil` before the first.
  public var model: ModelVersion?

  /// Counts of durations below bounds.
  public struct Histogram: Sendable, Encodable {
    /// Upper bounds in seconds, ascending; a last one, +Inf, is understood.
    public var bounds: [Double]
    /// How many were in each of `bounds` and above the bound before, and behind the last of them.
    public var counts: [Int]
    /// The sum of all durations, in seconds, to the ms.
    public var sum: Double

    /// A histogram; `counts` has one place more than `bounds`.
    public init(bounds: [Double] = [], counts: [Int] = [0], sum: Double = 0) {
      precondition(counts.count == bounds.count + 1, "there is a count for each bound, and one behind")
      self.bounds = bounds
      self.counts = counts
      self.sum = sum
    }
  }

  /// Nothing known yet.
  public init() {}
}

extension ServiceStatus {
  /// Why the instance is not ready for questions and for traffic; `nil` when it is: it has joined the group, all its
  /// partitions are restored, and none is farther behind than `lagMax` records.
  func obstacle(lagMax: Int64) -> String? {
    if let trouble { return trouble }
    if !hasJoined { return "waiting for the group `\(group)` to share out the partitions" }
    let restoring = partitions.filter(\.isRestoring).map { "\($0.number)" }
    if !restoring.isEmpty { return "the state of partitions \(restoring.joined(separator: ", ")) is being restored" }
    if let behind = partitions.first(where: { !$0.isLive && $0.lag ?? .max > lagMax }) {
      let lag = behind.lag.map { "\($0) records" } ?? "it is not known how far"
      return "partition \(behind.number) is behind: \(lag); ready at \(lagMax)"
    }
    return nil
  }
}
