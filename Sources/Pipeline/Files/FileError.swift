import Glibc

/// What can go wrong with a file. The program maps each case to an exit code.
package enum FileError: Error, Equatable, Sendable {
  /// There is no such input (66).
  case notFound(path: String)
  /// The input is there but cannot be opened: a directory, or no permission (66).
  case notReadable(path: String, reason: String)
  /// Reading failed at a position in bytes (74).
  case readFailed(path: String, position: Int64, reason: String)
  /// Compressed data are damaged or end early near a position in bytes of the compressed file (74).
  case corrupt(path: String, position: Int64, reason: String)
  /// The content cannot be used as a whole (65).
  case unusable(path: String, reason: String)
  /// More records than the named limit lets into memory (65).
  case sortTooLarge(records: Int, bytesNeeded: Int, bytesMax: Int)
  /// An output cannot be created (73).
  case cannotCreate(path: String, reason: String)
  /// An output cannot be written (74).
  case writeFailed(path: String, reason: String)
  /// The reader of an output has gone away: no error for a filter, the program ends silently with 0.
  case closedPipe(path: String)
}

extension FileError: CustomStringConvertible {
  /// One sentence: what, where, and what to do.
  package var description: String {
    switch self {
    case .notFound(let path):
      "`\(path)`: no such file"
    case .notReadable(let path, let reason):
      "`\(path)` cannot be opened: \(reason)"
    case .readFailed(let path, let position, let reason):
      "`\(shown(path))` cannot be read at byte \(position): \(reason)"
    case .corrupt(let path, let position, let reason):
      """
      `\(shown(path))` is damaged or cut short\(position >= 0 ? " near byte \(position)" : ""): \(reason); \
      get the file again, or unpack what is left of it
      """
    case .unusable(let path, let reason):
      "`\(shown(path))` cannot be used: \(reason)"
    case .sortTooLarge(let records, let bytesNeeded, let bytesMax):
      """
      to sort by time needs memory for every record: \(records) records take \(bytesNeeded >> 20) MiB and \
      \(bytesMax >> 20) MiB are allowed; sort the file first and use `order: file`, or split it by customer
      """
    case .cannotCreate(let path, let reason):
      "`\(path)` cannot be created: \(reason)"
    case .writeFailed(let path, let reason):
      "`\(shown(path, output: true))` cannot be written: \(reason)"
    case .closedPipe(let path):
      "`\(shown(path, output: true))` was closed by its reader"
    }
  }
}

/// The name people know a path by: `-` is the standard input or output.
private func shown(_ path: String, output: Bool = false) -> String {
  path == "-" ? (output ? "standard output" : "standard input") : path
}

/// What an error number of the system means, in a few words.
func systemReason(_ code: Int32) -> String {
  switch code {
  case ENOSPC: "the disk is full"
  case EDQUOT: "the disk quota is used up"
  case EISDIR: "it is a directory"
  case EACCES, EPERM: "permission denied"
  default: String(cString: strerror(code))
  }
}
