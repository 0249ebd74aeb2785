import Testing

@testable import Pipeline
@testable import Segmentation

/// Any number up to ± `max`, often with an extreme exponent.
private func anyNumber(_ random: inout RandomSource, max: Double = .greatestFiniteMagnitude) -> Double {
  while true {
    let number = random.below(2) == 0 ? Double(bitPattern: random.next()) : Double(random.below(2001) - 1000) / 7
    if number.magnitude <= max { return random.below(20) == 0 ? -0.0 : number }
  }
}

private func anyModelRecord(_ random: inout RandomSource) -> ModelRecord {
  let features = Array(Feature.allCases.shuffled(using: &random).prefix(1 + random.below(7)))
  let k = 2 + random.below(9)
  func numbers(_ count: Int, max: Double) -> [Double] { (0..<count).map { _ in anyNumber(&random, max: max) } }
  func positive(_ max: Double) -> [Double] {
    features.map { _ in Swift.max(0.001, abs(anyNumber(&random, max: max))) }
  }
  let scaler = Model.Scaler(
    mean: numbers(features.count, max: 1024), sd: positive(.greatestFiniteMagnitude),
    lower: numbers(features.count, max: 1024), upper: numbers(features.count, max: 1024), clamp: positive(64))
  let names = ["At risk", "“Größte” \\ \"kunder\"\n\u{1}", "🛍️", "名前", "\u{7f}/"]
  var segments: [Model.Segment] = []
  var retired: [Model.RetiredSegment] = []
  var number = 0
  while segments.count < k {
    number += 1
    let name = "\(names[random.below(names.count)]) \(number)"
    if random.below(3) == 0 {
      retired.append(Model.RetiredSegment(number: number, name: name))
    } else {
      segments.append(
        Model.Segment(
          number: number, name: name, cell: names[number % 5], centroid: numbers(features.count, max: 64)))
    }
  }
  let minor = (0..<4).map { _ in Int64(bitPattern: random.next()) }
  let cuts = ScoreCuts(
    recency: numbers(4, max: .greatestFiniteMagnitude), frequency: [1, .max, .min, (1 << 53) + 1],
    monetary: minor.map { $0 == .min ? 0 : $0 })
  var memory = TrainerMemory(
    k: k, features: zip(features, positive(8)).map { WeightedFeature($0, weight: $1) },
    halfLifeDays: positive(1e300)[0])
  memory.kIsAuto = random.below(2) == 0
  memory.fittedCustomers = random.below(1 << 40)
  memory.fittedSpanMs = Int64(random.below(1 << 53))
  memory.startMs = random.below(2) == 0 ? nil : Int64(random.below(1 << 53)) - 1 << 52
  memory.lastSegmentNumber = number
  memory.versionMs = random.below(2) == 0 ? nil : Int64(random.below(1 << 53))
  if random.below(3) > 0 {
    memory.reference = ModelReference(
      clockMs: Int64(random.below(1 << 53)), customers: random.below(1 << 40), inertia: abs(anyNumber(&random)),
      bins: (0..<features.count * ModelWatch.binCount).map { _ in
        random.below(3) == 0 ? Int64(random.below(1 << 40)) : 0
      })
  }
  let model = Model(
    generation: 1 + random.below(1 << 40), version: 1 + random.below(1 << 40), features: features, scaler: scaler,
    segments: segments, cuts: cuts, lastSegmentNumber: number, retired: retired)
  return ModelRecord(
    model: model, memory: memory, customers: random.below(2) == 0 ? nil : (0..<k).map { _ in random.below(1 << 40) })
}

/// A record's bytes, damaged at one to three places.
private func damaged(_ bytes: [UInt8], _ random: inout RandomSource) -> [UInt8] {
  var bytes = bytes
  for _ in 0...random.below(3) {
    let position = random.below(bytes.count)
    let digits = Array("0123456789-e.,:[]{}\"".utf8)
    bytes[position] = random.below(2) == 0 ? UInt8(random.below(256)) : digits[random.below(digits.count)]
  }
  return bytes
}

@Suite("Training records")
struct TrainingRecordTests {
  @Test("A model record reads back bit for bit, whatever its numbers and names")
  func modelRoundTrip() throws {
    for seed in UInt64(1)...300 {
      var random = RandomSource(seed: seed)
      let record = anyModelRecord(&random)
      let digits = random.below(4)
      let bytes = record.bytes(digits: digits)
      let read = try ModelRecord(bytes)
      #expect(read == record && read.bytes(digits: digits) == bytes, "seed \(seed)")
      #expect(read.key == "\(record.model.generation)-\(record.model.version)")
    }
  }

  @Test("A model record of before k could be auto is one of a fixed k")
  func withoutAutomaticK() throws {
    var random = RandomSource(seed: 4)
    var record = anyModelRecord(&random)
    record.memory.kIsAuto = false
    let text = String(decoding: record.bytes(digits: 2), as: UTF8.self)
    let parts = text.split(separator: ",\"k_is_auto\":false", omittingEmptySubsequences: false)
    #expect(parts.count == 2)
    #expect(try ModelRecord(Array(parts.joined().utf8)) == record)
    let wrong = text.split(separator: "\"k_is_auto\":false").joined(separator: "\"k_is_auto\":0")
    #expect(throws: TrainingRecordError.self) { try ModelRecord(Array(wrong.utf8)) }
  }

