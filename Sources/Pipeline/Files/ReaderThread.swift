import Glibc
import Segmentation
import Synchronization

/// The thread that reads and frames; detached, it ends with the files or when the queue is stopped.
final class ReaderThread {
  /// How many bytes were read: written by the reading thread, read by any.
  final class Progress: Sendable {
    let bytesRead = Atomic<Int64>(0)
  }

  private let paths: [String]
  private let format: RecordMap.Format
  private let limit: Int
  private let wallClockMs: Int64
  private let batchBytes: Int
  private let queue: FrameQueue
  private let progress: Progress
  private var nextOffset: Int64 = 0
  private var bytesOfFilesRead: Int64 = 0
  /// The unfinished record, and what a full batch had no room for, between two batches.
  private let carry: UnsafeMutablePointer<UInt8>
  private var carryCount = 0

  init(
    paths: [String], format: RecordMap.Format, limit: Int, wallClockMs: Int64, batchBytes: Int, queue: FrameQueue,
    progress: Progress
  ) {
    self.paths = paths
    self.format = format
    self.limit = limit
    self.wallClockMs = wallClockMs
    self.batchBytes = batchBytes
    self.queue = queue
    self.progress = progress
    carry = .allocate(capacity: limit + 2 + batchBytes)
  }

  deinit { carry.deallocate() }

  /// Starts the thread, which keeps `self` alive until it ends.
  func start() throws(FileError) {
    var attributes = pthread_attr_t()
    pthread_attr_init(&attributes)
    defer { pthread_attr_destroy(&attributes) }
    pthread_attr_setdetachstate(&attributes, CInt(PTHREAD_CREATE_DETACHED))
    let context = Unmanaged.passRetained(self)
    var thread = pthread_t()
    let code = pthread_create(&thread, &attributes, runReaderThread, context.toOpaque())
    if code != 0 {
      context.release()
      throw .notReadable(path: paths.first ?? "-", reason: "no thread to read it: \(systemReason(code))")
    }
  }

  fileprivate func run() {
    do throws(FileError) {
      for path in paths where try !readFile(path) { break }
      queue.finish(nil)
    } catch {
      queue.finish(error)
    }
  }

  /// Reads one file to its end; false when no more is wanted.
  private func readFile(_ path: String) throws(FileError) -> Bool {
    let input = try InputFile(path: path)
    var framer = RecordFramer(format: format, limit: limit, wallClockMs: wallClockMs)
    carryCount = 0
    var isFirst = true
    var isAtEnd = false
    var wasFull = false
    guard var batch = queue.takeFree() else { return false }
    while true {
      batch.reset(file: path, line: framer.line)
      (batch.bytes).update(from: carry, count: carryCount)
      batch.filled = carryCount
      let target = wasFull ? max(carryCount, batchBytes) : carryCount + batchBytes
      let failure = fill(batch, from: input, to: min(target, batch.capacity), isFirst: isFirst, isAtEnd: &isAtEnd)
      let start = isFirst && batch.beginsWithByteOrderMark ? 3 : 0
      isFirst = false
      let end = framer.frame(batch, from: start, atEnd: isAtEnd, nextOffset: &nextOffset)
      wasFull = batch.isFull
      carryCount = batch.filled - end
      carry.update(from: batch.bytes + end, count: carryCount)
      if let header = batch.header, header.count > limit {
        throw .unusable(path: path, reason: "its header is longer than \(limit) bytes; is it CSV with line breaks?")
      }
      let isDone = failure != nil || (isAtEnd && carryCount == 0)
      let hasContent = batch.hasContent
      if hasContent { queue.put(batch) } else if isDone { queue.putBack(batch) }
      if let failure { throw failure }
      if isDone { break }
      if hasContent {
        guard let next = queue.takeFree() else { return false }
        batch = next
      }
    }
    bytesOfFilesRead += input.bytesRead
    return true
  }

  /// Reads until the batch holds `target` bytes, the file ends, or a pipe has no more for now.
  ///
  /// An error is returned rather than thrown, so that the records before it are still framed.
  private func fill(
    _ batch: FrameBatch, from input: InputFile, to target: Int, isFirst: Bool, isAtEnd: inout Bool
  ) -> FileError? {
    do throws(FileError) {
      while !isAtEnd && batch.filled < target {
        let space = UnsafeMutableRawBufferPointer(start: batch.bytes + batch.filled, count: target - batch.filled)
        let count = try input.read(into: space)
        batch.filled += count
        isAtEnd = count == 0
        progress.bytesRead.store(bytesOfFilesRead + input.bytesRead, ordering: .relaxed)
        if !(isFirst && batch.filled < 3) && !input.isReady { break }
      }
      return nil
    } catch {
      return error
    }
  }
}

/// The body of the thread: a global function, since it is called from C.
private func runReaderThread(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
  guard let context else { return nil }
  Unmanaged<ReaderThread>.fromOpaque(context).takeRetainedValue().run()
  return nil
}
