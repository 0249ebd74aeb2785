import Glibc

/// Hands out equal blocks of memory, cut from large pages so that random access to them misses fewer translations.
final class BlockPool {
  private let blockBytes: Int
  private var chunks: [UnsafeMutableRawPointer] = []
  private var free: [UnsafeMutableRawPointer] = []
  private var next: UnsafeMutableRawPointer?
  private var left = 0

  /// A chunk: the size of a large page on x86-64 and arm64.
  private static let chunkBytes = 2 << 20

  init(blockBytes: Int) { self.blockBytes = blockBytes }

  deinit { for chunk in chunks { Glibc.free(chunk) } }

  /// A block whose content is undefined.
  func take() -> UnsafeMutableRawPointer {
    if let block = free.popLast() { return block }
    if left < blockBytes { addChunk() }
    guard let block = next else { preconditionFailure("a chunk has room for a block") }
    next = block + blockBytes
    left -= blockBytes
    return block
  }

  /// Takes a block back.
  func give(_ block: UnsafeMutableRawPointer) { free.append(block) }

  private func addChunk() {
    let bytes = max(Self.chunkBytes, (blockBytes + Self.chunkBytes - 1) & ~(Self.chunkBytes - 1))
    var chunk: UnsafeMutableRawPointer?
    let result = posix_memalign(&chunk, Self.chunkBytes, bytes)
    guard result == 0, let chunk else { fatalError("out of memory: \(bytes) bytes for customers could not be had") }
    // Only a hint: without large pages everything works, slower.
    _ = madvise(chunk, bytes, MADV_HUGEPAGE)
    chunks.append(chunk)
    next = chunk
    left = bytes
  }
}
