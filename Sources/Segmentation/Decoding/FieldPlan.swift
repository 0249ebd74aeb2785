/// Which slot each field of a purchase record is read from; 0 where a field is not mapped.
struct FieldPlan {
  private(set) var customerID = 0
  private(set) var amount = 0
  private(set) var factor = 0
  private(set) var timestamp = 0
  private(set) var transactionID = 0
  private(set) var orderID = 0
  private(set) var currency = 0
  private(set) var type = 0
  /// The slots that a record must fill.
  private(set) var required: UInt64 = 0
  /// The slots that are filled once for all records.
  private(set) var constants: UInt64 = 0
  /// The members of JSON, or one node a column; the slots have the same numbers.
  private(set) var tree = MemberTree()
  /// What each slot stands for; `nil` for steps on the way.
  private(set) var places: [RecordMap.Place?] = [nil, nil]

  init(_ map: RecordMap) throws(RecordMapError) {
    guard map.amount.count == 1 || map.amount.count == 2 else {
      throw RecordMapError("`amount` has \(map.amount.count) factors; it takes one place, or two to be multiplied")
    }
    customerID = try slot(map.customerID, "customer_id", map.format)
    amount = try slot(map.amount[0], "amount", map.format)
    if map.amount.count == 2 { factor = try slot(map.amount[1], "amount", map.format) }
    timestamp = try slot(map.timestamp, "timestamp", map.format)
    transactionID = try slot(map.transactionID, "transaction_id", map.format)
    orderID = try slot(map.orderID, "order_id", map.format)
    currency = try slot(map.currency, "currency", map.format)
    type = try slot(map.type, "type", map.format)
    for (place, field) in map.amount.map({ ($0, "amount") }) + [(map.type, "type")] {
      try Self.checkConstant(place, field)
    }
    for slot in [customerID, amount, factor, timestamp] where slot != 0 { required |= 1 << UInt64(slot) }
  }

  /// A constant that no record could be read with is an error of the map.
  private static func checkConstant(_ place: RecordMap.Place?, _ field: String) throws(RecordMapError) {
    guard case .constant(let text) = place else { return }
    let bytes = Array(text.utf8)
    let isNumber = bytes.withUnsafeBufferPointer {
      DecimalNumber.parse($0.baseAddress ?? emptyBytes, count: $0.count) != nil
    }
    if field == "type" ? !["purchase", "refund"].contains(text.lowercased()) : !isNumber {
      throw RecordMapError(
        "`\(field)` is the constant `\(text)`; it takes \(field == "type" ? "`purchase` or `refund`" : "a number")")
    }
  }

  private mutating func slot(
    _ place: RecordMap.Place?, _ field: String, _ format: RecordMap.Format
  ) throws(RecordMapError) -> Int {
    guard let place else { return 0 }
    if let known = places.firstIndex(of: place) { return known }
    var slot = tree.nodes.count
    switch (place, format) {
    case (.constant, _):
      tree.nodes.append(("", 0))
      constants |= 1 << UInt64(truncatingIfNeeded: slot)
    case (.path(let path), .json):
      guard !path.isEmpty else { throw RecordMapError("`\(field)` is mapped to an empty path; name a member") }
      slot = tree.node(path)
    case (.column(let number), .json):
      throw RecordMapError("`\(field)` is mapped to column \(number), but JSON has members; name one")
    case (.path(let path), .columns), (.path(let path), .csv(_, _, header: false)):
      throw RecordMapError(
        "`\(field)` is mapped to the column `\(path.joined(separator: "."))`, but no header names columns; "
          + "give its number, from 1")
    case (.path, .csv):
      tree.nodes.append(("", 0))
    case (.column(let number), _):
      guard number >= 1, number <= DelimitedScanner.columnsMax else {
        throw RecordMapError(
          "`\(field)` is mapped to column `\(number)`; columns are numbered from 1 to \(DelimitedScanner.columnsMax)")
      }
      tree.nodes.append(("", 0))
    }
    guard tree.nodes.count <= JSONMembers.nodesMax else {
      throw RecordMapError("`\(field)`: the map's paths have more than \(JSONMembers.nodesMax - 2) different steps")
    }
    while places.count < tree.nodes.count { places.append(nil) }
    places[slot] = place
    return slot
  }

