import Foundation
import Segmentation

/// What the text of a cell can mean.
enum CellText {
  /// The words, in lower case, that say that a value is missing.
  private static let missingWords: Set<String> = [
    "na", "n/a", "nan", "null", "none", "nil", "?", "-", "#n/a", "missing",
  ]
  private static let yesWords: Set<String> = ["yes", "true", "y", "t"]
  private static let noWords: Set<String> = ["no", "false", "n", "f"]

  /// Whether a cell says that there is no value.
  static func isMissing(_ cell: UnsafeBufferPointer<UInt8>) -> Bool {
    if cell.isEmpty { return true }
    if cell.count > 7 { return false }
    return missingWords.contains(String(decoding: cell, as: UTF8.self).lowercased())
  }

  /// No number beyond it is read: its square, and the sum of many such squares, must be numbers, too.
  static let numberMax = 1e100

  /// A number of at most `numberMax` in size; `nil` where it is none. The decimal mark is a point, or a comma where
  /// that is said.
  static func number(_ cell: UnsafeBufferPointer<UInt8>, hasDecimalComma: Bool = false) -> Double? {
    guard !cell.isEmpty, cell.count < 63 else { return nil }
    return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 64) { buffer in
      for (index, byte) in cell.enumerated() {
        switch byte {
        case 0x30...0x39, 0x2B, 0x2D, 0x65, 0x45: buffer[index] = CChar(bitPattern: byte)
        case 0x2E where !hasDecimalComma: buffer[index] = 0x2E
        case 0x2C where hasDecimalComma: buffer[index] = 0x2E
        default: return nil
        }
      }
      buffer[cell.count] = 0
      guard let start = buffer.baseAddress else { return nil }
      var end: UnsafeMutablePointer<CChar>?
      let value = strtod(start, &end)
      return end == start + cell.count && abs(value) <= numberMax ? value : nil
    }
  }

  /// Yes or no; `nil` where it is neither.
  static func boolean(_ cell: UnsafeBufferPointer<UInt8>) -> Bool? {
    guard cell.count <= 5 else { return nil }
    if cell.count == 1, cell[0] == 0x30 || cell[0] == 0x31 { return cell[0] == 0x31 }
    let word = String(decoding: cell, as: UTF8.self).lowercased()
    return yesWords.contains(word) ? true : noWords.contains(word) ? false : nil
  }

  /// Whether a text is a number or a day.
  static func isMeasure(_ text: String) -> Bool {
    var text = text
    return text.withUTF8 { number($0) != nil || number($0, hasDecimalComma: true) != nil || DateParts($0) != nil }
  }
}

/// The three numbers of a date, as written: 04-09-2012, 2012/9/4, 4.9.2012; a time of day may follow.
struct DateParts {
  let first: Int
  let second: Int
  let third: Int
  /// Whether the first is the year.
  let beginsWithYear: Bool

  /// Reads a date; `nil` where it does not have the form of one, be there such a day or not.
  init?(_ cell: UnsafeBufferPointer<UInt8>) {
    var parts: [Int] = []
    var digits: [Int] = []
    var position = 0
    var separator: UInt8 = 0
    for index in 0..<3 {
      var value = 0
      let start = position
      while position < cell.count, position - start < 4, (0x30...0x39).contains(cell[position]) {
        value = value * 10 + Int(cell[position]) - 0x30
        position += 1
      }
      guard position > start else { return nil }
      parts.append(value)
      digits.append(position - start)
      if index == 2 { break }
      guard position < cell.count, [0x2D, 0x2F, 0x2E].contains(cell[position]) else { return nil }
      guard index == 0 || cell[position] == separator else { return nil }
      separator = cell[position]
      position += 1
    }
    beginsWithYear = digits[0] == 4
    guard digits[1] <= 2, beginsWithYear ? digits[2] <= 2 : digits[0] <= 2 && digits[2] == 4 else { return nil }
    guard position == cell.count || Self.isTime(cell[position...]) else { return nil }
    (first, second, third) = (parts[0], parts[1], parts[2])
  }

  /// Days since 1970-01-01; `nil` where there is no such day.
  func days(dayFirst: Bool) -> Int64? {
    beginsWithYear
      ? CalendarDate.days(year: first, month: second, day: third)
      : CalendarDate.days(year: third, month: dayFirst ? second : first, day: dayFirst ? first : second)
  }

  private static func isTime(_ rest: Slice<UnsafeBufferPointer<UInt8>>) -> Bool {
    guard let mark = rest.first, mark == 0x20 || mark == 0x54 else { return false }
    return rest.dropFirst().contains(0x3A)
      && rest.dropFirst().allSatisfy { (0x30...0x3A).contains($0) || [0x2E, 0x5A, 0x2B, 0x2D].contains($0) }
  }
}

/// The year of a day since 1970-01-01.
func year(ofDay day: Double) -> Int {
  guard day.isFinite, abs(day) < 4_000_000 else { return 1970 }
  var year = 1970 + Int((day / 365.2425).rounded(.down))
  while let start = CalendarDate.days(year: year, month: 1, day: 1), Double(start) > day { year -= 1 }
  while let next = CalendarDate.days(year: year + 1, month: 1, day: 1), Double(next) <= day { year += 1 }
  return year
}
