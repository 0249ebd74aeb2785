import Analysis
import Configuration
import Kafka
import Pipeline
import Segmentation
import Server

/// An end of the program other than success: its code and one clear message.
struct CommandFailure: Error {
  /// The code.
  var code: ExitCode
  /// What, where, and what to do; empty to end silently.
  var message: String

  /// A failure with a message.
  init(_ code: ExitCode, _ message: String) {
    self.code = code
    self.message = message
  }
}

extension CommandFailure {
  /// The failure that an error means to the outside.
  init(_ error: any Error) {
    switch error {
    case let failure as CommandFailure: self = failure
    case let error as ConfigurationError: self.init(error)
    case let error as FileError: self.init(error)
    case let error as AnalysisError: self.init(ExitCode(error.kind), error.description)
    case let error as KafkaError: self.init(ExitCode(error), error.description)
    case let error as HTTPServerError: self.init(ExitCode(error.kind), error.description)
    case let error as StreamError: self.init(ExitCode(error), error.description)
    case let error as ModelFileError: self.init(ExitCode(error.kind), error.description)
    case let error as RecordMapError: self.init(.configuration, error.description)
    case let error as GeneratorSettingsError: self.init(.usage, error.description)
    case let error as ReplayError: self.init(.unusableInput, error.description)
    default: self.init(.internalError, "\(error)")
    }
  }

  private init(_ error: ConfigurationError) {
    let code: ExitCode =
      switch error.kind {
      case .usage: .usage
      case .configuration: .configuration
      case .noInput: .noInput
      }
    self.init(code, error.messages.joined(separator: "\nsegmenter: "))
  }

  private init(_ error: FileError) {
    switch error {
    case .notFound, .notReadable: self.init(.noInput, error.description)
    case .readFailed, .corrupt, .writeFailed: self.init(.ioError, error.description)
    case .unusable, .sortTooLarge: self.init(.unusableInput, error.description)
    case .cannotCreate: self.init(.cannotCreate, error.description)
    case .closedPipe: self.init(.done, "")
    }
  }
}

extension ExitCode {
  fileprivate init(_ kind: AnalysisError.Kind) {
    switch kind {
    case .unusableInput: self = .unusableInput
    case .noInput: self = .noInput
    case .cannotCreate: self = .cannotCreate
    case .usage: self = .usage
    }
  }

  fileprivate init(_ kind: HTTPServerError.Kind) {
    switch kind {
    case .configuration: self = .configuration
    case .addressInUse, .system: self = .unavailable
    }
  }

  fileprivate init(_ error: KafkaError) {
    switch error.kind {
    case .unreachable: self = .unavailable
    case .credentials, .authorisation: self = .refused
    case .missingTopic: self = .noInput
    case .configuration: self = .configuration
    case .offsetOutOfRange: self = .disagreement
    case .fenced: self = .fenced
    case .staleMember: self = .tryAgain
    case .other: self = error.isRetriable ? .tryAgain : .internalError
    }
  }

  fileprivate init(_ kind: ModelFileError.Kind) {
    switch kind {
    case .notFound: self = .noInput
    case .unusable: self = .unusableInput
    case .unfit: self = .configuration
    }
  }

  fileprivate init(_ error: StreamError) {
    switch error.kind {
    case .badInput: self = .unusableInput
    case .noInput: self = .noInput
    case .unreachable: self = .unavailable
    case .failed: self = .internalError
    case .cannotCreate: self = .cannotCreate
    case .cannotWrite: self = .ioError
    case .refused: self = .refused
    case .configuration: self = .configuration
    case .inputLost, .disagree: self = .disagreement
    case .fenced: self = .fenced
    case .tryAgain: self = .tryAgain
    }
  }
}
