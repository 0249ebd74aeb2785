/// Bytes that are written again and again, kept so that nothing is counted when they are; freed by their owner.
struct ConstantBytes: @unchecked Sendable {
  // @unchecked: nobody writes the bytes after they are made; their owner frees them when nobody reads them any more.
  let bytes: UnsafeBufferPointer<UInt8>

  init(_ content: [UInt8]) {
    let copy = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: content.count)
    _ = copy.initialize(from: content)
    bytes = UnsafeBufferPointer(copy)
  }

  /// The JSON of a text, or `null`.
  init(json text: String?) {
    guard let text else {
      self.init(Array("null".utf8))
      return
    }
    var writer = ByteBuffer(capacity: 64)
    writer.append(jsonString: text)
    self.init(writer.bytes)
  }

  func deallocate() { bytes.deallocate() }
}
