/// Every setting as a plain value; the initial values are the defaults.
///
/// `settingsTable` binds each to its name, limits and help. Nothing here knows what a setting does.
package struct Settings: Sendable, Equatable {
  /// librdkafka's own settings, by their names; secrets from files are already read.
  package var kafka = ["bootstrap.servers": "localhost:9092"]
  /// What is read.
  package var input = Input()
  /// What is written.
  package var output = Output()
  /// Where unusable records go.
  package var deadLetters = DeadLetters()
  /// The consumer group; other topics are named after it.
  package var group = "segmenter"
  /// This instance's stable name in the group.
  package var instance = "segmenter-0"
  /// Threads that process records.
  package var workers = 1
  /// How often what was done is committed.
  package var commit = Commit()
  /// What every random choice starts from.
  package var seed = 1
  /// What is logged.
  package var log = Log()
  /// The questions that are answered over HTTP.
  package var http = HTTP()
  /// The bounds of one record.
  package var limits = Limits()
  /// How much of a customer's recent past is remembered by id.
  package var windows = Windows()
  /// What decides for a customer's segment.
  package var segments = SegmentKind.kmeans
  /// The table of named cells of R, F and M; empty for the program's own.
  package var rules: [RuleSettings] = []
  /// The cuts of the scores that are fixed.
  package var cuts = Cuts()
  /// The model.
  package var model = Model()
  /// When a customer moves.
  package var hysteresis = Hysteresis()
  /// The walk over all customers.
  package var sweep = Sweep()

  /// The defaults.
  package init() {}

  /// The dead letters' topic: as set, else `<group>-dead-letters`.
  package var deadLettersTopic: String { deadLetters.topic ?? "\(group)-dead-letters" }

  /// The state log's topic: as set, else `<group>-state`.
  package var stateTopic: String { output.stateTopic ?? "\(group)-state" }

  /// The statistics' topic: as set, else `<group>-stats`.
  package var statisticsTopic: String { output.statisticsTopic ?? "\(group)-stats" }

  /// The models' topic: as set, else `<group>-model`.
  package var modelTopic: String { output.modelTopic ?? "\(group)-model" }
}

extension Settings {
  /// What happens to a record that cannot be used.
  package enum OnError: String, Sendable, CaseIterable {
    /// It is counted and written to the dead letters' topic.
    case deadLetter = "dead_letter"
    /// It is counted.
    case skip
    /// The program stops.
    case fail
  }

  /// How much is logged.
  package enum LogLevel: String, Sendable, CaseIterable {
    /// Errors alone.
    case error
    /// And warnings.
    case warning
    /// And what an operator wants to know.
    case info
    /// And what a developer wants to know.
    case debug
  }

  /// What decides for a customer's segment.
  package enum SegmentKind: String, Sendable, CaseIterable {
    /// Clusters.
    case kmeans
    /// The named cells of R, F and M.
    case rules
  }

  /// Four ascending numbers each; `nil` where they follow the customers.
  package struct Cuts: Sendable, Equatable {
    /// Recency, in days.
    package var recency: [Double]?
    /// Orders.
    package var frequency: [Double]?
    /// Net monetary value, in major units.
    package var monetary: [Double]?
  }

  /// What is read.
  package struct Input: Sendable, Equatable {
    /// The topic of purchase records; needed by `run`.
    package var topic: String?
    /// The ISO 4217 code that amounts are kept in; needed by `run`.
    package var currency: String?
    /// What one unit of another currency is worth, as exact decimal texts by ISO 4217 code.
    package var rates: [String: String] = [:]
    /// The zone of timestamps that name none.
    package var timeZone = "UTC"
    /// Whether the producer promises that a customer's records share a partition whatever their key.
    package var partitionedByCustomer = false
    /// What happens to a record that cannot be used.
    package var onError = OnError.deadLetter
    /// Where the fields are found.
    package var map = MapSettings()
  }

  /// What is written.
  package struct Output: Sendable, Equatable {
    /// The topic of changes.
    package var topic = "segment-changes"
    /// The topic of the state log; `nil` for `<group>-state`.
    package var stateTopic: String?
    /// The topic of what partitions tell the trainer; `nil` for `<group>-stats`.
    package var statisticsTopic: String?
    /// The topic of models; `nil` for `<group>-model`.
    package var modelTopic: String?
  }

  /// Where unusable records go.
  package struct DeadLetters: Sendable, Equatable {
    /// The topic; `nil` for `<group>-dead-letters`.
    package var topic: String?
  }

  /// How often what was done is committed.
  package struct Commit: Sendable, Equatable {
    /// The time between two commits, in ms.
    package var intervalMs = 100
  }

  /// What is logged.
  package struct Log: Sendable, Equatable {
    /// How much.
    package var level = LogLevel.info
  }

  /// The questions that are answered over HTTP.
  package struct HTTP: Sendable, Equatable {
    /// An address and a port, or `off`.
    package var listen = "127.0.0.1:7878"
    /// A file that holds the token of who may read; `nil` for none.
    package var readTokenFile: String?
    /// A file that holds the token of who may change something; `nil` for none.
    package var adminTokenFile: String?
    /// A PEM file of the server's certificate and its chain; `nil` for none.
    package var certificateFile: String?
    /// A PEM file of the certificate's key; `nil` for none.
    package var keyFile: String?
    /// Whether other machines are let in without a token or without TLS.
    package var allowInsecure = false
  }

  /// The bounds of one record.
  package struct Limits: Sendable, Equatable {
    /// The longest record, in bytes.
    package var recordBytes = 1 << 20
    /// The longest customer id, in bytes.
    package var customerIDBytes = 256
    /// The deepest JSON nesting; the root counts.
    package var jsonDepth = 32
  }

  /// How much of a customer's recent past is remembered by id.
  package struct Windows: Sendable, Equatable {
    /// Recent transaction ids that remove repeats.
    package var transactions = 8
    /// Recent orders that group line items and refunds.
    package var orders = 2
  }

  /// The model.
  package struct Model: Sendable, Equatable {
    /// The number of segments; `nil` lets each fit choose it.
    package var k: Int? = 6
    /// The half-life of decayed frequency and monetary, in days.
    package var halfLifeDays = 90.0
    /// The weight of each feature in use; what is absent or 0 is not used.
    package var features = ["recency": 1.0, "frequency": 1.0, "average_order": 1.0]
    /// Names for segments, by id.
    package var names: [String: String] = [:]
    /// Whether the model never changes: no fit, and no centroid or cut moves.
    package var frozen = false
    /// A file that holds the model to begin with, relative to where it was named; `nil` for none.
    package var file: String?
  }

  /// When a customer moves.
  package struct Hysteresis: Sendable, Equatable {
    /// The part by which the new centroid must be nearer.
    package var margin = 0.20
    /// The part by which it must be nearer to go back.
    package var returnMargin = 0.30
    /// For how long going back is harder, in days.
    package var returnDays = 7.0
    /// How long the margin must hold, in hours.
    package var dwellHours = 0.0
  }

  /// The walk over all customers.
  package struct Sweep: Sendable, Equatable {
    /// How long one walk takes, in ms; `nil` lets the program choose.
    package var periodMs: Int?
  }
}
