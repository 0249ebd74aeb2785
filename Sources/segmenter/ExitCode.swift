/// How the program ends; the codes follow sysexits.
enum ExitCode: Int32, CaseIterable {
  /// Done; also when the reader of the output has gone away.
  case done = 0
  /// The command line cannot be understood.
  case usage = 64
  /// The input cannot be used.
  case unusableInput = 65
  /// There is no such input, topic or customer, or it cannot be opened.
  case noInput = 66
  /// The broker or another service cannot be reached.
  case unavailable = 69
  /// An error of the program itself.
  case internalError = 70
  /// An output cannot be created.
  case cannotCreate = 73
  /// Reading or writing failed, for example because the disk is full.
  case ioError = 74
  /// It failed for the moment: the same command may work later.
  case tryAgain = 75
  /// Credentials or rights were refused.
  case refused = 77
  /// The configuration is wrong.
  case configuration = 78
  /// A newer instance of the same name has taken over.
  case fenced = 80
  /// State and input disagree.
  case disagreement = 81

  /// What the code means, as `segmenter help exit-codes` prints it.
  var meaning: String {
    switch self {
    case .done: "done; also when the reader of the output has gone away"
    case .usage: "the command line cannot be understood"
    case .unusableInput: "the input cannot be used"
    case .noInput: "there is no such input, topic or customer, or it cannot be opened"
    case .unavailable: "the broker or another service cannot be reached"
    case .internalError: "an error of the program itself: please report it"
    case .cannotCreate: "an output cannot be created"
    case .ioError: "reading or writing failed, for example because the disk is full"
    case .tryAgain: "it failed for the moment: the same command may work later"
    case .refused: "credentials or rights were refused"
    case .configuration: "the configuration is wrong"
    case .fenced: "a newer instance of the same name has taken over"
    case .disagreement: "state and input disagree"
    }
  }
}
