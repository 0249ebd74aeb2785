import Kafka

/// What a reset deletes: shown before it is done, and then done.
package struct ResetPlan: Sendable {
  /// A topic whose records go.
  package struct Topic: Sendable {
    /// Its name.
    package var name: String
    /// What its records are, for people.
    package var purpose: String
    /// The offsets of each partition, the first and the one behind the last, by its number.
    package var offsets: [Range<Int64>]
    /// Whether it gets the input's number of partitions, by being deleted and made anew.
    package var isRemade = false

    /// All offsets that hold something, or did.
    package var count: Int64 { offsets.reduce(0) { $0 + Int64($1.count) } }
  }

  /// The group, whose offsets are deleted with it.
  package var group: String
  /// The topic that the offsets are of.
  package var input: String
  /// What the group has committed, without what says that a reset was begun.
  package var committed: [CommittedOffset]
  /// Whether the group is there at all.
  package var hasGroup: Bool
  /// Whether an earlier reset was begun and did not end.
  package var isUnfinished: Bool
  /// The topics, in the order in which they are emptied.
  package var topics: [Topic]
  /// Whether the changes stay.
  package var keepsChanges: Bool

  /// Whether there is nothing to delete.
  package var isEmpty: Bool { !hasGroup && topics.allSatisfy { $0.count == 0 && !$0.isRemade } }

  /// What is deleted, for people: a line a partition, right aligned.
  package var lines: [String] {
    var rows = [["topic", "partition", "first", "last", "offsets"]]
    for topic in topics {
      for (partition, range) in topic.offsets.enumerated() where !range.isEmpty {
        rows.append([
          topic.name, "\(partition)", "\(range.lowerBound)", "\(range.upperBound - 1)", "\(range.count)",
        ])
      }
    }
    var lines = rows.count > 1 ? alignedTable(rows, leftColumns: [0]) : []
    for topic in topics where topic.isRemade {
      lines.append("`\(topic.name)` is made anew: it has \(topic.offsets.count) partitions, not the input's number")
    }
    if hasGroup {
      let offsets = committed.map { "\($0.partition):\($0.offset ?? 0)" }.joined(separator: " ")
      lines.append("group `\(group)`, offsets of `\(input)`: \(offsets.isEmpty ? "none" : offsets)")
    }
    if isUnfinished { lines.append("a reset was begun before and did not end: this one ends it") }
    return lines
  }

  /// What a reset means to others, for people.
  package var consequences: [String] {
    guard let changes = topics.first(where: { $0.purpose == TopicPlan.Output.changes("").purpose }) else {
      return keepsChanges
        ? [
          "the changes stay, and the rebuild numbers its own from 1 again: a subscriber that applies only what is "
            + "greater than the last it saw passes them over, and ce_ids come twice"
        ] : []
    }
    return [
      "the rebuild publishes all changes anew in `\(changes.name)`, numbered from 1: subscribers must forget the "
        + "sequences that they have seen"
    ]
  }
}

/// Rows in columns, two spaces between them; all but some columns are right aligned.
package func alignedTable(_ rows: [[String]], leftColumns: Set<Int> = []) -> [String] {
  let columns = rows.map(\.count).max() ?? 0
  let widths = (0..<columns).map { column in rows.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0 }
  return rows.map { row in
    let cells = row.enumerated().map { column, cell in
      let padding = String(repeating: " ", count: widths[column] - cell.count)
      return leftColumns.contains(column) ? cell + padding : padding + cell
    }
    var line = cells.joined(separator: "  ")
    while line.last == " " { line.removeLast() }
    return line
  }
}
