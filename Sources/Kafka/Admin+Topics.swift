import CRdKafka

extension Admin {
  /// All settings of a topic by Kafka's names, defaults included; `nil` when there is no such topic.
  ///
  /// With `ownOnly` those alone that were set for this topic.
  package func settings(
    of topic: String, ownOnly: Bool = false, timeoutMs: Int
  ) throws(KafkaError) -> [String: String]? {
    let action = "asking for the settings of the topic `\(topic)`"
    guard let resource = rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, topic) else {
      throw KafkaError(RD_KAFKA_RESP_ERR__INVALID_ARG).during(action)
    }
    defer { rd_kafka_ConfigResource_destroy(resource) }
    return try ask(RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS, action, timeoutMs: timeoutMs) { options, queue in
      var resources: [OpaquePointer?] = [resource]
      rd_kafka_DescribeConfigs(client, &resources, 1, options, queue)
    } answer: { (event) throws(KafkaError) in
      var count = 0
      let results = rd_kafka_DescribeConfigs_result_resources(rd_kafka_event_DescribeConfigs_result(event), &count)
      guard count == 1, let found = results?[0] else { throw KafkaError(RD_KAFKA_RESP_ERR__FAIL).during(action) }
      let code = rd_kafka_ConfigResource_error(found)
      if code == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART { return nil }
      try Admin.check(code, rd_kafka_ConfigResource_error_string(found), action)
      var settings: [String: String] = [:]
      let entries = rd_kafka_ConfigResource_configs(found, &count)
      for index in 0..<count {
        guard let entry = entries?[index], let name = rd_kafka_ConfigEntry_name(entry) else { continue }
        if ownOnly && rd_kafka_ConfigEntry_source(entry) != RD_KAFKA_CONFIG_SOURCE_DYNAMIC_TOPIC_CONFIG { continue }
        settings[String(cString: name)] = rd_kafka_ConfigEntry_value(entry).map { String(cString: $0) }
      }
      return settings
    }
  }

  /// Deletes the records below an offset of each partition; answers the first offset that each has then.
  ///
  /// The broker does not look at transactions: an offset beyond the last stable one cuts an open transaction.
  @discardableResult
  package func deleteRecords(
    of topic: String, before offsets: [Int32: Int64], timeoutMs: Int
  ) throws(KafkaError) -> [Int32: Int64] {
    let action = "deleting records of the topic `\(topic)`"
    let list = PartitionList(topic, offsets.sorted { $0.key < $1.key }.map { ($0.key, $0.value) })
    let deletion: OpaquePointer = rd_kafka_DeleteRecords_new(list.handle)
    defer { rd_kafka_DeleteRecords_destroy(deletion) }
    return try ask(RD_KAFKA_ADMIN_OP_DELETERECORDS, action, timeoutMs: timeoutMs, waitsForDone: true) {
      (options, queue) in
      var deletions: [OpaquePointer?] = [deletion]
      rd_kafka_DeleteRecords(client, &deletions, 1, options, queue)
    } answer: { (event) throws(KafkaError) in
      guard let found = rd_kafka_DeleteRecords_result_offsets(rd_kafka_event_DeleteRecords_result(event))
      else { throw KafkaError(RD_KAFKA_RESP_ERR__FAIL).during(action) }
      var lows: [Int32: Int64] = [:]
      for entry in found.pointee.entries {
        try Admin.check(entry.err, nil, "\(action), partition \(entry.partition)")
        lows[entry.partition] = entry.offset
      }
      return lows
    }
  }

  /// Deletes topics; answers those that there were.
  @discardableResult
  package func deleteTopics(_ names: [String], timeoutMs: Int) throws(KafkaError) -> [String] {
    if names.isEmpty { return [] }
    let action = "deleting the topics `\(names.joined(separator: "`, `"))`"
    var topics: [OpaquePointer?] = names.map { rd_kafka_DeleteTopic_new($0) }
    defer { rd_kafka_DeleteTopic_destroy_array(&topics, topics.count) }
    return try ask(RD_KAFKA_ADMIN_OP_DELETETOPICS, action, timeoutMs: timeoutMs, waitsForDone: true) {
      (options, queue) in
      rd_kafka_DeleteTopics(client, &topics, topics.count, options, queue)
    } answer: { (event) throws(KafkaError) in
      var count = 0
      let results = rd_kafka_DeleteTopics_result_topics(rd_kafka_event_DeleteTopics_result(event), &count)
      var deleted: [String] = []
      for index in 0..<count {
        guard let result = results?[index] else { continue }
        let name = String(cString: rd_kafka_topic_result_name(result))
        let code = rd_kafka_topic_result_error(result)
        if code == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART { continue }
        try Admin.check(code, rd_kafka_topic_result_error_string(result), "deleting the topic `\(name)`")
        deleted.append(name)
      }
      return deleted
    }
  }

  /// The first offset of each partition and the one behind its last stable record, in the partitions' order.
  package func watermarks(
    of topic: String, partitions: [Int32], timeoutMs: Int
  ) throws(KafkaError) -> [(low: Int64, high: Int64)] {
    try watermarkOffsets(client, context, topic: topic, partitions: partitions, timeoutMs: timeoutMs)
  }
}
