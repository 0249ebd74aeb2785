import Glibc

/// A line on the terminal that says how far a replay is, how fast, and how long it will take.
final class ProgressBar {
  /// Often enough to look alive, seldom enough to cost nothing.
  private static let period = Duration.milliseconds(100)
  private static let width = 30

  private let start = ContinuousClock.now
  private var shown: ContinuousClock.Instant?

  /// Makes a bar; `nil` where stderr is no terminal.
  init?() {
    guard isatty(STDERR_FILENO) == 1 else { return nil }
  }

  /// Shows the state; most calls do nothing.
  func show(records: Int, bytesRead: Int64, bytesTotal: Int64?) {
    let now = ContinuousClock.now
    if let shown, now - shown < Self.period { return }
    shown = now
    let seconds = (now - start) / .seconds(1)
    let rate = seconds > 0 ? Int(Double(records) / seconds) : 0
    var line = "\(grouped(records)) records, \(grouped(rate))/s"
    if let bytesTotal, bytesTotal > 0 {
      let part = min(1, Double(bytesRead) / Double(bytesTotal))
      let filled = Int(part * Double(Self.width))
      let bar = String(repeating: "█", count: filled) + String(repeating: "░", count: Self.width - filled)
      let left = part > 0 ? seconds * (1 - part) / part : 0
      line = "\(bar) \(Int(part * 100)) %  \(line), \(Int(left.rounded(.up))) s left"
    }
    draw(line)
  }

  /// Removes the line.
  func clear() {
    if shown != nil { draw("") }
  }

  private func draw(_ line: String) {
    var bytes = "\r\u{1B}[K\(line)"
    _ = bytes.withUTF8 { Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
  }
}
