import Foundation
import Pipeline
import Segmentation

extension ReplaySummary {
  /// The summary for people: what was read, and the segments as a table.
  var text: String {
    var lines = [
      "\(grouped(recordsRead)) records read, \(grouped(applied)) applied, \(deadLetterText), "
        + "\(grouped(duplicates)) duplicates, \(grouped(outsideWindow)) outside the windows"
        + (leftOut > 0 ? ", \(grouped(leftOut)) behind --until" : ""),
      "\(grouped(customers)) customers, \(changesText)",
      (clockMs.map { "clock \(Date(timeIntervalSince1970: Double($0) / 1000).ISO8601Format()), " } ?? "")
        + "\(currencyCode ?? "no currency"), \(fixed(seconds, 2)) s, \(grouped(Int(recordsPerSecond))) records/s",
    ]
    if !segments.isEmpty { lines += [""] + table }
    if let health { lines += [""] + health.finalLines }
    return lines.joined(separator: "\n") + "\n"
  }

  /// What a user should know, one sentence each.
  func words(deadLettersAreKept: Bool) -> [String] {
    var words: [String] = []
    if deadLetterCount > 0, !deadLettersAreKept {
      words.append("\(deadLetterText): --dead-letters FILE keeps them with the reason")
    }
    if behindClock > 0 {
      words.append(
        "\(grouped(behindClock)) records came behind the clock; if the log is not in time order, use --order time")
    }
    words += kChoices.flatMap(\.lines)
    if let lack { words.append("\(lack); there is no model, and nobody has a segment") }
    return words
  }

  private var deadLetterText: String {
    let codes = DeadLetterCode.allCases.compactMap { code in
      deadLetters[code].map { "\(code.rawValue) \(grouped($0))" }
    }
    return "\(grouped(deadLetterCount)) dead letters" + (codes.isEmpty ? "" : " (\(codes.joined(separator: ", ")))")
  }

  private var changesText: String {
    let reasons = zip(ChangeReason.allCases, changes).filter { $1 > 0 }.map { "\($0.rawValue) \(grouped($1))" }
    let total = changes.reduce(0, +)
    return "\(grouped(total)) changes" + (reasons.isEmpty ? "" : " (\(reasons.joined(separator: ", ")))")
  }

  private var table: [String] {
    let unit = currencyCode.map { " \($0)" } ?? ""
    var rows = [["id", "segment", "customers", "share", "recency", "orders", "average order\(unit)", "revenue"]]
    let minorUnits = pow(10, Double(digits))
    for segment in segments {
      rows.append([
        segment.id, segment.name, grouped(segment.customers), "\(fixed(segment.share * 100, 1)) %",
        segment.medianRecencyDays.map { "\(fixed($0, 1)) d" } ?? "–", segment.medianOrders.map { fixed($0, 0) } ?? "–",
        segment.medianAverageOrderMinor.map { fixed($0 / minorUnits, digits) } ?? "–",
        "\(fixed(segment.revenueShare * 100, 1)) %",
      ])
    }
    let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    return rows.map { row in
      row.enumerated().map { column, cell in
        let padding = String(repeating: " ", count: widths[column] - cell.count)
        return column < 2 ? cell + padding : padding + cell
      }.joined(separator: "  ")
    }
  }
}

/// A number with its thousands apart: `541,909`.
func grouped(_ number: Int) -> String {
  var digits = Array(String(number.magnitude))
  for position in stride(from: digits.count - 3, to: 0, by: -3) { digits.insert(",", at: position) }
  return (number < 0 ? "-" : "") + String(digits)
}

/// A number with so many digits behind the point.
func fixed(_ number: Double, _ places: Int) -> String {
  String(format: "%.\(places)f", number)
}
