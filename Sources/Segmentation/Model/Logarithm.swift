import Glibc

/// Natural logarithms of numbers from 1 on, without a call: features take three for each record.
///
/// The number is 2^k · z with z in [0.6875, 1.375), which is cut into 128 pieces around points c; then
/// log = k · ln 2 + log c + log(1 + r) with r = (z − c) / c below 2⁻⁷, by the series to r⁸. The relative error is below
/// 1e-15. (Tang 1990, Table-driven implementation of the logarithm function in IEEE floating-point arithmetic.)
struct Logarithm {
  private struct Piece {
    var center: Double
    /// 1 / center.
    var inverse: Double
    /// log center.
    var logarithm: Double
    private let padding = 0.0

    init(center: Double) {
      self.center = center
      inverse = 1 / center
      logarithm = log(center)
    }
  }

  private static let pieceCount = 128
  /// The bits of 0.6875, where the pieces begin; their number stands in the 7 bits below the exponent.
  private static let start: UInt64 = 0x3fe6_0000_0000_0000
  private static let pieceShift: UInt64 = 45
  private static let exponentBits: UInt64 = 0xfff0_0000_0000_0000
  /// ln 2 with zeros at its end, so that k times it is exact, and the rest.
  private static let ln2High = 0x1.62e42fefa3800p-1
  private static let ln2Low = 0x1.ef35793c76730p-45

  /// Made once for the process, and read by all.
  nonisolated(unsafe) private static let shared: UnsafePointer<Piece> = {
    let pieces = UnsafeMutablePointer<Piece>.allocate(capacity: pieceCount)
    for index in 0..<pieceCount {
      let low = Double(bitPattern: start + UInt64(index) << pieceShift)
      let high = Double(bitPattern: start + UInt64(index + 1) << pieceShift)
      // The piece from 1 on has its point there, so that the logarithm of 1 is 0 and those near it keep their digits.
      (pieces + index).initialize(to: Piece(center: low == 1 ? 1 : (low + high) / 2))
    }
    return UnsafePointer(pieces)
  }()

  private let pieces = Logarithm.shared

  /// log(1 + x) of a finite x ≥ 0; 1 + x is rounded before.
  @inline(__always)
  func onePlus(_ x: Double) -> Double {
    let bits = (1 + x).bitPattern
    let offset = bits &- Self.start
    let piece = pieces + Int(truncatingIfNeeded: offset >> Self.pieceShift) & (Self.pieceCount &- 1)
    let k = Double(Int64(bitPattern: offset) >> 52)
    let z = Double(bitPattern: bits &- (offset & Self.exponentBits))
    let r = (z - piece.pointee.center) * piece.pointee.inverse
    let square = r * r
    let series =
      (r * (1.0 / 3) - 0.5) + square * ((r * 0.2 - 0.25) + square * ((r * (1.0 / 7) - 1.0 / 6) - square * 0.125))
    return (k * Self.ln2High + piece.pointee.logarithm) + (r + (square * series + k * Self.ln2Low))
  }
}
