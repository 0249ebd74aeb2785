/// A 64-bit hash of bytes, by multiplication folding (after wyhash, Wang Yi 2019); not for adversaries.
///
/// It is part of the state's format: ids are recognised by it after a restart. Reads no byte beyond `count`.
@inlinable
public func hashBytes(_ bytes: UnsafePointer<UInt8>, count: Int) -> UInt64 {
  let raw = UnsafeRawPointer(bytes)
  let first: UInt64 = 0xa076_1d64_78bd_642f
  let second: UInt64 = 0xe703_7ed1_a0b4_28db
  var seed = first
  var a: UInt64
  var b: UInt64
  if count <= 16 {
    if count >= 8 {
      a = raw.loadUnaligned(as: UInt64.self)
      b = raw.loadUnaligned(fromByteOffset: count &- 8, as: UInt64.self)
    } else if count >= 4 {
      a = UInt64(raw.loadUnaligned(as: UInt32.self))
      b = UInt64(raw.loadUnaligned(fromByteOffset: count &- 4, as: UInt32.self))
    } else if count > 0 {
      a = UInt64(bytes[0]) << 16 | UInt64(bytes[count >> 1]) << 8 | UInt64(bytes[count &- 1])
      b = 0
    } else {
      a = 0
      b = 0
    }
  } else {
    var offset = 0
    while count &- offset > 16 {
      seed = fold(
        raw.loadUnaligned(fromByteOffset: offset, as: UInt64.self) ^ second,
        raw.loadUnaligned(fromByteOffset: offset &+ 8, as: UInt64.self) ^ seed)
      offset &+= 16
    }
    a = raw.loadUnaligned(fromByteOffset: count &- 16, as: UInt64.self)
    b = raw.loadUnaligned(fromByteOffset: count &- 8, as: UInt64.self)
  }
  return fold(second ^ UInt64(truncatingIfNeeded: count), fold(a ^ second, b ^ seed))
}

/// The two halves of a 128-bit product, folded.
@inlinable
@inline(__always)
func fold(_ a: UInt64, _ b: UInt64) -> UInt64 {
  let product = a.multipliedFullWidth(by: b)
  return product.high ^ product.low
}
