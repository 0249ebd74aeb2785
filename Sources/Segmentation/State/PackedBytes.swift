/// Writes the state log's numbers to memory that has room for them and for 8 bytes more.
struct PackedWriter {
  private(set) var next: UnsafeMutableRawPointer

  @inline(__always)
  init(_ start: UnsafeMutablePointer<UInt8>) { next = UnsafeMutableRawPointer(start) }

  @inline(__always)
  mutating func byte(_ value: UInt8) {
    next.storeBytes(of: value, as: UInt8.self)
    next += 1
  }

  /// An unsigned LEB128; up to 56 bits without a loop: groups of seven bits are spread over bytes, all at once.
  @inline(__always)
  mutating func varint(_ value: UInt64) {
    if value < 0x80 { return byte(UInt8(truncatingIfNeeded: value)) }
    if value >> 56 != 0 { return longVarint(value) }
    var word = (value & 0x00ff_ffff_f000_0000) << 4 | value & 0x0fff_ffff
    word = (word & 0x0fff_c000_0fff_c000) << 2 | word & 0x0000_3fff_0000_3fff
    word = (word & 0x3f80_3f80_3f80_3f80) << 1 | word & 0x007f_007f_007f_007f
    let length = ((70 &- value.leadingZeroBitCount) &* 37) >> 8
    word |= 0x8080_8080_8080_8080 & ((1 &<< UInt64((length &- 1) &* 8)) &- 1)
    next.storeBytes(of: word.littleEndian, as: UInt64.self)
    next += length
  }

  @inline(never)
  private mutating func longVarint(_ value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      byte(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    byte(UInt8(truncatingIfNeeded: rest))
  }

  /// A signed LEB128 by zigzag.
  @inline(__always)
  mutating func zigzag(_ value: Int64) { varint(UInt64(bitPattern: value << 1 ^ value >> 63)) }

  /// Eight bytes, little endian.
  @inline(__always)
  mutating func fixed(_ value: UInt64) {
    next.storeBytes(of: value.littleEndian, as: UInt64.self)
    next += 8
  }

  /// The low `count` bytes (4, 6 or 8) of a number, little endian.
  @inline(__always)
  mutating func low(_ value: UInt64, count: Int) {
    next.storeBytes(of: value.littleEndian, as: UInt64.self)
    next += count
  }

  @inline(__always)
  mutating func double(_ value: Double) { fixed(value.bitPattern) }

  /// Bytes; most are few.
  @inline(__always)
  mutating func bytes(_ bytes: UnsafeBufferPointer<UInt8>) {
    guard let start = UnsafeRawPointer(bytes.baseAddress) else { return }
    if bytes.count >= 8 && bytes.count <= 16 {
      // The usual case, without a call: the first eight and the last eight, which may overlap.
      let last = bytes.count &- 8
      next.storeBytes(of: start.loadUnaligned(as: UInt64.self), as: UInt64.self)
      next.storeBytes(
        of: start.loadUnaligned(fromByteOffset: last, as: UInt64.self), toByteOffset: last, as: UInt64.self)
    } else {
      next.copyMemory(from: start, byteCount: bytes.count)
    }
    next += bytes.count
  }
}

/// Reads the state log's numbers. What cannot be read is 0 and makes the reader `isDamaged`, from then on all is.
struct PackedReader {
  private let start: UnsafeRawPointer
  private var next: UnsafeRawPointer
  private let end: UnsafeRawPointer
  /// What was first found wrong.
  private(set) var problem: StaticString?
  private var problemAt = 0

  init(_ bytes: UnsafeRawBufferPointer) {
    start = bytes.baseAddress ?? UnsafeRawPointer(emptyBytes)
    next = start
    end = start + bytes.count
  }

  @inline(__always)
  var isDamaged: Bool { problem != nil }
  /// Bytes that are left.
  @inline(__always)
  var left: Int { end - next }

  /// The error of the first problem.
  var error: StateLogError { .damaged("\(problem ?? "nothing")", at: problemAt) }

