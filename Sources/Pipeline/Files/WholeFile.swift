import Glibc

/// A whole file in memory, unpacked where it is packed.
package enum WholeFile {
  /// What is read at a time.
  private static let chunkBytes = 1 << 20

  /// The bytes of a file, or of the standard input for `-`. Throws where there are more than `bytesMax`.
  package static func read(_ path: String, bytesMax: Int) throws(FileError) -> [UInt8] {
    let file = try InputFile(path: path)
    let chunk = UnsafeMutableRawBufferPointer.allocate(byteCount: chunkBytes, alignment: 16)
    defer { chunk.deallocate() }
    var bytes: [UInt8] = []
    while true {
      let count = try file.read(into: chunk)
      if count == 0 { return bytes }
      guard bytes.count + count <= bytesMax else {
        throw .unusable(path: path, reason: "it has more than \(bytesMax >> 20) MiB; take a sample of its lines")
      }
      bytes.append(contentsOf: chunk[..<count])
    }
  }
}
