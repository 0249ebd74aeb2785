/// The one table of settings, in the order of help and reference.
package let settingsTable: [Setting] = [
  Setting("kafka", .passThrough(\.kafka), "librdkafka's settings by their own names; secrets also as `NAME_file`"),
  Setting("input.topic", .optionalText(\.input.topic, .topic, unset: "none"), "topic of purchase records"),
  Setting(
    "input.currency", .optionalText(\.input.currency, .currency, unset: "none"), short: "currency",
    "currency that amounts are kept in; a replay takes the first that a record names"),
  Setting(
    "input.rates", .texts(\.input.rates, names: .currency, .rate),
    "what one unit of another currency is worth in `input.currency`"),
  Setting("input.time_zone", .text(\.input.timeZone, .zone), "zone of timestamps that name none"),
  Setting(
    "input.partitioned_by_customer", .boolean(\.input.partitionedByCustomer),
    "the producer keeps each customer in one partition, whatever the record key"),
  Setting.choice("input.on_error", \.input.onError, "what happens to a record that cannot be used"),
  Setting("input.map", .map(\.input.map), short: "map", "where the fields of a record are found"),
  Setting("output.topic", .text(\.output.topic, .topic), "topic of segment changes"),
  Setting(
    "output.state_topic", .optionalText(\.output.stateTopic, .topic, unset: "`<group>-state`"),
    "topic of customer state"),
  Setting(
    "output.statistics_topic", .optionalText(\.output.statisticsTopic, .topic, unset: "`<group>-stats`"),
    "topic of what partitions tell the trainer"),
  Setting(
    "output.model_topic", .optionalText(\.output.modelTopic, .topic, unset: "`<group>-model`"), "topic of models"),
  Setting(
    "dead_letters.topic", .optionalText(\.deadLetters.topic, .topic, unset: "`<group>-dead-letters`"),
    "topic of records that cannot be used"),
  Setting("group", .text(\.group, .name), "consumer group; names the topics of state and model"),
  Setting("instance", .text(\.instance, .name), "stable name of this instance in the group"),
  Setting("workers", .integer(\.workers, 1...64), "threads that process records; any number gives the same result"),
  Setting(
    "commit.interval_ms", .integer(\.commit.intervalMs, 10...1_000), unit: "ms",
    "time between two commits: changes are seen that much later"),
  Setting("seed", .integer(\.seed, 0...Int.max), "what every random choice starts from"),
  Setting.choice("log.level", \.log.level, "how much is logged"),
  Setting(
    "http.listen", .text(\.http.listen, .listen), "where `run` answers over HTTP; also `http: off` in the file"),
  Setting(
    "http.read_token_file", .optionalText(\.http.readTokenFile, .file, unset: "none"),
    "file with the token that a request must bear to read"),
  Setting(
    "http.admin_token_file", .optionalText(\.http.adminTokenFile, .file, unset: "none"),
    "file with the token of who may do more than read"),
  Setting(
    "http.certificate_file", .optionalText(\.http.certificateFile, .file, unset: "none"),
    "PEM file of the server's certificate and its chain, for TLS"),
  Setting(
    "http.key_file", .optionalText(\.http.keyFile, .file, unset: "none"), "PEM file of the certificate's key"),
  Setting(
    "http.allow_insecure", .boolean(\.http.allowInsecure),
    "let other machines in without a token or without TLS"),
  Setting(
    "limits.record_bytes", .integer(\.limits.recordBytes, 1024...104_857_600), unit: "bytes",
    "a longer record is a dead letter `too_large`"),
  Setting(
    "limits.customer_id_bytes", .integer(\.limits.customerIDBytes, 1...65_535), unit: "bytes",
    "a longer customer id is a dead letter `invalid_customer_id`"),
  Setting(
    "limits.json_depth", .integer(\.limits.jsonDepth, 1...1000), unit: "levels",
    "a deeper JSON record is a dead letter `malformed`; the root counts"),
  Setting(
    "windows.transactions", .integer(\.windows.transactions, 0...64), unit: "ids of 6 bytes a customer",
    "recent transaction ids that remove repeats"),
  Setting(
    "windows.orders", .integer(\.windows.orders, 0...16), unit: "orders of 32 bytes a customer",
    "recent orders that group line items and take back refunds"),
  Setting.choice("segments", \.segments, "what segments are: clusters, or the named cells of R, F and M"),
  Setting("rules", .rules(\.rules), "names of the 125 cells of R, F and M, each covered once"),
  Setting(
    "cuts.recency", .ascending(\.cuts.recency, count: 4, 0...36_500), unit: "days",
    "fixed cuts of the score R: above each it is one less"),
  Setting(
    "cuts.frequency", .ascending(\.cuts.frequency, count: 4, 0...1_000_000_000, isWhole: true), unit: "orders",
    "fixed cuts of the score F: above each it is one more"),
  Setting(
    "cuts.monetary", .ascending(\.cuts.monetary, count: 4, 0...1_000_000_000_000), unit: "major units of net",
    "fixed cuts of the score M: above each it is one more"),
  Setting(
    "model.k", .integerOrAuto(\.model.k, 2...64), unit: "segments", short: "k",
    "number of segments; with auto each fit chooses 2 to 10"),
  Setting(
    "model.half_life_days", .number(\.model.halfLifeDays, 0.01...36_500), unit: "days",
    "half-life of decayed frequency and monetary"),
  Setting(
    "model.features", .numbers(\.model.features, names: featureNames, 0...8),
    "weight of each feature; what is not named is not used"),
  Setting("model.names", .texts(\.model.names, names: .segmentID, .segmentName), "other names for segments, by id"),
  Setting(
    "model.frozen", .boolean(\.model.frozen), short: "frozen",
    "the model stays as it is: no fit, and no centroid or cut moves"),
  Setting(
    "model.file", .optionalText(\.model.file, .file, unset: "none"), short: "model-file",
    "model to begin with, as `model export` and `replay --model` write it"),
  Setting(
    "hysteresis.margin", .number(\.hysteresis.margin, 0...0.99),
    "part by which another centroid must be nearer before a customer moves"),
  Setting(
    "hysteresis.return_margin", .number(\.hysteresis.returnMargin, 0...0.99),
    "part by which it must be nearer for going back"),
  Setting(
    "hysteresis.return_days", .number(\.hysteresis.returnDays, 0...36_500), unit: "days",
    "how long going back is harder"),
  Setting(
    "hysteresis.dwell_hours", .number(\.hysteresis.dwellHours, 0...876_000), unit: "hours",
    "how long the margin must hold before a customer moves"),
  Setting(
    "sweep.period", .span(\.sweep.periodMs, 1000...86_400_000),
    "how long one walk over all customers takes; auto follows their number"),
]

