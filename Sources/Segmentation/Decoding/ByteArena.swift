/// Room for bytes that stay where they are until `reset`: ids that had to be rewritten.
struct ByteArena: ~Copyable {
  private static let chunkBytes = 1 << 17

  private var chunks: [UnsafeMutablePointer<UInt8>] = []
  private var current = 0
  private var used = 0

  deinit {
    for chunk in chunks { chunk.deallocate() }
  }

  /// Gives everything back, and keeps the memory for the next batch.
  mutating func reset() {
    current = 0
    used = 0
  }

  /// Room for at least `count` bytes, at most a chunk; `keep` says how many of them were needed.
  mutating func room(_ count: Int) -> UnsafeMutablePointer<UInt8> {
    precondition(count <= Self.chunkBytes, "an id is at most 65,535 bytes")
    if !chunks.isEmpty, used + count > Self.chunkBytes {
      current += 1
      used = 0
    }
    if current == chunks.count { chunks.append(.allocate(capacity: Self.chunkBytes)) }
    return chunks[current] + used
  }

  /// Keeps the first `count` bytes of the room given last.
  mutating func keep(_ count: Int) {
    used += count
  }
}

/// Room for one text at a time, of any length.
struct ByteScratch: ~Copyable {
  private var bytes = UnsafeMutablePointer<UInt8>.allocate(capacity: 256)
  private var capacity = 256

  deinit {
    bytes.deallocate()
  }

  /// Room for `count` bytes, until the next call.
  mutating func room(_ count: Int) -> UnsafeMutablePointer<UInt8> {
    if count > capacity {
      bytes.deallocate()
      capacity = count * 2
      bytes = .allocate(capacity: capacity)
    }
    return bytes
  }
}
