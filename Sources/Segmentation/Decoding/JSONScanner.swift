/// Finds the mapped members of a JSON record and validates all of it (RFC 8259, UTF-8) in one pass over the bytes.
///
/// Records of one producer look alike. What stood between two values of the last record, white space, comma, key and
/// colon, is expected between the same two of the next: a comparison of at most four words takes the place of reading
/// a key. A record that differs is read the general way.
///
///     {"customer_id":"c0000042","amount":12.34}
///     └──── glue 0 ─┘          └─ glue 1 ─┘
struct JSONScanner: ~Copyable {
  /// The bytes expected before a value, masked, and the member they name.
  struct Glue {
    static let bytesMax = 32

    var words: (UInt64, UInt64, UInt64, UInt64)
    var masks: (UInt64, UInt64, UInt64, UInt64)
    var count: Int
    var node: Int

    /// Whether the bytes of `glue` stand at `bytes`, where `bytesMax` can be read. By pointer, because a copy of the
    /// glue costs more than the comparison.
    @inline(__always)
    static func matches(_ glue: UnsafePointer<Glue>, _ bytes: Bytes) -> Bool {
      var difference = (load64(bytes) ^ glue.pointee.words.0) & glue.pointee.masks.0
      difference |= (load64(bytes + 8) ^ glue.pointee.words.1) & glue.pointee.masks.1
      if glue.pointee.count > 16 {
        difference |= (load64(bytes + 16) ^ glue.pointee.words.2) & glue.pointee.masks.2
        difference |= (load64(bytes + 24) ^ glue.pointee.words.3) & glue.pointee.masks.3
      }
      return difference == 0
    }

    init(_ bytes: Bytes, count: Int, node: Int) {
      var words: [UInt64] = [0, 0, 0, 0]
      var masks: [UInt64] = [0, 0, 0, 0]
      for index in 0..<count {
        words[index / 8] |= UInt64(bytes[index]) << UInt64(index % 8 * 8)
        masks[index / 8] |= 0xFF << UInt64(index % 8 * 8)
      }
      self.words = (words[0], words[1], words[2], words[3])
      self.masks = (masks[0], masks[1], masks[2], masks[3])
      self.count = count
      self.node = node
    }

    /// The glue of a record, where `bytesMax` can be read; one that is too long is never expected.
    @inline(__always)
    mutating func learn(_ bytes: Bytes, count: Int, node: Int) {
      words = (load64(bytes), load64(bytes + 8), load64(bytes + 16), load64(bytes + 24))
      masks = (Self.mask(count), Self.mask(count &- 8), Self.mask(count &- 16), Self.mask(count &- 24))
      words = (words.0 & masks.0, words.1 & masks.1, words.2 & masks.2, words.3 & masks.3)
      self.count = count
      self.node = node
    }

    @inline(__always)
    private static func mask(_ count: Int) -> UInt64 {
      if count <= 0 { return 0 }
      return count >= 8 ? .max : (1 << UInt64(truncatingIfNeeded: count &* 8)) &- 1
    }
  }

  /// More members than these are read the general way.
  private static let gluesMax = 32
  /// How many glues may be learned before expecting is given up for `restRecords`; each expected record earns one.
  private static let budgetMax = 64
  private static let restRecords = 512

  let members: JSONMembers
  let slots: UnsafeMutablePointer<Slot>
  let state: UnsafeMutablePointer<ScanState>
  let depthMax: Int
  /// The open containers of a nested value: the node of an object, −1 for an array.
  let stack: UnsafeMutablePointer<Int16>
  private let glues: UnsafeMutablePointer<Glue>
  private var gluesCount = 0
  private var budget = budgetMax
  private var rest = 0

  /// Makes a scanner that writes to `slots`, one a node, and to `state`; both belong to the caller.
  init(
    members: consuming JSONMembers, slots: UnsafeMutablePointer<Slot>, state: UnsafeMutablePointer<ScanState>,
    depthMax: Int
  ) {
    self.members = members
    self.slots = slots
    self.state = state
    self.depthMax = depthMax
    stack = .allocate(capacity: depthMax + 2)
    stack.initialize(repeating: 0, count: depthMax + 2)
    glues = .allocate(capacity: Self.gluesMax)
    glues.initialize(repeating: Glue(emptyBytes, count: 0, node: 0), count: Self.gluesMax)
  }

  deinit {
    stack.deallocate()
    glues.deallocate()
  }

