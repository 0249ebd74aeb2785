import Foundation

/// Small text files: configuration, maps, secrets.
enum TextFile {
  /// The bytes of the file at `path`, at most `YAMLReader.bytesMax` and one more, so that a longer one is noticed.
  static func read(_ path: String, called what: String) throws(ConfigurationError) -> [UInt8] {
    guard let file = fopen(path, "rb") else { throw unreadable(path, what) }
    defer { fclose(file) }
    let limit = YAMLReader.bytesMax + 1
    var bytes = [UInt8](repeating: 0, count: limit)
    let count = bytes.withUnsafeMutableBytes { fread($0.baseAddress, 1, limit, file) }
    if ferror(file) != 0 { throw unreadable(path, what) }
    bytes.removeLast(limit - count)
    return bytes
  }

  /// `path`, taken relative to the directory of `file`.
  static func resolve(_ path: String, besides file: String?) -> String {
    guard !path.hasPrefix("/"), let file, let slash = file.lastIndex(of: "/") else { return path }
    return file[...slash] + path
  }

  private static func unreadable(_ path: String, _ what: String) -> ConfigurationError {
    let reason = String(cString: strerror(errno))
    return ConfigurationError(.noInput, "\(what) `\(path)` cannot be read: \(reason): check the name and its rights")
  }
}