  /// A slot's place in words, for a message.
  func name(ofSlot slot: Int) -> String {
    switch places[slot] {
    case .path(let path): "`\(path.joined(separator: "."))`"
    case .column(let number): "column \(number)"
    case .constant: "a constant of the map"
    case nil: "`\(tree.nodes[slot].key)`"
    }
  }

  /// The slot of each column from 0 on, once the header, if any, is known.
  func columnSlots(header: [String]) throws(RecordMapError) -> [UInt8] {
    var slots: [UInt8] = []
    for (slot, place) in places.enumerated() {
      let column: Int
      switch place {
      case .column(let number): column = number - 1
      case .path(let path):
        // Optional fields under their own names are what a map does not mention: they need not be there.
        let isOptional = required & 1 << UInt64(slot) == 0 && path.count == 1 && Self.optionalNames.contains(path[0])
        if isOptional && !header.contains(path[0]) { continue }
        column = try Self.column(path.joined(separator: "."), header)
      case .constant, nil: continue
      }
      if !header.isEmpty && column >= header.count {
        throw RecordMapError("the map names column \(column + 1), but the header has \(header.count)")
      }
      while slots.count <= column { slots.append(0) }
      guard slots[column] == 0 else {
        throw RecordMapError(
          "\(name(ofSlot: Int(slots[column]))) and \(name(ofSlot: slot)) are the same column; use one way to name it")
      }
      slots[column] = UInt8(slot)
    }
    return slots
  }

  /// The names that the default map gives to optional fields.
  private static let optionalNames = ["transaction_id", "order_id", "currency", "type"]

  private static func column(_ name: String, _ header: [String]) throws(RecordMapError) -> Int {
    guard let column = header.firstIndex(of: name) else {
      let nearest = header.min { distance($0, name) < distance($1, name) }
      let hint = nearest.map { "; the nearest is `\($0)`" } ?? ""
      let shown = header.prefix(50).map { "`\($0)`" }.joined(separator: ", ")
      throw RecordMapError(
        "there is no column `\(name)`\(hint). The header has: \(shown)\(header.count > 50 ? ", …" : "")")
    }
    guard header.lastIndex(of: name) == column else {
      throw RecordMapError("the header has more than one column `\(name)`; give the number of the one that is meant")
    }
    return column
  }

  /// The number of letters to insert, delete or replace (Levenshtein), in any case.
  private static func distance(_ left: String, _ right: String) -> Int {
    let right = Array(right.lowercased().prefix(64))
    var row = Array(0...right.count)
    for (i, letter) in left.lowercased().prefix(64).enumerated() {
      var diagonal = row[0]
      row[0] = i + 1
      for (j, other) in right.enumerated() {
        let above = row[j + 1]
        row[j + 1] = min(above + 1, row[j] + 1, diagonal + (letter == other ? 0 : 1))
        diagonal = above
      }
    }
    return row[right.count]
  }
}

extension FieldPlan {
  /// The bytes of all constants together.
  var constantBytesCount: Int {
    places.reduce(0) { sum, place in
      if case .constant(let text) = place { sum + text.utf8.count } else { sum }
    }
  }

  /// Writes the constants to `bytes` and makes their slots cells of that text.
  func fillConstants(_ slots: UnsafeMutablePointer<Slot>, _ bytes: UnsafeMutablePointer<UInt8>) {
    var used = 0
    for (slot, place) in places.enumerated() {
      guard case .constant(let text) = place else { continue }
      let start = bytes + used
      for (offset, byte) in text.utf8.enumerated() { start[offset] = byte }
      slots[slot] = Slot(start: Bytes(start), count: text.utf8.count, number: .zero, kind: .cell)
      used += text.utf8.count
    }
  }
}
