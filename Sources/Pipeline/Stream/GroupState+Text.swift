import Segmentation

extension GroupState {
  /// The state for people: a table of partitions, then the group and the model; at most 100 columns.
  package var lines: [String] {
    var rows = [["part", "owner", "committed", "lag", "log", "~size", "rows", "~tables", "walk", "behind"]]
    for partition in partitions {
      let log = partition.log
      rows.append([
        "\(partition.number)", String((partition.owner?.name ?? "-").suffix(16)),
        partition.isBeingReset ? "reset" : partition.committed.map(String.init) ?? "-",
        partition.lag.map(String.init) ?? "-", log.map { "\($0.offsets)" } ?? "-",
        log.map { sizeText($0.bytesEstimate) } ?? "-", log.map { "\($0.tableRows)" } ?? "-",
        log?.tables.map { oneDigit($0) } ?? "-", log.map { "\($0.walk)" } ?? "-",
        log?.clockMs.map { ageText(nowMs - $0) } ?? "-",
      ])
    }
    return alignedTable(rows, leftColumns: [1]) + [""] + groupLines + [modelLine]
      + (health.map { [""] + $0.lines } ?? [])
  }

  private var groupLines: [String] {
    var hosts: [String: String] = [:]
    for owner in partitions.compactMap(\.owner) { hosts[owner.name] = owner.host }
    let names = members.map { name in hosts[name].map { "\(name) at \($0)" } ?? "\(name) (owns nothing)" }
    var lines = ["group \(group) of \(input): \(state)" + (names.isEmpty ? ", no members" : "")]
    lines += names.map { "  member \($0)" }
    if partitions.contains(where: \.isBeingReset) {
      lines.append("  a reset was begun and has not ended: segmenter reset --config FILE")
    }
    if partitions.contains(where: { $0.log?.isOfSettings == false }) {
      lines.append("  the state was kept under other settings than these: run refuses it")
    }
    // While an instance runs it commits between the looks at group and log.
    for partition in partitions where members.isEmpty && !partition.isBeingReset {
      guard let offset = partition.log?.inputOffset, offset != partition.committed else { continue }
      lines.append("  the log of partition \(partition.number) goes on at \(offset): the next start says what holds")
    }
    lines.append("trainer: \(trainer ?? "nobody: partition 0 is not owned")")
    return lines
  }

  private var modelLine: String {
    guard let model else { return "model: none yet" + (lack.map { "; \($0.text)" } ?? "") }
    let cold = partitions.filter { $0.told?.isWarm == false }.map { "\($0.number)" }
    let warmth = cold.isEmpty ? "" : "; partition \(cold.joined(separator: ", ")) is warming up in it"
    return "model: \(model.generation)-\(model.version), published \(ageText(nowMs - model.publishedMs)) ago, "
      + "\(model.segments.count) \(model.kind == .rules ? "rules" : "segments")\(warmth)"
  }

  /// The state as one JSON object.
  package var json: [UInt8] {
    var json = JSONWriter()
    json.object {
      $0.member("group", group)
      $0.member("input", input)
      $0.member("state", state)
      $0.array("members", members) { $0.value($1) }
      $0.member("trainer", trainer)
      $0.object("model", model) { json, model in
        json.member("generation", Int64(model.generation))
        json.member("version", Int64(model.version))
        json.member("published_at", timeMs: model.publishedMs)
        json.member("kind", model.kind.rawValue)
        json.member("age_ms", nowMs - model.publishedMs)
        json.array("segments", model.segments) { $0.value($1) }
      }
      $0.member("insufficient_data", lack?.text)
      $0.object("health", health) { json, health in health.write(to: &json) }
      $0.array("partitions", partitions) { json, partition in json.object { write(partition, to: &$0) } }
    }
    return json.bytes
  }

  private func write(_ partition: Partition, to json: inout JSONWriter) {
    json.member("partition", Int64(partition.number))
    json.object("owner", partition.owner) { json, owner in
      json.member("name", owner.name)
      json.member("host", owner.host)
    }
    json.member("committed", partition.committed)
    json.member("being_reset", partition.isBeingReset)
    json.member("end", partition.end)
    json.member("lag", partition.lag)
    json.object("log", partition.log) { json, log in
      json.member("input_offset", log.inputOffset)
      json.member("sequence", log.sequence)
      json.member("walk", Int64(log.walk))
      json.member("offsets", log.offsets)
      json.member("bytes_estimate", log.bytesEstimate)
      json.member("rows_estimate", log.rowsEstimate)
      json.member("table_rows", Int64(log.tableRows))
      json.member("clock", timeMs: log.clockMs)
      json.member("written_at", timeMs: log.writtenMs)
      json.member("of_settings", log.isOfSettings)
    }
    json.object("told", partition.told) { json, told in
      json.member("member", told.member)
      json.member("buyers", Int64(told.buyers))
      json.member("warm", told.isWarm)
    }
  }
}

/// A time as ISO 8601 with a space: `2026-08-02 10:00:00`.
func timeText(_ timeMs: Int64) -> String {
  var buffer = ByteBuffer(capacity: 32)
  buffer.append(timeMs: timeMs)
  return String(String(decoding: buffer.bytes, as: UTF8.self).replacing("T", with: " ").prefix(19))
}

/// A span in its largest unit: `3 d`.
func ageText(_ ms: Int64) -> String {
  let units: [(Int64, String)] = [(86_400_000, "d"), (3_600_000, "h"), (60_000, "min"), (1_000, "s")]
  for (unit, name) in units where ms >= 2 * unit { return "\(ms / unit) \(name)" }
  return "\(max(0, ms)) ms"
}

private func sizeText(_ bytes: Int64) -> String {
  if bytes >= 10 << 20 { return "\(bytes >> 20) MB" }
  return bytes >= 10 << 10 ? "\(bytes >> 10) kB" : "\(bytes) B"
}

private func oneDigit(_ number: Double) -> String { "\((number * 10).rounded() / 10)" }
