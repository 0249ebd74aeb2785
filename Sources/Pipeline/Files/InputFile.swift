import CArchive
import Glibc

/// The bytes of one input, unpacked where its content is compressed: gzip, zstd, xz, bzip2 or lz4.
///
/// Plain files are read without libarchive, which checks what it unpacks, but not the checksums of gzip. `-` is the
/// standard input.
final class InputFile {
  /// How much is read from a compressed file at a time.
  private static let compressedChunkBytes = 1 << 18
  /// Enough of a file's beginning to know every compression.
  private static let magicBytesMax = 6

  let path: String
  /// Bytes taken from the file so far, compressed ones where it is compressed.
  private(set) var bytesRead: Int64 = 0
  private let descriptor: Int32
  private var beginning: [UInt8] = []
  private var archive: OpaquePointer?
  private var chunk: UnsafeMutableRawBufferPointer?
  private var readErrorCode: Int32 = 0
  private var isAtEnd = false

  init(path: String) throws(FileError) {
    self.path = path
    descriptor = path == "-" ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      throw errno == ENOENT ? .notFound(path: path) : .notReadable(path: path, reason: systemReason(errno))
    }
    posix_fadvise(descriptor, 0, 0, POSIX_FADV_SEQUENTIAL)
    try readBeginning()
    if Compression.isKnown(beginning) { try openArchive() }
  }

  deinit {
    if let archive { archive_read_free(archive) }
    chunk?.deallocate()
    if descriptor > STDIN_FILENO { close(descriptor) }
  }

  /// Reads at least one byte and at most `target.count`; 0 at the end.
  func read(into target: UnsafeMutableRawBufferPointer) throws(FileError) -> Int {
    if isAtEnd || target.isEmpty { return 0 }
    if archive != nil { return try readUnpacked(into: target) }
    if !beginning.isEmpty {
      let count = min(beginning.count, target.count)
      target.copyBytes(from: beginning[..<count])
      beginning.removeFirst(count)
      return count
    }
    let count = try readDescriptor(into: target)
    isAtEnd = count == 0
    return count
  }

  /// Whether `read` can go on at once: false only for a pipe or terminal with nothing in it yet.
  var isReady: Bool {
    var poll = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    return Glibc.poll(&poll, 1, 0) != 0
  }

  private func readDescriptor(into target: UnsafeMutableRawBufferPointer) throws(FileError) -> Int {
    while true {
      let count = Glibc.read(descriptor, target.baseAddress, target.count)
      if count >= 0 {
        bytesRead += Int64(count)
        return count
      }
      if errno == EINTR { continue }
      if errno == EISDIR {
        readErrorCode = EISDIR
        throw .notReadable(path: path, reason: systemReason(EISDIR))
      }
      readErrorCode = errno
      throw .readFailed(path: path, position: bytesRead, reason: systemReason(readErrorCode))
    }
  }

  private func readBeginning() throws(FileError) {
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.magicBytesMax, alignment: 8)
    defer { buffer.deallocate() }
    while beginning.count < Self.magicBytesMax {
      let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[beginning.count...])
      let count = try readDescriptor(into: rest)
      if count == 0 { break }
      beginning.append(contentsOf: rest[..<count])
    }
  }

  private func openArchive() throws(FileError) {
    guard let archive = archive_read_new() else { preconditionFailure("libarchive has no memory for a reader") }
    self.archive = archive
    chunk = .allocate(byteCount: Self.compressedChunkBytes, alignment: 16)
    archive_read_support_filter_gzip(archive)
    archive_read_support_filter_zstd(archive)
    archive_read_support_filter_xz(archive)
    archive_read_support_filter_bzip2(archive)
    archive_read_support_filter_lz4(archive)
    archive_read_support_format_raw(archive)
    archive_read_support_format_empty(archive)
    let client = Unmanaged.passUnretained(self).toOpaque()
    guard archive_read_open(archive, client, nil, readCompressed, nil) == ARCHIVE_OK else { throw unpackingError() }
    // A beginning too short or too odd for any filter would be read as plain bytes.
    guard archive_filter_count(archive) > 1 else {
      throw .corrupt(path: path, position: 0, reason: "it begins like a compressed file but is none")
    }
    var entry: OpaquePointer?
    switch archive_read_next_header(archive, &entry) {
    case ARCHIVE_OK: break
    case ARCHIVE_EOF where archive_errno(archive) == 0: isAtEnd = true
    default: throw unpackingError()
    }
  }

  private func readUnpacked(into target: UnsafeMutableRawBufferPointer) throws(FileError) -> Int {
    while true {
      let count = archive_read_data(archive, target.baseAddress, target.count)
      if count > 0 { return count }
      if count == 0 {
        isAtEnd = true
        return 0
      }
      // A warning or a request to try again is no end.
      if count == Int(ARCHIVE_RETRY) || count == Int(ARCHIVE_WARN) { continue }
      throw unpackingError()
    }
  }

  private func unpackingError() -> FileError {
    if readErrorCode != 0 {
      return .readFailed(path: path, position: bytesRead, reason: systemReason(readErrorCode))
    }
    let reason = archive_error_string(archive).map { String(cString: $0) } ?? "unknown damage"
    return .corrupt(path: path, position: archive_filter_bytes(archive, -1), reason: reason)
  }

  /// Gives libarchive the next compressed bytes; 0 at the end, negative on an error.
  fileprivate func nextCompressed(_ bytes: inout UnsafeRawPointer?) -> Int {
    guard let chunk else { return -1 }
    bytes = UnsafeRawPointer(chunk.baseAddress)
    if !beginning.isEmpty {
      chunk.copyBytes(from: beginning)
      defer { beginning = [] }
      return beginning.count
    }
    do throws(FileError) {
      return try readDescriptor(into: chunk)
    } catch {
      return -1  // `readErrorCode` says why.
    }
  }
}

