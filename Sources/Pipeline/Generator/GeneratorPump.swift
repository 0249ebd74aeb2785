import Glibc

/// Where generated records go.
package enum GeneratorTarget {
  /// Lines of a file.
  case file(OutputFile)
  /// Records of a topic, keyed by customer id.
  case topic(GeneratedTopic)
}

/// Moves records from a generator to their target, at full speed or in real time.
package struct GeneratorPump {
  /// How long the pump sleeps when nothing is due, in µs: a fifth of what a person notices as a delay.
  private static let sleepMicroseconds: UInt32 = 20_000

  private let target: GeneratorTarget

  /// Makes a pump to a target.
  package init(to target: GeneratorTarget) {
    self.target = target
  }

  /// Writes all records. In real time none is written before the wall clock has reached its time since `startMs`.
  ///
  /// Throws `FileError` or `StreamError`.
  package func run(_ generator: inout Generator, realTimeFromMs startMs: Int64?) throws {
    let batch = GeneratedBatch()
    let begunMs = Self.steadyMs()
    while !generator.isFinished {
      let dueMs = startMs.map { $0 + Self.steadyMs() - begunMs } ?? .max
      if generator.next(into: batch, untilMs: dueMs) > 0 { try write(batch, isLive: startMs != nil) }
      if startMs != nil, !generator.isFinished { usleep(Self.sleepMicroseconds) }
    }
    switch target {
    case .file(let output): try output.close()
    case .topic(let topic): try topic.close()
    }
  }

  private func write(_ batch: GeneratedBatch, isLive: Bool) throws {
    switch target {
    case .file(let output):
      try output.write(batch.lines)
      if isLive { try output.flush() }
    case .topic(let topic):
      for index in 0..<batch.count { try topic.write(key: batch.key(at: index), value: batch.value(at: index)) }
      try topic.poll()
    }
  }

  private static func steadyMs() -> Int64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
  }
}
