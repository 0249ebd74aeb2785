import Testing

@testable import Kafka
@testable import Pipeline
@testable import Segmentation

@Suite struct StateAgreementTests {
  private let agreement = StateAgreement(
    partition: 3, input: "purchases", state: "shop-state", group: "shop", rebuild: "; rebuild it")

  private func header(_ offset: Int64) throws -> StateRecordHeader {
    let segmenter = Segmenter(
      settings: SegmentationSettings(), changes: ChangeSettings(shape: .binary, source: "s", causeTopic: "t"),
      partitions: [3], keepsLog: true)
    segmenter.note(partition: 3, records: 1)
    var buffer = ByteBuffer()
    let range = try #require(
      segmenter.cut(3, inputOffset: offset, sequence: 7, fingerprint: 1, into: &buffer).first)
    return try StateRecordHeader(UnsafeRawBufferPointer(start: buffer.base + range.lowerBound, count: range.count))
  }

  private func offset(committed: Int64?, metadata: String = "", log: Int64?) throws -> Int64? {
    try agreement.offset(
      committed: CommittedOffset(partition: 3, offset: committed, metadata: metadata), log: log.map(header))
  }

  @Test("Where group and log are the same, or one has never been, work goes on there")
  func agreed() throws {
    #expect(try offset(committed: 50, metadata: "segmenter:7", log: 50) == 50)
    #expect(try offset(committed: nil, log: nil) == nil)
  }

  @Test("After a torn commit, and when the group has expired, the log wins")
  func logWins() throws {
    #expect(try offset(committed: 40, metadata: "segmenter:6", log: 50) == 50)
    #expect(try offset(committed: nil, log: 50) == 50)
  }

  @Test(
    "A rewound group, a group ahead of its log and a lost log are refused with 81 and what to do",
    arguments: [(40, "", 50), (40, "somebody", 50), (60, "segmenter:8", 50), (60, "", nil)] as [(Int64, String, Int64?)]
  )
  func refused(committed: Int64, metadata: String, log: Int64?) throws {
    let error = #expect(throws: StreamError.self) {
      try offset(committed: committed, metadata: metadata, log: log)
    }
    #expect(error?.exitCode == 81)
    #expect(error?.description.contains("partition 3 of `purchases`") == true)
    #expect(error?.description.hasSuffix("; rebuild it") == true)
  }

  @Test("While a reset has not ended nothing goes on, whatever group and log say", arguments: [50, 40, 60, nil, 0])
  func beingReset(log: Int64?) throws {
    let mark = ResetMark(compactedTopics: ["shop-changes", "shop-stats"])
    #expect(ResetMark(mark.metadata)?.compactedTopics == ["shop-changes", "shop-stats"])
    let error = #expect(throws: StreamError.self) { try offset(committed: 50, metadata: mark.metadata, log: log) }
    #expect(error?.exitCode == 81 && error?.description.contains("a reset of the group `shop` was begun") == true)
  }

  @Test("The metadata of an offset tells ours from others'")
  func metadata() {
    #expect(ResetMark(StateOffset.metadata(12)) == nil)
    #expect(StateOffset.sequence(ResetMark(compactedTopics: []).metadata) == nil)
    #expect(StateOffset.sequence(StateOffset.metadata(12)) == 12)
    for other in ["", "12", "segmenter:", "segmenter:x", "other:12"] { #expect(StateOffset.sequence(other) == nil) }
  }
}

@Suite struct StateFingerprintTests {
  private func fingerprint(_ change: (inout DaemonOptions) -> Void = { _ in }) -> UInt64 {
    var options = DaemonOptions(kafka: [:], inputTopic: "t")
    options.settings.currency = Currency(code: "EUR")
    change(&options)
    return StateFingerprint(options).value
  }

  @Test("What state depends on changes the fingerprint")
  func depends() {
    let changes: [(inout DaemonOptions) -> Void] = [
      { $0.settings.halfLifeDays = 91 }, { $0.settings.currency = Currency(code: "USD") },
      { $0.settings.currency.rates = ["USD": Currency.Rate(mantissa: 92, scale: 2)] },
      { $0.settings.orderWindow = 3 }, { $0.settings.transactionWindow = 4 },
      { $0.map.customerID = .path(["customer"]) }, { $0.map.customerIDIsInteger = true },
      { $0.map.amount = [.path(["quantity"]), .path(["price"])] }, { $0.map.timestamp = .column(2) },
      { $0.map.timeFormat = .epochMs }, { $0.map.orderID = nil }, { $0.map.transactionID = nil },
      { $0.map.zone = ZoneTable(initialOffsetMs: 3_600_000, transitions: []) },
    ]
    let all = changes.map { fingerprint($0) } + [fingerprint()]
    #expect(Set(all).count == all.count)
  }

  @Test("What state does not depend on leaves it")
  func independent() {
    let changes: [(inout DaemonOptions) -> Void] = [
      { $0.settings.k = 9 }, { $0.settings.seed = 7 }, { $0.settings.margin = 0.1 },
      { $0.settings.features = [WeightedFeature(.recency), WeightedFeature(.monetary)] },
      { $0.instance = "other" }, { $0.workers = 3 }, { $0.changesTopic = "c" }, { $0.commitIntervalMs = 20 },
    ]
    for change in changes { #expect(fingerprint(change) == fingerprint()) }
  }
}
