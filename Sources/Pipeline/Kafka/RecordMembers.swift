import Segmentation

/// The members of an object of a training record, each read strictly: what is missing or out of bounds is an error.
struct RecordMembers {
  private let json: JSONValue
  private let record: String

  /// More customers, generations or versions than there can be.
  static let customersMax = 1 << 40
  /// Times and spans in ms, ± 285 thousand years: their differences cannot overflow.
  static let ms = -(1 << 53)...(1 << 53)
  /// A row keeps a segment's number in 16 bits.
  static let segmentNumberMax = 65_535
  /// No raw feature is larger: all are shares or logarithms.
  static let rawMax = 1024.0
  /// No coordinate is larger: the clamp of the largest weight.
  static let scaledMax = 64.0
  /// The most clusters of a model.
  static let kMax = 64
  /// The most segments of a model: a cell each.
  static let segmentsMax = RuleTable.cellCount
  /// More partitions than a topic has.
  static let partitionsMax = 1 << 20
  /// The most features of a model.
  static let featuresMax = 8

  /// The members of an object; `record` says in errors of what.
  init(_ json: JSONValue, of record: String) {
    self.json = json
    self.record = record
  }

  func wrong(_ name: String) -> TrainingRecordError {
    TrainingRecordError("\(record) whose `\(name)` is missing, of another kind or out of bounds")
  }

  /// Whether there is such a member: those that came later need not be there.
  func has(_ name: String) -> Bool { json[name] != nil }

  func text(_ name: String) throws(TrainingRecordError) -> String {
    guard let text = json[name]?.text else { throw wrong(name) }
    return text
  }

  func bool(_ name: String) throws(TrainingRecordError) -> Bool {
    guard case .bool(let value)? = json[name] else { throw wrong(name) }
    return value
  }

  /// A truth value; the default where the member is absent.
  func bool(_ name: String, default fallback: Bool) throws(TrainingRecordError) -> Bool {
    json[name] == nil ? fallback : try bool(name)
  }

  func number(_ name: String) throws(TrainingRecordError) -> Double {
    guard let value = json[name]?.double, value.isFinite else { throw wrong(name) }
    return value
  }

  func integer(_ name: String, _ bounds: ClosedRange<Int>) throws(TrainingRecordError) -> Int {
    guard let value = json[name]?.integer, bounds.contains(value) else { throw wrong(name) }
    return value
  }

  func integerOrNull(_ name: String, _ bounds: ClosedRange<Int>) throws(TrainingRecordError) -> Int? {
    json[name] == .null ? nil : try integer(name, bounds)
  }

  /// 0 where the member is missing, as in records of before there was one.
  func integerOrZero(_ name: String, _ bounds: ClosedRange<Int>) throws(TrainingRecordError) -> Int {
    json[name] == nil ? 0 : try integer(name, bounds)
  }

  /// `count` numbers of at most ± `max`.
  func numbers(
    _ name: String, count: Int, max: Double = .greatestFiniteMagnitude
  ) throws(TrainingRecordError) -> [Double] {
    let values = try array(name, count...count).compactMap(\.double)
    guard values.count == count, values.allSatisfy({ $0.magnitude <= max }) else { throw wrong(name) }
    return values
  }

  func integers(_ name: String, count: Int) throws(TrainingRecordError) -> [Int64] {
    let values = try array(name, count...count).compactMap(\.integer)
    guard values.count == count else { throw wrong(name) }
    return values.map { Int64($0) }
  }

  /// Numbers of customers, in an array of so many.
  func counts(_ name: String, _ count: ClosedRange<Int>) throws(TrainingRecordError) -> [Int64] {
    let array = try array(name, count)
    let values = array.compactMap(\.integer).filter { 0...Self.customersMax ~= $0 }
    guard values.count == array.count else { throw wrong(name) }
    return values.map { Int64($0) }
  }

  /// A finite number; `nil` where it is null.
  func numberOrNull(_ name: String) throws(TrainingRecordError) -> Double? {
    json[name] == .null ? nil : try number(name)
  }

  /// Whether there is such a member, and it is not null.
  func holds(_ name: String) -> Bool {
    guard let value = json[name] else { return false }
    return value != .null
  }

  func texts(_ name: String, count: Int) throws(TrainingRecordError) -> [String] {
    try texts(name, count...count)
  }

  func texts(_ name: String, _ count: ClosedRange<Int>) throws(TrainingRecordError) -> [String] {
    let values = try array(name, count)
    let texts = values.compactMap(\.text)
    guard texts.count == values.count else { throw wrong(name) }
    return texts
  }

  func object(_ name: String) throws(TrainingRecordError) -> RecordMembers {
    guard let value = json[name], case .object = value else { throw wrong(name) }
    return RecordMembers(value, of: "\(record)'s `\(name)`")
  }

  func objects(_ name: String, _ count: ClosedRange<Int>) throws(TrainingRecordError) -> [RecordMembers] {
    try array(name, count).map { RecordMembers($0, of: "\(record) with an element of `\(name)`") }
  }

  func feature(_ name: String) throws(TrainingRecordError) -> Feature {
    guard let feature = Feature(rawValue: try text(name)) else { throw wrong(name) }
    return feature
  }

  /// Distinct features by their names.
  func features(_ name: String) throws(TrainingRecordError) -> [Feature] {
    let values = try array(name, 0...Self.featuresMax)
    let features = values.compactMap { $0.text.flatMap(Feature.init(rawValue:)) }
    guard features.count == values.count, Set(features).count == features.count else { throw wrong(name) }
    return features
  }

  /// The number in an id like `s3`.
  func segmentNumber() throws(TrainingRecordError) -> Int {
    let id = try text("id")
    guard let number = Int(id.dropFirst()), id == "s\(number)", 1...Self.segmentNumberMax ~= number else {
      throw wrong("id")
    }
    return number
  }

  private func array(_ name: String, _ count: ClosedRange<Int>) throws(TrainingRecordError) -> [JSONValue] {
    guard let values = json[name]?.array, count.contains(values.count) else { throw wrong(name) }
    return values
  }
}
