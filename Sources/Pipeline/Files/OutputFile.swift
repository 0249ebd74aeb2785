import Glibc

/// A buffered output: a file, made new or emptied, or `-`, the standard output.
///
/// The program must ignore `SIGPIPE`; a reader that went away is then `FileError.closedPipe`. What is written is in the
/// file for certain only when `close` has returned: whoever drops an output without it loses what is buffered.
package final class OutputFile {
  /// What is gathered before the system is called.
  private static let bufferBytes = 1 << 18

  /// The path, as given.
  package let path: String
  private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: OutputFile.bufferBytes, alignment: 16)
  private var buffered = 0
  private var descriptor: Int32

  /// Creates the file or empties it.
  package init(path: String) throws(FileError) {
    self.path = path
    descriptor = path == "-" ? STDOUT_FILENO : open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
    if descriptor < 0 {
      throw .cannotCreate(path: path, reason: systemReason(errno))
    }
  }

  deinit {
    if descriptor > STDOUT_FILENO { Glibc.close(descriptor) }
    buffer.deallocate()
  }

  /// Writes bytes behind what was written before.
  package func write(_ bytes: UnsafeRawBufferPointer) throws(FileError) {
    precondition(descriptor >= 0, "an output is not written to after it was closed")
    if bytes.count > buffer.count - buffered { try flush() }
    if bytes.count >= buffer.count {
      try writeThrough(bytes)
      return
    }
    UnsafeMutableRawBufferPointer(rebasing: buffer[buffered...]).copyMemory(from: bytes)
    buffered += bytes.count
  }

  /// Writes a text as UTF-8.
  package func write(_ text: String) throws(FileError) {
    var failure: FileError?
    var text = text
    text.withUTF8 { bytes in
      do throws(FileError) {
        try write(UnsafeRawBufferPointer(bytes))
      } catch {
        failure = error
      }
    }
    if let failure { throw failure }
  }

  /// Gives the system all that is buffered.
  package func flush() throws(FileError) {
    let pending = UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(buffer)[..<buffered])
    buffered = 0
    try writeThrough(pending)
  }

  /// Flushes and closes; the standard output stays open.
  package func close() throws(FileError) {
    try flush()
    let closing = descriptor
    descriptor = -1
    // A network file system may report only here that it had no room. Linux closes the descriptor even so.
    if closing > STDOUT_FILENO, Glibc.close(closing) != 0, errno != EINTR {
      throw .writeFailed(path: path, reason: systemReason(errno))
    }
  }

  private func writeThrough(_ bytes: UnsafeRawBufferPointer) throws(FileError) {
    var written = 0
    while written < bytes.count {
      let rest = UnsafeRawBufferPointer(rebasing: bytes[written...])
      let count = Glibc.write(descriptor, rest.baseAddress, rest.count)
      if count >= 0 {
        written += count
        continue
      }
      let code = errno
      switch code {
      case EINTR: continue
      case EAGAIN: try waitUntilWritable()
      case EPIPE: throw .closedPipe(path: path)
      default: throw .writeFailed(path: path, reason: systemReason(code))
      }
    }
  }

  /// The standard output may have been made non-blocking by whoever shares it.
  private func waitUntilWritable() throws(FileError) {
    var target = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
    if poll(&target, 1, -1) < 0, errno != EINTR {
      throw .writeFailed(path: path, reason: systemReason(errno))
    }
  }
}
