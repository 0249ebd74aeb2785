extension JSONScanner {
  /// Reads a key, the colon and the white space about it; leaves the member's node in `state` and returns where the
  /// value begins.
  @inline(__always)
  func key(_ start: Bytes, _ end: Bytes, parent: Int) -> Bytes? {
    guard start < end, start[0] == Byte.quote else { return refuse(.keyExpected, start) }
    var position = start + 1
    var node = 0
    if parent == JSONMembers.root, end - position >= Glue.bytesMax {
      let (found, count) = members.rootMember(position)
      node = found
      position += count
    }
    if node == 0 {
      guard let quote = anyKey(position, end, parent: parent) else { return nil }
      node = state.pointee.node
      position = quote + 1
    }
    position = JSONText.skipSpace(position, end)
    guard position < end, position[0] == Byte.colon else { return refuse(.colonExpected, position) }
    state.pointee.node = node
    return JSONText.skipSpace(position + 1, end)
  }

  /// Reads any key, of which `start` is the first byte; leaves its node in `state` and returns the closing quote.
  @inline(never)
  private func anyKey(_ start: Bytes, _ end: Bytes, parent: Int) -> Bytes? {
    var quote = start
    var isPlain = false
    while end - quote >= 8 {
      let odd = JSONText.oddBytes(load64(quote))
      if odd != 0 {
        quote += odd.trailingZeroBitCount &>> 3
        isPlain = quote[0] == Byte.quote
        break
      }
      quote += 8
    }
    if !isPlain {
      guard let found = JSONText.oddString(quote, end, state) else { return nil }
      quote = found
    }
    let count = quote - start
    if members.nodes[parent].firstChild == 0 {
      state.pointee.node = 0
    } else if isPlain || !state.pointee.hasEscapes {
      state.pointee.node = members.member(of: parent, start, count: count)
    } else {
      state.pointee.node = withUnsafeTemporaryAllocation(of: UInt8.self, capacity: count) { buffer in
        guard let plain = buffer.baseAddress else { return 0 }
        let length = EscapedText.unescapeJSON(start, count: count, to: plain).count
        return members.member(of: parent, Bytes(plain), count: length)
      }
    }
    return quote
  }

  /// Reads a literal, an object or an array of any depth into the slots of `node` and of the members below it;
  /// returns what is behind it.
  @inline(never)
  func nestedValue(_ start: Bytes, _ end: Bytes, _ node: Int) -> Bytes? {
    var depth = 1
    var node = node
    var position = start
    while true {
      guard position < end else { return refuse(.valueExpected, position) }
      let slot = slots + node
      switch position[0] {
      case Byte.openBrace, Byte.openBracket:
        let isObject = position[0] == Byte.openBrace
        slot.pointee.start = position
        slot.pointee.count = 1
        slot.pointee.kind = isObject ? .object : .array
        depth &+= 1
        if depth > depthMax { return refuse(.tooDeep, position) }
        stack[depth] = isObject ? Int16(truncatingIfNeeded: node) : -1
        position = JSONText.skipSpace(position + 1, end)
        guard position < end else { return refuse(isObject ? .unclosedObject : .unclosedArray, position) }
        if position[0] != (isObject ? Byte.closeBrace : Byte.closeBracket) {
          guard let first = isObject ? member(position, end, parent: node) : position else { return nil }
          node = isObject ? state.pointee.node : 0
          position = first
          continue
        }
        position += 1
        depth &-= 1
      case Byte.quote:
        slot.pointee.start = position + 1
        slot.pointee.kind = .string
        guard let quote = JSONText.closingQuote(position + 1, end, slot, state) else { return nil }
        slot.pointee.count = quote - position &- 1
        position = quote + 1
      case Byte.minus, Byte.zero...(Byte.zero + 9):
        guard let next = JSONText.number(position, end, slot, state) else { return nil }
        position = next
      default:
        guard let next = JSONText.literal(position, end, slot, state) else { return nil }
        position = next
      }
      guard let next = nextElement(position, end, &depth, &node) else { return nil }
      position = next
      if depth == 1 { return position }
    }
  }

  /// From behind a value, over the closing braces and brackets that follow it, to the next value, or to what is behind
  /// the outermost one (`depth` 1).
  @inline(__always)
  private func nextElement(_ start: Bytes, _ end: Bytes, _ depth: inout Int, _ node: inout Int) -> Bytes? {
    var position = start
    while depth > 1 {
      position = JSONText.skipSpace(position, end)
      let parent = Int(stack[depth])
      guard position < end else { return refuse(parent >= 0 ? .unclosedObject : .unclosedArray, position) }
      if position[0] == Byte.comma {
        position = JSONText.skipSpace(position + 1, end)
        node = 0
        if parent < 0 { return position }
        guard let value = member(position, end, parent: parent) else { return nil }
        node = state.pointee.node
        return value
      }
      guard position[0] == (parent >= 0 ? Byte.closeBrace : Byte.closeBracket) else {
        return refuse(.commaExpected, position)
      }
      position += 1
      depth &-= 1
    }
    return position
  }

  /// Reads the key of a nested member and marks it as seen.
  private func member(_ start: Bytes, _ end: Bytes, parent: Int) -> Bytes? {
    guard let value = key(start, end, parent: parent) else { return nil }
    let bit = (1 as UInt64) &<< UInt64(truncatingIfNeeded: state.pointee.node) & ~1
    if state.pointee.seen & bit != 0 { return refuse(.memberTwice, start) }
    state.pointee.seen |= bit
    return value
  }
}
