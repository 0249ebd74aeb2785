// Benchmarks are programs: `swift run -c release Benchmarks NAME`.
let benchmarks: [String: () -> Void] = [
  "ahead": answerAheadRequests,
  "clustering": answerClusteringRequests,
  "decode": { benchmarkDecode(Array(CommandLine.arguments.dropFirst(2))) },
  "kafka-latency": { benchmarkKafkaLatency(Array(CommandLine.arguments.dropFirst(2))) },
  "kafka-run": { benchmarkKafkaRun(Array(CommandLine.arguments.dropFirst(2))) },
  "kafka-topic": { benchmarkKafkaTopic(Array(CommandLine.arguments.dropFirst(2))) },
  "kmeans": { benchmarkKMeans(Array(CommandLine.arguments.dropFirst(2))) },
  "learner": answerLearnerRequests,
  "report-gallery": printReportGallery,
  "state": { StateBenchmark.run(Array(CommandLine.arguments.dropFirst(2))) },
  "state-log": { benchmarkStateLog(Array(CommandLine.arguments.dropFirst(2))) },
  "table": answerTableRequests,
]

guard CommandLine.arguments.count > 1, let benchmark = benchmarks[CommandLine.arguments[1]] else {
  stop(64, "name one of: \(benchmarks.keys.sorted().joined(separator: ", "))")
}
benchmark()
