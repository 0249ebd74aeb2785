/// One or more things that are wrong with flags, environment or files, each as a sentence that says where.
package struct ConfigurationError: Error, Sendable, Equatable {
  /// What sort of mistake it is; the command line gives each its exit code.
  package enum Kind: Sendable, Equatable {
    /// The command line cannot be understood.
    case usage
    /// A file or a variable says something that is not allowed.
    case configuration
    /// A file does not exist or cannot be read.
    case noInput
  }

  /// The sort of the first mistake.
  package var kind: Kind
  /// One sentence a mistake: where, what, and what is allowed, with the offending value in backquotes.
  package var messages: [String]

  /// An error of one sentence.
  package init(_ kind: Kind, _ message: String) {
    self.kind = kind
    messages = [message]
  }

  /// Appends the mistakes of `other`.
  package mutating func add(_ other: ConfigurationError) {
    messages += other.messages
  }
}

/// Where a value comes from.
package enum Origin: Sendable, Equatable, CustomStringConvertible {
  /// A line of a file, from 1.
  case file(String, line: Int)
  /// An environment variable.
  case environment(String)
  /// A flag, with its dashes.
  case flag(String)

  /// The place as errors and comments name it: `segmenter.yaml:12`, `SEGMENTER_MODEL_K`, `--model.k`.
  package var description: String {
    switch self {
    case .file(let path, let line): "\(path):\(line)"
    case .environment(let name): name
    case .flag(let name): name
    }
  }

  /// The sort of an error about a value from here.
  var errorKind: ConfigurationError.Kind {
    if case .flag = self { .usage } else { .configuration }
  }
}
