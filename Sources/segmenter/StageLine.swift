import Glibc
import Synchronization

/// A line on the terminal that says what a long analysis is doing.
final class StageLine: Sendable {
  /// Often enough to look alive, seldom enough to cost nothing.
  private static let period = Duration.milliseconds(100)

  private struct State {
    var stage = ""
    var shown: ContinuousClock.Instant?
  }

  private let start = ContinuousClock.now
  private let state = Mutex(State())

  /// Makes a line; `nil` where stderr is no terminal.
  init?() {
    guard isatty(STDERR_FILENO) == 1 else { return nil }
  }

  /// Shows what is being done, and how far it is (0 to 1) where that is known.
  func show(_ stage: String, _ share: Double?) {
    let now = ContinuousClock.now
    let isDue = state.withLock { state in
      if stage == state.stage, let shown = state.shown, now - shown < Self.period { return false }
      state = State(stage: stage, shown: now)
      return true
    }
    guard isDue else { return }
    let seconds = Int((now - start) / .seconds(1))
    draw("\(seconds) s  \(stage)" + (share.map { " \(Int(max(0, min(1, $0)) * 100)) %" } ?? " …"))
  }

  /// Removes the line.
  func clear() {
    if state.withLock({ $0.shown != nil }) { draw("") }
  }

  private func draw(_ line: String) {
    var bytes = "\r\u{1B}[K\(line)"
    _ = bytes.withUTF8 { Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
  }
}
