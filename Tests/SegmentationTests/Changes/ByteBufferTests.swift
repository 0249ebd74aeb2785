import Foundation
import Testing

@testable import Segmentation

private func written(_ write: (inout ByteBuffer) -> Void) -> String {
  var buffer = ByteBuffer(capacity: 1)
  write(&buffer)
  return String(decoding: buffer.bytes, as: UTF8.self)
}

/// Doubles of all sizes: of random bits, of few decimals, and whole.
private func randomDouble(_ random: inout SplitMix64) -> Double {
  switch random.int(0...3) {
  case 0: Double(bitPattern: random.next())
  case 1: (random.uniform() - 0.5) * 20
  case 2: Double(random.int(-1_000_000...1_000_000)) / 1000
  default: Double(Int64(bitPattern: random.next()) >> Int64(random.int(0...63)))
  }
}

@Suite("Numbers as bytes")
struct ByteBufferTests {
  @Test("Integers are written as Swift writes them")
  func integers() {
    var random = SplitMix64(seed: 1)
    var values: [Int64] = [0, 1, -1, 9, 10, 99, 100, .max, .min, .min + 1]
    var power: Int64 = 1
    for _ in 0..<18 {
      power *= 10
      values += [power, power - 1, power + 1, -power, 1 - power]
    }
    for _ in 0..<5000 { values.append(Int64(bitPattern: random.next()) >> Int64(random.int(0...63))) }
    for value in values { #expect(written { $0.append(integer: value) } == "\(value)") }
  }

  @Test("Decimals are the nearest with so many places, without zeros at the end, and valid JSON")
  func decimals() throws {
    var random = SplitMix64(seed: 2)
    var values = [0, -0.0, 0.5, 1.5, -0.1, 1e-7, -1e-7, 0.000_000_5, 999_999.999_999_9, 1e9, -1e15, 1e18, .pi]
    for _ in 0..<20_000 {
      let value = randomDouble(&random)
      if value.magnitude < 9e12 { values.append(value) }
    }
    for value in values {
      let places = random.int(0...6)
      let text = written { $0.append(decimal: value, places: places) }
      let fraction = text.split(separator: ".", omittingEmptySubsequences: false).dropFirst().first ?? "0"
      #expect(!fraction.isEmpty && fraction.count <= max(1, places), "\(value) is \(text)")
      #expect(!text.contains(".") || !text.hasSuffix("0"), "\(value) is \(text)")
      #expect(text != "-0", "\(value)")
      let unit = pow(10, -Double(places))
      let read = try #require(Double(text))
      #expect(abs(read - value) <= unit / 2 * (1 + 1e-9) + value.magnitude * 4e-16, "\(value) is \(text)")
      // Where the value isn't about half way between two decimals, Foundation says the same digits.
      let scaled = value.magnitude * pow(10, Double(places))
      if scaled < 1e12 && abs(scaled - scaled.rounded(.down) - 0.5) > 1e-3 {
        var formatted = String(format: "%.\(places)f", value)
        if formatted.contains(".") {
          while formatted.hasSuffix("0") { formatted.removeLast() }
          if formatted.hasSuffix(".") { formatted.removeLast() }
        }
        #expect(text == (formatted == "-0" ? "0" : formatted))
      }
    }
  }

  @Test("Numbers too large for their places, infinities and what is no number are still valid JSON")
  func extremeDecimals() throws {
    for value in [1e19, -1e19, 1e300, .greatestFiniteMagnitude, .infinity, -.infinity, .nan, 9.1e18, 8.9e18, 1e14] {
      let text = written { $0.append(decimal: value, places: 6) }
      let array = try JSONSerialization.jsonObject(with: Data("[\(text)]".utf8)) as? [NSNumber]
      let read = try #require(array?.first).doubleValue
      if value.magnitude < 9e18 { #expect(abs(read / value - 1) < 1e-15) }
    }
  }

  @Test("Money has all digits of its currency, to Int64.min")
  func money() {
    var random = SplitMix64(seed: 3)
    var values: [Int64] = [0, 1, -1, 9, 10, 99, 100, -100, 12_345, .max, .min]
    for _ in 0..<5000 { values.append(Int64(bitPattern: random.next()) >> Int64(random.int(0...63))) }
    for value in values {
      for digits in [0, 2, 3] {
        let text = written { $0.append(minor: value, digits: digits) }
        let decimal = Decimal(sign: .plus, exponent: -digits, significand: Decimal(string: "\(value)") ?? 0)
        #expect(Decimal(string: text) == decimal, "\(value) is \(text)")
        let fraction = text.split(separator: ".").dropFirst().first
        #expect((fraction?.count ?? 0) == digits && text.hasPrefix("-") == (value < 0), "\(value) is \(text)")
      }
    }
  }

  @Test("Times from year 1 to 9999 are those of the C library")
  func times() {
    var random = SplitMix64(seed: 4)
    let first: Int64 = -62_135_596_800_000
    let last: Int64 = 253_402_300_799_999
    var values = [first, last, 0, -1, 1, 951_782_400_000, 951_868_799_999, -2_208_988_800_000, 4_107_542_400_000]
    for _ in 0..<20_000 { values.append(first + Int64(random.next() % UInt64(last - first))) }
    for ms in values {
      var seconds = time_t((Double(ms) / 1000).rounded(.down))
      if Int64(seconds) * 1000 > ms { seconds -= 1 }
      var parts = tm()
      gmtime_r(&seconds, &parts)
      let expected = String(
        format: "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday,
        parts.tm_hour, parts.tm_min, parts.tm_sec, Int32(ms - Int64(seconds) * 1000))
      #expect(written { $0.append(timeMs: ms) } == expected, "\(ms)")
      #expect(readMs(expected) == ms)
    }
  }

  @Test("Any text comes back from its JSON string")
  func strings() throws {
    var random = SplitMix64(seed: 5)
    for _ in 0..<2000 {
      let scalars = (0..<random.int(0...20)).compactMap { _ in
        Unicode.Scalar(UInt32(random.pick([random.int(0...127), random.int(0...0xffff), random.int(0...0x10ffff)])))
      }
      let text = String(String.UnicodeScalarView(scalars))
      let json = written { $0.append(jsonString: text) }
      let read = try JSONSerialization.jsonObject(with: Data("[\(json)]".utf8)) as? [String]
      #expect(read.map { Array(($0.first ?? "").utf8) } == Array(text.utf8), "\(json)")
    }
  }
}
