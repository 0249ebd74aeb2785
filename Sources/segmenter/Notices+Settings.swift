import Configuration
import Foundation
import Kafka
import Pipeline

extension Notices {
  /// Notices on stderr, each with its time, down to the configured level.
  init(_ log: Settings.Log) {
    let least: NoticeLevel =
      switch log.level {
      case .error: .error
      case .warning: .warning
      case .info: .info
      case .debug: .debug
      }
    self.init { level, line in
      if level > least { return }
      let time = Date().ISO8601Format(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
      Terminal.say("\(time) \(level) \(line)")
    }
  }
}

extension Configuration {
  /// Asks librdkafka about each of its settings that was given. Throws with the place of the first that it refuses.
  func checkKafka() throws(CommandFailure) {
    for (name, value) in settings.kafka.sorted(by: { $0.key < $1.key }) {
      do {
        try KafkaConfiguration([name: value]).check()
      } catch {
        let place = origins["kafka.\(name)"].map { "\($0): " } ?? ""
        throw CommandFailure(.configuration, place + error.text)
      }
      try checkFile(name, value)
    }
  }

  /// Throws where a file of certificates or keys cannot be read, which librdkafka would say without its name.
  private func checkFile(_ name: String, _ path: String) throws(CommandFailure) {
    guard name.hasSuffix(".location"), !path.isEmpty, path != "probe", access(path, R_OK) != 0 else { return }
    let reason = String(cString: strerror(errno))
    let place = origins["kafka.\(name)"].map { "\($0): " } ?? ""
    throw CommandFailure(
      .configuration,
      "\(place)the file `\(path)` of Kafka property `\(name)` cannot be read: \(reason): check the name and its rights")
  }
}
