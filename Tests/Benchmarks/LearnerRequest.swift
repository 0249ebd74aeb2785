import Pipeline

/// The members of a request; what is missing or of another kind ends the program.
struct LearnerRequest {
  let json: JSONValue

  /// A text.
  func text(_ name: String) -> String { found(json[name]?.text, name) }

  /// A number.
  func number(_ name: String) -> Double { found(json[name]?.double, name) }

  /// An integer.
  func integer(_ name: String) -> Int { found(json[name]?.integer, name) }

  /// A list of numbers.
  func numbers(_ name: String) -> [Double] { each(name, \.double) }

  /// A list of integers.
  func integers(_ name: String) -> [Int] { each(name, \.integer) }

  /// A list of lists of numbers.
  func rows(_ name: String) -> [[Double]] {
    each(name, \.array).map { row in row.map { found($0.double, name) } }
  }

  private func each<Value>(_ name: String, _ value: (JSONValue) -> Value?) -> [Value] {
    found(json[name]?.array, name).map { found(value($0), name) }
  }

  private func found<Value>(_ value: Value?, _ name: String) -> Value {
    guard let value else { stop(65, "a request whose `\(name)` is missing or of another kind") }
    return value
  }
}
