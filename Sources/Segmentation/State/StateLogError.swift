/// A state record that cannot be used.
package enum StateLogError: Error, Equatable, CustomStringConvertible {
  /// A version of the format that this program does not read.
  case version(UInt8)
  /// The record was written under other settings: its fingerprint, and that of the present settings.
  case settings(found: UInt64, expected: UInt64)
  /// A record is missing, or stands where it does not belong.
  case order(String)
  /// The bytes are not a record: what is wrong, and at which byte.
  case damaged(String, at: Int)

  /// One sentence: what, and what to do.
  package var description: String {
    switch self {
    case .version(let version):
      "the state record has format version `\(version)`, and this program reads version `\(StateRecord.version)`; "
        + "run the program that wrote it, or one of a newer release"
    case .settings(let found, let expected):
      "the state was kept under other settings (fingerprint `\(hex(found))`, now `\(hex(expected))`); "
        + "restore the half-life, currency, windows and record map that it was kept under, or begin anew"
    case .order(let what): "the state log is not whole: \(what); the state must be rebuilt from the input"
    case .damaged(let what, let byte):
      "the state record is damaged at byte `\(byte)`: \(what); the state must be rebuilt from the input"
    }
  }
}

private func hex(_ value: UInt64) -> String { String(value, radix: 16) }
