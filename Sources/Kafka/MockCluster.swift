import CRdKafka

/// librdkafka's own imitation of a cluster, in this process: for smoke tests and injected errors only.
///
/// It knows no transactions, no settings of topics and no rights.
package final class MockCluster {
  private let context = ClientContext(events: ClientEvents())
  private let client: OpaquePointer
  private let cluster: OpaquePointer

  /// Starts an imitated cluster of `brokerCount` brokers on the loopback address.
  package init(brokerCount: Int) throws(KafkaError) {
    client = try makeClient(RD_KAFKA_PRODUCER, KafkaConfiguration([:]), defaults: [:], context: context)
    guard let cluster = rd_kafka_mock_cluster_new(client, Int32(brokerCount)) else {
      rd_kafka_destroy(client)
      throw KafkaError(RD_KAFKA_RESP_ERR__FAIL, "the mock cluster cannot be started")
    }
    self.cluster = cluster
  }

  deinit {
    rd_kafka_mock_cluster_destroy(cluster)
    rd_kafka_destroy(client)
  }

  /// The bootstrap servers.
  package var bootstrap: String { String(cString: rd_kafka_mock_cluster_bootstraps(cluster)) }

  /// Makes a topic.
  package func createTopic(_ name: String, partitionCount: Int) throws(KafkaError) {
    let code = rd_kafka_mock_topic_create(cluster, name, Int32(partitionCount), 1)
    if code != RD_KAFKA_RESP_ERR_NO_ERROR { throw KafkaError(code).during("making `\(name)` on the mock cluster") }
  }

  /// Lets a broker (from 1) refuse and cut all connections, or take them again.
  package func setBroker(_ id: Int32, isDown: Bool) {
    if isDown { rd_kafka_mock_broker_set_down(cluster, id) } else { rd_kafka_mock_broker_set_up(cluster, id) }
  }
}