  /// Notes a problem; nothing more is read.
  @inline(never)
  mutating func fail(_ what: StaticString) {
    guard problem == nil else { return }
    problem = what
    problemAt = next - start
    next = end
  }

  /// Notes a problem where a condition does not hold.
  @inline(__always)
  mutating func require(_ condition: Bool, _ what: StaticString) { if !condition { fail(what) } }

  @inline(__always)
  mutating func byte() -> UInt8 {
    if next == end {
      fail("it ends too early")
      return 0
    }
    defer { next += 1 }
    return next.load(as: UInt8.self)
  }

  @inline(__always)
  mutating func varint() -> UInt64 {
    if left < 8 { return longVarint() }
    let word = UInt64(littleEndian: next.loadUnaligned(as: UInt64.self))
    if word & 0x80 == 0 {
      next += 1
      return word & 0x7f
    }
    let stops = ~word & 0x8080_8080_8080_8080
    if stops == 0 { return longVarint() }
    var value = word & (stops ^ (stops &- 1)) & 0x7f7f_7f7f_7f7f_7f7f
    value = (value & 0x7f00_7f00_7f00_7f00) >> 1 | value & 0x007f_007f_007f_007f
    value = (value & 0x3fff_0000_3fff_0000) >> 2 | value & 0x0000_3fff_0000_3fff
    value = (value & 0x0fff_ffff_0000_0000) >> 4 | value & 0x0fff_ffff
    next += (stops.trailingZeroBitCount &+ 1) >> 3
    return value
  }

  @inline(never)
  private mutating func longVarint() -> UInt64 {
    var value: UInt64 = 0
    for shift in stride(from: UInt64(0), to: 70, by: 7) {
      let next = byte()
      if shift == 63 && next > 1 { break }
      value |= UInt64(next & 0x7f) << shift
      if next < 0x80 { return value }
    }
    fail("a number is longer than 64 bits")
    return 0
  }

  @inline(__always)
  mutating func zigzag() -> Int64 {
    let value = varint()
    return Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1)
  }

  /// An unsigned number of at most `most`.
  @inline(__always)
  mutating func count(upTo most: Int, _ what: StaticString) -> Int {
    let value = varint()
    if value > UInt64(most) {
      fail(what)
      return 0
    }
    return Int(truncatingIfNeeded: value)
  }

  /// `base` less a difference: a time or an offset, which has 48 bits.
  @inline(__always)
  mutating func number48(before base: Int64) -> Int64 {
    let value = base &- zigzag()
    if value != (value << 16) >> 16 {
      fail("a time or offset is out of range")
      return 0
    }
    return value
  }

  /// A time or an offset as it is.
  @inline(__always)
  mutating func number48() -> Int64 { -number48(before: 0) }

  /// A number of `size` bytes (4, 6 or 8), little endian.
  @inline(__always)
  mutating func fixed(_ size: Int) -> UInt64 {
    if left < size {
      fail("it ends too early")
      return 0
    }
    defer { next += size }
    switch size {
    case 4: return UInt64(UInt32(littleEndian: next.loadUnaligned(as: UInt32.self)))
    case 6:
      return UInt64(UInt32(littleEndian: next.loadUnaligned(as: UInt32.self)))
        | UInt64(UInt16(littleEndian: next.loadUnaligned(fromByteOffset: 4, as: UInt16.self))) << 32
    default: return UInt64(littleEndian: next.loadUnaligned(as: UInt64.self))
    }
  }

  /// A finite double.
  @inline(__always)
  mutating func double() -> Double {
    let value = Double(bitPattern: fixed(8))
    if !value.isFinite {
      fail("a value is not finite")
      return 0
    }
    return value
  }

  /// The next `count` bytes, borrowed; `nil` where they are not there.
  @inline(__always)
  mutating func bytes(_ count: Int) -> UnsafePointer<UInt8>? {
    if left < count {
      fail("it ends too early")
      return nil
    }
    defer { next += count }
    return next.assumingMemoryBound(to: UInt8.self)
  }
}
