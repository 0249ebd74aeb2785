import CRdKafka
import Glibc

extension Admin {
  /// Gives a topic a setting; its other own settings stay. The leaders of its partitions know a moment later.
  package func alterSetting(
    of topic: String, _ name: String, to value: String, timeoutMs: Int
  ) throws(KafkaError) {
    let action = "setting `\(name)` of the topic `\(topic)` to `\(value)`"
    // The request replaces all of a topic's own settings, so the others are sent with it.
    var settings = try settings(of: topic, ownOnly: true, timeoutMs: timeoutMs) ?? [:]
    settings[name] = value
    guard let resource = rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, topic) else {
      throw KafkaError(RD_KAFKA_RESP_ERR__INVALID_ARG).during(action)
    }
    defer { rd_kafka_ConfigResource_destroy(resource) }
    for (key, value) in settings.sorted(by: { $0.key < $1.key }) {
      rd_kafka_ConfigResource_set_config(resource, key, value)
    }
    try ask(RD_KAFKA_ADMIN_OP_ALTERCONFIGS, action, timeoutMs: timeoutMs) { options, queue in
      var resources: [OpaquePointer?] = [resource]
      rd_kafka_AlterConfigs(client, &resources, 1, options, queue)
    } answer: { (event) throws(KafkaError) in
      var count = 0
      let results = rd_kafka_AlterConfigs_result_resources(rd_kafka_event_AlterConfigs_result(event), &count)
      guard count == 1, let result = results?[0] else { throw KafkaError(RD_KAFKA_RESP_ERR__FAIL).during(action) }
      try Admin.check(rd_kafka_ConfigResource_error(result), rd_kafka_ConfigResource_error_string(result), action)
    }
  }

  /// Commits offsets of `topic` in the name of a group without members; those that have none are left out.
  ///
  /// A group that has members is refused by the broker: kind `staleMember`.
  package func commitOffsets(
    _ offsets: [CommittedOffset], of group: String, topic: String, timeoutMs: Int
  ) throws(KafkaError) {
    let action = "committing offsets of the group `\(group)`"
    let known = offsets.compactMap { entry in entry.offset.map { (partition: entry.partition, offset: $0) } }
    if known.isEmpty { return }
    let list = PartitionList(topic, known)
    for entry in offsets where entry.offset != nil {
      let found = rd_kafka_topic_partition_list_find(list.handle, topic, entry.partition)
      // Freed with the list.
      found?.pointee.metadata = UnsafeMutableRawPointer(strdup(entry.metadata))
      found?.pointee.metadata_size = entry.metadata.utf8.count
    }
    var requests: [OpaquePointer?] = [rd_kafka_AlterConsumerGroupOffsets_new(group, list.handle)]
    defer { rd_kafka_AlterConsumerGroupOffsets_destroy_array(&requests, requests.count) }
    try ask(RD_KAFKA_ADMIN_OP_ALTERCONSUMERGROUPOFFSETS, action, timeoutMs: timeoutMs) { options, queue in
      rd_kafka_AlterConsumerGroupOffsets(client, &requests, requests.count, options, queue)
    } answer: { (event) throws(KafkaError) in
      var count = 0
      let results = rd_kafka_AlterConsumerGroupOffsets_result_groups(
        rd_kafka_event_AlterConsumerGroupOffsets_result(event), &count)
      guard count == 1, let result = results?[0] else { throw KafkaError(RD_KAFKA_RESP_ERR__FAIL).during(action) }
      if let error = rd_kafka_group_result_error(result) {
        try Admin.check(rd_kafka_error_code(error), rd_kafka_error_string(error), action)
      }
      guard let answered = rd_kafka_group_result_partitions(result) else { return }
      for entry in answered.pointee.entries {
        try Admin.check(entry.err, nil, "\(action), partition \(entry.partition)")
      }
    }
  }
}
