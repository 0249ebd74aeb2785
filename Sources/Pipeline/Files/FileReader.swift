import Glibc
import Segmentation
import Synchronization

/// Reads event logs one after the other and cuts them into records, ahead of the thread that decodes them.
///
/// Memory is bounded: at most four batches are alive, each of `batchBytes` and one record of the longest size.
package final class FileReader {
  /// What is read of a file at a time: far above the cost of handing over a batch, small enough to stay in a cache.
  package static let batchBytes = 1 << 19

  private let queue: FrameQueue
  private let progressBytes: ReaderThread.Progress
  private let bytesTotal: Int64?

  /// Opens nothing yet, but fails at once where a path names no readable file. `-` is the standard input.
  ///
  /// `wallClockMs` (ms since 1970) becomes the records' own time, by which a timestamp is judged to lie in the future.
  package convenience init(
    paths: [String], format: RecordMap.Format, limits: RecordLimits, wallClockMs: Int64
  ) throws(FileError) {
    try self.init(
      paths: paths, format: format, limits: limits, wallClockMs: wallClockMs, batchBytes: FileReader.batchBytes)
  }

  init(
    paths: [String], format: RecordMap.Format, limits: RecordLimits, wallClockMs: Int64, batchBytes: Int
  ) throws(FileError) {
    precondition(batchBytes > 0 && limits.recordBytesMax > 0, "a batch holds at least a byte")
    bytesTotal = try FileReader.totalBytes(of: paths)
    // A record is known to be too long when two bytes more than the limit are there: one may be a carriage return.
    queue = FrameQueue(batchCapacity: limits.recordBytesMax + 2 + batchBytes)
    progressBytes = ReaderThread.Progress()
    let thread = ReaderThread(
      paths: paths, format: format, limit: limits.recordBytesMax, wallClockMs: wallClockMs, batchBytes: batchBytes,
      queue: queue, progress: progressBytes)
    try thread.start()
  }

  deinit { queue.stop() }

  /// The next records, waited for; `nil` when all files are read.
  ///
  /// A batch never spans files, and may have a header but no record. Where batches are cut depends on how fast a pipe
  /// is filled: nothing may depend on it. An error comes behind every record that could still be read.
  package func next() throws(FileError) -> FrameBatch? { try queue.next() }

  /// Gives a batch back; its records must no longer be used.
  package func recycle(_ batch: FrameBatch) { queue.recycle(batch) }

  /// Bytes of the files read so far, and in all (compressed ones where they are); `nil` with a pipe among them.
  package var progress: (bytesRead: Int64, bytesTotal: Int64?) {
    (progressBytes.bytesRead.load(ordering: .relaxed), bytesTotal)
  }

  /// The size of all files; `nil` where one has none.
  private static func totalBytes(of paths: [String]) throws(FileError) -> Int64? {
    var total: Int64? = 0
    for path in paths {
      var status = stat()
      if (path == "-" ? fstat(STDIN_FILENO, &status) : stat(path, &status)) != 0 {
        let code = errno
        throw code == ENOENT ? .notFound(path: path) : .notReadable(path: path, reason: systemReason(code))
      }
      switch status.st_mode & S_IFMT {
      case S_IFDIR: throw .notReadable(path: path, reason: systemReason(EISDIR))
      case S_IFREG: total = total.map { $0 + Int64(status.st_size) }
      default: total = nil
      }
      if path != "-", access(path, R_OK) != 0 { throw .notReadable(path: path, reason: systemReason(errno)) }
    }
    return total
  }
}
