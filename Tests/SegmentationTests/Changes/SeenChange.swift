import Foundation
import Testing

@testable import Segmentation

/// A published change or erasure that outlives the buffer, with its JSON read by Foundation.
struct SeenChange {
  var partition: Int32
  var row: Int32
  var sequence: UInt32
  var key: [UInt8]
  /// `nil` for an erasure.
  var value: [UInt8]?
  var id: String
  var time: String
  var type: String
  /// The CloudEvents data; empty for an erasure.
  var data: [String: Any] = [:]
  /// The whole object in structured mode.
  var envelope: [String: Any] = [:]

  init(_ change: PublishedChange, shape: ChangeSettings.Shape) {
    partition = change.partition
    row = change.row
    sequence = change.sequence
    key = Array(change.key)
    value = change.value.map { Array($0) }
    id = String(decoding: change.id, as: UTF8.self)
    time = String(decoding: change.time, as: UTF8.self)
    type = change.type.description
    guard let value else { return }
    do {
      let object = try JSONSerialization.jsonObject(with: Data(value)) as? [String: Any] ?? [:]
      if shape == .binary {
        data = object
      } else {
        envelope = object
        data = object["data"] as? [String: Any] ?? [:]
        id = object["id"] as? String ?? ""
        time = object["time"] as? String ?? ""
        type = object["type"] as? String ?? ""
        key = Array((object["subject"] as? String ?? "").utf8)
      }
    } catch {
      Issue.record("not JSON: \(String(decoding: value, as: UTF8.self)): \(error)")
    }
  }

  var reason: String { data["reason"] as? String ?? "" }
  var number: Int { data["sequence"] as? Int ?? 0 }
  var from: String? { (data["from"] as? [String: Any])?["id"] as? String }
  var to: String { (data["to"] as? [String: Any])?["id"] as? String ?? "" }
  var effectiveMs: Int64 { readMs(data["effective_at"] as? String ?? "") }
  var evaluatedMs: Int64 { readMs(data["evaluated_at"] as? String ?? "") }
  var features: [Double] { (data["features"] as? [NSNumber])?.map(\.doubleValue) ?? [] }
  var distance: Double { double("distance") ?? .nan }
  var previousDistance: Double? { double("previous_distance") }
  var margin: Double? { double("margin") }
  var generation: Int { (data["model"] as? [String: Any])?["generation"] as? Int ?? 0 }
  var version: Int { (data["model"] as? [String: Any])?["version"] as? Int ?? 0 }
  var causeOffset: Int64? { ((data["cause"] as? [String: Any])?["offset"] as? NSNumber)?.int64Value }
  var text: String { value.map { String(decoding: $0, as: UTF8.self) } ?? "erasure" }

  private func double(_ name: String) -> Double? { (data[name] as? NSNumber)?.doubleValue }
}

/// Ms since 1970 of `2026-08-02T10:00:00.000Z`, by the C library.
func readMs(_ text: String) -> Int64 {
  let numbers = text.split { !$0.isNumber }.compactMap { Int32($0) }
  guard numbers.count == 7, text.utf8.count == 24 else { return .min }
  var parts = tm()
  (parts.tm_year, parts.tm_mon, parts.tm_mday) = (numbers[0] - 1900, numbers[1] - 1, numbers[2])
  (parts.tm_hour, parts.tm_min, parts.tm_sec) = (numbers[3], numbers[4], numbers[5])
  return Int64(timegm(&parts)) * 1000 + Int64(numbers[6])
}

extension Segmenter {
  /// Takes the written changes.
  func takeChanges(_ shape: ChangeSettings.Shape = .binary) -> [SeenChange] {
    defer { removeChanges() }
    return (0..<changeCount).map { SeenChange(change($0), shape: shape) }
  }
}

/// The members of JSON objects in their order, as dotted paths.
func memberPaths(_ json: [UInt8]) -> [String] {
  var paths: [String] = []
  var stack: [String] = []
  var text: [UInt8] = []
  var (isInString, isEscaped, key) = (false, false, "")
  for byte in json {
    if isInString {
      if !isEscaped && byte == 0x22 { isInString = false } else { text.append(byte) }
      isEscaped = !isEscaped && byte == 0x5c
      continue
    }
    switch byte {
    case 0x22: (isInString, text) = (true, [])
    case 0x3a:
      key = String(decoding: text, as: UTF8.self)
      paths.append((stack.filter { !$0.isEmpty } + [key]).joined(separator: "."))
    case 0x7b:
      stack.append(key)
      key = ""
    case 0x7d: stack.removeLast()
    default: break
    }
  }
  return paths
}

extension Model {
  /// A model whose scaler leaves features as they are, up to ±8.
  static func plain(
    generation: Int = 1, version: Int = 1, _ features: [Feature],
    _ segments: [(number: Int, name: String, centroid: [Double])], retired: [RetiredSegment] = []
  ) -> Model {
    let count = features.count
    return Model(
      generation: generation, version: version, features: features,
      scaler: Scaler(
        mean: Array(repeating: 0, count: count), sd: Array(repeating: 1, count: count),
        lower: Array(repeating: -8, count: count), upper: Array(repeating: 8, count: count)),
      segments: segments.map { Segment(number: $0.number, name: $0.name, cell: "Loyal", centroid: $0.centroid) },
      cuts: ScoreCuts(recency: [7, 30, 90, 180], frequency: [1, 2, 4, 8], monetary: [100, 1000, 10_000, 100_000]),
      lastSegmentNumber: segments.map(\.number).max() ?? 0, retired: retired)
  }

  /// The nearest segment (ties: the lowest number) and the distances to all, by plain Swift.
  func distances(_ z: [Double]) -> [Double] {
    segments.map { segment in
      zip(z, segment.centroid).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }.squareRoot()
    }
  }
}
