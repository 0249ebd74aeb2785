import Foundation
import Glibc

/// What a text value may look like.
enum TextRule: Sendable {
  /// Anything but nothing.
  case any
  /// The name of a file.
  case file
  /// A Kafka topic's name.
  case topic
  /// A name from which topics are named.
  case name
  /// An ISO 4217 code.
  case currency
  /// A time zone of the IANA database.
  case zone
  /// A positive decimal number of at most 18 digits.
  case rate
  /// A numeric address and a port, or `off`.
  case listen
  /// A segment's id.
  case segmentID
  /// A segment's name.
  case segmentName

  /// What is allowed, in words.
  var allowed: String {
    switch self {
    case .any: "a text"
    case .file: "the name of a file"
    case .topic: "a topic name: letters, digits, `.`, `_` and `-`, at most 249"
    case .name: "letters, digits, `.`, `_` and `-`, at most 200"
    case .currency: "an ISO 4217 code: three capital letters, such as EUR"
    case .zone: "a time zone such as Europe/London, or UTC"
    case .rate: "a decimal number above 0 of at most 18 digits, such as 0.92"
    case .listen: "a numeric address and a port, such as 127.0.0.1:7878 or [::1]:7878, or off"
    case .segmentID: "a segment id such as s3"
    case .segmentName: "a name of at most 64 characters"
    }
  }

  /// What is wrong with `text`: what is allowed, and the nearest right one where there is one; `nil` if it is right.
  func objection(to text: String) -> String? {
    switch self {
    case .any, .file: text.isEmpty ? allowed : nil
    case .topic: Self.isName(text, atMost: 249) ? nil : allowed
    case .name: Self.isName(text, atMost: 200) ? nil : allowed
    case .currency: text.utf8.count == 3 && text.utf8.allSatisfy { (65...90).contains($0) } ? nil : allowed
    case .zone: Self.zoneObjection(text, allowed: allowed)
    case .rate: Self.isRate(text) ? nil : allowed
    case .listen: Self.isListen(text) ? nil : allowed
    case .segmentID: text.first == "s" && UInt32(text.dropFirst()) != nil ? nil : allowed
    case .segmentName: (1...64).contains(text.count) ? nil : allowed
    }
  }

  private static func isName(_ text: String, atMost limit: Int) -> Bool {
    guard (1...limit).contains(text.utf8.count), text != ".", text != ".." else { return false }
    return text.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
        true
      default: false
      }
    }
  }

  private static func isRate(_ text: String) -> Bool {
    let parts = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    guard parts.count <= 2, parts.allSatisfy({ !$0.isEmpty && $0.allSatisfy { (48...57).contains($0) } }) else {
      return false
    }
    let digits = parts.joined()
    return digits.count <= 18 && digits.contains { $0 != 48 }
  }

  private static func isListen(_ text: String) -> Bool {
    guard text != "off" else { return true }
    guard let colon = text.lastIndex(of: ":") else { return false }
    let (host, port) = (text[..<colon], text[text.index(after: colon)...])
    guard !port.isEmpty, port.utf8.allSatisfy({ (48...57).contains($0) }), UInt16(port) != nil else { return false }
    var address = in6_addr()
    if host.hasPrefix("["), host.hasSuffix("]") {
      return inet_pton(AF_INET6, String(host.dropFirst().dropLast()), &address) == 1
    }
    return inet_pton(AF_INET, String(host), &address) == 1
  }

  private static func zoneObjection(_ text: String, allowed: String) -> String? {
    // TimeZone also takes abbreviations and offsets; only names of the database (and UTC) are meant here.
    let known = TimeZone.knownTimeZoneIdentifiers
    if text == "UTC" || known.contains(text) { return nil }
    if text.contains("/"), TimeZone(identifier: text) != nil { return nil }
    let cities = known.filter { $0.split(separator: "/").last?.lowercased() == text.lowercased() }
    if let city = cities.first { return "\(allowed): did you mean `\(city)`?" }
    return allowed + suggestion(for: text, among: known)
  }
}
