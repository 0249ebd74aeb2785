import Segmentation

/// A model with all that the trainer who made it remembers, as the model topic holds it.
package struct ModelRecord: Sendable, Equatable {
  /// The model.
  package var model: Model
  /// What a trainer needs besides the model to go on.
  package var memory: TrainerMemory
  /// The customers of each segment when it was written, in the segments' order; `nil` where they were not counted.
  package var customers: [Int]?

  /// Makes a record of a model.
  package init(model: Model, memory: TrainerMemory, customers: [Int]? = nil) {
    self.model = model
    self.memory = memory
    self.customers = customers
  }

  /// The record's key, `2-118`: generation and version.
  package var key: String { model.recordKey }

  /// Whether its model is newer than another record's.
  func isNewer(than other: ModelRecord?) -> Bool {
    guard let other else { return true }
    return (model.generation, model.version) > (other.model.generation, other.model.version)
  }

  /// The record's value, with money in a currency of `digits` digits.
  package func bytes(digits: Int) -> [UInt8] { model.record(customers: customers, digits: digits, memory: memory) }

  /// Reads a record's value.
  package init(_ bytes: [UInt8]) throws(TrainingRecordError) {
    guard let json = JSONValue(bytes) else { throw TrainingRecordError("a model that is no JSON") }
    let members = RecordMembers(json, of: "a model")
    let trainer = try members.object("trainer")
    let format = try trainer.integer("format", 1...Int.max)
    guard format == Model.recordFormat else {
      throw TrainingRecordError("a model of format `\(format)`; this program reads format \(Model.recordFormat)")
    }
    memory = try Self.memory(trainer)
    let features = try members.features("features")
    let kind = try Self.kind(members)
    let segments = try members.objects(
      "segments", kind == .rules ? 1...RecordMembers.segmentsMax : 2...RecordMembers.kMax)
    model = Model(
      generation: try members.integer("generation", 1...RecordMembers.customersMax),
      version: try members.integer("version", 1...RecordMembers.customersMax), features: features,
      scaler: try Self.scaler(try members.object("scaler"), count: features.count),
      segments: try Self.segments(segments, cells: try trainer.texts("cells", count: segments.count), features.count),
      cuts: try Self.cuts(try members.object("cuts"), trainer), lastSegmentNumber: memory.lastSegmentNumber,
      retired: try trainer.objects("retired", 0...RecordMembers.segmentNumberMax).map {
        json throws(TrainingRecordError) in
        Model.RetiredSegment(number: try json.segmentNumber(), name: try json.text("name"))
      }, kind: kind, rules: try Self.rules(members))
    customers = try Self.customers(segments)
    try check()
  }

  private static func kind(_ json: RecordMembers) throws(TrainingRecordError) -> SegmentKind {
    guard json.has("kind") else { return .kmeans }
    guard let kind = SegmentKind(rawValue: try json.text("kind")) else { throw json.wrong("kind") }
    return kind
  }

  private static func rules(_ json: RecordMembers) throws(TrainingRecordError) -> RuleTable {
    guard json.has("rules") else { return .standard }
    let cells = try json.objects("rules", 1...RecordMembers.segmentsMax).map {
      json throws(TrainingRecordError) in
      (name: try json.text("name"), cells: try json.texts("cells", 1...RuleTable.cellCount))
    }
    guard let table = RuleTable(cells: cells) else { throw json.wrong("rules") }
    return table
  }

  private static func memory(_ json: RecordMembers) throws(TrainingRecordError) -> TrainerMemory {
    var features: [WeightedFeature] = []
    for member in try json.objects("features", 1...RecordMembers.featuresMax) {
      let weight = try member.number("weight")
      guard weight > 0 && weight <= 8 else { throw member.wrong("weight") }
      features.append(WeightedFeature(try member.feature("name"), weight: weight))
    }
    let halfLifeDays = try json.number("half_life_days")
    guard halfLifeDays > 0 else { throw json.wrong("half_life_days") }
    var memory = TrainerMemory(
      k: try json.integer("k", 2...RecordMembers.kMax), features: features, halfLifeDays: halfLifeDays)
    memory.kIsAuto = try json.bool("k_is_auto", default: false)
    memory.fittedCustomers = try json.integer("fitted_customers", 0...RecordMembers.customersMax)
    memory.fittedSpanMs = Int64(try json.integer("fitted_span_ms", RecordMembers.ms))
    memory.startMs = try json.integerOrNull("start_ms", RecordMembers.ms).map { Int64($0) }
    memory.contest = try json.integerOrZero("contest", 0...RecordMembers.customersMax)
    memory.streak = try json.integerOrZero("streak", 0...RecordMembers.customersMax)
    memory.founded = try json.integerOrZero("founded", 0...RecordMembers.customersMax)
    memory.lastSegmentNumber = try json.integer("last_segment", 1...RecordMembers.segmentNumberMax)
    if json.has("currency_digits") { memory.currencyDigits = try json.integer("currency_digits", 0...3) }
    if json.has("hysteresis") { memory.hysteresis = try hysteresis(try json.object("hysteresis")) }
    if json.holds("version_ms") { memory.versionMs = Int64(try json.integer("version_ms", RecordMembers.ms)) }
    if json.holds("reference") {
      memory.reference = try Self.reference(try json.object("reference"), features: memory.features.count)
    }
    return memory
  }

  private static func hysteresis(_ json: RecordMembers) throws(TrainingRecordError) -> Hysteresis {
    let ms = 0...RecordMembers.ms.upperBound
    return Hysteresis(
      margin: try json.number("margin"), returnMargin: try json.number("return_margin"),
      returnMs: Int64(try json.integer("return_ms", ms)), dwellMs: Int64(try json.integer("dwell_ms", ms)))
  }

  private static func reference(
    _ json: RecordMembers, features: Int
  ) throws(TrainingRecordError) -> ModelReference {
    let reference = ModelReference(
      clockMs: Int64(try json.integer("clock_ms", RecordMembers.ms)),
      customers: try json.integer("customers", 0...RecordMembers.customersMax), inertia: try json.number("inertia"),
      bins: try BinRun.bins(try json.objects("bins", features...features)))
    guard reference.inertia >= 0 else { throw json.wrong("inertia") }
    return reference
  }

  private static func scaler(_ json: RecordMembers, count: Int) throws(TrainingRecordError) -> Model.Scaler {
    let raw = RecordMembers.rawMax
    let scaler = Model.Scaler(
      mean: try json.numbers("mean", count: count, max: raw), sd: try json.numbers("sd", count: count),
      lower: try json.numbers("lower", count: count, max: raw),
      upper: try json.numbers("upper", count: count, max: raw),
      clamp: try json.numbers("clamp", count: count, max: RecordMembers.scaledMax))
    guard scaler.sd.allSatisfy({ $0 >= 0.001 }) else { throw json.wrong("sd") }
    guard scaler.clamp.allSatisfy({ $0 > 0 }) else { throw json.wrong("clamp") }
    return scaler
  }

  private static func segments(
    _ objects: [RecordMembers], cells: [String], _ count: Int
  ) throws(TrainingRecordError) -> [Model.Segment] {
    var segments: [Model.Segment] = []
    for (json, cell) in zip(objects, cells) {
      segments.append(
        Model.Segment(
          number: try json.segmentNumber(), name: try json.text("name"), cell: cell,
          centroid: try json.numbers("centroid", count: count, max: RecordMembers.scaledMax)))
    }
    return segments
  }

  private static func cuts(
    _ json: RecordMembers, _ trainer: RecordMembers
  ) throws(TrainingRecordError) -> ScoreCuts {
    ScoreCuts(
      recency: try json.numbers("recency", count: 4), frequency: try json.integers("frequency", count: 4),
      monetary: try trainer.integers("monetary_cuts_minor", count: 4))
  }

  private static func customers(_ segments: [RecordMembers]) throws(TrainingRecordError) -> [Int]? {
    var customers: [Int] = []
    for json in segments {
      if let count = try json.integerOrNull("customers", 0...RecordMembers.customersMax) { customers.append(count) }
    }
    if customers.isEmpty { return nil }
    guard customers.count == segments.count else { throw TrainingRecordError("a model that counts some segments only") }
    return customers
  }

  /// What no single member can say.
  private func check() throws(TrainingRecordError) {
    let numbers = model.segments.map(\.number)
    let retired = model.retired.map(\.number)
    guard zip(numbers, numbers.dropFirst()).allSatisfy(<), zip(retired, retired.dropFirst()).allSatisfy(<),
      Set(numbers).isDisjoint(with: retired), (numbers + retired).allSatisfy({ $0 <= model.lastSegmentNumber })
    else {
      throw TrainingRecordError("a model whose segments `\(numbers)`, retired `\(retired)`, are not in order")
    }
    if model.kind == .rules {
      guard model.features.isEmpty, Set(model.segments.map(\.name)) == Set(model.rules.names) else {
        throw TrainingRecordError("a model whose segments are not the names of its rules")
      }
      return
    }
    guard memory.features.map(\.feature) == model.features, memory.k == model.segments.count else {
      throw TrainingRecordError("a model whose `trainer` has another `k` or other features")
    }
  }
}