/// The features that a model can use, in the order of the feature vector.
package let featureNames = [
  "recency", "frequency", "average_order", "monetary", "orders", "tenure", "refund_share",
]

/// librdkafka settings that belong to the program, and what to set instead.
let reservedKafkaSettings = [
  "group.id": "set `group` instead",
  "group.instance.id": "set `instance` instead",
  "transactional.id": "it follows from `group` and `instance`",
  "enable.auto.commit": "the program commits by itself",
  "enable.auto.offset.store": "the program commits by itself",
  "enable.partition.eof": "the program needs it on",
  "isolation.level": "the program reads committed records",
  "auto.offset.reset": "the program knows where to begin",
  "partition.assignment.strategy": "the program needs `range`",
]

/// Whether a librdkafka setting's value must never be printed.
package func isSecretKafkaSetting(_ name: String) -> Bool {
  let name = name.lowercased()
  return ["password", "secret", "jaas", "sasl.oauthbearer", "ssl.key.pem", "ssl_key", "token"].contains {
    name.contains($0)
  }
}

/// The secret that a name says a file of: `sasl.password` of `sasl.password_file`, `sasl.password.file` and, in YAML,
/// `sasl.password: {file: …}`; `nil` where it says none.
func secretKafkaSetting(ofFile name: String) -> String? {
  for suffix in ["_file", ".file"] where name.hasSuffix(suffix) {
    let secret = String(name.dropLast(suffix.count))
    return isSecretKafkaSetting(secret) ? secret : nil
  }
  return nil
}

/// What is printed for a secret.
package let hiddenSecret = "********"
