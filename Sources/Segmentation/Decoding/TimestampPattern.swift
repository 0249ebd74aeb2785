/// A `strptime` pattern, compiled.
struct TimestampPattern {
  private enum Step {
    case literal(UInt8)
    case blanks
    case year
    case shortYear
    case month
    case day
    case dayOfYear
    case hour
    case halfDayHour
    case halfDay
    case minute
    case second
    case fraction
    case zone
    case monthName
    case weekdayName
  }

  private static let months: [StaticString] = [
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december",
  ]
  private static let weekdays: [StaticString] = [
    "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday",
  ]

  private var steps: [Step] = []

  /// Compiles a pattern; throws where a directive is not known or no date can come of it.
  init(_ pattern: String) throws(RecordMapError) {
    var isDirective = false
    for byte in pattern.utf8 {
      if isDirective {
        isDirective = false
        guard let meaning = Self.steps(of: byte) else {
          throw RecordMapError(
            "the timestamp pattern `\(pattern)` has the unknown directive `%\(Character(Unicode.Scalar(byte)))`; "
              + "known are %Y %y %m %d %e %H %I %p %M %S %f %z %b %B %a %A %j %T %F %D %R %n %t %%")
        }
        steps += meaning
      } else if byte == UInt8(ascii: "%") {
        isDirective = true
      } else {
        steps.append(Self.isBlank(byte) ? .blanks : .literal(byte))
      }
    }
    if isDirective {
      throw RecordMapError("the timestamp pattern `\(pattern)` ends in a lone `%`; write `%%` for a percent sign")
    }
    guard hasDate else {
      throw RecordMapError(
        "the timestamp pattern `\(pattern)` names no whole date: it needs a year (%Y, %y) with month (%m, %b) and day "
          + "(%d, %e), or with the day of the year (%j)")
    }
    if has(.halfDayHour) != has(.halfDay) {
      throw RecordMapError("the timestamp pattern `\(pattern)` has only one of %I and %p; it needs both or %H")
    }
  }

  private static func steps(of directive: UInt8) -> [Step]? {
    switch Unicode.Scalar(directive) {
    case "Y": [.year]
    case "y": [.shortYear]
    case "m": [.month]
    case "d", "e": [.day]
    case "j": [.dayOfYear]
    case "H": [.hour]
    case "I": [.halfDayHour]
    case "p": [.halfDay]
    case "M": [.minute]
    case "S": [.second]
    case "f": [.fraction]
    case "z": [.zone]
    case "b", "B": [.monthName]
    case "a", "A": [.weekdayName]
    case "T": [.hour, .literal(Byte.colon), .minute, .literal(Byte.colon), .second]
    case "F": [.year, .literal(Byte.minus), .month, .literal(Byte.minus), .day]
    case "D": [.month, .literal(0x2F), .day, .literal(0x2F), .shortYear]
    case "R": [.hour, .literal(Byte.colon), .minute]
    case "n", "t": [.blanks]
    case "%": [.literal(directive)]
    default: nil
    }
  }

  private var hasDate: Bool {
    (has(.year) || has(.shortYear)) && (has(.dayOfYear) || ((has(.month) || has(.monthName)) && has(.day)))
  }

  private func has(_ wanted: Step) -> Bool {
    steps.contains { step in
      switch (step, wanted) {
      case (.year, .year), (.shortYear, .shortYear), (.month, .month), (.monthName, .monthName), (.day, .day),
        (.dayOfYear, .dayOfYear), (.halfDayHour, .halfDayHour), (.halfDay, .halfDay):
        true
      default: false
      }
    }
  }

  private static func isBlank(_ byte: UInt8) -> Bool {
    byte == Byte.space || (byte >= Byte.tab && byte <= Byte.carriageReturn)
  }

  /// The reading of a text that follows the pattern to its end; `nil` if it does not.
  func read(_ text: Bytes, count: Int) -> ClockReading? {
    var cursor = TimeCursor(text, count: count)
    var fields = Fields()
    for step in steps {
      guard fields.take(step, &cursor) else { return nil }
    }
    return cursor.isAtEnd ? fields.reading : nil
  }

  /// What the steps have read so far.
  private struct Fields {
    var clock = ClockReading()
    var year = 0
    var month = 0
    var day = 0
    var dayOfYear: Int?
    var halfDayHour: Int?
    var isAfternoon = false

    mutating func take(_ step: Step, _ cursor: inout TimeCursor) -> Bool {
      switch step {
      case .literal(let byte): return cursor.skip(byte)
      case .blanks:
        while !cursor.isAtEnd, TimestampPattern.isBlank(cursor.next) { _ = cursor.skip(cursor.next) }
        return true
      case .year: return Self.set(&year, cursor.number(4, 4))
      case .shortYear: return Self.set(&year, cursor.number(2, 2).map { $0 < 69 ? 2000 + $0 : 1900 + $0 })
      case .month: return Self.set(&month, cursor.number(1, 2))
      case .day:
        cursor.skipBlanks()
        return Self.set(&day, cursor.number(1, 2))
      case .dayOfYear:
        dayOfYear = cursor.number(1, 3)
        return dayOfYear != nil
      case .hour: return Self.set(&clock.hour, cursor.number(1, 2))
      case .halfDayHour:
        halfDayHour = cursor.number(1, 2)
        return halfDayHour.map { $0 >= 1 && $0 <= 12 } ?? false
      case .halfDay:
        guard let index = cursor.name(of: ["am", "pm"]) else { return false }
        isAfternoon = index == 1
        return true
      case .minute: return Self.set(&clock.minute, cursor.number(1, 2))
      case .second: return Self.set(&clock.second, cursor.number(1, 2))
      case .fraction: return Self.set(&clock.ms, cursor.fractionMs())
      case .zone:
        clock.offsetMs = cursor.offsetMs()
        return clock.offsetMs != nil
      case .monthName: return Self.set(&month, cursor.name(of: TimestampPattern.months).map { $0 + 1 })
      case .weekdayName: return cursor.name(of: TimestampPattern.weekdays) != nil
      }
    }

    private static func set(_ field: inout Int, _ value: Int?) -> Bool {
      guard let value else { return false }
      field = value
      return true
    }

    var reading: ClockReading? {
      var reading = clock
      if let halfDayHour { reading.hour = halfDayHour % 12 + (isAfternoon ? 12 : 0) }
      if let dayOfYear {
        guard let first = CalendarDate.days(year: year, month: 1, day: 1), dayOfYear >= 1,
          dayOfYear <= (CalendarDate.isLeap(year: year) ? 366 : 365)
        else { return nil }
        reading.days = first + Int64(dayOfYear - 1)
        return reading
      }
      guard let days = CalendarDate.days(year: year, month: month, day: day) else { return nil }
      reading.days = days
      return reading
    }
  }
}
