import Glibc

/// What the program says: results on stdout, words on stderr.
enum Terminal {
  /// Writes a result. A reader that has gone away ends the program silently, as a success.
  static func write(_ text: String) throws(CommandFailure) {
    var text = text
    let errorNumber = text.withUTF8 { writeAll($0, to: STDOUT_FILENO) }
    switch errorNumber {
    case nil: return
    case EPIPE: throw CommandFailure(.done, "")
    case .some(let number):
      throw CommandFailure(.ioError, "standard output cannot be written: \(String(cString: strerror(number)))")
    }
  }

  /// Whether stdout is a pipe whose reader has gone away: seen without writing, for who seldom writes.
  static var hasLostItsReader: Bool {
    var output = pollfd(fd: STDOUT_FILENO, events: 0, revents: 0)
    return poll(&output, 1, 0) == 1 && output.revents & Int16(POLLERR) != 0
  }

  /// Says a sentence on stderr. Where nobody listens, nobody misses it.
  static func say(_ text: String) {
    var line = text.hasSuffix("\n") ? text : text + "\n"
    _ = line.withUTF8 { writeAll($0, to: STDERR_FILENO) }
  }

  /// The number of the error that ended the writing; `nil` when all is written.
  private static func writeAll(_ bytes: UnsafeBufferPointer<UInt8>, to descriptor: Int32) -> Int32? {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = Glibc.write(descriptor, UnsafeBufferPointer(rebasing: rest).baseAddress, rest.count)
      if count < 0 {
        let number = errno
        switch number {
        case EINTR: continue
        // Whoever shares the terminal or pipe may have made it non-blocking.
        case EAGAIN: waitUntilWritable(descriptor)
        default: return number
        }
        continue
      }
      rest = rest.dropFirst(count)
    }
    return nil
  }

  private static func waitUntilWritable(_ descriptor: Int32) {
    var output = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
    poll(&output, 1, -1)
  }
}
