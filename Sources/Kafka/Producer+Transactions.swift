import CRdKafka
import Glibc

// One transaction after the other:
//
//   initTransactions ─▶ begin ─▶ produce… flush sendOffsets ─▶ commit ─┐
//                         ▲              │ error.needsAbort            │
//                         │              └──────────────▶ abort ───────┤
//                         └────────────────────────────────────────────┘
//
// An error with `isFatal` ends the producer; one with `isRetriable` asks for the same call once more; one with
// `needsAbort` asks for `abort`.
extension Producer {
  /// Takes the transactional id over: fences older producers of it and ends the transaction they left open.
  ///
  /// To be called once, before the first `begin`, and again only after a retriable error.
  package func initTransactions(timeoutMs: Int) throws(KafkaError) {
    try serve(rd_kafka_init_transactions(client, Int32(timeoutMs)), "taking over the transactional id")
  }

  /// Opens a transaction. Every record produced from now on is in it.
  package func begin() throws(KafkaError) {
    forgetDeliveryFailures()
    try serve(rd_kafka_begin_transaction(client), "beginning a transaction")
  }

  /// Puts a group's offsets of `topic` into the transaction, in the name of `group`.
  ///
  /// `flush` first: 30 ms a transaction and not 104. Throws with kind `staleMember` when the group has moved on since
  /// `group` was captured. A broker that does not answer is waited for as long as the transaction may last, whatever
  /// `timeoutMs` says: so it is in librdkafka 2.0.2.
  package func sendOffsets(
    _ offsets: [(partition: Int32, offset: Int64, metadata: String)], of topic: String, group: GroupMetadata,
    timeoutMs: Int
  ) throws(KafkaError) {
    let list = PartitionList(topic, offsets.map { ($0.partition, $0.offset) })
    for (index, given) in offsets.enumerated() where !given.metadata.isEmpty {
      // librdkafka frees it with the list.
      list.handle.pointee.elems[index].metadata = UnsafeMutableRawPointer(strdup(given.metadata))
      list.handle.pointee.elems[index].metadata_size = given.metadata.utf8.count
    }
    try serve(
      rd_kafka_send_offsets_to_transaction(client, list.handle, group.handle, Int32(timeoutMs)),
      "putting offsets of `\(topic)` into a transaction", sendsOffsets: true)
  }

  /// Commits the open transaction, after the delivery of every record of it.
  ///
  /// Unless an error says `needsAbort` the outcome is uncertain. With one that is retriable the same call can be made
  /// again, and none but it; or the producer is given up, and its successor's `initTransactions` makes it certain.
  package func commit(timeoutMs: Int) throws(KafkaError) {
    try serve(rd_kafka_commit_transaction(client, Int32(timeoutMs)), "committing a transaction")
    forgetDeliveryFailures()
  }

  /// Aborts the open transaction; records not yet written are dropped.
  ///
  /// After a record that the broker has refused the next transaction may need an abort, too: librdkafka 2.0.2 leaves
  /// a gap in the sequence numbers (`OUT_OF_ORDER_SEQUENCE_NUMBER`), and starts afresh only then.
  package func abort(timeoutMs: Int) throws(KafkaError) {
    let error = rd_kafka_abort_transaction(client, Int32(timeoutMs))
    while rd_kafka_poll(client, 0) > 0 {}
    try serve(error, "aborting a transaction")
    forgetDeliveryFailures()
  }

  /// Throws librdkafka's error object, if there is one, by what it means for a transaction.
  private func serve(
    _ handle: OpaquePointer?, _ action: String, sendsOffsets: Bool = false
  ) throws(KafkaError) {
    let action = "\(action) as `\(transactionalID ?? "")`"
    guard let error = KafkaError(consuming: handle, doing: action) else {
      context.refusal = nil
      return
    }
    // Of a fatal error librdkafka may keep only that it is one.
    if error.isFatal, error.code == RD_KAFKA_RESP_ERR__FATAL.rawValue, let fatal = KafkaError(fatalOf: client) {
      throw fatal.during(action)
    }
    if sendsOffsets, error.isOfStaleMember { throw error.with(needsAbort: error.needsAbort, kind: .staleMember) }
    if error.kind == .unreachable, let refusal = context.refusal, refusal.kind != .unreachable {
      // Why nobody answers; what the transaction needs is still librdkafka's word.
      throw KafkaError(
        rd_kafka_resp_err_t(error.code), "\(action): \(refusal.text)", isFatal: error.isFatal,
        isRetriable: error.isRetriable, needsAbort: error.needsAbort, kind: refusal.kind)
    }
    throw error
  }
}