  /// Scans one record: the mask of the slots that it fills, with bit 0 set; 0 if it is malformed, and then `state`
  /// says why and where.
  mutating func scan(_ start: Bytes, _ end: Bytes) -> UInt64 {
    if rest > 0 {
      rest &-= 1
      if rest == 0 { budget = Self.budgetMax / 4 }
    }
    let learns = budget > 0
    let budgetBefore = budget
    var position = start
    var seen: UInt64 = 1
    var glue = UnsafePointer(glues)
    let expectedEnd = glue + (budget > 0 ? gluesCount : 0)
    while true {
      let node: Int
      if glue < expectedEnd, end - position >= Glue.bytesMax, Glue.matches(glue, position) {
        node = glue.pointee.node
        position += glue.pointee.count
      } else if position != start, position < end, position[0] == Byte.closeBrace {
        position += 1
        break
      } else {
        guard let value = nextMember(position, end, isFirst: position == start) else { return 0 }
        node = state.pointee.node
        if node < 0 {
          position = value
          break
        }
        if learns { learn(glue - UnsafePointer(glues), from: position, to: value, end, node) }
        position = value
      }
      glue += 1
      let bit = (1 as UInt64) &<< UInt64(truncatingIfNeeded: node) & ~1
      guard seen & bit == 0 else { return refuse(.memberTwice, position) }
      seen |= bit
      guard let next = value(position, end, node, &seen) else { return 0 }
      position = next
    }
    if learns {
      if budget == budgetBefore { budget = min(budget &+ 1, Self.budgetMax) }
      if budget <= 0 { rest = Self.restRecords }
    }
    return finish(position, end) ? seen : 0
  }

  /// Reads a value of the root object into its slot; returns what is behind it.
  @inline(__always)
  private func value(_ start: Bytes, _ end: Bytes, _ node: Int, _ seen: inout UInt64) -> Bytes? {
    guard start < end else { return refuse(.valueExpected, start) }
    let slot = slots + node
    let first = start[0]
    if first == Byte.quote {
      slot.pointee.start = start + 1
      slot.pointee.kind = .string
      guard let quote = JSONText.closingQuote(start + 1, end, slot, state) else { return nil }
      slot.pointee.count = quote - start &- 1
      return quote + 1
    }
    if first &- Byte.zero <= 9 || first == Byte.minus {
      return JSONText.number(start, end, slot, state)
    }
    if first <= Byte.space { return spacedValue(start, end, node, &seen) }
    state.pointee.seen = seen
    let next = nestedValue(start, end, node)
    seen = state.pointee.seen
    return next
  }

  /// Reads a value behind white space: the glue of a producer that writes none before a value is also the beginning of
  /// that of one that does.
  @inline(never)
  private func spacedValue(_ start: Bytes, _ end: Bytes, _ node: Int, _ seen: inout UInt64) -> Bytes? {
    let position = JSONText.skipSpace(start, end)
    guard position < end, position[0] > Byte.space else { return refuse(.valueExpected, position) }
    return value(position, end, node, &seen)
  }

  /// From behind a value, or the start of the record, to the next value: white space, comma or brace, key, colon.
  /// `state.node` is the member's node, or −1 behind the closing brace.
  private func nextMember(_ start: Bytes, _ end: Bytes, isFirst: Bool) -> Bytes? {
    var position = JSONText.skipSpace(start, end)
    guard position < end else { return refuse(isFirst ? .empty : .unclosedObject, position) }
    if isFirst {
      guard position[0] == Byte.openBrace else { return refuse(.notAnObject, position) }
      position = JSONText.skipSpace(position + 1, end)
      guard position < end else { return refuse(.unclosedObject, position) }
    }
    if position[0] == Byte.closeBrace {
      state.pointee.node = -1
      return position + 1
    }
    if !isFirst {
      guard position[0] == Byte.comma else { return refuse(.commaExpected, position) }
      position = JSONText.skipSpace(position + 1, end)
    }
    return key(position, end, parent: JSONMembers.root)
  }

  private func finish(_ start: Bytes, _ end: Bytes) -> Bool {
    let position = JSONText.skipSpace(start, end)
    if position == end { return true }
    _ = refuse(.trailingBytes, position) as UInt64
    return false
  }

  @inline(never)
  private mutating func learn(_ index: Int, from start: Bytes, to value: Bytes, _ end: Bytes, _ node: Int) {
    // Near the end there is nothing to learn: no comparison reads beyond the record.
    guard index < Self.gluesMax, index <= gluesCount, end - start >= Glue.bytesMax else { return }
    guard value - start <= Glue.bytesMax else {
      gluesCount = index
      return
    }
    budget &-= 1
    glues[index].learn(start, count: value - start, node: node)
    gluesCount = max(gluesCount, index &+ 1)
  }

  func refuse(_ rejection: Rejection, _ position: Bytes) -> Bytes? {
    state.pointee.rejection = rejection
    state.pointee.position = position
    return nil
  }

  private func refuse(_ rejection: Rejection, _ position: Bytes) -> UInt64 {
    state.pointee.rejection = rejection
    state.pointee.position = position
    return 0
  }
}
