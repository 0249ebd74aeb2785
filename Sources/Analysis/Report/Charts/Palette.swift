import Foundation

/// The colours of the charts: their lightness differs, so that they hold in greyscale; marks and dashes say it again.
enum Palette {
  /// Colours of groups on a light ground: lightness (CIE L*) 36, 60, 20, 52, 44, 28; each at least 3 : 1 on white.
  static let light = ["#0554a3", "#d97726", "#401c6b", "#218c68", "#c32855", "#4b420e"]
  /// Colours of the same groups on a dark ground: lightness 66, 90, 50, 82, 74, 58.
  static let dark = ["#5ca5ee", "#ffe08b", "#8d5fd0", "#7ddfb6", "#fe9aa2", "#be7d43"]
  /// Text, text of less weight, lines of axes, lines of grids, and the ground, on light and dark.
  static let ink = (light: "#1b2430", dark: "#e8edf3")
  static let muted = (light: "#4d5a6a", dark: "#b3bfcc")
  static let axis = (light: "#6b7888", dark: "#8a97a6")
  static let grid = (light: "#dde3ea", dark: "#333d49")
  static let ground = (light: "#ffffff", dark: "#171d25")

  /// Dashes of lines, by group; the first is solid.
  static let dashes = ["", "7 4", "2 4", "10 4 2 4", "5 3 1 3 1 3", "14 5", "4 6"]

  /// The colour of a group; groups beyond the sixth begin again, with other marks.
  static func series(_ index: Int) -> String { light[index % light.count] }

  /// A shade between nearly white (0) and dark blue (1), of falling lightness.
  static func shade(_ share: Double) -> String {
    mix([(0xF3, 0xF7, 0xFB), (0x6A, 0xA8, 0xD8), (0x0A, 0x3A, 0x78)], share)
  }

  /// A shade between nearly white (0) and dark brown (1): for what is below zero.
  static func shadeBelow(_ share: Double) -> String {
    mix([(0xFB, 0xF6, 0xF1), (0xE0, 0x9A, 0x5A), (0x7A, 0x32, 0x06)], share)
  }

  private static func mix(_ stops: [(Double, Double, Double)], _ share: Double) -> String {
    let place = max(0, min(1, share.isFinite ? share : 0)) * Double(stops.count - 1)
    let index = min(Int(place), stops.count - 2)
    let part = place - Double(index)
    let (one, other) = (stops[index], stops[index + 1])
    let channels = [
      one.0 + (other.0 - one.0) * part, one.1 + (other.1 - one.1) * part, one.2 + (other.2 - one.2) * part,
    ]
    return "#" + channels.map { String(format: "%02x", Int($0.rounded())) }.joined()
  }

  /// Black or white, whichever is easier to read on a colour.
  static func textOn(_ colour: String) -> String { luminance(colour) > 0.179 ? "#000000" : "#ffffff" }

  /// The relative luminance of `#rrggbb` (WCAG 2.2).
  static func luminance(_ colour: String) -> Double {
    guard let value = Int(colour.dropFirst(), radix: 16) else { return 0 }
    let linear = [value >> 16 & 255, value >> 8 & 255, value & 255].map { channel in
      let share = Double(channel) / 255
      return share <= 0.04045 ? share / 12.92 : pow((share + 0.055) / 1.055, 2.4)
    }
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
  }

  /// The contrast of two colours, 1 to 21 (WCAG 2.2).
  static func contrast(_ one: String, _ other: String) -> Double {
    let (a, b) = (luminance(one), luminance(other))
    return (max(a, b) + 0.05) / (min(a, b) + 0.05)
  }

  /// The lightness of a colour, 0 to 100 (CIE 1976 L*): what is left of it in greyscale.
  static func lightness(_ colour: String) -> Double {
    let y = luminance(colour)
    return y > 216.0 / 24389 ? 116 * cbrt(y) - 16 : y * 24389 / 27
  }
}
