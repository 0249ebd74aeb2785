import Segmentation

/// How a model is, as the model topic holds it once a sweep: key `health-2-40`, generation and sweep.
extension ModelHealth {
  private static let prefix = "health-"

  /// The record's key.
  package var key: String { "\(Self.prefix)\(generation)-\(sweep)" }

  /// Whether a record of the model topic with this key is no model, but tells how one is.
  package static func isKey(_ key: [UInt8]) -> Bool { key.starts(with: prefix.utf8) }

  /// The record's value, a JSON object.
  package func bytes() -> [UInt8] {
    var json = JSONWriter()
    json.object { write(to: &$0) }
    return json.bytes
  }

  /// What can be said at the end of a replay, whose sweeps are not counted, as a JSON object.
  package func finalBytes() -> [UInt8] {
    var json = JSONWriter()
    json.object {
      writeModel(to: &$0)
      writeFigures(to: &$0)
    }
    return json.bytes
  }

  /// All members of the object.
  func write(to json: inout JSONWriter) {
    writeModel(to: &json)
    json.member("sweep", Int64(sweep))
    json.integers("walks", walks.map { Int64($0) })
    writeFigures(to: &json)
    json.member("promotions", Int64(promotions))
    json.object("changes", changes) { json, changes in
      for (reason, count) in zip(ChangeReason.allCases, changes) { json.member(reason.rawValue, Int64(count)) }
    }
  }

  private func writeModel(to json: inout JSONWriter) {
    json.member("generation", Int64(generation))
    json.member("version", Int64(version))
  }

  private func writeFigures(to json: inout JSONWriter) {
    json.member("clock_ms", clockMs)
    json.member("fitted_ms", fittedMs)
    json.member("fitted_age_ms", ageMs(of: fittedMs))
    json.member("version_ms", versionMs)
    json.member("version_age_ms", ageMs(of: versionMs))
    json.member("customers", Int64(customers))
    json.array("features", features) { json, drift in
      json.object {
        $0.member("name", drift.feature.rawValue)
        $0.member("psi", exact: drift.stability)
        $0.member("outside", Int64(drift.outside))
        $0.member("outside_share", outsideShare(drift), places: 6)
      }
    }
    json.member("inertia", exact: inertia)
    json.member("fitted_inertia", exact: fittedInertia)
    json.member("inertia_ratio", inertiaRatio, places: 6)
    json.member("challenger_streak", Int64(streak))
    json.member("challengers_founded", Int64(founded))
    json.array("segments", segments) { json, segment in
      json.object {
        $0.member("id", segment.id)
        $0.member("name", segment.name)
        $0.member("customers", Int64(segment.customers))
        $0.member("nearest", Int64(segment.nearest))
      }
    }
    json.object("margin", margins) { json, margins in
      json.member("p10", exact: margins.low)
      json.member("p50", exact: margins.median)
      json.member("p90", exact: margins.high)
    }
    json.object("held_back", held) { json, held in
      for (reason, count) in zip(HeldBack.allCases, held) { json.member(reason.rawValue, Int64(count)) }
    }
  }

  /// Reads a record's value.
  package init(record bytes: [UInt8]) throws(TrainingRecordError) {
    guard let json = JSONValue(bytes) else { throw TrainingRecordError("a model's health that is no JSON") }
    let members = RecordMembers(json, of: "a model's health")
    let count = 0...RecordMembers.customersMax
    let customers = try members.integer("customers", count)
    var features: [FeatureDrift] = []
    for member in try members.objects("features", 1...RecordMembers.featuresMax) {
      features.append(
        FeatureDrift(
          feature: try member.feature("name"), stability: try member.numberOrNull("psi"),
          outside: try member.integer("outside", count)))
    }
    var segments: [Occupancy] = []
    for member in try members.objects("segments", 2...RecordMembers.kMax) {
      segments.append(
        Occupancy(
          id: try member.text("id"), name: try member.text("name"), customers: try member.integer("customers", count),
          nearest: try member.integer("nearest", count)))
    }
    var margins: Margins?
    if members.holds("margin") {
      let member = try members.object("margin")
      margins = Margins(
        low: try member.number("p10"), median: try member.number("p50"), high: try member.number("p90"))
    }
    let held = try members.object("held_back")
    let changes = try members.object("changes")
    self.init(
      generation: try members.integer("generation", 1...RecordMembers.customersMax),
      version: try members.integer("version", 1...RecordMembers.customersMax),
      sweep: try members.integer("sweep", count),
      walks: try members.counts("walks", 0...RecordMembers.partitionsMax).map { Int($0) }, customers: customers,
      clockMs: try Self.time("clock_ms", members),
      fittedMs: try Self.time("fitted_ms", members), versionMs: try Self.time("version_ms", members),
      features: features,
      inertia: try members.numberOrNull("inertia"), fittedInertia: try members.numberOrNull("fitted_inertia"),
      streak: try members.integer("challenger_streak", count),
      founded: try members.integer("challengers_founded", count),
      segments: segments, margins: margins,
      held: try HeldBack.allCases.map { reason throws(TrainingRecordError) in
        try held.integer(reason.rawValue, count)
      }, promotions: try members.integer("promotions", count),
      changes: try ChangeReason.allCases.map { reason throws(TrainingRecordError) in
        try changes.integer(reason.rawValue, count)
      })
  }

  private static func time(_ name: String, _ members: RecordMembers) throws(TrainingRecordError) -> Int64? {
    try members.integerOrNull(name, RecordMembers.ms).map { Int64($0) }
  }
}
