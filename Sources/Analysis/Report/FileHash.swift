import Foundation

/// The hash of a file, as it lies on the disk.
public enum FileHash {
  /// SHA-256 in hexadecimal digits; `nil` for `-`, the standard input, which is read once.
  public static func sha256(_ path: String) throws(AnalysisError) -> String? {
    if path == "-" { return nil }
    guard let file = fopen(path, "rb") else { throw failure(path) }
    defer { fclose(file) }
    var hash = SHA256()
    var buffer = [UInt8](repeating: 0, count: 1 << 20)
    while true {
      let count = buffer.withUnsafeMutableBytes { fread($0.baseAddress, 1, $0.count, file) }
      if ferror(file) != 0 { throw failure(path) }
      if count == 0 { return hash.finished() }
      buffer.withUnsafeBytes { hash.update(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
    }
  }

  private static func failure(_ path: String) -> AnalysisError {
    AnalysisError(.noInput, "`\(path)` cannot be read: \(String(cString: strerror(errno)))")
  }
}
