extension ServiceStatus {
  /// The status as metrics; base units, and label sets that are bounded: codes, reasons and input partitions.
  func metrics(isOpenMetrics: Bool, lagMax: Int64, connections: HTTPConnections) -> MetricsText {
    var out = MetricsText(isOpenMetrics: isOpenMetrics)
    out.add("segmenter_ready", .gauge, "1 when the instance is ready.", obstacle(lagMax: lagMax) == nil ? 1 : 0)
    out.add(
      "segmenter_start_time_seconds", .gauge, "When the instance started, in seconds since 1970.",
      Double(startedMs) / 1_000)
    addFlow(&out)
    addState(&out)
    out.add("segmenter_http_connections", .gauge, "Open HTTP connections.", Double(connections.open))
    out.add(
      "segmenter_http_connections_cut_total", .counter, "HTTP connections cut because no request came in time.",
      Double(connections.cut))
    return out
  }

  private func addFlow(_ out: inout MetricsText) {
    out.add("segmenter_records_total", .counter, "Input records read.", Double(records))
    out.add("segmenter_record_bytes_total", .counter, "Bytes of the input records' values.", Double(recordBytes))
    out.add("segmenter_duplicates_total", .counter, "Repeated transactions passed over.", Double(duplicates))
    out.add(
      "segmenter_dead_letters_total", .counter, "Records that could not be used, by code.",
      Self.labelled("code", deadLetters))
    out.add("segmenter_changes_total", .counter, "Segment changes made, by reason.", Self.labelled("reason", changes))
    out.add(
      "segmenter_lag_records", .gauge, "Records that wait behind the position, by input partition.",
      partitions.compactMap { partition in
        partition.lag.map { ([("partition", "\(partition.number)")], Double($0)) }
      })
    out.add("segmenter_commit_seconds", "How long commits took until they were certain, in seconds.", commits)
  }

  private func addState(_ out: inout MetricsText) {
    out.add("segmenter_partitions", .gauge, "Input partitions of the instance.", Double(partitions.count))
    out.add(
      "segmenter_partitions_restoring", .gauge, "Partitions whose state is being restored.",
      Double(partitions.count(where: \.isRestoring)))
    out.add(
      "segmenter_partitions_live", .gauge, "Partitions that are caught up.", Double(partitions.count(where: \.isLive)))
    out.add("segmenter_customers", .gauge, "Customers in memory.", Double(customers))
    out.add("segmenter_table_bytes", .gauge, "Bytes of the customer tables.", Double(tableBytes))
    out.add("segmenter_state_log_bytes", .gauge, "Bytes of the state log's records.", Double(stateLogBytes))
    out.add("segmenter_rows_swept_total", .counter, "Customers that walks over all have visited.", Double(rowsSwept))
    guard let model else { return }
    out.add("segmenter_model_generation", .gauge, "The generation of the model in use.", Double(model.generation))
    out.add("segmenter_model_version", .gauge, "The version of the model in use.", Double(model.version))
  }

  private static func labelled(_ label: String, _ counts: [String: Int]) -> [(
    labels: [(String, String)], value: Double
  )] {
    counts.sorted { $0.key < $1.key }.map { ([(label, $0.key)], Double($0.value)) }
  }
}
