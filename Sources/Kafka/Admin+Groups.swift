import CRdKafka

/// A consumer group as its coordinator sees it.
package struct GroupDescription: Sendable, Equatable {
  /// One member.
  package struct Member: Sendable, Equatable {
    /// The id that the coordinator has given it.
    package var id: String
    /// Its own name (`group.instance.id`); `nil` where it has none.
    package var instance: String?
    /// The client's `client.id`.
    package var clientID: String
    /// The address it connects from, as Java writes it: `/10.0.0.7`.
    package var host: String
    /// The address without Java's slash.
    package var address: String { String(host.drop { $0 == "/" }) }
    /// The partitions it owns, by topic, ascending.
    package var partitions: [String: [Int32]]
  }

  /// `Stable`, `Empty`, `PreparingRebalance`, `CompletingRebalance`; `Dead` where there is no such group.
  package var state: String
  /// The members, by name or else id.
  package var members: [Member]
}

extension Admin {
  /// The state and the members of a group; a group that does not exist is `Dead` and has none.
  package func describeGroup(_ group: String, timeoutMs: Int) throws(KafkaError) -> GroupDescription {
    let action = "asking for the group `\(group)`"
    return try ask(RD_KAFKA_ADMIN_OP_DESCRIBECONSUMERGROUPS, action, timeoutMs: timeoutMs) { options, queue in
      group.withCString { name in
        var names: [UnsafePointer<CChar>?] = [name]
        rd_kafka_DescribeConsumerGroups(client, &names, 1, options, queue)
      }
    } answer: { (event) throws(KafkaError) in
      var count = 0
      let groups = rd_kafka_DescribeConsumerGroups_result_groups(
        rd_kafka_event_DescribeConsumerGroups_result(event), &count)
      guard count == 1, let found = groups?[0] else { throw KafkaError(RD_KAFKA_RESP_ERR__FAIL).during(action) }
      if let error = rd_kafka_ConsumerGroupDescription_error(found) {
        let code = rd_kafka_error_code(error)
        if code == RD_KAFKA_RESP_ERR_GROUP_ID_NOT_FOUND { return GroupDescription(state: "Dead", members: []) }
        try Admin.check(code, rd_kafka_error_string(error), action)
      }
      let state = rd_kafka_consumer_group_state_name(rd_kafka_ConsumerGroupDescription_state(found))
      let members = (0..<rd_kafka_ConsumerGroupDescription_member_count(found)).compactMap { index in
        rd_kafka_ConsumerGroupDescription_member(found, index).map(GroupDescription.Member.init)
      }
      return GroupDescription(
        state: state.map { String(cString: $0) } ?? "Unknown",
        members: members.sorted { ($0.instance ?? $0.id) < ($1.instance ?? $1.id) })
    }
  }

  /// What a group has committed, of every partition of `topic` that it has committed anything of, ascending.
  ///
  /// Waits until no transaction with offsets of them is open.
  package func committedOffsets(
    of group: String, topic: String, timeoutMs: Int
  ) throws(KafkaError) -> [CommittedOffset] {
    let action = "asking for the offsets of the group `\(group)`"
    let deadline = ContinuousClock.now + .milliseconds(timeoutMs)
    while true {
      do {
        return try stableOffsets(of: group, topic: topic, timeoutMs: timeoutMs, action)
      } catch {
        let isUnstable = error.code == RD_KAFKA_RESP_ERR_UNSTABLE_OFFSET_COMMIT.rawValue
        guard isUnstable, ContinuousClock.now < deadline else { throw error }
        rd_kafka_poll(client, Admin.unstableWaitMs)
      }
    }
  }

  /// Deletes a group with its offsets; answers whether there was one. One with members is refused by the broker.
  @discardableResult
  package func deleteGroup(_ group: String, timeoutMs: Int) throws(KafkaError) -> Bool {
    let action = "deleting the group `\(group)`"
    var groups: [OpaquePointer?] = [rd_kafka_DeleteGroup_new(group)]
    defer { rd_kafka_DeleteGroup_destroy_array(&groups, groups.count) }
    return try ask(RD_KAFKA_ADMIN_OP_DELETEGROUPS, action, timeoutMs: timeoutMs) { options, queue in
      rd_kafka_DeleteGroups(client, &groups, groups.count, options, queue)
    } answer: { (event) throws(KafkaError) in
      var count = 0
      let results = rd_kafka_DeleteGroups_result_groups(rd_kafka_event_DeleteGroups_result(event), &count)
      guard count == 1, let result = results?[0] else { throw KafkaError(RD_KAFKA_RESP_ERR__FAIL).during(action) }
      guard let error = rd_kafka_group_result_error(result) else { return true }
      let code = rd_kafka_error_code(error)
      if code == RD_KAFKA_RESP_ERR_GROUP_ID_NOT_FOUND { return false }
      try Admin.check(code, rd_kafka_error_string(error), action)
      return true
    }
  }

  /// Between two looks at offsets that a transaction holds, in ms.
  private static let unstableWaitMs: Int32 = 20

  private func stableOffsets(
    of group: String, topic: String, timeoutMs: Int, _ action: String
  ) throws(KafkaError) -> [CommittedOffset] {
    var requests: [OpaquePointer?] = [rd_kafka_ListConsumerGroupOffsets_new(group, nil)]
    defer { rd_kafka_ListConsumerGroupOffsets_destroy_array(&requests, requests.count) }
    return try ask(RD_KAFKA_ADMIN_OP_LISTCONSUMERGROUPOFFSETS, action, timeoutMs: timeoutMs) { options, queue in
      _ = KafkaError(consuming: rd_kafka_AdminOptions_set_require_stable_offsets(options, 1), doing: action)
      rd_kafka_ListConsumerGroupOffsets(client, &requests, requests.count, options, queue)
    } answer: { (event) throws(KafkaError) in
      var count = 0
      let results = rd_kafka_ListConsumerGroupOffsets_result_groups(
        rd_kafka_event_ListConsumerGroupOffsets_result(event), &count)
      guard count == 1, let result = results?[0] else { throw KafkaError(RD_KAFKA_RESP_ERR__FAIL).during(action) }
      if let error = rd_kafka_group_result_error(result) {
        try Admin.check(rd_kafka_error_code(error), rd_kafka_error_string(error), action)
      }
      var offsets: [CommittedOffset] = []
      guard let list = rd_kafka_group_result_partitions(result) else { return offsets }
      for entry in list.pointee.entries where String(cString: entry.topic) == topic {
        try Admin.check(entry.err, nil, "\(action), partition \(entry.partition)")
        if entry.offset >= 0 { offsets.append(CommittedOffset(entry)) }
      }
      return offsets.sorted { $0.partition < $1.partition }
    }
  }
}

extension GroupDescription.Member {
  fileprivate init(_ member: OpaquePointer) {
    func text(_ start: UnsafePointer<CChar>?) -> String { start.map { String(cString: $0) } ?? "" }
    id = text(rd_kafka_MemberDescription_consumer_id(member))
    let name = text(rd_kafka_MemberDescription_group_instance_id(member))
    instance = name.isEmpty ? nil : name
    clientID = text(rd_kafka_MemberDescription_client_id(member))
    host = text(rd_kafka_MemberDescription_host(member))
    partitions = [:]
    guard let assignment = rd_kafka_MemberDescription_assignment(member),
      let list = rd_kafka_MemberAssignment_partitions(assignment)
    else { return }
    for entry in list.pointee.entries { partitions[String(cString: entry.topic), default: []].append(entry.partition) }
    for topic in partitions.keys { partitions[topic]?.sort() }
  }
}
