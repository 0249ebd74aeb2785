import Testing

@testable import Pipeline
@testable import Segmentation

private func ruleSettings(_ lines: [RuleTable.Line]? = nil) throws -> SegmentationSettings {
  var settings = SegmentationSettings()
  settings.kind = .rules
  settings.halfLifeDays = 20
  if let lines { settings.rules = try RuleTable(lines) }
  return settings
}

private func line(_ name: String, _ r: ClosedRange<Int>) -> RuleTable.Line {
  RuleTable.Line(name: name, r: r, f: 1...5, m: 1...5)
}

extension StreamTrainer {
  fileprivate mutating func take(_ records: [(key: [UInt8], value: [UInt8])]) throws {
    for record in records { take(try TrainingRecord(key: record.key, value: record.value)) }
  }
}

@Suite("Trainer of rules")
struct RuleTrainerTests {
  @Test("One that is made anew every day from its last record writes the same bytes, and versions are cuts that moved")
  func restarts() throws {
    let settings = try ruleSettings()
    let shop = TrainedShop(settings: settings, seed: 4)
    var stream = StreamTrainer(settings: settings, partitions: 4)
    var last: [UInt8]?
    var cuts: [ScoreCuts] = []
    for day in 0..<90 {
      shop.nextDay()
      let records = shop.records()
      var anew = StreamTrainer(settings: settings, partitions: 4, from: try last.map { try ModelRecord($0) })
      try stream.take(records)
      try anew.take(records.reversed())
      let (news, same) = (stream.closeEpoch(), anew.closeEpoch())
      #expect(news?.record.bytes(digits: 2) == same?.record.bytes(digits: 2), "day \(day)")
      let again = stream.closeEpoch()
      #expect(again == nil, "day \(day): without a new sample nothing moves")
      guard let news else { continue }
      let bytes = news.record.bytes(digits: 2)
      let read = try ModelRecord(bytes)
      #expect(read.model == news.record.model && read.memory == news.record.memory, "day \(day)")
      #expect(news.record.model.generation == 1 && news.isFit == cuts.isEmpty)
      #expect(cuts.last != news.record.model.cuts, "day \(day)")
      cuts.append(news.record.model.cuts)
      last = bytes
      shop.segmenter.adopt(news.record.model)
    }
    #expect(cuts.count > 3 && cuts.count < 60, "\(cuts.count) versions")
    #expect(stream.record?.model.segments.map(\.name) == Cell.allCases.map(\.rawValue))
    #expect(stream.record?.model.segments.map(\.number) == Array(1...11))
  }

  @Test("A name that stays in a new table keeps its id, a new one gets a new id, and what is gone is retired")
  func newTable() throws {
    let settings = try ruleSettings([line("A", 1...2), line("B", 3...4), line("C", 5...5)])
    let shop = TrainedShop(settings: settings, seed: 9)
    for _ in 0..<20 { shop.nextDay() }
    var stream = StreamTrainer(settings: settings, partitions: 4)
    try stream.take(shop.records())
    let first = stream.closeEpoch()
    let record = try #require(first).record
    #expect(record.model.segments.map(\.id) == ["s1", "s2", "s3"])
    let other = try ruleSettings([line("D", 1...1), line("C", 2...3), line("A", 4...5)])
    var next = StreamTrainer(settings: other, partitions: 4, from: record)
    try next.take(shop.records())
    let second = next.closeEpoch()
    let news = try #require(second)
    #expect(news.isFit && news.record.model.generation == 2)
    #expect(news.record.model.segments.map { "\($0.id) \($0.name)" } == ["s1 A", "s3 C", "s4 D"])
    #expect(news.record.model.retired == [Model.RetiredSegment(number: 2, name: "B")])
    let read = try ModelRecord(news.record.bytes(digits: 2))
    #expect(read.model == news.record.model)
  }

  @Test("From clusters to rules and back is a new generation each time, and no id is used again")
  func newKind() throws {
    var clusters = SegmentationSettings()
    clusters.halfLifeDays = 20
    clusters.k = 3
    let shop = TrainedShop(settings: clusters, seed: 2)
    for _ in 0..<20 { shop.nextDay() }
    var record: ModelRecord?
    var used: Set<Int> = []
    let rules = try ruleSettings()
    for (index, settings) in [clusters, rules, clusters, rules].enumerated() {
      var stream = StreamTrainer(settings: settings, partitions: 4, from: record)
      try stream.take(shop.records())
      let news = stream.closeEpoch()
      record = try #require(news).record
      let model = try #require(record?.model)
      #expect(model.generation == index + 1 && model.kind == settings.kind)
      #expect(used.isDisjoint(with: model.segments.map(\.number)))
      used.formUnion(model.segments.map(\.number))
    }
  }

  @Test("In clusters a new rule table renames cells in the next version, and cuts make no version of their own")
  func clusters() throws {
    var settings = SegmentationSettings()
    settings.halfLifeDays = 20
    settings.k = 3
    let shop = TrainedShop(settings: settings, seed: 3)
    for _ in 0..<30 { shop.nextDay() }
    var stream = StreamTrainer(settings: settings, partitions: 4)
    for _ in 0..<2 {
      try stream.take(shop.records())
      if let news = stream.closeEpoch() { shop.segmenter.adopt(news.record.model) }
      for partition in shop.segmenter.partitions {
        shop.segmenter.sweep(partition, rows: .max, clockMs: shop.clockMs, origin: .live)
      }
    }
    try stream.take(shop.records())
    if let news = stream.closeEpoch() { shop.segmenter.adopt(news.record.model) }
    let record = try #require(stream.record)
    let still = stream.closeEpoch()
    #expect(still == nil)
    settings.rules = try RuleTable([line("Old", 1...3), line("Recent", 4...5)])
    var renamed = StreamTrainer(settings: settings, partitions: 4, from: record)
    try renamed.take(shop.records())
    let news = renamed.closeEpoch()
    let model = try #require(news).record.model
    #expect(news?.isFit == false && model.version == record.model.version + 1 && model.rules == settings.rules)
    #expect(model.segments.map(\.id) == record.model.segments.map(\.id))
    let again = renamed.closeEpoch()
    #expect(again == nil, "once is enough")
  }

  @Test("A fit of customers who are all alike is refused in words, and tried again with a new sample only")
  func alike() throws {
    var settings = SegmentationSettings()
    settings.k = 3
    settings.features = [WeightedFeature(.refundShare)]
    let shop = TrainedShop(settings: settings, seed: 3)
    for _ in 0..<30 { shop.nextDay() }
    var stream = StreamTrainer(settings: settings, partitions: 4)
    try stream.take(shop.records())
    #expect(stream.closeEpoch() == nil)
    #expect(stream.lack == .constant(.refundShare, customers: shop.segmenter.buyers))
    #expect(stream.dueFit() == nil)
    try stream.take(shop.records())
    #expect(stream.dueFit() != nil)
  }

  @Test("Before the first fit the trainer says how many customers are wanting")
  func few() throws {
    let settings = try ruleSettings()
    let shop = TrainedShop(settings: settings, seed: 3, customers: 60)
    for _ in 0..<30 { shop.nextDay() }
    var stream = StreamTrainer(settings: settings, partitions: 4)
    try stream.take(shop.records())
    #expect(stream.closeEpoch() == nil)
    #expect(stream.lack == .customers(shop.segmenter.buyers, needed: 250))
  }
}
