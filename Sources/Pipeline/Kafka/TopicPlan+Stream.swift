import Kafka

extension TopicPlan {
  /// What the preparation of topics has done.
  package struct Preparation: Sendable {
    /// A topic that was made, with its partitions.
    package typealias Made = (name: String, purpose: String, partitionCount: Int)

    /// The topics that were made.
    package var made: [Made] = []
    /// What could not be checked, one sentence a topic.
    package var warnings: [String] = []
  }

  /// Makes those of the topics that are missing, and checks those that are there.
  ///
  /// `partitionCount` is the input's. Everything that is wrong is said at once. Throws `StreamError`: 81 where the
  /// state has another number of partitions than the input; 78 where settings or partitions are wrong, with the
  /// commands that put them right; 77 where the right to make or see topics is missing, with the commands.
  package func prepareStream(_ outputs: [Output], partitionCount: Int) throws(StreamError) -> Preparation {
    let survey = try survey(outputs, partitionCount: partitionCount)
    return Preparation(
      made: try make(survey.missing, inputCount: partitionCount), warnings: survey.warnings)
  }

  /// What there is of topics, all of it right.
  struct Survey {
    /// The topics that are there, with their partitions.
    var found: [(output: Output, partitionCount: Int)] = []
    var missing: [Output] = []
    /// What could not be checked, one sentence a topic.
    var warnings: [String] = []
  }

  /// Looks which of the topics are there and checks those; throws everything that is wrong at once.
  ///
  /// Nothing is made beside what is wrong: first it has to be put right.
  func survey(_ outputs: [Output], partitionCount: Int) throws(StreamError) -> Survey {
    var survey = Survey()
    var problems: [StreamError] = []
    for output in outputs {
      do {
        if let found = try admin.partitionCount(of: output.name, timeoutMs: timeoutMs) {
          survey.found.append((output, found))
          problems += check(output, partitions: found, inputCount: partitionCount).map { [$0] } ?? []
          problems += try checkSettings(output, &survey.warnings)
        } else {
          survey.missing.append(output)
        }
      } catch {
        guard error.kind == .authorisation else { throw StreamError(error) }
        let make = command(output, inputCount: partitionCount)
        problems.append(
          StreamError(
            .refused,
            "\(error); ask for the rights to see and write it with kafka-acls.sh, and if it does not exist: \(make)"))
      }
    }
    guard let first = problems.first else { return survey }
    let worst = problems.contains { $0.kind == .inputLost } ? StreamError.Kind.inputLost : first.kind
    throw StreamError(worst, problems.map(\.description).joined(separator: "\n"))
  }

  /// Makes topics, or with `isTrial` only asks the broker whether it would; returns those that others have not made.
  @discardableResult
  func make(
    _ outputs: [Output], inputCount: Int, isTrial: Bool = false
  ) throws(StreamError) -> [Preparation.Made] {
    var made: [Preparation.Made] = []
    var refused: [Output] = []
    for output in outputs {
      let count = output.partitions.count(inputCount: inputCount)
      do {
        let isMade = try admin.createTopic(
          output.name, partitionCount: count, settings: output.settings, isTrial: isTrial, timeoutMs: timeoutMs)
        if isMade { made.append((output.name, output.purpose, count)) }
      } catch {
        guard error.kind == .authorisation else {
          throw StreamError(.cannotCreate, "\(error); make it with: \(command(output, inputCount: inputCount))")
        }
        refused.append(output)
      }
    }
    if refused.isEmpty { return made }
    let names = refused.map { "`\($0.name)`" }.joined(separator: ", ")
    let commands = refused.map { "\n  " + command($0, inputCount: inputCount) }.joined()
    throw StreamError(
      .refused,
      "the right to make topics is missing, and so are the topics \(names): ask for the right with kafka-acls.sh, or "
        + "have them made with:\(commands)")
  }

  private func check(_ output: Output, partitions found: Int, inputCount: Int) -> StreamError? {
    let needed = output.partitions.count(inputCount: inputCount)
    switch output.partitions {
    case .asInput where found != needed:
      return StreamError(
        .inputLost,
        "state and input disagree: the topic `\(output.name)` for \(output.purpose) has \(found) partitions, the input "
          + "has \(needed); go back to the input that the state was made from, or begin anew with `segmenter reset`")
    case .atLeastInput where found < needed:
      return StreamError(
        .configuration,
        "the topic `\(output.name)` for \(output.purpose) has \(found) partitions, the input has \(needed); "
          + "give it as many: \(tool("topics")) --alter --topic \(output.name) --partitions \(needed)")
    case .asInput, .atLeastInput, .one: return nil
    }
  }

  private func checkSettings(_ output: Output, _ warnings: inout [String]) throws(KafkaError) -> [StreamError] {
    let settings: [String: String]
    do {
      settings = try admin.settings(of: output.name, timeoutMs: timeoutMs) ?? [:]
    } catch {
      guard error.kind == .authorisation else { throw error }
      let wanted = output.rules.map(\.remedy).joined(separator: ", ")
      warnings.append(
        "the settings of the topic `\(output.name)` for \(output.purpose) could not be checked: the right "
          + "DescribeConfigs is missing; see to it that they are at least: \(wanted)")
      return []
    }
    let broken = output.rules.compactMap { rule in rule.objection(to: settings).map { (rule, $0) } }
    guard !broken.isEmpty else { return [] }
    let remedy = broken.map(\.0.remedy).joined(separator: ",")
    return [
      StreamError(
        .configuration,
        "the topic `\(output.name)` for \(output.purpose) has wrong settings: "
          + broken.map(\.1).joined(separator: "; ") + "; put them right with: \(tool("configs")) --alter "
          + "--entity-type topics --entity-name \(output.name) --add-config \(remedy)")
    ]
  }

  private func command(_ output: Output, inputCount: Int) -> String {
    command(
      output.name, partitionCount: output.partitions.count(inputCount: inputCount), settings: output.settings)
  }
}

extension TopicPlan.PartitionRule {
  /// The partitions of a topic that is made.
  func count(inputCount: Int) -> Int {
    switch self {
    case .atLeastInput, .asInput: inputCount
    case .one: 1
    }
  }
}