  @Test("Statistics read back as they were, before the first model and after")
  func statisticsRoundTrip() throws {
    var settings = SegmentationSettings()
    settings.k = 3
    let shop = TrainedShop(settings: settings, seed: 8)
    func check() throws {
      for partition in shop.segmenter.partitions {
        let record = StatisticsRecord(
          of: partition, from: shop.segmenter, sequence: 7, member: "a\"b", offset: .max, lag: 1 << 60)
        #expect(try StatisticsRecord(record.bytes()) == record)
      }
    }
    try check()
    for _ in 0..<3 { shop.nextDay() }
    try check()
    var sample = CustomerSample()
    shop.segmenter.collect(into: &sample)
    var trainer = Trainer(settings: settings)
    shop.segmenter.adopt(trainer.fit(sample, clockMs: shop.clockMs))
    for _ in 0..<3 { shop.nextDay() }
    try check()
    let parts = shop.segmenter.partitions.map(shop.segmenter.statistics(of:))
    var total = parts[0]
    for part in parts.dropFirst() { total.add(part) }
    #expect(total == shop.segmenter.statistics() && total.counts.reduce(0, +) == Int64(shop.segmenter.buyers))
  }

  @Test("Integers that no Double holds are read exactly")
  func largeIntegers() {
    for value in [Int64.max, .min, (1 << 53) + 1, -(1 << 60) - 1, 1 << 53, 0, -7] {
      #expect(JSONValue(Array("\(value)".utf8))?.integer == Int(value))
      #expect(JSONValue(Array("\(value)".utf8))?.double == Double(value))
    }
  }

  @Test("Cut-off and damaged models and statistics are refused or can be used; none stops the program")
  func damage() throws {
    var random = RandomSource(seed: 11)
    var settings = SegmentationSettings()
    settings.k = 3
    let shop = TrainedShop(settings: settings, seed: 12)
    for _ in 0..<20 { shop.nextDay() }
    var stream = StreamTrainer(settings: settings, partitions: 4)
    for record in shop.records() { stream.take(try TrainingRecord(key: record.key, value: record.value)) }
    let fitted = stream.closeEpoch()
    let model = try #require(fitted).record
    shop.segmenter.adopt(model.model)
    for _ in 0..<3 { shop.nextDay() }
    let value = model.bytes(digits: 2)
    let statistics = shop.records().filter { !$0.key.contains(0x2d) }
    for count in 0..<value.count {
      #expect(throws: TrainingRecordError.self) { try ModelRecord(Array(value.prefix(count))) }
    }
    for count in 0..<statistics[0].value.count {
      #expect(throws: TrainingRecordError.self) { try StatisticsRecord(Array(statistics[0].value.prefix(count))) }
    }
    var (models, read) = (0, 0)
    for _ in 0..<3000 {
      let known = try? ModelRecord(damaged(value, &random))
      models += known == nil ? 0 : 1
      var stream = StreamTrainer(settings: settings, partitions: 4, from: known ?? model)
      for record in statistics {
        if let record = try? StatisticsRecord(damaged(record.value, &random)) {
          stream.take(statistics: record)
          read += 1
        }
      }
      _ = stream.closeEpoch()
      if let known {
        let changes = ChangeSettings(shape: .binary, source: "/t", causeTopic: "t")
        Segmenter(settings: settings, changes: changes, partitions: [0]).adopt(known.model)
      }
    }
    #expect(models > 0 && models < 3000 && read > 0 && read < 12_000)
  }

  @Test("A refused record says what is wrong with which member, and a key must be of its value's partition")
  func words() throws {
    var random = RandomSource(seed: 3)
    let record = anyModelRecord(&random)
    let text = String(decoding: record.bytes(digits: 2), as: UTF8.self)
    func error(_ old: String, _ new: String) -> String {
      let parts = text.split(separator: old, maxSplits: 1, omittingEmptySubsequences: false)
      do {
        _ = try ModelRecord(Array(parts.joined(separator: new).utf8))
        return "none"
      } catch {
        return "\(error)"
      }
    }
    #expect(
      error("\"version\":", "\"versions\":") == "a model whose `version` is missing, of another kind or out of bounds")
    #expect(error("\"format\":1", "\"format\":2") == "a model of format `2`; this program reads format 1")
    #expect(error("\"sd\":[", "\"sd\":[1,").contains("a model's `scaler` whose `sd`"))
    #expect(error("{", "") == "a model that is no JSON")
    let shop = TrainedShop(settings: SegmentationSettings(), seed: 1)
    let one = shop.records().filter { $0.key == Array("2".utf8) }[0]
    #expect(throws: TrainingRecordError("a record with the key `1` instead of `2`")) {
      try TrainingRecord(key: Array("1".utf8), value: one.value)
    }
  }
}
