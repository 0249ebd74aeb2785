import Kafka

/// Why work with Kafka ended, as one sentence for an operator.
package struct StreamError: Error, Sendable, CustomStringConvertible {
  /// What sort of trouble; the command line gives each its exit code.
  package enum Kind: Sendable, Equatable {
    /// Input that cannot be used, with the policy `fail`.
    case badInput
    /// A topic that is to be read does not exist.
    case noInput
    /// No broker answers.
    case unreachable
    /// The output cannot be made.
    case cannotCreate
    /// The output could not be written.
    case cannotWrite
    /// The broker refused who we are, or what we asked.
    case refused
    /// A setting is wrong.
    case configuration
    /// The input no longer holds what is needed.
    case inputLost
    /// A newer instance of our name has taken over.
    case fenced
    /// State and input do not go together.
    case disagree
    /// It failed for the moment; what was committed is safe.
    case tryAgain
    /// Anything else that Kafka said.
    case failed
  }

  /// The sort of trouble.
  package let kind: Kind
  /// What, where, what to do.
  package let description: String

  /// Makes an error of a sentence.
  package init(_ kind: Kind, _ description: String) {
    self.kind = kind
    self.description = description
  }

  /// Makes an error of what Kafka said, with what to do about it.
  package init(_ error: KafkaError) {
    switch error.kind {
    case .unreachable:
      self.init(.unreachable, "\(error); \(StreamError.advice(onSilence: error))")
    case .credentials: self.init(.refused, "\(error); \(StreamError.advice(onRefusal: error.text))")
    case .authorisation: self.init(.refused, "\(error); ask for the right with kafka-acls.sh")
    case .missingTopic: self.init(.noInput, "\(error)")
    case .offsetOutOfRange:
      self.init(.inputLost, "\(error); retention has deleted records that were to be read: start again")
    case .configuration: self.init(.configuration, error.text)
    case .fenced: self.init(.fenced, "a newer instance of the same name has taken over: \(error)")
    case .staleMember, .other: self.init(.failed, "\(error)")
    }
  }

  /// The exit code by sysexits.
  package var exitCode: Int32 {
    switch kind {
    case .badInput: 65
    case .noInput: 66
    case .unreachable: 69
    case .failed: 70
    case .cannotCreate: 73
    case .cannotWrite: 74
    case .refused: 77
    case .configuration: 78
    case .inputLost, .disagree: 81
    case .fenced: 80
    case .tryAgain: 75
    }
  }
}

/// Runs a body that talks to Kafka and says its errors as `StreamError`.
func streaming<Value>(_ body: () throws(KafkaError) -> Value) throws(StreamError) -> Value {
  do {
    return try body()
  } catch {
    throw StreamError(error)
  }
}
