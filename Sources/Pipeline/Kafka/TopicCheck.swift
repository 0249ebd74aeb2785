import Kafka

/// What `run` would find of its topics at a start, found without making anything.
package struct TopicCheck {
  /// How long the broker may take to answer, in ms: somebody waits for it.
  package static let timeoutMs = 10_000

  /// One sentence a topic, the input first.
  package private(set) var lines: [String] = []
  /// What could not be checked.
  package private(set) var warnings: [String] = []

  /// Asks the broker for the input and every topic that `run` writes: that it is there, its partitions, its settings;
  /// and of what is missing whether we might make it.
  ///
  /// Throws `StreamError` as a start would: 66 where there is no input, 69 where no broker answers, 77 where a right is
  /// missing, 78 where settings or partitions are wrong, 81 where state and input disagree.
  package init(_ options: DaemonOptions, notices: Notices) throws(StreamError) {
    let configuration = KafkaConfiguration(options.kafka, events: notices.clientEvents)
    let plan = try TopicPlan(
      configuration: configuration, timeoutMs: min(options.connectTimeoutMs, TopicCheck.timeoutMs))
    let inputCount = try plan.input(options.inputTopic)
    lines.append("`\(options.inputTopic)`, the input: \(TopicCheck.partitions(inputCount))")
    let survey = try plan.survey(options.outputs, partitionCount: inputCount)
    warnings = survey.warnings
    for (output, count) in survey.found {
      lines.append("`\(output.name)` for \(output.purpose): \(TopicCheck.partitions(count))")
    }
    for output in survey.missing {
      let count = output.partitions.count(inputCount: inputCount)
      lines.append(
        "`\(output.name)` for \(output.purpose) is not there: `run` will make it, \(TopicCheck.partitions(count))")
    }
    try plan.make(survey.missing, inputCount: inputCount, isTrial: true)
  }

  private static func partitions(_ count: Int) -> String { count == 1 ? "1 partition" : "\(count) partitions" }
}