/// libarchive's read callback: a global function, since it is called from C.
private func readCompressed(
  _ archive: OpaquePointer?, _ client: UnsafeMutableRawPointer?,
  _ bytes: UnsafeMutablePointer<UnsafeRawPointer?>?
) -> Int {
  guard let client, let bytes else { return -1 }
  return Unmanaged<InputFile>.fromOpaque(client).takeUnretainedValue().nextCompressed(&bytes.pointee)
}

/// The compressions that are known by a file's first bytes.
private enum Compression {
  private static let magics: [[UInt8]] = [
    [0x1F, 0x8B],  // gzip
    [0x28, 0xB5, 0x2F, 0xFD],  // zstd
    [0xFD, 0x37, 0x7A, 0x58, 0x5A, 0x00],  // xz
    [0x04, 0x22, 0x4D, 0x18],  // lz4
    [0x02, 0x21, 0x4C, 0x18],  // lz4, legacy
  ]

  static func isKnown(_ beginning: [UInt8]) -> Bool {
    if magics.contains(where: { beginning.starts(with: $0) }) { return true }
    if isBzip2(beginning) { return true }
    // A frame to be skipped, which may precede zstd and lz4.
    return beginning.count >= 4 && beginning[0] & 0xF0 == 0x50 && beginning[1...3].elementsEqual([0x2A, 0x4D, 0x18])
  }

  /// `BZh`, a level, and the first bytes of a block or of the end: `BZh` alone may begin a text.
  private static func isBzip2(_ beginning: [UInt8]) -> Bool {
    guard beginning.count >= 6, beginning.starts(with: [0x42, 0x5A, 0x68]), (0x31...0x39).contains(beginning[3]) else {
      return false
    }
    return beginning[4...5].elementsEqual([0x31, 0x41]) || beginning[4...5].elementsEqual([0x17, 0x72])
  }
}
