/// Why a value is refused: the words after "`key` cannot be `value`; ".
struct Objection: Error {
  let text: String

  init(_ text: String) { self.text = text }

  init(allowed: String) { text = "allowed: \(allowed)" }
}

extension Setting {
  /// Sets the value from one text, as a flag, a variable or a YAML scalar gives it. Tables take `a=1,b=2`.
  func apply(_ text: String, to settings: inout Settings) throws(Objection) {
    switch value {
    case .text(let place, let rule):
      try check(text, rule)
      settings[keyPath: place] = text
    case .optionalText(let place, let rule, _):
      try check(text, rule)
      settings[keyPath: place] = text
    case .integer(let place, let range):
      guard let number = Int(text), range.contains(number) else { throw Objection(allowed: allowed) }
      settings[keyPath: place] = number
    case .integerOrAuto(let place, let range):
      let number = Int(text)
      guard text == "auto" || number.map(range.contains) == true else { throw Objection(allowed: allowed) }
      settings[keyPath: place] = number
    case .number(let place, let range):
      settings[keyPath: place] = try number(text, range)
    case .boolean(let place):
      guard choices.contains(text) else { throw Objection(allowed: allowed) }
      settings[keyPath: place] = text == "true"
    case .choice(let words, _, let set):
      guard words.contains(text) else { throw Objection(allowed: allowed + suggestion(for: text, among: words)) }
      set(&settings, text)
    case .span(let place, let range):
      settings[keyPath: place] = try span(text, range)
    case .numbers, .texts:
      try applyTable(text, to: &settings)
    case .ascending(let place, let count, let range, let isWhole):
      settings[keyPath: place] = try ascending(text, count: count, range, isWhole: isWhole)
    case .passThrough, .map, .rules:
      throw Objection(allowed: allowed)
    }
  }

  /// Empties a table before a layer replaces it; what is passed through is only added to.
  func clear(_ settings: inout Settings) {
    switch value {
    case .numbers(let place, _, _): settings[keyPath: place] = [:]
    case .texts(let place, _, _): settings[keyPath: place] = [:]
    default: break
    }
  }

  /// Sets one entry of a table.
  func apply(_ text: String, entry name: String, to settings: inout Settings) throws(Objection) {
    switch value {
    case .numbers(let place, let names, let range):
      guard names.contains(name) else { throw Objection(allowed: allowed + suggestion(for: name, among: names)) }
      settings[keyPath: place][name] = try number(text, range)
    case .texts(let place, let names, let rule):
      try check(name, names)
      try check(text, rule)
      settings[keyPath: place][name] = text
    case .passThrough(let place):
      if let advice = reservedKafkaSettings[name] { throw Objection("it belongs to the program: \(advice)") }
      settings[keyPath: place][name] = text
    default:
      preconditionFailure("`\(key)` is not a table")
    }
  }

  /// The entry's name of a variable below this table's: `BOOTSTRAP_SERVERS` is `bootstrap.servers`.
  func entryName(fromVariable text: String) -> String {
    let lowercased = text.lowercased()
    switch value {
    case .texts(_, names: .currency, _): return text
    case .passThrough:
      return lowercased.replacing("_", with: ".")
    default: return lowercased
    }
  }

  private func applyTable(_ text: String, to settings: inout Settings) throws(Objection) {
    clear(&settings)
    for part in text.split(separator: ",") {
      let sides = part.split(separator: "=", maxSplits: 1).map { $0.trimmed }
      guard sides.count == 2 else {
        throw Objection(allowed: "`name=value,…` of \(allowed)")
      }
      try apply(sides[1], entry: sides[0], to: &settings)
    }
  }

  private func check(_ text: String, _ rule: TextRule) throws(Objection) {
    if let objection = rule.objection(to: text) { throw Objection(allowed: objection) }
  }

  private func number(_ text: String, _ range: ClosedRange<Double>) throws(Objection) -> Double {
    let isDecimal = text.utf8.allSatisfy { "0123456789+-.eE".utf8.contains($0) }
    guard isDecimal, let number = Double(text), range.contains(number) else { throw Objection(allowed: allowed) }
    return number
  }

  /// Numbers in brackets or without, apart by commas.
  private func ascending(
    _ text: String, count: Int, _ range: ClosedRange<Double>, isWhole: Bool
  ) throws(Objection) -> [Double] {
    var inner = Substring(text.trimmed)
    if inner.hasPrefix("[") && inner.hasSuffix("]") { inner = inner.dropFirst().dropLast() }
    let parts = inner.split(separator: ",", omittingEmptySubsequences: false)
    let numbers = try parts.map { part throws(Objection) in try number(part.trimmed, range) }
    guard numbers.count == count, zip(numbers, numbers.dropFirst()).allSatisfy(<),
      !isWhole || numbers.allSatisfy({ $0 == $0.rounded() })
    else { throw Objection(allowed: allowed) }
    return numbers
  }

  private func span(_ text: String, _ range: ClosedRange<Int>) throws(Objection) -> Int? {
    if text == "auto" { return nil }
    guard let ms = Configuration.spanMs(text), range.contains(ms) else { throw Objection(allowed: allowed) }
    return ms
  }
}

extension Configuration {
  /// A time span such as `10m`, in ms; `nil` where the text is none.
  static func spanMs(_ text: String) -> Int? {
    let digits = text.prefix { $0.isASCII && $0.isNumber }
    let sizes = ["ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000]
    guard let count = Int(digits), let size = sizes[String(text.dropFirst(digits.count))] else { return nil }
    let (ms, overflow) = count.multipliedReportingOverflow(by: size)
    return overflow ? nil : ms
  }
}

extension StringProtocol {
  /// The text without white space at its ends.
  var trimmed: String {
    let tail = drop { $0.isWhitespace }
    guard let last = tail.lastIndex(where: { !$0.isWhitespace }) else { return "" }
    return String(tail[...last])
  }
}
