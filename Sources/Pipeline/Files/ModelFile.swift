import Glibc
import Segmentation

/// A model that was written to a file, by `replay --model` or `model export`: the value of a record of the model topic.
package struct ModelFile: Sendable {
  /// The path, as given; `-` is stdin.
  package let path: String
  /// What it holds.
  package let record: ModelRecord

  /// More than the largest model comes to: 65,535 retired segments with long names.
  private static let bytesMax = 64 << 20

  /// Reads a file. Throws where it is not there, or holds no model: then with the place.
  package init(path: String) throws(ModelFileError) {
    self.path = path
    let bytes = try Self.bytes(path)
    if let place = JSONValue.place(ofFaultIn: bytes) {
      throw ModelFileError(
        .unusable,
        "\(Self.shown(path)):\(place.line):\(place.column): no JSON: write it anew with `segmenter model export`")
    }
    do throws(TrainingRecordError) {
      record = try ModelRecord(bytes)
    } catch {
      throw ModelFileError(.unusable, "\(Self.shown(path)): \(error): write it anew with `segmenter model export`")
    }
  }

  /// Throws where the settings ask for another model; `currency` replaces theirs where it is given.
  package func check(_ settings: SegmentationSettings, currency: Currency? = nil) throws(ModelFileError) {
    var settings = settings
    settings.currency = currency ?? settings.currency
    let differences = record.differences(from: settings)
    guard !differences.isEmpty else { return }
    throw ModelFileError(
      .unfit,
      "\(Self.shown(path)): the model does not fit the configuration: \(differences.joined(separator: "; ")); "
        + "change one of the two")
  }

  private static func bytes(_ path: String) throws(ModelFileError) -> [UInt8] {
    let descriptor = path == "-" ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC)
    if descriptor < 0 { throw unreadable(path) }
    defer { if path != "-" { close(descriptor) } }
    var bytes: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = piece.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
      if count == 0 { break }
      if count < 0 {
        if errno == EINTR { continue }
        throw unreadable(path)
      }
      bytes += piece[..<count]
      guard bytes.count <= bytesMax else {
        throw ModelFileError(.unusable, "\(shown(path)): no model is longer than \(bytesMax >> 20) MiB")
      }
    }
    return bytes
  }

  private static func unreadable(_ path: String) -> ModelFileError {
    ModelFileError(.notFound, "the model `\(shown(path))` cannot be read: \(systemReason(errno))")
  }

  private static func shown(_ path: String) -> String { path == "-" ? "standard input" : path }
}

/// Why a file of a model cannot be used.
package struct ModelFileError: Error, Sendable, CustomStringConvertible {
  /// What sort of trouble; the command line gives each its exit code.
  package enum Kind: Sendable, Equatable {
    /// It cannot be opened or read (66).
    case notFound
    /// It holds no model (65).
    case unusable
    /// It holds one that the configuration does not go together with (78).
    case unfit
  }

  /// The sort of trouble.
  package let kind: Kind
  /// Where, what, and what to do.
  package let description: String

  init(_ kind: Kind, _ description: String) {
    self.kind = kind
    self.description = description
  }
}
