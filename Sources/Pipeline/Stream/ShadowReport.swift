import Segmentation

/// What a new configuration would change for a group.
package struct ShadowReport: Sendable, Equatable {
  /// A segment, before and after.
  package struct Segment: Sendable, Equatable {
    /// The stable id.
    package var id: String
    /// The present name, or else that under the new configuration.
    package var name: String
    /// The name under the new configuration, where it is another.
    package var newName: String?
    /// Customers under the present configuration.
    package var before: Int
    /// Customers under the new one.
    package var after: Int
  }

  /// Customers who would move from one segment to another.
  package struct Move: Sendable, Equatable {
    /// The segment left; `nil` for none.
    package var from: String?
    /// The segment entered; `nil` for none.
    package var to: String?
    /// How many.
    package var customers: Int
  }

  /// What happened while the input was followed.
  package struct Followed: Sendable, Equatable {
    /// How long, in seconds; `nil` of files.
    package var seconds: Double?
    /// Records that came.
    package var records: Int
    /// What the group has published meanwhile, by reason in the order of `ChangeReason.allCases`.
    package var published: [Int]
    /// What the new configuration would have published.
    package var proposed: [Int]
  }

  /// The group; `nil` of files.
  package var group: String?
  /// `state`, `input` or `files`.
  package var source: String
  /// The newest of the partitions' clocks, ms since 1970; `nil` before the first purchase.
  package var clockMs: Int64?
  /// The key of the group's model; `nil` before the first.
  package var presentModel: String?
  /// The key that the model of the new configuration would have; `nil` where there are too few customers for one.
  package var proposedModel: String?
  /// Whether that model was fitted for the report.
  package var isFitted: Bool
  /// What an operator should know, one sentence each.
  package var notes: [String]
  /// Customers with a purchase.
  package var customers: Int
  /// Those of them who have no segment yet.
  package var unpublished: Int
  /// Those who have one, and would have another.
  package var moved: Int
  /// Those who are about to move under the present configuration, too; `nil` where that cannot be told.
  package var due: Int?
  /// From where to where they would move, the most first.
  package var moves: [Move]
  /// The segments of both, by number.
  package var segments: [Segment]
  /// Changes in the next 24 h if nobody buys, under the present configuration; `nil` where that cannot be told.
  package var nextDayBefore: Int?
  /// The same under the new one; `nil` of files.
  package var nextDayAfter: Int?
  /// What happened while the input was followed, or in all of the files; `nil` where nothing was followed.
  package var followed: Followed?

  /// Of the customers who would move, 0 to 1.
  package var share: Double { customers > 0 ? Double(moved) / Double(customers) : 0 }

  // MARK: JSON

  /// The report as one JSON object.
  package var json: [UInt8] {
    var json = JSONWriter()
    json.object {
      $0.member("group", group)
      $0.member("source", source)
      $0.member("clock", timeMs: clockMs)
      $0.member("present_model", presentModel)
      $0.member("proposed_model", proposedModel)
      $0.member("fitted", isFitted)
      $0.array("notes", notes) { $0.value($1) }
      $0.member("customers", Int64(customers))
      $0.member("without_segment", Int64(unpublished))
      $0.member("moved", Int64(moved))
      $0.member("share", share, places: 6)
      $0.member("due_anyway", due.map(Int64.init))
      $0.array("moves", moves) { json, move in
        json.object {
          $0.member("from", move.from)
          $0.member("to", move.to)
          $0.member("customers", Int64(move.customers))
        }
      }
      $0.array("segments", segments) { json, segment in
        json.object {
          $0.member("id", segment.id)
          $0.member("name", segment.name)
          $0.member("new_name", segment.newName)
          $0.member("before", Int64(segment.before))
          $0.member("after", Int64(segment.after))
        }
      }
      $0.object("next_day", nextDayAfter) { json, after in
        json.member("present", nextDayBefore.map(Int64.init))
        json.member("proposed", Int64(after))
      }
      $0.object("followed", followed) { json, followed in
        json.member("seconds", followed.seconds, places: 1)
        json.member("records", Int64(followed.records))
        for (name, counts) in [("published", followed.published), ("proposed", followed.proposed)] {
          json.object(name, counts) { json, counts in
            for (reason, count) in zip(ChangeReason.allCases, counts) { json.member(reason.rawValue, Int64(count)) }
          }
        }
      }
    }
    return json.bytes
  }

  // MARK: Text

  /// The most lines of moves that people are shown.
  private static let movesShown = 24

  /// The report for people.
  package var lines: [String] {
    var lines = [
      group.map { "group \($0): nothing was published, committed or made" }
        ?? "the files replayed twice; segments of the second are those of the first that they share customers with"
    ]
    lines += notes.map { "  \($0)" }
    lines.append("model: \(presentModel ?? "none") now, \(proposedText)")
    let clock = clockMs.map { ", clock \(timeText($0).prefix(16))" } ?? ""
    lines.append("customers with a purchase: \(customers)\(clock)")
    lines.append("would be in another segment: \(moved) (\(decimal(share * 100, 2)) %)")
    if unpublished > 0 { lines.append("have no segment yet: \(unpublished)") }
    if let due { lines.append("are about to move anyway: \(due)") }
    if !moves.isEmpty {
      let rows = moves.prefix(Self.movesShown).map {
        [shown($0.from), "→", shown($0.to, isNew: true), "\($0.customers)"]
      }
      lines += [""] + alignedTable([["from", "", "to", "customers"]] + rows, leftColumns: [0, 1, 2])
      if moves.count > Self.movesShown { lines.append("and \(moves.count - Self.movesShown) more") }
    }
    let rows = segments.map { segment in
      let names = [segment.name, segment.newName].compactMap { $0.map(printable) }
      return [segment.id, names.joined(separator: " → "), "\(segment.before)", "\(segment.after)"]
    }
    if !rows.isEmpty {
      lines += [""] + alignedTable([["id", "segment", "before", "after"]] + rows, leftColumns: [0, 1])
    }
    if let nextDayAfter {
      let now = nextDayBefore.map { "\($0) now, " } ?? ""
      lines += ["", "changes in the next 24 h if nobody buys: \(now)\(nextDayAfter) then"]
    }
    return lines + followedLines
  }

  private var proposedText: String {
    guard let proposedModel else { return "too few customers for one of the new configuration" }
    return "\(proposedModel) \(isFitted ? "fitted for" : "under") the new configuration"
  }

  private var followedLines: [String] {
    guard let followed else { return [] }
    var rows = [["reason", "published", "would be"]]
    for (index, reason) in ChangeReason.allCases.enumerated() {
      rows.append([reason.rawValue, "\(followed.published[index])", "\(followed.proposed[index])"])
    }
    rows.append(["all", "\(followed.published.reduce(0, +))", "\(followed.proposed.reduce(0, +))"])
    let span = followed.seconds.map { "followed for \(decimal($0, 1)) s, " } ?? ""
    return ["", "\(span)\(followed.records) records; changes:"]
      + alignedTable(rows, leftColumns: [0])
  }

  private func shown(_ id: String?, isNew: Bool = false) -> String {
    guard let id else { return "none" }
    guard let segment = segments.first(where: { $0.id == id }) else { return id }
    return "\(printable(isNew ? segment.newName ?? segment.name : segment.name)) (\(id))"
  }
}
