// Benchmarks are programs: `swift run -c release Benchmarks NAME`.
let benchmarks: [String: () -> Void] = [
  "state": StateBenchmark.run
]

guard CommandLine.arguments.count > 1, let benchmark = benchmarks[CommandLine.arguments[1]] else {
  fatalError("name one of: \(benchmarks.keys.sorted().joined(separator: ", "))")
}
benchmark()
