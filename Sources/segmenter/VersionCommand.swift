import Configuration

extension Command {
  /// The version of the program.
  static let versionNumber = "0.1.0"

  /// `segmenter version`
  static let version = Command(syntax: CommandSyntax("version", "Print the version")) { _, _ in
    try Terminal.write("segmenter \(versionNumber)\n")
  }
}
